use super::{
    Excerpt, InSight, Scene, Stopwatch, Target, boxes,
    cull::{Cull, Culled},
    light::{self, Light, Lit, UNIT},
    painter::{STORAGE, entry},
    pipelines::{Build, Kind},
    stopwatch::note_in,
};
use crate::gpu::{Gpu, GpuError};

/// What large lattices are drawn by: only what is in sight, far cells merged, arcs by squares.
pub(super) struct Large {
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

/// What one frame's draws read.
pub(super) struct LargeBound {
    culled: Culled,
    lit: Option<Lit>,
    /// Some tokens are not there.
    has_holes: bool,
}

impl Large {
    pub fn new(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        let listed = listed(device);
        let lit = light::layout(device);
        let solid = Build {
            device,
            target,
            groups: &[Some(scene), Some(&listed)],
        };
        let bars = |has_holes: bool| {
            let text = boxes::with_colours(include_str!("../../shaders/bars.wgsl"));
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
            light: Light::new(device, target.samples),
            listed,
            lit,
        }
    }

    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
        shared: [&wgpu::Buffer; 8],
        squares: bool,
    ) -> LargeBound {
        let cull = &mut self.cull;
        let squares = squares && Light::fits(device, excerpt.size);
        LargeBound {
            has_holes: scene.tables.has_holes,
            culled: cull.prepare(device, queue, scene, excerpt, &self.listed, shared),
            lit: scene.marked.as_ref().filter(|_| squares).map(|marked| {
                let light = &mut self.light;
                light.prepare(device, excerpt.size, &self.lit, shared, &marked.indirect)
            }),
        }
    }

    /// Records finding what is in sight.
    pub fn find(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        bound: &LargeBound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        self.cull.record(encoder, &bound.culled, watch);
    }

    /// Records the draws of cells.
    pub fn solids(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        bound: &LargeBound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let culled = &bound.culled;
        pass.set_pipeline(&self.boxes);
        pass.set_bind_group(1, &culled.boxes, &[]);
        pass.draw_indexed_indirect(&culled.indirect, 20);
        note_in(watch, pass, "boxes");
        pass.set_pipeline(&self.bars[usize::from(bound.has_holes)]);
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
        if let Some(lit) = &bound.lit {
            self.light.record(device, encoder, lit, depth, watch);
        }
    }

    /// Records the draw of what was added up, and gives the arguments for ribbons in its place.
    pub fn shine<'a>(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        bound: &'a LargeBound,
    ) -> Option<&'a wgpu::Buffer> {
        let lit = bound.lit.as_ref()?;
        pass.set_pipeline(&self.shine);
        pass.set_bind_group(1, &lit.shown, &[]);
        pass.draw(0..3, 0..1);
        Some(&lit.ribbons)
    }

    /// What was found in the last frame.
    pub fn in_sight(&self, gpu: &Gpu) -> Result<Option<InSight>, GpuError> {
        let found = self.cull.found(gpu)?;
        let segments = self.light.segments(gpu)?;
        Ok(found.map(|found| InSight { segments, ..found }))
    }
}

impl LargeBound {
    /// Whether arcs are added up between two passes.
    pub fn is_lit(&self) -> bool {
        self.lit.is_some()
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
