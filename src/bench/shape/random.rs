//! Traces with random numbers of any shape, made on the GPU. They measure speed and mean nothing.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use super::Shape;
use crate::{
    gpu::{self, Gpu, GpuError, Kernel},
    inference::head_outputs,
    model::{Card, Digest, Quantisation},
    score,
    trace::{Dimensions, LayerGroup, Origin, Parameters, Precision, Stored, Trace, sets},
};

const SEED: u32 = 0x5eed;
/// Threads of a workgroup, in step with `random.wgsl`.
const THREADS: u32 = 256;
/// Workgroups of one row of a dispatch: fewer than any adapter's most.
const GROUPS: u32 = 32_768;

/// In step with `Params` in `random.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    quads: u32,
    layer_quads: u32,
    seed: u32,
    threads: u32,
}

/// A kernel's whole text: constants, body.
#[must_use]
pub fn source(dimensions: &Dimensions, stored: Stored) -> String {
    score::constants(dimensions, stored) + include_str!("../../../shaders/random.wgsl")
}

/// Room for a run of that shape, full of random vectors, of which no token counts yet.
///
/// # Errors
/// When a layer's vectors do not fit one binding, or memory runs out.
pub fn random_trace(gpu: &Gpu, shape: &Shape) -> Result<Arc<Trace>, GpuError> {
    let width = shape.heads * shape.head_size;
    let card = Card {
        version: shape.version,
        layers: shape.layers,
        heads: shape.heads,
        head_size: shape.head_size,
        width,
        hidden: 4 * width,
        vocab: 1,
        parameters: 0,
    };
    let origin = Origin {
        model: "random numbers".to_owned(),
        layers: 0..card.layers,
        card,
        digest: Arc::new(Digest::known("0".repeat(64))),
        precision: Precision::F16,
        quantisation: Quantisation::default(),
        merged: Vec::new(),
        state: None,
        read_before: 0,
    };
    let stored = Stored::of(shape.version, origin.precision);
    let parameters = Arc::new(parameters(gpu, shape.layers, width));
    let ids = vec![0; shape.tokens];
    let trace = Trace::new(gpu, Arc::new(origin), stored, parameters, ids)?;
    let kernel = Kernel::new(
        gpu.device(),
        "random",
        &source(&trace.dimensions, stored),
        "fill",
    );
    for group in &trace.groups {
        fill(gpu, &kernel, &trace, group);
    }
    head_outputs(gpu, &trace);
    gpu::wait_idle(gpu);
    Ok(Arc::new(trace))
}

fn fill(gpu: &Gpu, kernel: &Kernel, trace: &Trace, group: &LayerGroup) {
    let device = gpu.device();
    let layer_quads = (trace.room() * trace.dimensions.width / 4) as u32;
    let quads = layer_quads * (sets(trace.dimensions.version) * group.layers.len()) as u32;
    let groups = quads.div_ceil(THREADS);
    let row = groups.min(GROUPS);
    let params = Params {
        quads,
        layer_quads,
        seed: SEED ^ group.layers.start as u32,
        threads: row * THREADS,
    };
    let params = gpu::uniform(device, "random", &params);
    let bindings = kernel.bind(device, &[(0, &params), (1, group.buffer())]);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    kernel.dispatch(&mut pass, &bindings, [row, groups.div_ceil(row), 1]);
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
}

/// γ 1, β 0, and a bonus of a half.
fn parameters(gpu: &Gpu, layers: usize, width: usize) -> Parameters {
    let layer = [1.0_f32, 0.0, 0.5].map(|number| vec![number; width]);
    Parameters::without_model(gpu, &layer.concat().repeat(layers), &[])
}
