use super::{
    Excerpt, InSight, Scene, Stopwatch, Target, boxes,
    cull::{Cull, Culled},
    light::{self, Depths, Light, Lit, UNIT},
    painter::{STORAGE, entry},
    pipelines::{Build, Kind},
    pool::{Pool, Pooled},
    stopwatch::note_in,
    trace::{Trace, Traced},
};
use crate::gpu::{Gpu, GpuError};

/// What large lattices are drawn by: far cells merged, arcs by squares; by rays where they may, else what is in sight
/// as triangles.
pub(super) struct Large {
    target: Target,
    scene: wgpu::BindGroupLayout,
    pool: Pool,
    triangles: Option<Triangles>,
    rays: Option<Rays>,
    /// The last frame is drawn by rays.
    is_traced: bool,
}

/// What may be used.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    /// Arcs by squares, of as many segments at a time.
    pub squares: Option<u64>,
    pub rays: bool,
}

/// Draws what is in sight.
struct Triangles {
    listed: wgpu::BindGroupLayout,
    lit: wgpu::BindGroupLayout,
    /// Cells in sight.
    boxes: wgpu::RenderPipeline,
    /// Blocks of cells that are too narrow to be boxes, when all tokens are there and when some are not.
    bars: [wgpu::RenderPipeline; 2],
    /// Adds the light of arcs.
    shine: wgpu::RenderPipeline,
    cull: Cull,
    light: Light,
}

/// Draws by rays.
struct Rays {
    trace: Trace,
    light: Light,
}

/// What one frame's draws read.
pub(super) struct LargeBound {
    pooled: Pooled,
    lit: Option<Lit>,
    way: Way,
}

enum Way {
    Rays(Traced),
    Triangles {
        culled: Culled,
        /// Some tokens are not there.
        has_holes: bool,
    },
}

impl Triangles {
    fn new(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        let listed = listed(device);
        let lit = light::layout(device);
        let solid = Build {
            device,
            target,
            is_deep: true,
            groups: &[Some(scene), Some(&listed)],
        };
        let bars = |has_holes: bool| {
            let body = [
                include_str!("../../shaders/merged.wgsl"),
                include_str!("../../shaders/bars.wgsl"),
            ];
            let text = boxes::with_colours(&body.concat());
            let holes = if has_holes {
                "if there < 0.5 { discard; }"
            } else {
                ""
            };
            let text = format!("fn leave_holes(there: f32) {{ {holes} }}\n{text}");
            solid.pipeline("bars", &text, "vertex", Kind::Solid)
        };
        let shine = include_str!("../../shaders/shine.wgsl");
        let shine = format!("const UNIT: f32 = {UNIT:?};\n{shine}");
        Self {
            boxes: solid.pipeline("boxes", &boxes::source(), "vertex_listed", Kind::Solid),
            bars: [bars(false), bars(true)],
            shine: Build {
                groups: &[Some(scene), Some(&lit)],
                ..solid
            }
            .pipeline("shine", &shine, "vertex", Kind::Glow),
            cull: Cull::new(device),
            light: Light::new(device, Depths::Drawn(target.samples)),
            listed,
            lit,
        }
    }
}

impl Rays {
    fn new(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        Self {
            trace: Trace::new(device, scene, target),
            light: Light::new(device, Depths::Traced),
        }
    }
}

impl Large {
    pub fn new(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        Self {
            target,
            scene: scene.clone(),
            pool: Pool::new(device),
            triangles: None,
            rays: None,
            is_traced: false,
        }
    }

