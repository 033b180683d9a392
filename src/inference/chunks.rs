use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{
    InferenceError,
    pace::{Pace, Settled},
};

/// Chunks of a text, one after another.
pub(super) struct Chunks<'a> {
    pace: Pace,
    cancel: &'a AtomicBool,
    done: usize,
    total: usize,
}

impl<'a> Chunks<'a> {
    /// Nothing of `total` tokens is fed yet.
    pub fn new(pace: Pace, total: usize, cancel: &'a AtomicBool) -> Self {
        Self {
            pace,
            cancel,
            done: 0,
            total,
        }
    }

    /// Hands chunks of `tokens` over, each with the place of its first token, and hears how long the GPU was at each.
    pub fn each(
        &mut self,
        tokens: &[u32],
        mut each: impl FnMut(&[u32], usize) -> Result<Duration, InferenceError>,
    ) -> Result<(), InferenceError> {
        let mut at = 0;
        while at < tokens.len() {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(InferenceError::Cancelled {
                    done: self.done,
                    total: self.total,
                });
            }
            let count = self.pace.next(tokens.len() - at);
            let took = each(&tokens[at..at + count], at)?;
            self.pace.took(count, took);
            at += count;
            self.done += count;
        }
        Ok(())
    }

    /// What was learnt of how long tokens take.
    pub fn settled(&self) -> Settled {
        self.pace.settled()
    }
}
