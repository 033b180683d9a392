//! Every tensor that web-rwkv 0.10 loads, with its shape (`runtime/v4.rs` to `runtime/v7.rs`).

use super::Version;

/// A dimension that tensors share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dim {
    Width,
    Hidden,
    Vocab,
    Heads,
    HeadSize,
    /// The five mixes of RWKV-6: w k v r g.
    Five,
    /// Rank of RWKV-6's token shift, and five times it.
    Mix,
    FiveMix,
    /// Rank of RWKV-6's decay.
    Decay,
    /// Ranks of RWKV-7's decay, in-context rate, gate and value residual.
    W,
    A,
    G,
    V,
}

/// Shape of a tensor.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    /// `width` values, whatever dimensions of 1 stand around them.
    Vector,
    /// `[rows, columns]`, slowest first.
    Matrix(Dim, Dim),
    /// `[count, rows, columns]`.
    Stack(Dim, Dim, Dim),
}

/// Where a tensor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Once in the model.
    Model,
    /// In each block: `blocks.N.` and the name.
    Block,
    /// In each block but the first.
    LaterBlock,
}

use Dim::{A, Decay, Five, FiveMix, G, HeadSize, Heads, Hidden, Mix, V, Vocab, W, Width};
use Extent::{Matrix, Stack, Vector};
use Place::{Block, LaterBlock, Model};

type Row = (Place, &'static str, Extent);

/// In every version.
const COMMON: &[Row] = &[
    (Model, "emb.weight", Matrix(Vocab, Width)),
    (Model, "blocks.0.ln0.weight", Vector),
    (Model, "blocks.0.ln0.bias", Vector),
    (Model, "ln_out.weight", Vector),
    (Model, "ln_out.bias", Vector),
    (Model, "head.weight", Matrix(Vocab, Width)),
    (Block, "ln1.weight", Vector),
    (Block, "ln1.bias", Vector),
    (Block, "ln2.weight", Vector),
    (Block, "ln2.bias", Vector),
    (Block, "att.receptance.weight", Matrix(Width, Width)),
    (Block, "att.key.weight", Matrix(Width, Width)),
    (Block, "att.value.weight", Matrix(Width, Width)),
    (Block, "att.output.weight", Matrix(Width, Width)),
    (Block, "ffn.key.weight", Matrix(Hidden, Width)),
    (Block, "ffn.value.weight", Matrix(Width, Hidden)),
];

/// Only in RWKV-4.
const V4: &[Row] = &[
    (Block, "att.time_decay", Vector),
    (Block, "att.time_first", Vector),
    (Block, "att.time_mix_k", Vector),
    (Block, "att.time_mix_v", Vector),
    (Block, "att.time_mix_r", Vector),
    (Block, "ffn.time_mix_k", Vector),
    (Block, "ffn.time_mix_r", Vector),
    (Block, "ffn.receptance.weight", Matrix(Width, Width)),
];

/// Only in RWKV-5.1 and 5.2; what 5.1 has a head is spread over its channels before (`per_channel`).
const V5: &[Row] = &[
    (Block, "att.ln_x.weight", Vector),
    (Block, "att.ln_x.bias", Vector),
    (Block, "att.time_decay", Vector),
    (Block, "att.time_first", Matrix(Heads, HeadSize)),
    (Block, "att.time_mix_k", Vector),
    (Block, "att.time_mix_v", Vector),
    (Block, "att.time_mix_r", Vector),
    (Block, "att.time_mix_g", Vector),
    (Block, "att.gate.weight", Matrix(Width, Width)),
    (Block, "ffn.time_mix_k", Vector),
    (Block, "ffn.time_mix_r", Vector),
    (Block, "ffn.receptance.weight", Matrix(Width, Width)),
];

/// Only in RWKV-6.
const V6: &[Row] = &[
    (Block, "att.ln_x.weight", Vector),
    (Block, "att.ln_x.bias", Vector),
    (Block, "att.time_decay", Vector),
    (Block, "att.time_first", Matrix(Heads, HeadSize)),
    (Block, "att.time_mix_x", Vector),
    (Block, "att.time_mix_w", Vector),
    (Block, "att.time_mix_k", Vector),
    (Block, "att.time_mix_v", Vector),
    (Block, "att.time_mix_r", Vector),
    (Block, "att.time_mix_g", Vector),
    (Block, "att.time_mix_w1", Matrix(FiveMix, Width)),
    (Block, "att.time_mix_w2", Stack(Five, Width, Mix)),
    (Block, "att.time_decay_w1", Matrix(Decay, Width)),
    (Block, "att.time_decay_w2", Matrix(Width, Decay)),
    (Block, "att.gate.weight", Matrix(Width, Width)),
    (Block, "ffn.time_mix_k", Vector),
    (Block, "ffn.time_mix_r", Vector),
    (Block, "ffn.receptance.weight", Matrix(Width, Width)),
];

/// Only in RWKV-7.
const V7: &[Row] = &[
    (Block, "att.ln_x.weight", Vector),
    (Block, "att.ln_x.bias", Vector),
    (Block, "att.x_r", Vector),
    (Block, "att.x_w", Vector),
    (Block, "att.x_k", Vector),
    (Block, "att.x_v", Vector),
    (Block, "att.x_a", Vector),
    (Block, "att.x_g", Vector),
    (Block, "att.w0", Vector),
    (Block, "att.w1", Matrix(W, Width)),
    (Block, "att.w2", Matrix(Width, W)),
    (Block, "att.a0", Vector),
    (Block, "att.a1", Matrix(A, Width)),
    (Block, "att.a2", Matrix(Width, A)),
    (Block, "att.g1", Matrix(G, Width)),
    (Block, "att.g2", Matrix(Width, G)),
    (LaterBlock, "att.v0", Vector),
    (LaterBlock, "att.v1", Matrix(V, Width)),
    (LaterBlock, "att.v2", Matrix(Width, V)),
    (Block, "att.r_k", Matrix(Heads, HeadSize)),
    (Block, "att.k_k", Vector),
    (Block, "att.k_a", Vector),
    (Block, "ffn.x_k", Vector),
];

/// Every tensor of a model of `layers` layers, by name.
pub(crate) fn required(version: Version, layers: usize) -> impl Iterator<Item = (String, Extent)> {
    let own = match version {
        Version::V4 => V4,
        Version::V5 => V5,
        Version::V6 => V6,
        Version::V7 => V7,
    };
    let rows = move || COMMON.iter().chain(own);
    let once = rows().filter(|row| row.0 == Model);
    let once = once.map(|&(_, name, extent)| (name.to_owned(), extent));
    let blocks = (0..layers).flat_map(move |layer| {
        rows()
            .filter(move |row| row.0 == Block || (row.0 == LaterBlock && layer > 0))
            .map(move |&(_, name, extent)| (format!("blocks.{layer}.{name}"), extent))
    });
    once.chain(blocks)
}

/// Where a rank of a version is read from: its name, and a tensor whose first dimension is that rank.
pub(super) fn ranks(version: Version) -> &'static [(Dim, &'static str)] {
    match version {
        Version::V6 => &[
            (FiveMix, "blocks.0.att.time_mix_w1"),
            (Decay, "blocks.0.att.time_decay_w1"),
        ],
        Version::V7 => &[
            (W, "blocks.0.att.w1"),
            (A, "blocks.0.att.a1"),
            (G, "blocks.0.att.g1"),
            (V, "blocks.1.att.v1"),
        ],
        Version::V4 | Version::V5 => &[],
    }
}
