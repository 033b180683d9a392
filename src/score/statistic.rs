use serde::{Deserialize, Serialize};

/// What a head does with the selected token, in one number. Sums run over the tokens on show (see
/// [`super::Shown`]) without the selected one; *read* are the earlier ones, *readers* the later ones.
/// In step with the places in `marks.wgsl`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// The value of the largest size, with its sign.
    #[default]
    Peak,
    /// Σ |value| over the tokens read.
    Read,
    /// Σ |value| over the readers.
    Readers,
    /// Σ |value| (t − s) / Σ |value| over the tokens read, in tokens.
    Distance,
    /// exp of the entropy of |value| / Σ |value| over the tokens read: over how many they spread.
    Spread,
    /// |value| of the first token of the text, in parts of [`Statistic::Read`].
    First,
    /// |value| of the token before the selected one, likewise.
    Previous,
    /// The value of the selected token with itself.
    Itself,
}

impl Statistic {
    /// How many there are.
    pub const COUNT: usize = 8;
    /// All, in menu and in buffer order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Peak,
        Self::Read,
        Self::Readers,
        Self::Distance,
        Self::Spread,
        Self::First,
        Self::Previous,
        Self::Itself,
    ];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Peak => "strongest",
            Self::Read => "read in all",
            Self::Readers => "readers in all",
            Self::Distance => "mean distance",
            Self::Spread => "spread",
            Self::First => "first token",
            Self::Previous => "previous token",
            Self::Itself => "itself",
        }
    }

    /// How it is computed, in words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Peak => "the value of the largest size",
            Self::Read => "Σ |value| over earlier tokens",
            Self::Readers => "Σ |value| over later tokens",
            Self::Distance => "Σ |value| (t − s) / Σ |value| over earlier tokens",
            Self::Spread => {
                "exp of the entropy of |value|: over how many earlier tokens it spreads"
            }
            Self::First => "|value| of the first token / Σ |value| over earlier tokens",
            Self::Previous => "|value| of the token before / Σ |value| over earlier tokens",
            Self::Itself => "the value of the token with itself, the diagonal",
        }
    }

    /// Whether negative values occur.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Peak | Self::Itself)
    }

    /// Its place in [`super::HeadStatistics`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Every [`Statistic`] of one head.
pub type HeadStatistics = [f32; Statistic::COUNT];
