//! What a moment of a film says beside its picture.

use crate::session::film::Shot;

/// A moment of a film is on show.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The line under the picture.
    pub caption: Option<String>,
    /// A text over everything.
    pub card: Option<ClipCard>,
    /// What colours mean is said when the panels are hidden, too.
    pub legend: bool,
}

/// A text on the bare ground.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipCard {
    /// The first line is large.
    pub text: String,
    /// How much of the picture its ground hides, 0 … 1.
    pub veil: f32,
    /// How strong its letters are, 0 … 1.
    pub ink: f32,
}

impl Clip {
    /// What a shot says.
    #[must_use]
    pub fn of(shot: &Shot<'_>) -> Self {
        Self {
            caption: shot.caption.map(str::to_owned),
            card: shot.card.map(|card| ClipCard {
                text: card.text.clone(),
                veil: shot.veil,
                ink: shot.ink,
            }),
            legend: true,
        }
    }
}
