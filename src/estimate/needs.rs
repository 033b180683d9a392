use serde::Serialize;

use super::{Length, frames};
use crate::{
    model::{Card, Quantisation, Version},
    trace::{Dimensions, Precision, Stored},
};

/// Tokens of the longest chunk.
const CHUNK: usize = 128;
/// Cells from which on a lattice is drawn by what is in sight of it.
const LARGE: u64 = 32_768;
/// Room for pieces of arcs, in `draw::light`.
const SEGMENTS: u64 = 64 << 20;

/// A run that may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan<'a> {
    /// Of the model.
    pub card: &'a Card,
    /// Of its frames.
    pub precision: Precision,
    /// Of its layers' matrices.
    pub quantisation: Quantisation,
    /// Of the text.
    pub tokens: usize,
    /// Layers that are captured.
    pub layers: usize,
    /// Largest binding of the adapter, in bytes.
    pub binding: u64,
    /// Of a picture, in pixels.
    pub pixels: u64,
    /// Whether arcs of large lattices are added up by squares, as on a GPU.
    pub squares: bool,
}

/// Bytes on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Weights, what is kept of them for scores, states, and the buffers that a chunk passes through.
    pub model: u64,
    /// Vectors, y, contribution norms and states.
    pub trace: u64,
    /// Every measure of one token with all others, and the list of arcs.
    pub scores: u64,
    /// The picture, and what large lattices are drawn by.
    pub picture: u64,
}

impl Needs {
    /// Of a run.
    #[must_use]
    pub fn of(plan: &Plan<'_>) -> Self {
        let Plan { card, tokens, .. } = *plan;
        let dimensions = plan.dimensions();
        let stored = Stored::of(card.version, plan.precision);
        let chunk = tokens.clamp(1, CHUNK);
        Self {
            model: model_bytes(card, plan.quantisation) + frames(card, plan.precision, chunk),
            trace: trace_bytes(&dimensions, stored, tokens),
            scores: scores_bytes(&dimensions, stored, tokens, plan.binding),
            picture: picture_bytes(&dimensions, tokens, plan.pixels, plan.squares),
        }
    }

    /// All of it.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.model + self.run()
    }

    /// What comes with a run, once the model is there.
    #[must_use]
    pub fn run(&self) -> u64 {
        self.trace + self.scores + self.picture
    }
}

impl Plan<'_> {
    /// Sizes of what is captured.
    fn dimensions(&self) -> Dimensions {
        Dimensions {
            layers: self.layers,
            ..Dimensions::from(self.card)
        }
    }
}

/// Of a model's weights, its state, and [`Parameters`](crate::trace::Parameters). web-rwkv keeps all tensors in f16,
/// the embedding on the CPU.
#[must_use]
pub fn model_bytes(card: &Card, quantisation: Quantisation) -> u64 {
    let (width, layers) = (card.width as u64, card.layers as u64);
    let embedding = card.vocab as u64 * width;
    let padding = (card.vocab.next_multiple_of(8) - card.vocab) as u64 * width;
    let weights = 2 * (card.parameters.saturating_sub(embedding) + padding);
    let packed = quantisation.bytes(card);
    let weights = (weights + packed).saturating_sub(Quantisation::default().bytes(card));
    let head = card.head_size as u64;
    // A state in f32, with the last token of both mixes.
    let state = match card.version {
        Version::V4 => 5,
        _ => head + 2,
    };
    let decay = u64::from(card.version.has_static_decay());
    // γ, β, bonus, decay, W_oᵀ W_o.
    let parameters = 3 + decay + head;
    weights + 4 * layers * width * (state + parameters)
}

/// Of the trace and the scores of a run that keeps so many layers.
#[must_use]
pub fn run_bytes(
    card: &Card,
    precision: Precision,
    layers: usize,
    length: impl Into<Length>,
    binding: u64,
) -> u64 {
    let length = length.into();
    let stored = Stored::of(card.version, precision);
    let dimensions = Dimensions {
        layers,
        ..Dimensions::from(card)
    };
    trace_bytes(&dimensions, stored, length)
        + scores_bytes(&dimensions, stored, length.tokens, binding)
}

/// Of a trace's buffers.
#[must_use]
pub fn trace_bytes(dimensions: &Dimensions, stored: Stored, length: impl Into<Length>) -> u64 {
    let Length { tokens, has_before } = length.into();
    let states = dimensions.state_numbers() as u64;
    let numbers = dimensions.cells(tokens) as u64 + states;
    let before = match has_before {
        true => numbers + (dimensions.layers * dimensions.width * tokens) as u64,
        false => 0,
    };
    dimensions.trace_bytes(stored, tokens) + 4 * (numbers + before)
}

