//! RWKV-4 to RWKV-7 in float64, written from the published formulas: what the tests compare with.
//!
//! Every matrix of activations is a flat row-major `[T][C]`, head `h` in columns `h·N .. (h+1)·N`.
//! A whole sequence goes through one layer at a time, so that each weight is read once.

pub mod change;
pub mod demo;
pub mod ops;
pub mod scores;
pub mod v4;
pub mod v5;
pub mod v6;
pub mod v7;
pub mod weights;

use change::Change;
use weights::Weights;

/// The architectures: RWKV-4, RWKV-5 (5.1 and 5.2), RWKV-6 (X060) and RWKV-7 (X070).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V4,
    V5,
    V6,
    V7,
}

/// What one layer's time mixing computed. What a version does not have stays empty.
#[derive(Clone, Default)]
pub struct Activations {
    /// `[T][C]` receptance; in v4 before its sigmoid.
    pub r: Vec<f64>,
    /// `[T][C]` the decay itself, in (0, 1).
    pub w: Vec<f64>,
    /// `[T][C]` key as it enters the state; k̃ in v7.
    pub k: Vec<f64>,
    /// `[T][C]` value as it enters the state; after the value residual in v7.
    pub v: Vec<f64>,
    /// `[T][C]` in-context learning rate, v7 only.
    pub a: Vec<f64>,
    /// `[T][C]` removal key κ̂ of unit length in every head, v7 only.
    pub kappa: Vec<f64>,
    /// `[C]` bonus of the newest token, not in v7.
    pub u: Vec<f64>,
    /// `[C]` weight of the bonus after GroupNorm, v7 only.
    pub r_k: Vec<f64>,
    /// `[C]` scale of GroupNorm.
    pub gamma: Vec<f64>,
    /// `[C]` offset of GroupNorm.
    pub beta: Vec<f64>,
    /// `[T][C]` head output before GroupNorm.
    pub y: Vec<f64>,
    /// `[T][C]` after GroupNorm and, in v7, the bonus.
    pub x: Vec<f64>,
    /// `[T][C]` after the gate; `W_o` comes next.
    pub z: Vec<f64>,
}

/// The forward pass of a token list.
pub struct Forward {
    pub version: Version,
    /// `[T][V]`.
    pub logits: Vec<Vec<f64>>,
    pub layers: Vec<Activations>,
    /// `[2 L + 1][T][C]` the residual stream: the embedding, then after each time mix and each channel mix.
    pub residuals: Vec<Vec<f64>>,
    pub heads: usize,
    pub head_size: usize,
    pub width: usize,
}

/// Runs `tokens` from an empty state, with no token before the first.
pub fn forward(weights: &Weights, tokens: &[u32]) -> Forward {
    forward_from(weights, tokens, &[])
}

/// The same from a state a layer, `[heads][key][value]`; of no layer: the empty state.
pub fn forward_from(weights: &Weights, tokens: &[u32], states: &[Vec<f64>]) -> Forward {
    forward_changed(weights, tokens, states, &Change::default())
}

/// The same with something changed in every layer's time mixing.
pub fn forward_changed(
    weights: &Weights,
    tokens: &[u32],
    states: &[Vec<f64>],
    change: &Change,
) -> Forward {
    let version = weights.version();
    let heads = weights.heads();
    let width = weights.width();
    let mut x = embed(weights, tokens);
    let mut layers: Vec<Activations> = Vec::new();
    let mut residuals = vec![x.clone()];
    for index in 0..weights.layer_count() {
        let block = weights.block(index);
        let input = layer_norm(weights, &block.name("ln1"), &x);
        let start = states.get(index).map_or(&[][..], Vec::as_slice);
        let change = change.of(index, width, heads);
        let mut layer = match version {
            Version::V4 => v4::time_mix(&block, &input, &change),
            Version::V5 => v5::time_mix(&block, &input, heads, start, &change),
            Version::V6 => v6::time_mix(&block, &input, heads, start, &change),
            Version::V7 => v7::time_mix(&block, &input, heads, layers.first(), start, &change),
        };
        change.output(&mut layer.z);
        ops::add(&mut x, &block.linear("att.output.weight", &layer.z));
        residuals.push(x.clone());

        let input = layer_norm(weights, &block.name("ln2"), &x);
        let output = match version {
            Version::V4 | Version::V5 => v5::channel_mix(&block, &input),
            Version::V6 => v6::channel_mix(&block, &input),
            Version::V7 => v7::channel_mix(&block, &input),
        };
        ops::add(&mut x, &output);
        residuals.push(x.clone());
        layers.push(layer);
    }
    let x = layer_norm(weights, "ln_out", &x);
    let vocabulary = weights.shape("head.weight")[0];
    let logits = weights.linear("head.weight", &x);
    Forward {
        version,
        logits: logits
            .chunks_exact(vocabulary)
            .map(<[f64]>::to_vec)
            .collect(),
        layers,
        residuals,
        heads,
        head_size: width / heads,
        width,
    }
}

/// `[T][C]` rows of the embedding, under the LayerNorm that belongs to the first block.
fn embed(weights: &Weights, tokens: &[u32]) -> Vec<f64> {
    let rows: Vec<&[f64]> = weights
        .tensor("emb.weight")
        .chunks_exact(weights.width())
        .collect();
    let x: Vec<f64> = tokens
        .iter()
        .flat_map(|&token| rows[token as usize].iter().copied())
        .collect();
    layer_norm(weights, "blocks.0.ln0", &x)
}

fn layer_norm(weights: &Weights, name: &str, x: &[f64]) -> Vec<f64> {
    ops::layer_norm(
        x,
        weights.tensor(&format!("{name}.weight")),
        weights.tensor(&format!("{name}.bias")),
    )
}
