//! A text goes on, token by token.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{InferenceError, Model, RunOptions, Sampler};

impl Model {
    /// Reads `prompt`, then chooses at most `most` tokens, each from what is expected after all before it. `each` hears of
    /// them as they come and says whether to go on. Nothing is captured.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn generate(
        &self,
        prompt: &[u32],
        most: usize,
        sampler: &mut Sampler,
        options: &RunOptions,
        cancel: &AtomicBool,
        mut each: impl FnMut(u32) -> ControlFlow<()>,
    ) -> Result<(), InferenceError> {
        self.require_tokens(prompt)?;
        let first = usize::from(self.origin.has_before());
        self.require(&options.changes, first..first + prompt.len() + most)?;
        let applied = self.applied((&[], prompt), options, cancel)?;
        let mut logits = Vec::new();
        let how = (&applied, &options.chunk);
        self.logits_after((&[], prompt), first, how, cancel, |_, row| {
            row.clone_into(&mut logits);
        })?;
        let end = prompt.len() + most;
        for place in prompt.len()..end {
            let Some(id) = sampler.next(&logits) else {
                return Ok(());
            };
            // After the last one nothing is asked.
            if each(id).is_break() || place + 1 == end {
                return Ok(());
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(InferenceError::Cancelled {
                    done: place,
                    total: end,
                });
            }
            let changing = self.changing(&applied, 1, Some(first + place));
            self.read_logits(&[id], changing, |_, row| row.clone_into(&mut logits))?;
        }
        Ok(())
    }
}
