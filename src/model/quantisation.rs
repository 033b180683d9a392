use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

use super::{Card, ModelError, Version};

/// How many layers keep their large matrices in fewer bits on the GPU: the first `int8` layers from the input
/// on in int8, the next `nf4` in NF4, the rest in f16.
///
/// These matrices are web-rwkv's choice: receptance, key, value and output of the time mix, in RWKV-6 also its
/// gate, and those of the channel mix. Embedding, head, vectors and matrices of low rank stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::Args)]
#[serde(default)]
pub struct Quantisation {
    /// Layers, counted from the input, whose large matrices are kept in int8
    #[arg(
        long,
        value_name = "LAYERS",
        default_value_t,
        hide_default_value = true
    )]
    pub int8: usize,
    /// Layers after those whose large matrices are kept in NF4, four bits a weight
    #[arg(
        long,
        value_name = "LAYERS",
        default_value_t,
        hide_default_value = true
    )]
    pub nf4: usize,
}

/// How a layer's large matrices are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Half floats, as loaded.
    F16,
    /// A byte a weight, and the least and the largest weight of each 128 in half floats.
    Int8,
    /// Four bits a weight, places in a table of 16 quantiles of the normal distribution, and the largest
    /// |weight| of each 64 as a half float.
    Nf4,
}

impl Packing {
    /// Weights that a row has to be a multiple of: what web-rwkv's products take from a row at once, with one
    /// scale.
    fn tile(self) -> usize {
        match self {
            Self::F16 => 1,
            Self::Int8 => 32,
            Self::Nf4 => 64,
        }
    }

    /// Bytes that `weights` take, scales included, without NF4's table of 64 bytes a matrix.
    fn bytes(self, weights: u64) -> u64 {
        match self {
            Self::F16 => 2 * weights,
            Self::Int8 => weights + weights / 128 * 4,
            Self::Nf4 => weights / 2 + weights / 64 * 2,
        }
    }
}

/// NF4's table, one a matrix.
const TABLE_BYTES: u64 = 64;
/// web-rwkv quantises a row a workgroup, and there may be so many.
const MOST_ROWS: usize = 65_535;

impl Quantisation {
    /// Whether every layer stays in f16.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// How a layer, counted from the input, is kept.
    #[must_use]
    pub fn of(self, layer: usize) -> Packing {
        if layer < self.int8 {
            Packing::Int8
        } else if layer - self.int8 < self.nf4 {
            Packing::Nf4
        } else {
            Packing::F16
        }
    }

    /// Whether web-rwkv can keep a model so; `model` is its name, for the message.
    ///
    /// # Errors
    /// When there are fewer layers, or a row of a matrix is not a whole number of blocks.
    pub fn require(self, model: &str, card: &Card) -> Result<(), ModelError> {
        let wanted = self.int8.checked_add(self.nf4);
        if wanted.is_none_or(|wanted| wanted > card.layers) {
            return Err(ModelError::QuantisedLayers {
                model: model.to_owned(),
                int8: self.int8,
                nf4: self.nf4,
                layers: card.layers,
            });
        }
        let (packing, format, rule) = match self {
            Self { int8: 0, nf4: 0 } => return Ok(()),
            Self { nf4: 0, .. } => (Packing::Int8, "int8", "a multiple of 32 up to 65,535"),
            _ => (Packing::Nf4, "NF4", "a multiple of 64 up to 65,535"),
        };
        for (what, value) in [("width", card.width), ("FFN width", card.hidden)] {
            if !value.is_multiple_of(packing.tile()) || value > MOST_ROWS {
                return Err(ModelError::QuantisedShape {
                    model: model.to_owned(),
                    what,
                    value,
                    format,
                    rule,
                });
            }
        }
        Ok(())
    }

    /// Bytes that the large matrices of all layers take on the GPU.
    #[must_use]
    pub fn bytes(self, card: &Card) -> u64 {
        let (width, hidden) = (card.width as u64, card.hidden as u64);
        let square = match card.version {
            Version::V4 => 5,
            Version::V5 | Version::V6 => 6,
            Version::V7 => 4,
        };
        let weights = square * width * width + 2 * width * hidden;
        (0..card.layers)
            .map(|layer| {
                let packing = self.of(layer);
                let tables = if packing == Packing::Nf4 {
                    (square + 2) * TABLE_BYTES
                } else {
                    0
                };
                packing.bytes(weights) + tables
            })
            .sum()
    }
}

impl Display for Quantisation {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self { int8: 0, nf4: 0 } => f.write_str("f16 in every layer"),
            Self { int8, nf4: 0 } => write!(f, "int8 in {}", layers(int8)),
            Self { int8: 0, nf4 } => write!(f, "NF4 in {}", layers(nf4)),
            Self { int8, nf4 } => write!(f, "int8 in {}, NF4 in {nf4}", layers(int8)),
        }
    }
}

fn layers(count: usize) -> String {
    match count {
        1 => "1 layer".to_owned(),
        _ => format!("{count} layers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(width: usize, hidden: usize) -> Card {
        Card {
            version: Version::V7,
            layers: 4,
            heads: 2,
            head_size: width / 2,
            width,
            hidden,
            vocab: 10,
            parameters: 0,
        }
    }

    #[test]
    fn int8_comes_first() {
        let packing = Quantisation { int8: 1, nf4: 2 };
        let found = [0, 1, 2, 3].map(|layer| packing.of(layer));
        assert_eq!(
            found,
            [Packing::Int8, Packing::Nf4, Packing::Nf4, Packing::F16]
        );
        assert_eq!(Quantisation::default().of(0), Packing::F16);
    }

    #[test]
    fn only_what_web_rwkv_computes_rightly_is_let_through() {
        let int8 = Quantisation { int8: 4, nf4: 0 };
        let nf4 = Quantisation { int8: 3, nf4: 1 };
        for (width, hidden, for_int8, for_nf4) in [
            (64, 128, true, true),
            (96, 128, true, false),
            (64, 160, true, false),
            (64, 112, false, false),
            (72, 128, false, false),
            (64, 65_536, false, false),
        ] {
            let card = card(width, hidden);
            let passes = |quantisation: Quantisation| quantisation.require("m", &card).is_ok();
            assert_eq!(passes(int8), for_int8, "{width}, {hidden}");
            assert_eq!(passes(nf4), for_nf4, "{width}, {hidden}");
            assert!(passes(Quantisation::default()));
        }
    }

    #[test]
    fn no_more_layers_than_there_are() {
        let card = card(64, 128);
        for (int8, nf4, fits) in [
            (4, 0, true),
            (2, 2, true),
            (0, 5, false),
            (3, 2, false),
            (1, usize::MAX, false),
        ] {
            let done = Quantisation { int8, nf4 }.require("m", &card);
            assert_eq!(done.is_ok(), fits, "{int8}, {nf4}");
        }
    }
}
