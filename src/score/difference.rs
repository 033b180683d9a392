use bytemuck::{Pod, Zeroable};

use crate::{
    gpu::{self, Gpu},
    trace::Trace,
};

/// In step with `Params` in `difference.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    rows: u32,
    tokens: u32,
    stride: u32,
    other_stride: u32,
}

/// How much each head's contribution norm differs between two runs of one text, f32 `[layers, heads, tokens]`, with as
/// many places for tokens as `one` has room for.
#[must_use]
pub fn difference(gpu: &Gpu, one: &Trace, other: &Trace) -> wgpu::Buffer {
    /// Workgroups in a row of them; the next rows go on.
    const ROW: usize = 1 << 15;
    let device = gpu.device();
    let tokens = one.filled().min(other.filled());
    let rows = one.dimensions.layers * one.dimensions.heads;
    let apart = gpu::storage(device, "difference", one.contribution.size());
    let kernel = gpu.kernel("difference", include_str!("../../shaders/difference.wgsl"));
    let params = Params {
        rows: rows as u32,
        tokens: tokens.max(1) as u32,
        stride: one.room() as u32,
        other_stride: other.room() as u32,
    };
    let params = gpu::uniform(device, "difference", &params);
    let buffers = [
        (0, &one.contribution),
        (1, &other.contribution),
        (2, &apart),
        (3, &params),
    ];
    let bindings = kernel.bind(device, &buffers);
    let groups = (rows * tokens).div_ceil(256);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let lines = groups.div_ceil(ROW);
    kernel.dispatch(
        &mut pass,
        &bindings,
        [groups.min(ROW) as u32, lines as u32, 1],
    );
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
    apart
}
