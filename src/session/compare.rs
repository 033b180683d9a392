//! What stands beside the run on show.

use serde::{Deserialize, Serialize};

/// A comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// What with.
    pub with: Against,
    /// How it is shown.
    #[serde(default)]
    pub view: CompareView,
}

/// What a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Against {
    /// The same text, with the interventions that are switched on.
    Interventions,
    /// Another text, read by the same model.
    Text(String),
    /// The same text, read by another model with as many layers and heads; or a trace.
    Model(String),
}

/// How a comparison is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum CompareView {
    /// Both lattices, seen from the same place.
    #[default]
    SideBySide,
    /// The same, one above the other: long texts have more room so.
    Stacked,
    /// One lattice of what is different.
    Difference,
}

impl CompareView {
    /// In menu order.
    pub const ALL: [Self; 3] = [Self::SideBySide, Self::Stacked, Self::Difference];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SideBySide => "side by side",
            Self::Stacked => "stacked",
            Self::Difference => "difference",
        }
    }

    /// The next one in the menu, and the first after the last.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::SideBySide => Self::Stacked,
            Self::Stacked => Self::Difference,
            Self::Difference => Self::SideBySide,
        }
    }

    /// Whether both are seen.
    #[must_use]
    pub fn has_both(self) -> bool {
        self != Self::Difference
    }
}

impl Against {
    /// Whether full colours are shared. What two models score has different units.
    #[must_use]
    pub fn shares_colours(&self) -> bool {
        !matches!(self, Self::Model(_))
    }
}

impl Compare {
    /// Side by side.
    #[must_use]
    pub fn with(with: Against) -> Self {
        Self {
            with,
            view: CompareView::default(),
        }
    }
}
