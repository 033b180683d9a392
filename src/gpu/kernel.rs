use wgpu::util::DeviceExt;

/// One compute entry point, its bind group layouts read off the shader.
#[derive(Debug, Clone)]
pub struct Kernel {
    label: &'static str,
    pipeline: wgpu::ComputePipeline,
}

impl Kernel {
    /// Compiles `entry` of a WGSL text.
    #[must_use]
    pub fn new(device: &wgpu::Device, label: &'static str, source: &str, entry: &str) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: None,
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Self { label, pipeline }
    }

    /// Binds whole buffers to group 0, as `(binding, buffer)`; name only what the entry point uses.
    #[must_use]
    pub fn bind(&self, device: &wgpu::Device, buffers: &[(u32, &wgpu::Buffer)]) -> wgpu::BindGroup {
        self.bind_with(device, buffers, &[])
    }

    /// The same, and textures.
    #[must_use]
    pub fn bind_with(
        &self,
        device: &wgpu::Device,
        buffers: &[(u32, &wgpu::Buffer)],
        textures: &[(u32, &wgpu::TextureView)],
    ) -> wgpu::BindGroup {
        let buffers = buffers
            .iter()
            .map(|(binding, buffer)| (*binding, buffer.as_entire_binding()));
        let textures = textures
            .iter()
            .map(|(binding, view)| (*binding, wgpu::BindingResource::TextureView(view)));
        let entries: Vec<_> = buffers
            .chain(textures)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(self.label),
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &entries,
        })
    }

    /// What it was compiled to.
    pub(crate) fn pipeline(&self) -> &wgpu::ComputePipeline {
        &self.pipeline
    }

    /// Records one dispatch.
    pub fn dispatch(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        bindings: &wgpu::BindGroup,
        groups: [u32; 3],
    ) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, bindings, &[]);
        pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
    }
}

/// A storage buffer of `size` bytes that can be copied from and to.
#[must_use]
pub fn storage(device: &wgpu::Device, label: &str, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        // A binding may not be empty.
        size: size.max(16),
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_DST
            | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}

/// A uniform buffer holding `value`.
#[must_use]
pub fn uniform<T: bytemuck::Pod>(device: &wgpu::Device, label: &str, value: &T) -> wgpu::Buffer {
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some(label),
        contents: bytemuck::bytes_of(value),
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
    })
}
