//! What a head is for, tried: what the model expects of a text with the head left out.

use std::sync::atomic::AtomicBool;

use super::{Chunk, InferenceError, Model, RunOptions, Shift, shift::surprise};
use crate::{
    change::{Change, Place, Scale},
    trace::Trace,
};

/// Numbers of logits that are kept, to compare all of what was expected with: 256 MB.
const KEPT: usize = 64 << 20;

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
        let own = &trace.tokens[trace.first()..];
        let tokens = own.len().saturating_sub(1);
        let from = tokens.saturating_sub((KEPT / self.card().vocab.max(1)).max(1));
        let mean = |sum: f64, of: usize| sum / of.max(1) as f64;
        let options = |changes| RunOptions {
            chunk: chunk.clone(),
            capture: false,
            changes,
        };

        let mut kept = Vec::new();
        let mut sum = 0.0;
        self.each_logits(trace, &options(Vec::new()), cancel, |at, logits| {
            let Some(&next) = own.get(at + 1) else {
                return;
            };
            sum += surprise(logits, next);
            if at >= from {
                kept.push(logits.to_vec());
            }
        })?;
        let whole = mean(sum, tokens);

        let mut effects = Vec::new();
        for &place in places {
            let without = options(vec![Change::Scale(Scale::ablate(place))]);
            let (mut sum, mut kl) = (0.0, 0.0);
            self.each_logits(trace, &without, cancel, |at, logits| {
                let Some(&next) = own.get(at + 1) else {
                    return;
                };
                sum += surprise(logits, next);
                let before = at.checked_sub(from).and_then(|at| kept.get(at));
                let shift = before.and_then(|before| Shift::of(before, logits, None));
                kl += shift.map_or(0.0, |shift| shift.kl);
            })?;
            effects.push(Effect {
                place,
                surprise: mean(sum, tokens),
                kl: mean(kl, kept.len()),
            });
        }
        Ok(Trial {
            tokens,
            surprise: whole,
            effects,
        })
    }
}
