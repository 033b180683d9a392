use wgpu::util::DeviceExt;

use super::{
    Excerpt, InSight, Stopwatch,
    boxes::{self, BATCH, INDICES},
    large::{Allowed, Large, LargeBound},
    light::SEGMENTS,
    pipelines::{Build, Kind},
    pool::Cut,
    scene::{Scene, SceneUniform},
    soon::Soon,
    stopwatch::{note, note_in},
};
use crate::{
    gpu::{self, Gpu, GpuError},
    lattice::Layout,
    session::Colours,
};

pub(super) const ARC_SEGMENTS: u32 = 24;
/// Vertices of one arc's ribbon.
pub const ARC_VERTICES: u32 = 2 * (ARC_SEGMENTS + 1);
const PLANE_VERTICES: u32 = 4;
/// Ribbons that nothing hides, or that the comparison of depths hides.
pub(super) const NOTHING_HIDES: &str = "fn part_seen(position: vec4<f32>) -> f32 { return 1.0; }\n";
/// Lattices of fewer cells are drawn whole: finding what is in sight would cost more than it saves.
const LARGE: usize = 32_768;

/// What is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Of its pixels.
    pub format: wgpu::TextureFormat,
    /// Samples a pixel.
    pub samples: u32,
    /// The ground is light: arcs are ink, not light.
    pub light: bool,
}

/// The pipelines for one kind of target.
pub struct Painter {
    target: Target,
    layout: wgpu::BindGroupLayout,
    cells: wgpu::RenderPipeline,
    plane: wgpu::RenderPipeline,
    arcs: wgpu::RenderPipeline,
    /// Arcs seen through what is before them: in rings the front would hide all that is inside.
    arcs_through: wgpu::RenderPipeline,
    uniform: wgpu::Buffer,
    palette: wgpu::Buffer,
    /// Stands in for the scores when nothing is selected.
    nothing: wgpu::Buffer,
    indices: wgpu::Buffer,
    /// For large lattices, once there is one.
    large: Soon<Large>,
    /// Lattices of fewer cells are drawn whole.
    pub least: usize,
    /// Arcs of large lattices are added up by squares; otherwise each is a ribbon.
    pub squares: bool,
    /// Segments of arcs that there is room for at a time: more take several rounds.
    pub segments: u64,
    /// Large lattices that stand still are drawn by rays.
    pub rays: bool,
}

/// The one of some painters for a target; without any it is made.
pub(super) fn suiting(
    painters: &mut Vec<Painter>,
    target: Target,
    make: impl FnOnce() -> Painter,
) -> &mut Painter {
    match painters.iter().position(|own| own.suits(target)) {
        Some(index) => &mut painters[index],
        None => painters.push_mut(make()),
    }
}

/// What one frame's draws read.
pub struct Bound {
    scene: wgpu::BindGroup,
    large: Option<LargeBound>,
}

/// What a frame is drawn on: pixels, then depth.
pub type Attachments<'a> = (
    wgpu::RenderPassColorAttachment<'a>,
    wgpu::RenderPassDepthStencilAttachment<'a>,
);

