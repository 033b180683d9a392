use crate::{
    gpu::{self, Gpu},
    trace::Trace,
};

/// How much each head's contribution norm differs between two runs of one text, f32 `[layers, heads, tokens]`.
#[must_use]
pub fn difference(gpu: &Gpu, one: &Trace, other: &Trace) -> wgpu::Buffer {
    /// Workgroups in a row of them; the next rows go on.
    const ROW: u64 = 1 << 15;
    let device = gpu.device();
    let bytes = one.contribution.size().min(other.contribution.size());
    let apart = gpu::storage(device, "difference", bytes);
    let kernel = gpu.kernel("difference", include_str!("../../shaders/difference.wgsl"));
    let params = gpu::uniform(device, "difference", &((bytes / 4) as u32));
    let buffers = [
        (0, &one.contribution),
        (1, &other.contribution),
        (2, &apart),
        (3, &params),
    ];
    let bindings = kernel.bind(device, &buffers);
    let groups = (bytes / 4).div_ceil(256);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let rows = groups.div_ceil(ROW);
    kernel.dispatch(
        &mut pass,
        &bindings,
        [groups.min(ROW) as u32, rows as u32, 1],
    );
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
    apart
}
