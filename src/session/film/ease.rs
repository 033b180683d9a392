use serde::{Deserialize, Serialize};

/// How things go from one key to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ease {
    /// Slow at both ends: 3u² − 2u³.
    #[default]
    Smooth,
    /// At one speed.
    Linear,
    /// Not at all; the next key comes at once.
    Hold,
}

impl Ease {
    /// All.
    pub const ALL: [Self; 3] = [Self::Smooth, Self::Linear, Self::Hold];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Linear => "linear",
            Self::Hold => "hold",
        }
    }

    /// How far things have come when the part `u` of the time is over, both 0 … 1.
    #[must_use]
    pub fn of(self, u: f64) -> f64 {
        match self {
            Self::Smooth => u * u * (3.0 - 2.0 * u),
            Self::Linear => u,
            Self::Hold => 0.0,
        }
    }
}
