use serde::{Deserialize, Serialize};

use crate::{model::Version, trace::Precision};

/// The number a cell and an arc show.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// R-WK score: receptance · decayed key.
    #[default]
    Rwk,
    /// W-K norm: how much of the writer's key the reader's state still holds.
    Wk,
    /// Contribution share: which part of the head's output came from the writer.
    Share,
}

impl Measure {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Rwk, Self::Share, Self::Wk];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rwk => "R-WK score",
            Self::Wk => "W-K norm",
            Self::Share => "contribution share",
        }
    }

    /// Its name on a button.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Rwk => "R-WK",
            Self::Wk => "W-K norm",
            Self::Share => "share",
        }
    }

    /// The formula in use, for reader t and writer s < t. `G = diag(w) − b κ̂ᵀ`, the step of RWKV-7's state.
    #[must_use]
    pub fn formula(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Rwk, Version::V7) => "A[t,s] = r_t · G_t…G_(s+1) k_s",
            (Self::Rwk, _) => "A[t,s] = r_t · (w_(t−1)…w_(s+1) k_s)",
            (Self::Wk, Version::V7) => "‖G_t…G_(s+1) k_s‖",
            (Self::Wk, _) => "‖w_t…w_(s+1) k_s‖",
            (Self::Share, _) => "A[t,s] ⟨v_s, y_t⟩ / ‖y_t‖²",
        }
    }

    /// One plain sentence for those who meet it for the first time.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rwk => {
                "How strongly the reader picks up what the writer left in this head's memory."
            }
            Self::Wk => "How much of what the writer left is still in this head's memory.",
            Self::Share => {
                "Which part of the head's output comes from the writer; sums to 1 over all writers."
            }
        }
    }

    /// Whether negative values occur.
    #[must_use]
    pub fn is_signed(self) -> bool {
        self != Self::Wk
    }
}

/// What full colour stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The largest |value| of the same head.
    #[default]
    PerHead,
    /// The largest |value| of all heads.
    Global,
}

impl Scale {
    /// All, in menu order.
    pub const ALL: [Self; 2] = [Self::PerHead, Self::Global];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PerHead => "per head",
            Self::Global => "all heads",
        }
    }
}

/// Which arcs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "value")]
pub enum Filter {
    /// |value| is at least this part of full colour.
    Threshold(f32),
    /// The strongest few of each head.
    TopK(u32),
}

impl Default for Filter {
    fn default() -> Self {
        Self::TopK(3)
    }
}

/// Largest conservation error that counts as exact, with frames of a precision: rounding alone gives less.
#[must_use]
pub fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::F32 => 1e-3,
        Precision::F16 => 1e-2,
    }
}