/// Of the scores of one token. Where one buffer does not hold a trace, each of its buffers has scores of its own too.
#[must_use]
pub fn scores_bytes(dimensions: &Dimensions, stored: Stored, tokens: usize, binding: u64) -> u64 {
    let cells = dimensions.cells(tokens) as u64;
    let measures = match dimensions.version {
        Version::V7 => 5,
        _ => 4,
    };
    let is_whole = dimensions.layers_a_group(stored, tokens, binding) == dimensions.layers;
    let apart = if is_whole || dimensions.version == Version::V4 {
        0
    } else {
        measures
    };
    // The numbers of each head and of each token are few.
    let heads = dimensions.cells(1) as u64;
    4 * (cells * (measures + apart + 1) + 12 * heads + tokens as u64)
}

/// Of a picture of so many pixels, four samples each, and of what is in sight of a large lattice.
#[must_use]
pub fn picture_bytes(dimensions: &Dimensions, tokens: usize, pixels: u64, squares: bool) -> u64 {
    // Colour and depth of four samples, colour, and its way to the CPU.
    let sheet = pixels * (4 * (4 + 4) + 4 + 4);
    let cells = dimensions.cells(tokens) as u64;
    if cells < LARGE {
        return sheet;
    }
    let rows = dimensions.cells(1) as u64;
    let merged = 8 * rows * (tokens as u64).next_multiple_of(64);
    let listed = 4 * (cells + cells.div_ceil(128));
    let light = if squares { 12 * pixels + SEGMENTS } else { 0 };
    sheet + merged + listed + light
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(version: Version, layers: usize, width: usize, hidden: usize, parameters: u64) -> Card {
        Card {
            version,
            layers,
            heads: width / 64,
            head_size: 64,
            width,
            hidden,
            vocab: 65_536,
            parameters,
        }
    }

    fn plan(card: &Card) -> Plan<'_> {
        Plan {
            card,
            precision: Precision::F16,
            quantisation: Quantisation::default(),
            tokens: 4096,
            layers: card.layers,
            binding: 4 << 30,
            pixels: 1920 * 1080,
            squares: true,
        }
    }

    /// RWKV-7 2.9B over 4,096 tokens: seven f16 sets and y.
    #[test]
    fn a_large_run_takes_what_its_formulas_say() {
        let card = card(Version::V7, 32, 2560, 10_240, 2_947_735_040);
        let needs = Needs::of(&plan(&card));
        let channels = 32 * 2560 * 4096_u64;
        assert_eq!(
            needs.trace,
            channels * (14 + 4) + 4 * (32 * 40 * 4096 + 32 * 2560 * 64)
        );
        let weights = 2 * (2_947_735_040 - 65_536 * 2560);
        assert!(
            needs.model > weights && needs.model < weights + (200 << 20),
            "{needs:?}"
        );
        assert_eq!(
            needs.sum(),
            needs.model + needs.trace + needs.scores + needs.picture
        );
    }

    #[test]
    fn fewer_layers_and_fewer_bits_take_less() {
        let card = card(Version::V6, 24, 2048, 7168, 1_600_000_000);
        let whole = Needs::of(&plan(&card));
        let half = Needs::of(&Plan {
            layers: 12,
            ..plan(&card)
        });
        assert_eq!(half.trace * 2, whole.trace);
        assert_eq!(half.model, whole.model);
        let packed = Needs::of(&Plan {
            quantisation: Quantisation { int8: 0, nf4: 24 },
            ..plan(&card)
        });
        assert!(packed.model < whole.model / 2, "{packed:?}");
        assert_eq!(packed.run(), whole.run());
        let single = Needs::of(&Plan {
            precision: Precision::F32,
            ..plan(&card)
        });
        assert!(single.trace > whole.trace * 17 / 10 && single.trace < whole.trace * 2);
    }

    #[test]
    fn small_bindings_take_scores_twice() {
        let card = card(Version::V7, 4, 1024, 4096, 100_000_000);
        let whole = plan(&card);
        let apart = Plan {
            binding: 128 << 20,
            ..whole
        };
        let [whole, apart] = [whole, apart].map(|plan| Needs::of(&plan).scores);
        assert!(
            apart > whole * 3 / 2 && apart < whole * 2,
            "{whole}, {apart}"
        );
    }
}
