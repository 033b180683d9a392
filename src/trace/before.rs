use crate::gpu::{self, Gpu};

use super::Dimensions;

/// What a model brings along before a trace's first token, on the GPU: the state that it starts from, by itself.
#[derive(Clone)]
pub struct Before {
    /// All of it, f32 `[layers, heads, head_size, head_size]`.
    pub initial: wgpu::Buffer,
    /// What is left of it after the last token so far, likewise; nothing is written to it.
    pub states: wgpu::Buffer,
    /// ‖ ‖_F of what is left of it after each token, f32 `[layers, heads, tokens]`; of the first, which stands for it,
    /// of all of it.
    pub norms: wgpu::Buffer,
}

impl Before {
    pub(super) fn new(gpu: &Gpu, dimensions: &Dimensions, tokens: usize) -> Self {
        let f32s = |label, count: usize| gpu::storage(gpu.device(), label, count as u64 * 4);
        Self {
            initial: f32s("initial states", dimensions.state_numbers()),
            states: f32s("states before", dimensions.state_numbers()),
            norms: f32s("norms before", dimensions.cells(tokens)),
        }
    }
}
