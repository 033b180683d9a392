use wgpu::util::DeviceExt;

use super::{
    Excerpt,
    scene::{Scene, SceneUniform},
};
use crate::{gpu, lattice::Layout, session::Colours};

const ARC_SEGMENTS: u32 = 24;
/// Vertices of one arc's ribbon.
pub const ARC_VERTICES: u32 = 2 * (ARC_SEGMENTS + 1);
/// Three faces of two triangles.
const CELL_VERTICES: u32 = 18;
const PLANE_VERTICES: u32 = 4;

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
}

impl Painter {
    /// Compiles the pipelines; depth is Bevy's, 32-bit float and reversed.
    #[must_use]
    pub fn new(device: &wgpu::Device, target: Target) -> Self {
        let layout = layout(device);
        let build = Build {
            device,
            layout: &layout,
            target,
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
        let arcs = include_str!("../../shaders/arcs.wgsl");
        let arcs = format!("const SEGMENTS: u32 = {ARC_SEGMENTS}u;\n{arcs}");
        Self {
            target,
            cells: build.pipeline(
                "cells",
                include_str!("../../shaders/cells.wgsl"),
                Kind::Solid,
            ),
            plane: build.pipeline(
                "plane",
                include_str!("../../shaders/plane.wgsl"),
                Kind::Glow,
            ),
            arcs: build.pipeline("arcs", &arcs, Kind::Light),
            arcs_through: build.pipeline("arcs", &arcs, Kind::Glow),
            layout,
            uniform,
            palette,
            nothing: gpu::storage(device, "nothing", 16),
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
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
    ) -> wgpu::BindGroup {
        queue.write_buffer(
            &self.uniform,
            0,
            bytemuck::bytes_of(&SceneUniform::new(scene, excerpt)),
        );
        queue.write_buffer(
            &self.palette,
            0,
            bytemuck::cast_slice(&lookup(scene.colours)),
        );
        let marked = scene.marked.as_ref();
        let buffers = [
            &self.uniform,
            &scene.trace.contribution,
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
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene"),
            layout: &self.layout,
            entries: &entries,
        })
    }

    /// Records the draws.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, scene: &Scene, bound: &wgpu::BindGroup) {
        let shape = scene.lattice.shape;
        pass.set_bind_group(0, bound, &[]);
        pass.set_pipeline(&self.cells);
        pass.draw(0..CELL_VERTICES, 0..(shape.rows() * shape.tokens) as u32);
        if let Some(marked) = &scene.marked {
            pass.set_pipeline(&self.plane);
            // The grid has a strip in each of its columns.
            let planes = match scene.lattice.layout {
                Layout::Grid => shape.heads as u32,
                Layout::Lattice | Layout::Rings => 1,
            };
            pass.draw(0..PLANE_VERTICES, 0..planes);
            pass.set_pipeline(match scene.lattice.layout {
                Layout::Rings => &self.arcs_through,
                Layout::Lattice | Layout::Grid => &self.arcs,
            });
            pass.draw_indirect(&marked.indirect, 0);
        }
    }
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
        .map(|binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: match binding {
                    0 => wgpu::BufferBindingType::Uniform,
                    _ => wgpu::BufferBindingType::Storage { read_only: true },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("scene"),
        entries: &entries,
    })
}

/// How a draw meets what is there already.
#[derive(Clone, Copy)]
enum Kind {
    /// Opaque triangles, hidden by what is nearer.
    Solid,
    /// Strips that add light to a dark ground, or take it away from a light one, whatever the order; hidden
    /// by solids, hiding nothing.
    Light,
    /// As light, and seen through solids.
    Glow,
}

struct Build<'a> {
    device: &'a wgpu::Device,
    layout: &'a wgpu::BindGroupLayout,
    target: Target,
}

impl Build<'_> {
    fn pipeline(&self, label: &str, body: &str, kind: Kind) -> wgpu::RenderPipeline {
        let source = format!("{}{body}", include_str!("../../shaders/scene.wgsl"));
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(label),
                source: wgpu::ShaderSource::Wgsl(source.into()),
            });
        let layout = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(label),
                bind_group_layouts: &[Some(self.layout)],
                immediate_size: 0,
            });
        let add = wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::One,
            dst_factor: wgpu::BlendFactor::One,
            operation: wgpu::BlendOperation::Add,
        };
        let absorb = wgpu::BlendComponent {
            src_factor: wgpu::BlendFactor::Zero,
            dst_factor: wgpu::BlendFactor::OneMinusSrc,
            operation: wgpu::BlendOperation::Add,
        };
        let (topology, blend) = match kind {
            Kind::Solid => (wgpu::PrimitiveTopology::TriangleList, None),
            Kind::Light | Kind::Glow => {
                let blend = wgpu::BlendState {
                    color: if self.target.light { absorb } else { add },
                    alpha: add,
                };
                (wgpu::PrimitiveTopology::TriangleStrip, Some(blend))
            }
        };
        let depth_compare = match kind {
            Kind::Solid | Kind::Light => wgpu::CompareFunction::GreaterEqual,
            Kind::Glow => wgpu::CompareFunction::Always,
        };
        self.device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(label),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some("vertex"),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    buffers: &[],
                },
                fragment: Some(wgpu::FragmentState {
                    module: &module,
                    entry_point: Some("fragment"),
                    compilation_options: wgpu::PipelineCompilationOptions::default(),
                    targets: &[Some(wgpu::ColorTargetState {
                        format: self.target.format,
                        blend,
                        write_mask: wgpu::ColorWrites::ALL,
                    })],
                }),
                primitive: wgpu::PrimitiveState {
                    topology,
                    ..Default::default()
                },
                depth_stencil: Some(wgpu::DepthStencilState {
                    format: wgpu::TextureFormat::Depth32Float,
                    depth_write_enabled: Some(matches!(kind, Kind::Solid)),
                    depth_compare: Some(depth_compare),
                    stencil: wgpu::StencilState::default(),
                    bias: wgpu::DepthBiasState::default(),
                }),
                multisample: wgpu::MultisampleState {
                    count: self.target.samples,
                    ..Default::default()
                },
                multiview_mask: None,
                cache: None,
            })
    }
}