impl Painter {
    /// Compiles the pipelines; depth is Bevy's, 32-bit float and reversed.
    #[must_use]
    pub fn new(device: &wgpu::Device, target: Target) -> Self {
        let layout = layout(device);
        let build = Build {
            device,
            target,
            is_deep: true,
            groups: &[Some(&layout)],
        };
        let uniform = gpu::uniform(
            device,
            "scene",
            &bytemuck::Zeroable::zeroed() as &SceneUniform,
        );
        let palette = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("palette"),
            contents: bytemuck::cast_slice(&lookup(Colours::default())),
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        });
        let arcs = arcs(NOTHING_HIDES);
        let plane = concat!(
            include_str!("../../shaders/rim.wgsl"),
            include_str!("../../shaders/plane.wgsl")
        );
        // A CPU is as fast at triangles as at anything else, and large lattices have few arcs.
        let is_gpu = device.adapter_info().device_type != wgpu::DeviceType::Cpu;
        Self {
            target,
            cells: build.pipeline("cells", &boxes::source(), "vertex", Kind::Solid),
            plane: build.pipeline("plane", plane, "vertex", Kind::Glow),
            arcs: build.pipeline("arcs", &arcs, "vertex", Kind::Light),
            arcs_through: build.pipeline("arcs", &arcs, "vertex", Kind::Glow),
            layout,
            indices: boxes::indices(device),
            large: Soon::default(),
            least: LARGE,
            squares: is_gpu,
            segments: SEGMENTS,
            rays: is_gpu,
            uniform,
            palette,
            nothing: gpu::storage(device, "nothing", 16),
        }
    }

    /// Has a thread compile what large lattices are drawn by on a GPU, so that no frame waits for it.
    pub fn compile_large(&mut self, device: &wgpu::Device) {
        if self.rays {
            let (device, layout, target) = (device.clone(), self.layout.clone(), self.target);
            self.large
                .begin(move || Large::complete(&device, &layout, target));
        }
    }

    /// Whether it draws on such a target.
    #[must_use]
    pub fn suits(&self, target: Target) -> bool {
        self.target == target
    }

    /// Writes what the shaders need to know and binds the buffers they read.
    #[must_use]
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
    ) -> Bound {
        let cut = Cut::of(scene);
        queue.write_buffer(
            &self.uniform,
            0,
            bytemuck::bytes_of(&SceneUniform::new(scene, excerpt, cut)),
        );
        queue.write_buffer(
            &self.palette,
            0,
            bytemuck::cast_slice(&lookup(scene.colours)),
        );
        let marked = scene.marked.as_ref();
        let buffers = [
            &self.uniform,
            &scene.norms,
            marked.map_or(&self.nothing, |marked| &marked.values),
            marked.map_or(&self.nothing, |marked| &marked.scales),
            &self.palette,
            marked.map_or(&self.nothing, |marked| &marked.arcs),
            &scene.tables.tokens,
            &scene.tables.heads,
        ];
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene"),
            layout: &self.layout,
            entries: &entries,
        });
        let shape = scene.lattice.shape;
        let is_large = shape.rows() * shape.tokens >= self.least.max(1) && cut.fits(device);
        let large = is_large.then(|| {
            let large = self
                .large
                .get(|| Large::new(device, &self.layout, self.target));
            let allowed = Allowed {
                squares: self.squares.then_some(self.segments),
                rays: self.rays,
            };
            large.prepare(device, queue, scene, excerpt, buffers, allowed)
        });
        Bound {
            scene: bound,
            large,
        }
    }

    /// Records a frame onto a texture of one sample a pixel, every pixel of it; for what is bound to be traced.
    pub fn trace(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        bound: &Bound,
        onto: &wgpu::TextureView,
        mut watch: Option<&mut Stopwatch>,
    ) {
        if let Some((large, own)) = self.large.there().zip(bound.large.as_ref()) {
            large.trace(device, encoder, scene, &bound.scene, own, onto, &mut watch);
        }
    }

    /// Records a frame. `attachments` are asked for once for each pass, one or two; the first has to clear them.
    pub fn draw<'a>(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        bound: &Bound,
        depth: &wgpu::TextureView,
        mut attachments: impl FnMut() -> Attachments<'a>,
        mut watch: Option<&mut Stopwatch>,
    ) {
        let watch = &mut watch;
        let large = self.large.there().zip(bound.large.as_ref());
        if let Some((large, bound)) = large {
            large.find(encoder, bound, watch);
        }
        let (mut colour, solid) = attachments();
        let lit = large.filter(|(_, bound)| bound.is_lit());
        if lit.is_some() {
            // The second pass does it.
            colour.resolve_target = None;
        }
        let mut pass = begin(encoder, colour, solid);
        self.solids(&mut pass, scene, bound, watch);
        if let Some((large, bound)) = lit {
            drop(pass);
            large.light(device, encoder, bound, depth, watch);
            let (colour, solid) = attachments();
            pass = begin(encoder, colour, solid);
        }
        self.glow(device, &mut pass, scene, bound, watch);
        drop(pass);
        note(watch, encoder, "resolve");
    }

    /// What of a large lattice was in sight in the last frame; none when none was drawn.
    ///
    /// # Errors
    /// When the device fails.
    pub fn in_sight(&self, gpu: &Gpu) -> Result<Option<InSight>, GpuError> {
        self.large
            .there()
            .map_or(Ok(None), |large| large.in_sight(gpu))
    }

    fn solids(
        &self,
        pass: &mut wgpu::RenderPass<'_>,
        scene: &Scene,
        bound: &Bound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        pass.set_bind_group(0, &bound.scene, &[]);
        pass.set_index_buffer(self.indices.slice(..), wgpu::IndexFormat::Uint16);
        if let Some((large, bound)) = self.large.there().zip(bound.large.as_ref()) {
            large.solids(pass, bound, watch);
        } else {
            let shape = scene.lattice.shape;
            let cells = (shape.rows() * shape.tokens) as u32;
            pass.set_pipeline(&self.cells);
            pass.draw_indexed(0..INDICES, 0, 0..cells.div_ceil(BATCH));
            note_in(watch, pass, "cells");
        }
    }

    fn glow(
        &self,
        device: &wgpu::Device,
        pass: &mut wgpu::RenderPass<'_>,
        scene: &Scene,
        bound: &Bound,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let Some(marked) = &scene.marked else { return };
        pass.set_bind_group(0, &bound.scene, &[]);
        pass.set_pipeline(&self.plane);
        // The grid has a strip in each of its columns.
        let planes = match scene.lattice.layout {
            Layout::Grid => scene.lattice.shape.heads as u32,
            Layout::Lattice | Layout::Rings => 1,
        };
        pass.draw(0..PLANE_VERTICES, 0..planes);
        note_in(watch, pass, "plane");
        let large = self.large.there().zip(bound.large.as_ref());
        let ribbons = large.and_then(|(large, bound)| large.shine(device, pass, bound));
        pass.set_pipeline(match scene.lattice.layout {
            Layout::Rings => &self.arcs_through,
            Layout::Lattice | Layout::Grid => &self.arcs,
        });
        pass.draw_indirect(ribbons.unwrap_or(&marked.indirect), 0);
        note_in(watch, pass, "arcs");
    }
}

