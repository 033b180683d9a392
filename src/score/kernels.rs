use bytemuck::{Pod, Zeroable};

use crate::{
    model::Version,
    trace::{Dimensions, LayerGroup, Stored, Trace, sets},
};

/// In step with `Params` in `prelude.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
pub struct Params {
    tokens: u32,
    capacity: u32,
    heads: u32,
    layers: u32,
    first_layer: u32,
    group_layers: u32,
    token: u32,
    slot: u32,
    only: u32,
    results_layer: u32,
    before: u32,
    count: u32,
}

impl Params {
    /// For a dispatch over one group of layers, about `token`, writing from result slot `slot` on.
    #[must_use]
    pub fn new(trace: &Trace, group: &LayerGroup, token: usize, slot: usize) -> Self {
        Self {
            tokens: trace.tokens.len() as u32,
            capacity: trace.room() as u32,
            heads: trace.dimensions.heads as u32,
            layers: trace.dimensions.layers as u32,
            first_layer: group.layers.start as u32,
            group_layers: group.layers.len() as u32,
            token: token as u32,
            slot: slot as u32,
            only: u32::MAX,
            results_layer: 0,
            before: match trace.before {
                Some(_) => {
                    let numbers = group.layers.len() * trace.room() * trace.dimensions.width;
                    (numbers / 4) as u32
                }
                None => 0,
            },
            count: 1,
        }
    }

    /// The same, for so many readers.
    #[must_use]
    pub fn count(self, readers: usize) -> Self {
        Self {
            count: readers as u32,
            ..self
        }
    }

    /// The same, seeing only the first `tokens` tokens.
    #[must_use]
    pub fn over(self, tokens: usize) -> Self {
        Self {
            tokens: tokens as u32,
            ..self
        }
    }

    /// The same, with results `[slot, layer, head, token]` of this group's layers alone. For the kernels on
    /// subgroups.
    #[must_use]
    pub fn apart(self) -> Self {
        Self {
            results_layer: self.first_layer,
            ..self
        }
    }

    /// The same for one head of one of the group's layers, both counted from the group's first: one workgroup
    /// a token, and results `[slot, token]`. For `scores.wgsl` and `scans.wgsl` alone.
    #[must_use]
    pub fn only(self, layer: usize, head: usize) -> Self {
        Self {
            only: layer as u32 * self.heads + head as u32,
            ..self
        }
    }
}

/// What the kernels are specialised on, as WGSL constants.
#[must_use]
pub fn constants(dimensions: &Dimensions, stored: Stored) -> String {
    let head_size = dimensions.head_size;
    let version = match dimensions.version {
        Version::V4 => 4,
        // RWKV-5 is RWKV-6 with the same decay at every token.
        Version::V5 | Version::V6 => 6,
        Version::V7 => 7,
    };
    let sets = sets(dimensions.version);
    let access = match stored {
        Stored::F16 => {
            "alias Stored = vec2<u32>;
fn unpack(x: Stored) -> vec4<f32> { return vec4(unpack2x16float(x.x), unpack2x16float(x.y)); }
fn pack(x: vec4<f32>) -> Stored { return vec2(pack2x16float(x.xy), pack2x16float(x.zw)); }"
        }
        Stored::F32 => {
            "alias Stored = vec4<f32>;
fn unpack(x: Stored) -> vec4<f32> { return x; }
fn pack(x: vec4<f32>) -> Stored { return x; }"
        }
    };
    format!(
        "const HEAD_SIZE: u32 = {head_size}u;
const QUADS: u32 = {}u;
const VERSION: u32 = {version}u;
const SETS: u32 = {sets}u;
{access}
",
        head_size / 4
    )
}

/// A kernel's whole WGSL text: constants, prelude, body.
#[must_use]
pub fn source(dimensions: &Dimensions, stored: Stored, body: &str) -> String {
    format!(
        "{}{}{body}",
        constants(dimensions, stored),
        include_str!("../../shaders/prelude.wgsl")
    )
}

/// The same for a kernel that writes to the trace.
#[must_use]
pub fn writing_source(dimensions: &Dimensions, stored: Stored, body: &str) -> String {
    let text = source(dimensions, stored, body);
    text.replace("var<storage, read> trace", "var<storage, read_write> trace")
}
