//! How a text is written on.

use serde::{Deserialize, Serialize};

use super::Session;
use crate::{
    inference::Sampling,
    model::{ASKING_BACK, question},
};

/// How a text is written on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Writing {
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Most tokens until it pauses.
    pub most: usize,
    /// Most tokens a second.
    pub pace: f32,
    /// It pauses once one of these has been written.
    pub stops: Vec<String>,
    /// The prompt is a question, put as the published models were taught, and it pauses where they ask back.
    pub chat: bool,
    /// The newest token is selected, and the camera goes along with it.
    pub follow: bool,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            sampling: Sampling::default(),
            most: 100,
            pace: 8.0,
            stops: Vec::new(),
            chat: false,
            follow: true,
        }
    }
}

impl Writing {
    /// From the slowest to the fastest.
    pub const PACES: std::ops::RangeInclusive<f32> = 0.5..=60.0;
    /// Of the temperature.
    pub const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.0..=3.0;
    /// The largest seed that a session's file can hold.
    pub const LAST_SEED: u64 = i64::MAX as u64;
    /// Most tokens until it pauses, at most.
    pub const MOST: usize = 100_000;

    /// With every number within its bounds.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        let or = |number: f32, other: f32| if number.is_finite() { number } else { other };
        let usual = Self::default();
        let (own, other) = (&mut self.sampling, usual.sampling);
        own.temperature = or(own.temperature, other.temperature).max(0.0);
        own.top_p = or(own.top_p, other.top_p).clamp(0.0, 1.0);
        own.presence = or(own.presence, other.presence);
        own.frequency = or(own.frequency, other.frequency);
        own.seed = own.seed.min(Self::LAST_SEED);
        self.most = self.most.clamp(1, Self::MOST);
        self.pace = or(self.pace, usual.pace).clamp(*Self::PACES.start(), *Self::PACES.end());
        self
    }

    /// Whether nothing was chosen.
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Texts at which it pauses.
    #[must_use]
    pub fn ends(&self) -> Vec<Vec<u8>> {
        let own = self.stops.iter().map(String::as_str);
        let all = own.chain(self.chat.then_some(ASKING_BACK));
        all.filter(|stop| !stop.is_empty())
            .map(|stop| stop.as_bytes().to_vec())
            .collect()
    }
}

/// What is asked of a text that is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Write on, or pause.
    Toggle,
    /// One token more.
    Step,
    /// One token less.
    Back,
    /// Another way from the selected token on.
    Branch,
    /// A way that was left before, by its number.
    Return(usize),
}

impl Session {
    /// The text that a run reads.
    #[must_use]
    pub fn asked(&self) -> String {
        match self.writing.chat {
            true => question(&self.prompt),
            false => self.prompt.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_bounds_are_brought_back() {
        let wild = Writing {
            sampling: Sampling {
                temperature: f32::NAN,
                top_p: 7.0,
                presence: f32::INFINITY,
                ..Sampling::default()
            },
            most: 0,
            pace: -1.0,
            ..Writing::default()
        };
        let fitted = wild.fitted();
        let usual = Sampling::default();
        assert_eq!(
            fitted.sampling,
            Sampling {
                top_p: 1.0,
                ..usual
            }
        );
        assert_eq!((fitted.most, fitted.pace), (1, 0.5));
    }

    #[test]
    fn a_chat_is_asked_and_ends_as_the_models_were_taught() {
        let mut session = Session {
            prompt: " Why? \n".into(),
            ..Session::default()
        };
        assert_eq!(session.asked(), " Why? \n");
        assert!(session.writing.ends().is_empty());
        session.writing.chat = true;
        session.writing.stops = vec![String::new(), "END".into()];
        assert_eq!(session.asked(), "User: Why?\n\nAssistant:");
        let ends = [b"END".to_vec(), b"\n\nUser:".to_vec()];
        assert_eq!(session.writing.ends(), ends);
    }
}