    /// The same with all pipelines, which otherwise are compiled when first needed.
    pub fn complete(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        Self {
            triangles: Some(Triangles::new(device, scene, target)),
            rays: Some(Rays::new(device, scene, target)),
            ..Self::new(device, scene, target)
        }
    }

    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
        shared: [&wgpu::Buffer; 8],
        allowed: Allowed,
    ) -> LargeBound {
        let size = excerpt.size;
        let squares = allowed.squares.filter(|_| Light::fits(device, size));
        let segments = squares.unwrap_or_default();
        let pooled = self.pool.prepare(device, scene, shared);
        let marked = scene.marked.as_ref();
        if allowed.rays && Trace::suits(scene) && (squares.is_some() || marked.is_none()) {
            self.is_traced = true;
            let rays = self
                .rays
                .get_or_insert_with(|| Rays::new(device, &self.scene, self.target));
            let light = &mut rays.light;
            let lit = marked
                .map(|marked| light.prepare(device, size, segments, shared, &marked.indirect));
            let [uniform, nothing, ..] = shared;
            let light = lit.as_ref().map_or(nothing, |lit| &lit.light);
            let traced = rays.trace.prepare(
                device,
                queue,
                scene,
                excerpt,
                [uniform, &pooled.colours, light],
            );
            return LargeBound {
                pooled,
                lit,
                way: Way::Rays(traced),
            };
        }
        self.is_traced = false;
        let triangles = self
            .triangles
            .get_or_insert_with(|| Triangles::new(device, &self.scene, self.target));
        let light = &mut triangles.light;
        let lit = marked
            .filter(|_| squares.is_some())
            .map(|marked| light.prepare(device, size, segments, shared, &marked.indirect));
        let culled = triangles.cull.prepare(
            device,
            queue,
            scene,
            excerpt,
            &triangles.listed,
            shared,
            &pooled.colours,
        );
        LargeBound {
            pooled,
            lit,
            way: Way::Triangles {
                culled,
                has_holes: scene.tables.has_holes,
            },
        }
    }

    /// Records a frame by rays.
    pub fn trace(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        shared: &wgpu::BindGroup,
        bound: &LargeBound,
        onto: &wgpu::TextureView,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let (Some(rays), Way::Rays(traced)) = (&self.rays, &bound.way) else {
            return;
        };
        self.pool.record(encoder, &bound.pooled, watch);
        rays.trace.record(encoder, traced, watch);
        if let Some(lit) = &bound.lit {
            rays.light
                .record(device, encoder, lit, &traced.depths, watch);
        }
        let lit = bound.lit.as_ref();
        rays.trace
            .compose(encoder, scene, shared, traced, lit, onto, watch);
    }

    /// Records finding what is in sight.
    pub fn find(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        bound: &LargeBound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let (Some(triangles), Way::Triangles { culled, .. }) = (&self.triangles, &bound.way) else {
            return;
        };
        self.pool.record(encoder, &bound.pooled, watch);
        triangles.cull.record(encoder, culled, watch);
    }

    /// Records the draws of cells.
    pub fn solids(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        bound: &LargeBound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let (Some(triangles), Way::Triangles { culled, has_holes }) = (&self.triangles, &bound.way)
        else {
            return;
        };
        pass.set_pipeline(&triangles.boxes);
        pass.set_bind_group(1, &culled.boxes, &[]);
        pass.draw_indexed_indirect(&culled.indirect, 20);
        note_in(watch, pass, "boxes");
        pass.set_pipeline(&triangles.bars[usize::from(*has_holes)]);
        pass.set_bind_group(1, &culled.bars, &[]);
        pass.draw_indexed_indirect(&culled.indirect, 0);
        note_in(watch, pass, "bars");
    }

    /// Records adding arcs up, between the two passes of a frame.
    pub fn light(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        bound: &LargeBound,
        depth: &wgpu::TextureView,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        if let Some((triangles, lit)) = self.triangles.as_ref().zip(bound.lit.as_ref()) {
            triangles.light.record(device, encoder, lit, depth, watch);
        }
    }

    /// Records the draw of what was added up, and gives the arguments for ribbons in its place.
    pub fn shine<'a>(
        &self,
        device: &wgpu::Device,
        pass: &mut wgpu::RenderPass<'_>,
        bound: &'a LargeBound,
    ) -> Option<&'a wgpu::Buffer> {
        let (triangles, lit) = self.triangles.as_ref().zip(bound.lit.as_ref())?;
        let shown = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("light"),
            layout: &triangles.lit,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: lit.light.as_entire_binding(),
            }],
        });
        pass.set_pipeline(&triangles.shine);
        pass.set_bind_group(1, &shown, &[]);
        pass.draw(0..3, 0..1);
        Some(&lit.ribbons)
    }

    /// What was found in the last frame.
    pub fn in_sight(&self, gpu: &Gpu) -> Result<Option<InSight>, GpuError> {
        let (found, light) = match (&self.rays, &self.triangles) {
            (Some(rays), _) if self.is_traced => (Some(InSight::default()), &rays.light),
            (_, Some(triangles)) => (triangles.cull.found(gpu)?, &triangles.light),
            _ => return Ok(None),
        };
        let segments = light.segments(gpu)?;
        Ok(found.map(|found| InSight { segments, ..found }))
    }
}

impl LargeBound {
    /// Whether arcs are added up between two passes.
    pub fn is_lit(&self) -> bool {
        self.lit.is_some()
    }

    /// Whether it is drawn by rays.
    pub fn is_traced(&self) -> bool {
        matches!(self.way, Way::Rays(_))
    }
}

/// A list of what is drawn, and what bars show. With those of the scene that makes eight storage buffers a stage.
fn listed(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("listed"),
        entries: &[
            entry(0, wgpu::ShaderStages::VERTEX, STORAGE),
            entry(1, wgpu::ShaderStages::FRAGMENT, STORAGE),
        ],
    })
}
