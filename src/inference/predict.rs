//! Kernels that follow every captured chunk: head outputs, contribution norms, most probable tokens.

use std::{
    convert::Infallible,
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::MAX_CHUNK;
use crate::{
    gpu::{self, Gpu, GpuError, Kernel, Pending},
    model::Version,
    score::{self, Params},
    trace::{Dimensions, Precision, Prediction, Stored, TOP, Trace},
};

/// Computes y of every head at every token, and in RWKV-4 and 5 [`Set::W`](crate::trace::Set::W), for a trace whose
/// vectors came by [`Trace::upload`] and not from a run.
pub fn head_outputs(gpu: &Gpu, trace: &Trace) {
    let Ok(()) = each_head_output(gpu, trace, trace.tokens.len(), |_| Ok::<_, Infallible>(()));
}

/// The same for the tokens that have been run.
pub(super) fn outputs_so_far(gpu: &Gpu, trace: &Trace) {
    let Ok(()) = each_head_output(gpu, trace, trace.filled(), |_| Ok::<_, Infallible>(()));
}

/// The same for the first `tokens`, telling after each chunk of them how many it had.
pub(super) fn each_head_output<E>(
    gpu: &Gpu,
    trace: &Trace,
    tokens: usize,
    mut submitted: impl FnMut(usize) -> Result<(), E>,
) -> Result<(), E> {
    let outputs = Outputs::new(gpu, &trace.dimensions, trace.stored());
    // What stands for a state has no vectors.
    for first in (trace.first()..tokens).step_by(MAX_CHUNK) {
        let chunk = first..tokens.min(first + MAX_CHUNK);
        let mut encoder = gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        outputs.record(gpu, &mut pass, trace, chunk.clone());
        drop(pass);
        gpu.queue().submit([encoder.finish()]);
        submitted(chunk.len())?;
    }
    Ok(())
}

/// What is made of the captured vectors: y of every head before GroupNorm, and in RWKV-4 and 5
/// [`Set::W`](crate::trace::Set::W).
struct Outputs {
    /// RWKV-5's decay at every token.
    decay: Option<Kernel>,
    outputs: Kernel,
    /// What y has of the state that a model starts from, once a trace begins with one.
    before: OnceLock<Kernel>,
    dimensions: Dimensions,
    stored: Stored,
}

impl Outputs {
    fn new(gpu: &Gpu, dimensions: &Dimensions, stored: Stored) -> Self {
        let outputs = if dimensions.version == Version::V4 {
            let body = include_str!("../../shaders/head_output_v4.wgsl");
            score::writing_source(dimensions, stored, body)
        } else {
            let body = include_str!("../../shaders/head_output.wgsl");
            score::source(dimensions, stored, body)
        };
        let decay = (dimensions.version == Version::V5).then(|| {
            let body = include_str!("../../shaders/static_decay.wgsl");
            let source = score::writing_source(dimensions, stored, body);
            gpu.kernel("static_decay", &source)
        });
        Self {
            decay,
            outputs: gpu.kernel("head_output", &outputs),
            before: OnceLock::new(),
            dimensions: *dimensions,
            stored,
        }
    }

    fn before_kernel(&self, gpu: &Gpu) -> Kernel {
        let body = include_str!("../../shaders/before.wgsl");
        let source = score::source(&self.dimensions, self.stored, body);
        gpu.kernel("before", &source)
    }

    /// `tokens` go on from where those recorded before ended.
    fn record(
        &self,
        gpu: &Gpu,
        pass: &mut wgpu::ComputePass<'_>,
        trace: &Trace,
        tokens: Range<usize>,
    ) {
        let device = gpu.device();
        for group in &trace.groups {
            let params = Params::new(trace, group, tokens.start, 0).over(tokens.end);
            let params = gpu::uniform(device, "head_output", &params);
            let groups = [trace.dimensions.heads as u32, group.layers.len() as u32, 1];
            let parameters = &trace.parameters;
            if let Some(decay) = &self.decay {
                let buffers = [(0, &params), (1, group.buffer()), (2, &parameters.decay)];
                decay.dispatch(pass, &decay.bind(device, &buffers), groups);
            }
            let mut buffers = vec![
                (0, &params),
                (1, group.buffer()),
                (2, &group.outputs),
                (3, &parameters.heads),
                (4, &trace.states),
            ];
            if trace.dimensions.version == Version::V4 {
                buffers.push((5, &parameters.decay));
            }
            let bindings = self.outputs.bind(device, &buffers);
            self.outputs.dispatch(pass, &bindings, groups);
            if let Some(before) = &trace.before {
                let kernel = self.before.get_or_init(|| self.before_kernel(gpu));
                let buffers = [
                    (0, &params),
                    (1, group.buffer()),
                    (2, &group.outputs),
                    (4, &before.states),
                    (5, &before.norms),
                ];
                kernel.dispatch(pass, &kernel.bind(device, &buffers), groups);
            }
        }
    }
}

/// y and the contribution norm of every head of a chunk.
pub(super) struct Heads {
    gpu: Gpu,
    outputs: Outputs,
    contribution: Kernel,
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct ContributionParams {
    first_token: u32,
    chunk: u32,
    tokens: u32,
    heads: u32,
}

impl Heads {
    pub fn new(gpu: &Gpu, dimensions: &Dimensions, precision: Precision) -> Self {
        let outputs = Outputs::new(gpu, dimensions, Stored::of(dimensions.version, precision));
        // The gated outputs are in the frames' own format, whatever the trace's is.
        let frames = if precision == Precision::F16 {
            Stored::F16
        } else {
            Stored::F32
        };
        let source = format!(
            "{}{}",
            score::constants(dimensions, frames),
            include_str!("../../shaders/contribution.wgsl")
        );
        let contribution = gpu.kernel("contribution", &source);
        Self {
            gpu: gpu.clone(),
            outputs,
            contribution,
        }
    }

    /// `gated` holds `[layers, chunk, width]`.
    pub fn submit(&self, trace: &Arc<Trace>, offset: usize, chunk: usize, gated: &wgpu::Buffer) {
        let device = self.gpu.device();
        let dimensions = &trace.dimensions;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.outputs
            .record(&self.gpu, &mut pass, trace, offset..offset + chunk);
        let params = ContributionParams {
            first_token: offset as u32,
            chunk: chunk as u32,
            tokens: trace.room() as u32,
            heads: dimensions.heads as u32,
        };
        let params = gpu::uniform(device, "contribution", &params);
        let bindings = self.contribution.bind(
            device,
            &[
                (0, &params),
                (1, gated),
                (2, &trace.parameters.gram),
                (3, &trace.contribution),
            ],
        );
        let groups = [
            chunk.div_ceil(32) as u32,
            dimensions.heads as u32,
            dimensions.layers as u32,
        ];
        self.contribution.dispatch(&mut pass, &bindings, groups);
        drop(pass);
        self.gpu.queue().submit([encoder.finish()]);
    }
}

/// The [`TOP`] most probable tokens of each position and the logit of the one that came, picked on the GPU.
pub(super) struct TopTokens {
    gpu: Gpu,
    kernel: Kernel,
    vocab: usize,
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct TopParams {
    vocab: u32,
    stride: u32,
}

impl TopTokens {
    pub fn new(gpu: &Gpu, vocab: usize) -> Self {
        let source = format!(
            "const TOP: u32 = {TOP}u;\n{}",
            include_str!("../../shaders/top_tokens.wgsl")
        );
        Self {
            gpu: gpu.clone(),
            kernel: gpu.kernel("top_tokens", &source),
            vocab,
        }
    }

    /// `logits` holds `[chunk, stride]`, `next` the token that comes after each of the chunk; it is one
    /// short where the text ends.
    pub fn run(
        &self,
        logits: &wgpu::Buffer,
        stride: usize,
        chunk: usize,
        next: &[u32],
    ) -> Result<Vec<Prediction>, GpuError> {
        const NONE: u32 = u32::MAX;
        let device = self.gpu.device();
        let words = 2 * (TOP + 1);
        let mut padded = next.to_vec();
        padded.resize(chunk, NONE);
        let came = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("next tokens"),
            contents: bytemuck::cast_slice(&padded),
            usage: wgpu::BufferUsages::STORAGE,
        });
        let found = gpu::storage(device, "top tokens", (chunk * words * 4) as u64);
        let params = TopParams {
            vocab: self.vocab as u32,
            stride: stride as u32,
        };
        let params = gpu::uniform(device, "top tokens", &params);
        let bindings = self.kernel.bind(
            device,
            &[(0, &params), (1, logits), (2, &found), (3, &came)],
        );
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.kernel
            .dispatch(&mut pass, &bindings, [chunk as u32, 1, 1]);
        drop(pass);
        let staging = Pending::record(
            &self.gpu,
            &mut encoder,
            &[(&found, 0, (chunk * words * 4) as u64)],
        );
        self.gpu.queue().submit([encoder.finish()]);
        let bytes = Pending::map(staging).wait(&self.gpu)?;
        let numbers: Vec<u32> = bytemuck::pod_collect_to_vec(&bytes);
        Ok(numbers
            .chunks_exact(words)
            .enumerate()
            .map(|(at, words)| Prediction::from_words(words, self.vocab, next.get(at).copied()))
            .collect())
    }
}
