use serde::{Deserialize, Serialize};

use super::Ease;
use crate::{
    camera::Pose,
    lattice::{HeadSet, Layout},
    score::{Filter, Measure},
};

/// What is to be at a moment of a film. What is left out stays as it was before, or, before any key has named
/// it, as the session has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keyframe {
    /// Seconds from the first frame.
    pub at: f64,
    /// How it goes on from here.
    pub ease: Ease,
    /// Where the picture is seen from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<Pose>,
    /// The selected token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<usize>,
    /// The heads shown; an empty set: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heads: Option<HeadSet>,
    /// The number shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// Which arcs are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// How it is laid out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// Whether the panels are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<bool>,
    /// Tokens written so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<usize>,
    /// A line under the picture; an empty one: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

impl Keyframe {
    /// One that names nothing yet.
    #[must_use]
    pub fn at(seconds: f64) -> Self {
        Self {
            at: seconds,
            ..Self::default()
        }
    }
}

/// A text on the bare ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The first line is large.
    pub text: String,
    /// How long it stays.
    #[serde(default = "usual")]
    pub seconds: f64,
}

impl Card {
    /// One that stays as long as cards usually do.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self {
            text,
            seconds: usual(),
        }
    }
}

/// Seconds that a card stays if nobody says otherwise.
fn usual() -> f64 {
    2.0
}
