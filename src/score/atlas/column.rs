use super::Profile;
use crate::score::number;

/// One number of a [`Profile`], as a column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, clap::ValueEnum)]
pub enum Column {
    /// Share of the token after the last one of the same id
    #[default]
    Induction,
    /// Share of all earlier tokens of the same id
    Duplicate,
    /// How often the strongest source is what comes next
    Retrieval,
    /// Share of the token before
    Previous,
    /// Share of the first token
    First,
    /// Share of the token itself
    #[value(name = "self")]
    Itself,
    /// Mean distance
    Distance,
    /// Half-life; those that are longer than the text count most
    HalfLife,
    /// Entropy
    Entropy,
    /// Contribution norm
    Norm,
}

impl Column {
    /// All, from left to right.
    pub const ALL: [Self; 10] = [
        Self::Induction,
        Self::Duplicate,
        Self::Retrieval,
        Self::Previous,
        Self::First,
        Self::Itself,
        Self::Distance,
        Self::HalfLife,
        Self::Entropy,
        Self::Norm,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Induction => "induction",
            Self::Duplicate => "duplicate",
            Self::Retrieval => "retrieval",
            Self::Previous => "previous",
            Self::First => "first",
            Self::Itself => "self",
            Self::Distance => "distance",
            Self::HalfLife => "half-life",
            Self::Entropy => "entropy",
            Self::Norm => "norm",
        }
    }

    /// How it is computed, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Induction => {
                "Mean contribution share of the token after the last one with the reader's own id"
            }
            Self::Duplicate => {
                "Mean contribution share of all earlier tokens with the reader's own id together"
            }
            Self::Retrieval => {
                "How often the strongest source, or the token after it, is what comes next, where that was read before"
            }
            Self::Previous => "Mean contribution share of the token before the reader",
            Self::First => "Mean contribution share of the first token",
            Self::Itself => "Mean contribution share of the reader itself",
            Self::Distance => {
                "Σ |share| (t − s) / Σ |share| over earlier tokens, mean over readers"
            }
            Self::HalfLife => {
                "Tokens after which half of the writers have lost half of their W-K norm"
            }
            Self::Entropy => {
                "−Σ p ln p in nats, p = |share| / Σ |share| over earlier tokens, mean over readers"
            }
            Self::Norm => "Mean length of what the head adds",
        }
    }

    /// The number; none where the text does not tell.
    #[must_use]
    pub fn of(self, profile: &Profile) -> Option<f32> {
        match self {
            Self::Induction => profile.induction,
            Self::Duplicate => profile.duplicate,
            Self::Retrieval => profile.retrieval,
            Self::Previous => Some(profile.previous),
            Self::First => Some(profile.first),
            Self::Itself => Some(profile.itself),
            Self::Distance => Some(profile.mean_distance),
            Self::HalfLife => Some(profile.half_life.map_or(f32::INFINITY, |it| it as f32)),
            Self::Entropy => Some(profile.entropy),
            Self::Norm => Some(profile.norm),
        }
    }

    /// The number as it is shown.
    #[must_use]
    pub fn text(self, profile: &Profile) -> String {
        let Some(value) = self.of(profile) else {
            return "–".to_owned();
        };
        match self {
            Self::Distance => format!("{value:.1}"),
            Self::HalfLife if value.is_infinite() => "> text".to_owned(),
            Self::HalfLife => format!("{value:.0}"),
            Self::Entropy => format!("{value:.2}"),
            Self::Norm => number(value),
            _ => format!("{value:.3}"),
        }
    }

    /// The places of profiles, the largest number first; those without one last, and of equal ones the first first.
    #[must_use]
    pub fn order(self, profiles: &[Profile]) -> Vec<usize> {
        let value = |at: &usize| self.of(&profiles[*at]).unwrap_or(f32::NEG_INFINITY);
        let mut places: Vec<usize> = (0..profiles.len()).collect();
        places.sort_by(|a, b| value(b).total_cmp(&value(a)));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_in_order_and_those_that_tell_nothing_last() {
        let profile = |induction, half_life| Profile {
            induction,
            half_life,
            ..Profile::default()
        };
        let profiles = [
            profile(None, Some(3)),
            profile(Some(0.1), None),
            profile(Some(0.3), Some(7)),
            profile(Some(0.1), Some(7)),
        ];
        assert_eq!(Column::Induction.order(&profiles), [2, 1, 3, 0]);
        assert_eq!(Column::HalfLife.order(&profiles), [1, 2, 3, 0]);
        assert_eq!(Column::HalfLife.text(&profiles[1]), "> text");
        assert_eq!(Column::HalfLife.text(&profiles[2]), "7");
        assert_eq!(Column::Induction.text(&profiles[0]), "–");
        assert_eq!(Column::Induction.text(&profiles[2]), "0.300");
    }
}
