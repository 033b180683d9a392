//! Films: what is chosen and from where it is seen, over time. Pure: a film says what each moment shows, and
//! whoever draws it asks.

mod ease;
mod edit;
mod file;
mod here;
mod keyframe;
mod moment;
mod path;
mod playback;
#[cfg(test)]
mod tests;
mod tracks;

pub use ease::Ease;
pub use edit::Edit;
pub use keyframe::{Card, Keyframe};
pub use moment::{MORPH, Shot};
pub use path::CameraPath;
pub use playback::{PlayHead, Playback};
pub use tracks::{Ground, Track};

use serde::{Deserialize, Serialize};

/// What is shown over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Film {
    /// Seconds from the first frame to the end, without cards.
    pub duration: f64,
    /// The camera goes its way from key to key at one speed: eases then hold for nothing else.
    pub constant_speed: bool,
    /// Before the first frame.
    pub title: Option<Card>,
    /// After the last.
    pub end: Option<Card>,
    /// In order of time.
    #[serde(rename = "key")]
    pub keys: Vec<Keyframe>,
}

impl Default for Film {
    fn default() -> Self {
        Self {
            duration: Self::USUAL,
            constant_speed: false,
            title: None,
            end: None,
            keys: Vec::new(),
        }
    }
}

impl Film {
    /// Seconds that a film takes if nobody says otherwise.
    pub const USUAL: f64 = 8.0;
    /// The longest film, in seconds.
    pub const LONGEST: f64 = 3600.0;

    /// Seconds with its cards.
    #[must_use]
    pub fn whole(&self) -> f64 {
        let card = |card: &Option<Card>| card.as_ref().map_or(0.0, |card| card.seconds);
        card(&self.title) + self.duration + card(&self.end)
    }

    /// Frames of the whole film; at least one.
    #[must_use]
    pub fn frames(&self, fps: u32) -> usize {
        (self.whole() * f64::from(fps)).round().max(1.0) as usize
    }

    /// Puts keys in order of time.
    pub fn sort(&mut self) {
        self.keys.sort_by(|a, b| a.at.total_cmp(&b.at));
    }

    /// The same film in another time.
    #[must_use]
    pub fn lasting(mut self, duration: f64) -> Self {
        let factor = duration / self.duration;
        for key in &mut self.keys {
            key.at *= factor;
        }
        self.duration = duration;
        self
    }

    /// The same film with its camera at one speed all the way, or no longer.
    #[must_use]
    pub fn with_other_speed(&self) -> Self {
        Self {
            constant_speed: !self.constant_speed,
            ..self.clone()
        }
    }
}