impl Bound {
    /// Whether the frame is drawn by [`Painter::trace`].
    #[must_use]
    pub fn is_traced(&self) -> bool {
        self.large.as_ref().is_some_and(LargeBound::is_traced)
    }
}

/// The shader of ribbons, with what tells how much of them is seen.
pub(super) fn arcs(hiding: &str) -> String {
    format!(
        "const SEGMENTS: u32 = {ARC_SEGMENTS}u;\n{}{hiding}{}",
        include_str!("../../shaders/arc.wgsl"),
        include_str!("../../shaders/arcs.wgsl")
    )
}

fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    colour: wgpu::RenderPassColorAttachment<'_>,
    depth: wgpu::RenderPassDepthStencilAttachment<'_>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("lattice"),
        color_attachments: &[Some(colour)],
        depth_stencil_attachment: Some(depth),
        ..Default::default()
    })
}

/// 256 diverging colours, then 256 sequential ones.
fn lookup(colours: Colours) -> Vec<[f32; 4]> {
    let opaque = |[red, green, blue]: [f32; 3]| [red, green, blue, 1.0];
    let at = |i: u16| f32::from(i) / 255.0;
    let diverging = (0..256).map(|i| opaque(colours.diverging(at(i) * 2.0 - 1.0)));
    diverging
        .chain((0..256).map(|i| opaque(colours.sequential(at(i)))))
        .collect()
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..8)
        .map(|binding| {
            let both = wgpu::ShaderStages::VERTEX_FRAGMENT;
            match binding {
                0 => entry(binding, both, wgpu::BufferBindingType::Uniform),
                _ => entry(binding, both, STORAGE),
            }
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("scene"),
        entries: &entries,
    })
}

pub(super) const STORAGE: wgpu::BufferBindingType =
    wgpu::BufferBindingType::Storage { read_only: true };

pub(super) fn entry(
    binding: u32,
    visibility: wgpu::ShaderStages,
    ty: wgpu::BufferBindingType,
) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}
