use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use super::{Params, kernels};
use crate::{
    gpu::{self, Gpu, GpuError, Kernel, Pending},
    model::Version,
    trace::Trace,
};

/// Tokens of a chunk, after each of which the state is kept. llvmpipe ends a kernel's loops after 65,535 rounds in all.
fn chunk_of(head_size: usize) -> usize {
    const ROUNDS: usize = 1 << 17;
    (ROUNDS / head_size.pow(2)).clamp(1, 32)
}

/// In step with `Chunk` in `head_state.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Chunk {
    layer: u32,
    head: u32,
    first: u32,
    end: u32,
    source: u32,
    goal: u32,
    parts: u32,
    pad: u32,
}

/// Why a head's state is not shown.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It has none.
    #[error(
        "RWKV-4 keeps a number a channel and no matrix: open a model of a later version to see its state"
    )]
    NoMatrix,
    /// There is no room, or the device failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
}

/// What is known of a head's state after each token.
#[derive(Debug, Clone, Copy, PartialEq, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Moment {
    /// ‖S‖_F.
    pub norm: f32,
    /// ‖S‖_F⁴ / ‖SᵀS‖_F²: over how many directions it spreads, 1 … N.
    pub rank: f32,
    /// ‖k vᵀ‖_F, what the token wrote.
    pub added: f32,
    /// ‖b (κ̂ᵀS)‖_F, what it erased; RWKV-7 alone does.
    pub erased: f32,
}

/// The state of a head after one token, `[N, N]` each, key channels first: row j holds what is read with key channel j.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StateAt {
    /// The token.
    pub token: usize,
    /// All of it.
    pub state: Vec<f32>,
    /// What the token wrote.
    pub added: Vec<f32>,
    /// What it erased.
    pub erased: Vec<f32>,
}

/// The state of one head along a text, worked out a chunk of tokens at a time.
pub struct HeadState {
    gpu: Gpu,
    trace: Arc<Trace>,
    layer: usize,
    head: usize,
    kernel: Kernel,
    /// Before each chunk, then one with its parts, f32 `[chunks + 1 + 3, N, N]`.
    states: wgpu::Buffer,
    track: wgpu::Buffer,
    tokens: usize,
    /// Tokens of a chunk.
    chunk: usize,
    done: usize,
}

impl HeadState {
    /// Of a head, layers counted from the first that the trace keeps.
    ///
    /// # Errors
    /// When the model has no such state, or memory runs out.
    pub fn new(
        gpu: &Gpu,
        trace: &Arc<Trace>,
        layer: usize,
        head: usize,
    ) -> Result<Self, StateError> {
        if trace.dimensions.version == Version::V4 {
            return Err(StateError::NoMatrix);
        }
        let tokens = trace.filled();
        let numbers = trace.dimensions.head_size.pow(2);
        let chunk = chunk_of(trace.dimensions.head_size);
        let chunks = tokens.div_ceil(chunk);
        let text = include_str!("../../shaders/head_state.wgsl");
        let text = kernels::source(&trace.dimensions, trace.stored(), text);
        let made = gpu::attempt(gpu, || {
            let bytes = |count: usize| count as u64 * 4;
            let states = gpu::storage(gpu.device(), "head states", bytes((chunks + 4) * numbers));
            let track = gpu::storage(gpu.device(), "state track", bytes(tokens * 4));
            (states, track)
        });
        let (states, track) = made.map_err(|reason| GpuError::Memory {
            what: "the state",
            reason,
        })?;
        let own = Self {
            gpu: gpu.clone(),
            trace: trace.clone(),
            layer,
            head,
            kernel: gpu.kernel("head_state", &text),
            states,
            track,
            tokens,
            chunk,
            done: trace.first(),
        };
        own.begin();
        Ok(own)
    }

    /// The state that the model starts from stands before the first chunk.
    fn begin(&self) {
        let Some(before) = &self.trace.before else {
            return;
        };
        let bytes = self.numbers() as u64 * 4;
        let row = (self.layer * self.trace.dimensions.heads + self.head) as u64;
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = self.gpu.device().create_command_encoder(&descriptor);
        encoder.copy_buffer_to_buffer(&before.initial, row * bytes, &self.states, 0, Some(bytes));
        self.gpu.queue().submit([encoder.finish()]);
    }

    /// Whether all tokens are done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.done >= self.tokens
    }

    /// Tokens.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Goes on with a chunk. When it was the last, what is known after each token is on its way.
    pub fn advance(&mut self) -> Option<Pending> {
        if self.is_complete() {
            return None;
        }
        let chunk = self.done / self.chunk;
        let end = self.tokens.min((chunk + 1) * self.chunk);
        let mut encoder = self.encoder();
        self.record(&mut encoder, self.done..end, (chunk, chunk + 1), false);
        self.done = end;
        let pending = self.is_complete().then(|| {
            let parts = [(&self.track, 0, self.tokens as u64 * 16)];
            Pending::record(&self.gpu, &mut encoder, &parts)
        });
        self.gpu.queue().submit([encoder.finish()]);
        pending.map(Pending::map)
    }

    /// What [`HeadState::advance`] reads back: a moment a token; nothing is known of a token that stands for a state but
    /// that.
    #[must_use]
    pub fn read_track(bytes: &[u8]) -> Vec<Moment> {
        bytemuck::pod_collect_to_vec(bytes)
    }

    /// Starts reading the state after a token, which has been done.
    #[must_use]
    pub fn at(&self, token: usize) -> Pending {
        let chunk = token / self.chunk;
        let first = (chunk * self.chunk).max(self.trace.first());
        let place = self.tokens.div_ceil(self.chunk) + 1;
        let mut encoder = self.encoder();
        self.record(&mut encoder, first..token + 1, (chunk, place), true);
        let bytes = self.numbers() as u64 * 4;
        let parts = [(&self.states, place as u64 * bytes, 3 * bytes)];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// What [`HeadState::at`] reads back.
    #[must_use]
    pub fn read(bytes: &[u8], token: usize) -> StateAt {
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(bytes);
        let size = numbers.len() / 3;
        let mut parts = numbers.chunks(size.max(1)).map(<[f32]>::to_vec);
        let mut next = || parts.next().unwrap_or_default();
        StateAt {
            token,
            state: next(),
            added: next(),
            erased: next(),
        }
    }

    fn numbers(&self) -> usize {
        self.trace.dimensions.head_size.pow(2)
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        self.gpu.device().create_command_encoder(&descriptor)
    }

    /// From one place among the states to another.
    fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        tokens: std::ops::Range<usize>,
        (from, to): (usize, usize),
        parts: bool,
    ) {
        let device = self.gpu.device();
        let mut groups = self.trace.groups.iter();
        let Some(group) = groups.find(|group| group.layers.contains(&self.layer)) else {
            return;
        };
        let params = Params::new(&self.trace, group, tokens.start, 0).over(tokens.end);
        let params = gpu::uniform(device, "head_state", &params);
        let chunk = Chunk {
            layer: (self.layer - group.layers.start) as u32,
            head: self.head as u32,
            first: tokens.start as u32,
            end: tokens.end as u32,
            source: (from * self.numbers()) as u32,
            goal: (to * self.numbers()) as u32,
            parts: u32::from(parts),
            pad: 0,
        };
        let chunk = gpu::uniform(device, "chunk", &chunk);
        let buffers = [
            (0, &params),
            (1, group.buffer()),
            (2, &chunk),
            (3, &self.states),
            (4, &self.track),
        ];
        let bindings = self.kernel.bind(device, &buffers);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.kernel.dispatch(&mut pass, &bindings, [1, 1, 1]);
    }
}
