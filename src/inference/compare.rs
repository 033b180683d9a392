//! A text with interventions and without.

use std::sync::{Arc, atomic::AtomicBool};

use super::{Chunk, InferenceError, Model, RunOptions, Shift, room, shift::surprise};
use crate::{change::Change, trace::Trace};

/// Numbers of logits that are kept, to compare all of what was expected with: 256 MB.
const KEPT: usize = 64 << 20;

/// A text with interventions.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The run with them.
    pub trace: Arc<Trace>,
    /// What they do to what is expected.
    pub moved: Moved,
}

/// How far interventions move what a model expects of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// How many tokens came after one of the text's.
    pub tokens: usize,
    /// Their mean −ln p in nats, without and with.
    pub surprise: [f64; 2],
    /// The mean KL in nats after the tokens of `shifts`.
    pub kl: f64,
    /// The token of the trace that the first of `shifts` comes after.
    pub first: usize,
    /// How far what is expected moves, after the last tokens: as many as there was room for their logits.
    pub shifts: Vec<Shift>,
}

impl Moved {
    /// How far what is expected after a token of the trace moves; none where that was not kept.
    #[must_use]
    pub fn shift(&self, token: usize) -> Option<&Shift> {
        self.shifts.get(token.checked_sub(self.first)?)
    }
}

/// What a model without interventions expects of a text.
pub(super) struct Unchanged {
    /// Logits of the last positions, as many as there is room for.
    logits: Vec<Vec<f32>>,
    /// Mean −ln p of the tokens that came, in nats.
    pub surprise: f64,
    /// How many came.
    pub tokens: usize,
    chunk: Chunk,
}

impl Model {
    /// Reads a trace's text without interventions.
    pub(super) fn unchanged(
        &self,
        trace: &Trace,
        chunk: &Chunk,
        cancel: &AtomicBool,
    ) -> Result<Unchanged, InferenceError> {
        let own = &trace.tokens[trace.first()..];
        let from = own
            .len()
            .saturating_sub((KEPT / self.card().vocab.max(1)).max(1));
        let mut unchanged = Unchanged {
            logits: Vec::new(),
            surprise: 0.0,
            tokens: own.len().saturating_sub(1),
            chunk: chunk.clone(),
        };
        let options = unchanged.with(&[]);
        self.each_logits(trace, &options, cancel, |at, logits| {
            if let Some(&next) = own.get(at + 1) {
                unchanged.surprise += surprise(logits, next);
            }
            if at >= from {
                unchanged.logits.push(logits.to_vec());
            }
        })?;
        unchanged.surprise /= unchanged.tokens.max(1) as f64;
        Ok(unchanged)
    }

    /// The same text with interventions: the mean −ln p, and how far what is expected at the last positions moves.
    pub(super) fn changed(
        &self,
        trace: &Trace,
        unchanged: &Unchanged,
        changes: &[Change],
        cancel: &AtomicBool,
    ) -> Result<(f64, Vec<Shift>), InferenceError> {
        let own = &trace.tokens[trace.first()..];
        let from = own.len() - unchanged.logits.len();
        let mut sum = 0.0;
        let mut shifts = Vec::with_capacity(unchanged.logits.len());
        self.each_logits(trace, &unchanged.with(changes), cancel, |at, logits| {
            let next = own.get(at + 1).copied();
            sum += next.map_or(0.0, |next| surprise(logits, next));
            let before = at.checked_sub(from).and_then(|at| unchanged.logits.get(at));
            shifts.extend(before.and_then(|before| Shift::of(before, logits, next)));
        })?;
        Ok((sum / unchanged.tokens.max(1) as f64, shifts))
    }

    /// Reads a trace's text again without interventions and with them, and captures it with them.
    ///
    /// # Errors
    /// As [`Model::run`], and when there is no room for a second trace.
    pub fn compare(
        &self,
        trace: &Trace,
        changes: &[Change],
        chunk: &Chunk,
        cancel: &AtomicBool,
    ) -> Result<Comparison, InferenceError> {
        let changed = self.again(trace)?;
        let unchanged = self.unchanged(trace, chunk, cancel)?;
        let (surprise, shifts) = self.changed(trace, &unchanged, changes, cancel)?;
        let options = RunOptions {
            capture: true,
            ..unchanged.with(changes)
        };
        self.run(&changed, &options, cancel, |_| {})?;
        let kl: f64 = shifts.iter().map(|shift| shift.kl).sum();
        Ok(Comparison {
            trace: changed,
            moved: Moved {
                tokens: unchanged.tokens,
                surprise: [unchanged.surprise, surprise],
                kl: kl / shifts.len().max(1) as f64,
                first: trace.tokens.len() - shifts.len(),
                shifts,
            },
        })
    }

    /// Room for another run of a trace's text.
    fn again(&self, trace: &Trace) -> Result<Arc<Trace>, InferenceError> {
        room::require_run(&self.gpu, &trace.origin, trace.tokens.len())?;
        let again = Trace::new(
            &self.gpu,
            trace.origin.clone(),
            trace.stored(),
            trace.parameters.clone(),
            trace.tokens.clone(),
        )?;
        Ok(Arc::new(again.after(trace.prefix.clone())))
    }
}

impl Unchanged {
    fn with(&self, changes: &[Change]) -> RunOptions {
        RunOptions {
            chunk: self.chunk.clone(),
            capture: false,
            changes: changes.to_vec(),
        }
    }
}
