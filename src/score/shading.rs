//! From numbers to what is seen of them: full colour, the filter of arcs, one value over many heads.

use serde::{Deserialize, Serialize};

/// What full colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The largest |value| of the same head.
    #[default]
    PerHead,
    /// The largest |value| of the same layer.
    PerLayer,
    /// The largest |value| of all heads.
    Global,
    /// A number of the user's own, greater than 0.
    Fixed(f32),
}

impl Scale {
    /// One of each kind, in menu order; a fixed scale begins with `full`.
    #[must_use]
    pub fn kinds(full: f32) -> [Self; 4] {
        [
            Self::PerHead,
            Self::PerLayer,
            Self::Global,
            Self::Fixed(full),
        ]
    }

    /// Fixed at a number, or at the nearest there may be.
    #[must_use]
    pub fn fixed(full: f32) -> Self {
        Self::Fixed(full.clamp(*FIXED.start(), *FIXED.end()))
    }

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PerHead => "head",
            Self::PerLayer => "layer",
            Self::Global => "all",
            Self::Fixed(_) => "fixed",
        }
    }

    /// Whether the other is of the same kind, whatever the number.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl std::str::FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "per-head" => Ok(Self::PerHead),
            "per-layer" => Ok(Self::PerLayer),
            "global" => Ok(Self::Global),
            _ => text
                .parse()
                .ok()
                .filter(|full: &f32| full.is_finite() && *full > 0.0)
                .map(Self::Fixed)
                .ok_or_else(|| {
                    "give per-head, per-layer, global or a number greater than 0".to_owned()
                }),
        }
    }
}

/// Smallest and largest number of a fixed scale that is chosen on screen.
pub const FIXED: std::ops::RangeInclusive<f32> = 1e-6..=1e6;
/// Smallest and largest exposure.
pub const EXPOSURE: std::ops::RangeInclusive<f32> = 1e-3..=1e3;

/// Tokens that do not count for full colour, each when true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exclude {
    /// The first of the text: many heads keep it for ever.
    pub first: bool,
    /// The selected token itself: the diagonal.
    pub itself: bool,
    /// Those that are a line break.
    pub line_breaks: bool,
}

impl Default for Exclude {
    fn default() -> Self {
        Self {
            first: false,
            itself: true,
            line_breaks: false,
        }
    }
}

impl Exclude {
    /// The excluded, in words; none when everything counts.
    #[must_use]
    pub fn words(self) -> Option<String> {
        let parts = [
            (self.itself, "itself"),
            (self.first, "the first token"),
            (self.line_breaks, "line breaks"),
        ];
        let chosen: Vec<_> = parts
            .into_iter()
            .filter_map(|(on, what)| on.then_some(what))
            .collect();
        (!chosen.is_empty()).then(|| chosen.join(", "))
    }
}

/// Which arcs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The strongest few of each head.
    TopK(u32),
    /// |value| is at least this.
    Threshold(f32),
    /// The fewest of each head that hold this part of its Σ |value|.
    Mass(f32),
}

impl Default for Filter {
    fn default() -> Self {
        Self::TopK(3)
    }
}

impl Filter {
    /// The most arcs a head may be asked for.
    pub const LARGEST_TOP_K: u32 = 64;
    /// The lowest threshold, in parts of the largest |value|.
    pub const LEAST_THRESHOLD: f32 = 1e-4;
    /// The least part of Σ |value|.
    pub const LEAST_MASS: f32 = 0.01;

    /// What is wrong with its number.
    pub(crate) fn fault(self) -> Option<String> {
        let most = Self::LARGEST_TOP_K;
        match self {
            Self::TopK(count) => (!(1..=most).contains(&count))
                .then(|| format!("top-k = {count}: give a number from 1 to {most}")),
            Self::Threshold(least) => (!(least.is_finite() && least >= 0.0))
                .then(|| format!("threshold = {least}: give a number, at least 0")),
            Self::Mass(part) => (!(part > 0.0 && part <= 1.0))
                .then(|| format!("mass = {part}: give a part, more than 0 and at most 1")),
        }
    }

    /// One of each kind, in menu order, with what it begins with where `largest` is the largest |value|.
    #[must_use]
    pub fn kinds(largest: f32) -> [Self; 3] {
        [
            Self::TopK(3),
            Self::Threshold(0.25 * largest),
            Self::Mass(0.7),
        ]
    }

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TopK(_) => "strongest",
            Self::Threshold(_) => "from",
            Self::Mass(_) => "mass",
        }
    }

    /// How it chooses, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::TopK(_) => "The strongest few of each head",
            Self::Threshold(_) => "Those whose |value| is at least this",
            Self::Mass(_) => "The fewest of each head that hold this part of its Σ |value|",
        }
    }

    /// The same with some arcs more or fewer, where `largest` is the largest |value|.
    #[must_use]
    pub fn step(self, more: bool, largest: f32) -> Self {
        match (self, more) {
            (Self::TopK(count), true) => Self::TopK((count + 1).min(Self::LARGEST_TOP_K)),
            (Self::TopK(count), false) => Self::TopK(count.saturating_sub(1).max(1)),
            (Self::Threshold(least), true) => {
                Self::Threshold((least / 1.25).max(Self::LEAST_THRESHOLD * largest))
            }
            (Self::Threshold(least), false) => Self::Threshold((least * 1.25).min(largest)),
            (Self::Mass(part), true) => Self::Mass((part + 0.05).min(1.0)),
            (Self::Mass(part), false) => Self::Mass((part - 0.05).max(Self::LEAST_MASS)),
        }
    }

    /// Whether the other is of the same kind, whatever the number.
    #[must_use]
    pub fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// One value a token out of those of several heads, each in parts of its full colour.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// Their mean.
    #[default]
    Mean,
    /// The one of the largest size, with its sign.
    Max,
    /// Their sum.
    Sum,
}

impl Pool {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Mean, Self::Max, Self::Sum];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Max => "max",
            Self::Sum => "sum",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_read_by_name_or_as_a_number() {
        assert_eq!("per-layer".parse(), Ok(Scale::PerLayer));
        assert_eq!("0.05".parse(), Ok(Scale::Fixed(0.05)));
        for wrong in ["", "heads", "0", "-1", "inf", "NaN"] {
            assert!(wrong.parse::<Scale>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_that_lets_more_through_and_then_fewer_is_as_before_and_stays_in_bounds() {
        for filter in Filter::kinds(8.0) {
            let back = filter.step(true, 8.0).step(false, 8.0);
            match (filter, back) {
                (Filter::TopK(a), Filter::TopK(b)) => assert_eq!(a, b),
                (Filter::Threshold(a), Filter::Threshold(b))
                | (Filter::Mass(a), Filter::Mass(b)) => {
                    assert!((a - b).abs() < 1e-5, "{a} {b}");
                }
                _ => panic!("{filter:?} became {back:?}"),
            }
            let far = |more| (0..200).fold(filter, |filter, _| filter.step(more, 8.0));
            let ends = [far(true), far(false)];
            let expected = match filter {
                Filter::TopK(_) => [Filter::TopK(64), Filter::TopK(1)],
                Filter::Threshold(_) => [Filter::Threshold(8e-4), Filter::Threshold(8.0)],
                Filter::Mass(_) => [Filter::Mass(1.0), Filter::Mass(0.01)],
            };
            assert_eq!(ends, expected);
        }
    }

    #[test]
    fn the_excluded_are_named() {
        assert_eq!(Exclude::default().words().as_deref(), Some("itself"));
        let none = Exclude {
            itself: false,
            ..Exclude::default()
        };
        assert_eq!(none.words(), None);
    }
}
