//! Results of one group of layers in buffers of their own. A device puts work that writes the same buffer one
//! after another, and a group alone leaves a large device half idle; so groups are scored side by side, and their
//! results brought together.

use crate::{
    gpu::{self, Gpu},
    model::Version,
    trace::{LayerGroup, Trace},
};

/// Bindings of `scores.wgsl` that hold results.
pub(super) const RESULTS: [u32; 6] = [4, 5, 6, 7, 8, 9];
/// The one with W-K norms.
pub(super) const WK: u32 = 6;
/// The one with conservation errors, a number a head.
const CONSERVATION: u32 = 7;
/// The one with erase parts, which RWKV-7 alone has.
pub(super) const ERASE: u32 = 9;

/// Results of one group of layers, of one selection.
#[derive(Debug)]
pub(super) struct Apart {
    /// In the order of [`RESULTS`].
    buffers: [wgpu::Buffer; RESULTS.len()],
    /// Heads of the layers before, and its own.
    heads_before: u64,
    heads: u64,
    tokens: u64,
}

impl Apart {
    /// Room for each group of a trace's layers, for `room` tokens; nothing where there is one group.
    pub fn all(gpu: &Gpu, trace: &Trace, room: usize) -> Vec<Self> {
        let apart = |group: &LayerGroup| {
            let heads = group.layers.len() * trace.dimensions.heads;
            let size = |binding| match binding {
                CONSERVATION => heads,
                ERASE if trace.dimensions.version != Version::V7 => 0,
                _ => heads * room,
            };
            let made = |binding| gpu::storage(gpu.device(), "results", size(binding) as u64 * 4);
            Self {
                buffers: RESULTS.map(made),
                heads_before: (group.layers.start * trace.dimensions.heads) as u64,
                heads: heads as u64,
                tokens: trace.filled() as u64,
            }
        };
        match trace.groups.as_slice() {
            [_] => Vec::new(),
            groups => groups.iter().map(apart).collect(),
        }
    }

    /// There are so many tokens from now on.
    pub fn hold(&mut self, tokens: usize) {
        self.tokens = tokens as u64;
    }

    /// The buffer of a binding.
    pub fn result(&self, binding: u32) -> Option<&wgpu::Buffer> {
        let at = RESULTS.iter().position(|other| *other == binding)?;
        self.buffers.get(at)
    }

    /// Records the copy of one result to its place among those of all layers, if there is such a place.
    pub fn gather(&self, encoder: &mut wgpu::CommandEncoder, binding: u32, all: &wgpu::Buffer) {
        let head = match binding {
            CONSERVATION => 4,
            _ => self.tokens * 4,
        };
        let at = self.heads_before * head;
        // A buffer may be larger than what it is for; RWKV-6 has none for erase parts.
        let room = all.size().saturating_sub(at);
        if let Some(own) = self.result(binding).filter(|_| room > 0) {
            let bytes = (self.heads * head).min(own.size()).min(room);
            encoder.copy_buffer_to_buffer(own, 0, all, at, Some(bytes));
        }
    }
}
