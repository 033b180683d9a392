use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use serde::Serialize;

use crate::model::Version;

/// Sizes of a model and a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// RWKV version: 6 or 7.
    pub version: Version,
    /// Layers.
    pub layers: usize,
    /// Heads a layer.
    pub heads: usize,
    /// Channels a head.
    pub head_size: usize,
    /// Of the text.
    pub tokens: usize,
}

/// Layers, heads, head size and tokens, as on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes([usize; 4]);

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<usize>, _> =
            text.split(',').map(|part| part.trim().parse()).collect();
        let numbers = numbers
            .ok()
            .and_then(|numbers| <[usize; 4]>::try_from(numbers).ok());
        let Some([layers, heads, head_size, tokens]) = numbers else {
            return Err("four numbers are needed: layers, heads, head size, tokens".to_owned());
        };
        if !(head_size.is_power_of_two() && (4..=128).contains(&head_size)) {
            return Err("the head size is 4, 8, 16, 32, 64 or 128".to_owned());
        }
        if [layers, heads, tokens]
            .iter()
            .any(|size| !(1..=1 << 20).contains(size))
            || tokens < 16
        {
            return Err(
                "there is at least one layer, one head and 16 tokens, and no more than 1,048,576"
                    .to_owned(),
            );
        }
        Ok(Self([layers, heads, head_size, tokens]))
    }
}

impl Sizes {
    /// Those of the 0.1B models, with a text.
    pub const SMALL: Self = Self([12, 12, 64, 4096]);

    /// Of a model of a version.
    #[must_use]
    pub fn of(self, version: Version) -> Shape {
        let [layers, heads, head_size, tokens] = self.0;
        Shape {
            version,
            layers,
            heads,
            head_size,
            tokens,
        }
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, {} layers × {} heads of {}, {} tokens",
            self.version, self.layers, self.heads, self.head_size, self.tokens
        )
    }
}
