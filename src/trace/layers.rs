use std::{
    fmt::{Display, Formatter},
    ops::Range,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// Layers of a model that follow each other, counted from 0, the last one included. Written `8-15`, or `12` for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Layers {
    first: usize,
    last: usize,
}

/// A text that names no layers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} are no layers: write them as 8-15, or 12 for one, counted from 0")]
pub struct NoLayers(String);

impl Layers {
    /// Those of a range; none of an empty one.
    #[must_use]
    pub fn of(range: &Range<usize>) -> Option<Self> {
        let last = range.end.checked_sub(1)?;
        (range.start <= last).then_some(Self {
            first: range.start,
            last,
        })
    }

    /// As numbers.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.first..self.last + 1
    }

    /// In words: `layers 8–15`, `layer 12`.
    #[must_use]
    pub fn words(self) -> String {
        if self.first == self.last {
            return format!("layer {}", self.first);
        }
        format!("layers {}–{}", self.first, self.last)
    }
}

impl Display for Layers {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for Layers {
    type Err = NoLayers;

    fn from_str(text: &str) -> Result<Self, NoLayers> {
        let (first, last) = text.split_once(['-', '–']).unwrap_or((text, text));
        let number = |text: &str| text.trim().parse().ok().filter(|n| *n < usize::MAX);
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(NoLayers(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Layers {
    type Error = NoLayers;

    fn try_from(text: String) -> Result<Self, NoLayers> {
        text.parse()
    }
}

impl From<Layers> for String {
    fn from(layers: Layers) -> Self {
        layers.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_read_as_they_are_written() {
        for (text, range, words) in [
            ("8-15", 8..16, "layers 8–15"),
            ("12", 12..13, "layer 12"),
            ("0-0", 0..1, "layer 0"),
        ] {
            let layers: Layers = text.parse().expect("layers");
            assert_eq!(layers.range(), range);
            assert_eq!(layers.words(), words);
            assert_eq!(layers.to_string().parse(), Ok(layers));
            assert_eq!(Layers::of(&range), Some(layers));
        }
        for wrong in [
            "",
            "-",
            "3-",
            "-3",
            "5-4",
            "a",
            "1-2-3",
            "1.5",
            "99999999999999999999",
        ] {
            assert!(wrong.parse::<Layers>().is_err(), "{wrong}");
        }
        assert_eq!(Layers::of(&(3..3)), None);
        assert_eq!(Layers::of(&(0..0)), None);
    }
}
