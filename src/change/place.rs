use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

/// Where something is changed: a head, all heads of a layer, or all of them. Written `L7H1`, `L7`, `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// Counted from 0; none: every layer.
    pub layer: Option<usize>,
    /// Counted from 0, a group of channels in RWKV-4; none: every head.
    pub head: Option<usize>,
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place: write a head as L7H1, a layer as L7, counted from 0, or all")]
pub struct NoPlace(pub(super) String);

impl Place {
    /// Of a layer, the heads that it means among so many.
    #[must_use]
    pub fn heads(self, layer: usize, heads: usize) -> std::ops::Range<usize> {
        if self.layer.is_some_and(|own| own != layer) {
            return 0..0;
        }
        self.head.map_or(0..heads, |head| head..head + 1)
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match (self.layer, self.head) {
            (Some(layer), Some(head)) => write!(f, "L{layer}H{head}"),
            (Some(layer), None) => write!(f, "L{layer}"),
            (None, Some(head)) => write!(f, "H{head}"),
            (None, None) => write!(f, "all"),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let upper = text.trim().to_uppercase();
        if upper == "ALL" {
            return Ok(Self::default());
        }
        let numbers = || {
            let rest = upper.strip_prefix('L')?;
            let (layer, head) = match rest.split_once(['H', 'G']) {
                Some((layer, head)) => (layer, Some(head.trim().parse().ok()?)),
                None => (rest, None),
            };
            let layer = Some(layer.trim().parse().ok()?);
            Some(Self { layer, head })
        };
        numbers().ok_or_else(|| NoPlace(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        for (text, layer, head) in [
            ("L7H1", Some(7), Some(1)),
            ("L0", Some(0), None),
            ("all", None, None),
        ] {
            let place: Place = text.parse().expect("a place");
            assert_eq!((place.layer, place.head), (layer, head));
            assert_eq!(place.to_string(), text);
        }
        assert_eq!("l2 g3".parse(), "L2H3".parse::<Place>());
        for wrong in ["", "7", "L", "LH1", "L7H", "H1", "L-1", "L7H1H2", "L1.5"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_means_its_heads() {
        let of = |text: &str, layer| text.parse::<Place>().expect("a place").heads(layer, 8);
        assert_eq!(of("L7H1", 7), 1..2);
        assert!(of("L7H1", 6).is_empty());
        assert_eq!(of("L7", 7), 0..8);
        assert_eq!(of("all", 3), 0..8);
    }
}
