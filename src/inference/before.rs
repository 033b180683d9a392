//! The engine's state as what a trace begins with.

use bytemuck::{Pod, Zeroable};

use crate::{
    gpu::{self, Gpu},
    trace::Trace,
};

/// In step with `Params` in `engine_state.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    first_layer: u32,
    heads: u32,
    numbers: u32,
    columns: u32,
}

/// Threads of a workgroup of `engine_state.wgsl`.
const THREADS: usize = 64;
/// Workgroups in a row.
const COLUMNS: usize = 1 << 15;

/// Makes web-rwkv's state, f32 `[layers, head size + 2, width]`, that of the token which stands for it in a trace.
pub(super) fn take(gpu: &Gpu, trace: &Trace, engine: &wgpu::Buffer) {
    let Some(before) = &trace.before else {
        return;
    };
    let dimensions = &trace.dimensions;
    let source = format!(
        "const HEAD_SIZE: u32 = {}u;\n{}",
        dimensions.head_size,
        include_str!("../../shaders/engine_state.wgsl")
    );
    let device = gpu.device();
    let kernel = gpu.kernel("engine_state", &source);
    let numbers = dimensions.state_numbers();
    let groups = numbers.div_ceil(THREADS);
    let columns = groups.min(COLUMNS);
    let params = Params {
        first_layer: trace.origin.layers.start as u32,
        heads: dimensions.heads as u32,
        numbers: numbers as u32,
        columns: columns as u32,
    };
    let params = gpu::uniform(device, "engine_state", &params);
    let buffers = [(0, &params), (1, engine), (2, &before.initial)];
    let bindings = kernel.bind(device, &buffers);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let rows = groups.div_ceil(columns);
    kernel.dispatch(&mut pass, &bindings, [columns as u32, rows as u32, 1]);
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
    trace.begin(gpu);
}
