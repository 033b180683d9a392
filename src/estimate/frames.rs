use crate::{
    model::{Card, Version},
    trace::Precision,
};

/// Bytes of the buffers that a chunk of tokens passes through: web-rwkv's (`Runtime` and `Header` in
/// `runtime/v4.rs` to `runtime/v7.rs`), less the ranks, which are small, and the gated outputs that are captured.
#[must_use]
pub fn frames(card: &Card, precision: Precision, chunk: usize) -> u64 {
    let own: u64 = match precision {
        Precision::F16 => 2,
        Precision::F32 => 4,
    };
    // Vectors of a token in the frames' own format, and in f32.
    let (vectors, singles) = match card.version {
        Version::V4 => (11, 4),
        Version::V5 => (13, 4),
        Version::V6 => (20, 5),
        Version::V7 => (25, 0),
    };
    let (width, layers) = (card.width as u64, card.layers as u64);
    // With the head's input and the gated outputs; the embedding comes in f16.
    let vectors = width * (own * (vectors + 1 + layers) + 4 * singles + 2);
    let logits = 4 * card.vocab.next_multiple_of(8) as u64;
    (vectors + own * card.hidden as u64 + logits) * chunk as u64
}
