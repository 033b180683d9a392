//! What a head is for, tried: what the model expects of a text with the head left out.

use std::sync::atomic::AtomicBool;

use super::{Chunk, InferenceError, Model};
use crate::{
    change::{Change, Place, Scale},
    trace::Trace,
};

/// What leaving a place out does. Means over the tokens that came after one of the text's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// What was left out.
    pub place: Place,
    /// −ln p, in nats.
    pub surprise: f64,
    /// From the whole model, in nats; over the last tokens alone, where there is no room for the logits of more.
    pub kl: f64,
}

/// The whole model, and places of it left out, one at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// How many tokens came after one of the text's.
    pub tokens: usize,
    /// Their mean −ln p with nothing left out, in nats.
    pub surprise: f64,
    /// With each place left out.
    pub effects: Vec<Effect>,
}

impl Model {
    /// Reads a trace's text again, whole and without each place, so many tokens at once.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn try_without(
        &self,
        trace: &Trace,
        places: &[Place],
        chunk: &Chunk,
        cancel: &AtomicBool,
    ) -> Result<Trial, InferenceError> {
        let unchanged = self.unchanged(trace, chunk, cancel)?;
        let mut effects = Vec::new();
        for &place in places {
            let without = [Change::Scale(Scale::ablate(place))];
            let (surprise, shifts) = self.changed(trace, &unchanged, &without, cancel)?;
            // What is expected after the last token is compared with nothing that came.
            let came = &shifts[..shifts.len().saturating_sub(1)];
            let kl: f64 = came.iter().map(|shift| shift.kl).sum();
            effects.push(Effect {
                place,
                surprise,
                kl: kl / came.len().max(1) as f64,
            });
        }
        Ok(Trial {
            tokens: unchanged.tokens,
            surprise: unchanged.surprise,
            effects,
        })
    }
}
