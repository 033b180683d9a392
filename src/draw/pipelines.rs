use super::{Target, scene::shaders};

/// How a draw meets what is there already.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Opaque triangles, hidden by what is nearer.
    Solid,
    /// Strips that add light to a dark ground, or take it away from a light one, whatever the order; hidden
    /// by solids, hiding nothing.
    Light,
    /// As light, and seen through solids.
    Glow,
    /// One triangle that covers all.
    Whole,
}

/// Makes the pipelines for one kind of target.
pub(super) struct Build<'a> {
    pub device: &'a wgpu::Device,
    pub target: Target,
    /// There is a depth to compare with.
    pub is_deep: bool,
    pub groups: &'a [Option<&'a wgpu::BindGroupLayout>],
}

impl Build<'_> {
    pub fn pipeline(
        &self,
        label: &str,
        body: &str,
        vertex: &str,
        kind: Kind,
    ) -> wgpu::RenderPipeline {
        let source = format!("{}{body}", shaders(self.device));
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
                bind_group_layouts: self.groups,
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
            Kind::Solid | Kind::Whole => (wgpu::PrimitiveTopology::TriangleList, None),
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
            Kind::Glow | Kind::Whole => wgpu::CompareFunction::Always,
        };
        self.device
            .create_render_pipeline(&wgpu::RenderPipelineDescriptor {
                label: Some(label),
                layout: Some(&layout),
                vertex: wgpu::VertexState {
                    module: &module,
                    entry_point: Some(vertex),
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
                depth_stencil: self.is_deep.then(|| wgpu::DepthStencilState {
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
