//! What a model expects in full: the logits after every token of a text.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use super::{Chunk, InferenceError, Model, RunOptions, applied::Applied, changing::Changing, room};
use crate::{change::Change, gpu, trace::Trace};

impl Model {
    /// All logits of a run, `[tokens, vocabulary]`, with no capture.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn logits(&self, tokens: &[u32]) -> Result<Vec<Vec<f32>>, InferenceError> {
        let mut all = Vec::with_capacity(tokens.len());
        let (options, never) = (RunOptions::default(), AtomicBool::new(false));
        let (changes, pace) = (Arc::default(), options.chunk);
        self.logits_after((&[], tokens), 0, (&changes, &pace), &never, |_, logits| {
            all.push(logits.to_vec());
        })?;
        Ok(all)
    }

    /// The same of a trace's tokens, with something changed; none of a token that stands for a state.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn logits_of(
        &self,
        trace: &Trace,
        changes: &[Change],
    ) -> Result<Vec<Vec<f32>>, InferenceError> {
        let mut all = Vec::with_capacity(trace.tokens.len());
        let never = AtomicBool::new(false);
        let options = RunOptions {
            changes: changes.to_vec(),
            ..RunOptions::default()
        };
        self.each_logits(trace, &options, &never, |_, logits| {
            all.push(logits.to_vec());
        })?;
        Ok(all)
    }

    /// Hands the same over one after another, each with its place among the text's tokens, counted from 0. Nothing is
    /// captured.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn each_logits(
        &self,
        trace: &Trace,
        options: &RunOptions,
        cancel: &AtomicBool,
        each: impl FnMut(usize, &[f32]),
    ) -> Result<(), InferenceError> {
        let first = trace.first();
        self.require(&options.changes, first..trace.tokens.len())?;
        let own = &trace.tokens[first..];
        let changes = self.applied((&trace.prefix, own), options, cancel)?;
        let how = (&changes, &options.chunk);
        self.logits_after((&trace.prefix, own), first, how, cancel, each)
    }

    /// Changes take the first of `own`, which come after `prefix`, for the token of that number.
    pub(super) fn logits_after(
        &self,
        (prefix, own): (&[u32], &[u32]),
        first: usize,
        (changes, chunk): (&Arc<Applied>, &Chunk),
        cancel: &AtomicBool,
        mut each: impl FnMut(usize, &[f32]),
    ) -> Result<(), InferenceError> {
        let changing = |tokens: &[u32], first| self.changing(changes, tokens.len(), first);
        let mut chunks = self.begin(chunk, prefix.len() + own.len(), cancel)?;
        chunks.each(prefix, |chunk, _| {
            self.read_only(chunk, changing(chunk, None))
        })?;
        chunks.each(own, |chunk, offset| {
            let changing = changing(chunk, Some(first + offset));
            self.read_logits(chunk, changing, |at, row| each(offset + at, row))
        })
    }

    /// Submits a chunk, and hands the logits after each of its tokens over; how long the GPU was at it.
    pub(super) fn read_logits(
        &self,
        chunk: &[u32],
        changing: Option<Changing>,
        mut each: impl FnMut(usize, &[f32]),
    ) -> Result<Duration, InferenceError> {
        let logits = room::run(&self.gpu, || self.engine.submit(chunk, changing, None))??;
        let start = Instant::now();
        if let Some(logits) = logits {
            let stride = logits.len() / chunk.len();
            let bytes = gpu::read(&self.gpu, &logits.data().buffer, 0, logits.len() as u64 * 4)?;
            let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            for (at, row) in numbers.chunks(stride).enumerate() {
                each(at, &row[..self.dimensions.vocab]);
            }
        }
        Ok(start.elapsed())
    }
}
