//! A run goes on, a token at a time, in a trace that grows.

use std::sync::{
    Arc, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use web_rwkv::tensor::{TensorGpu, kind::ReadWrite};

use super::{
    InferenceError, Model, RunOptions, Sampler,
    predict::outputs_so_far,
    reading::{Mark, Read, Reading},
    room,
};
use crate::{gpu, trace::Trace};

impl Model {
    /// Chooses the token that comes after a run so far, and runs it: the run with that token more. None where the text
    /// ends there: `ends` says of a token whether it does. Nothing is changed meanwhile.
    ///
    /// # Errors
    /// As [`Model::run`], and when there is no room for more tokens.
    pub fn go_on(
        &self,
        trace: &Arc<Trace>,
        sampler: &mut Sampler,
        ends: impl Fn(u32) -> bool,
        options: &RunOptions,
        cancel: &AtomicBool,
    ) -> Result<Option<Arc<Trace>>, InferenceError> {
        let filled = trace.filled();
        let mut read = self.stand_after(trace, options, cancel)?;
        let next = sampler.next(&read.logits).filter(|id| !ends(*id));
        let Some(id) = next else {
            self.reading().here = Some(read);
            return Ok(None);
        };
        let room = match trace.has_room() {
            true => trace.room(),
            false => self.room_for_more(trace)?,
        };
        let longer = Arc::new(trace.with(&self.gpu, id, read.logits[id as usize], room)?);
        if trace.is_passed() {
            // What it held of states was another run's.
            longer.begin(&self.gpu);
            outputs_so_far(&self.gpu, &longer);
        }
        let capture = Some((&longer, filled));
        let logits = room::run(&self.gpu, || self.engine.submit(&[id], None, capture))??;
        read.ids.push(id);
        let Some(logits) = logits else {
            return Ok(None);
        };
        let predictions = self.top_after(&logits, 1, &[])?;
        longer.grow(1, predictions);
        read.logits = self.row(&logits, 1, 0)?;
        self.note(read)?;
        Ok(Some(longer))
    }

    /// Takes note of what the engine has read.
    fn note(&self, read: Read) -> Result<(), InferenceError> {
        let mut reading = self.reading();
        if reading.is_due(&read.ids) {
            let state = room::run(&self.gpu, || self.engine.state())??;
            reading.add(Mark {
                read: read.clone(),
                state,
            });
        }
        reading.here = Some(read);
        Ok(())
    }

    /// The same after a whole run.
    pub(super) fn note_run(
        &self,
        trace: &Trace,
        logits: &TensorGpu<f32, ReadWrite>,
        chunk: usize,
    ) -> Result<(), InferenceError> {
        let read = Read {
            ids: text_of(trace),
            logits: self.row(logits, chunk, chunk - 1)?,
        };
        let state = room::run(&self.gpu, || self.engine.state())??;
        let mut reading = self.reading();
        reading.begin(Mark {
            read: read.clone(),
            state,
        });
        reading.here = Some(read);
        Ok(())
    }

    pub(super) fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the engine stand after a run so far, and gives what it has read. From there on it is not known where the
    /// engine stands, until it is noted.
    fn stand_after(
        &self,
        trace: &Trace,
        options: &RunOptions,
        cancel: &AtomicBool,
    ) -> Result<Read, InferenceError> {
        let ids = text_of(trace);
        let mut reading = self.reading();
        if let Some(here) = reading.here.take_if(|here| here.ids == ids) {
            return Ok(here);
        }
        let from = reading.nearest(&ids);
        let marked = from.map(|mark| (mark.read.clone(), mark.state.clone()));
        drop(reading);
        let (mut read, state) = marked.unzip();
        if let Some(state) = state {
            room::run(&self.gpu, || self.engine.restore(&state))??;
        }
        let Some(read) = &mut read else {
            let mut logits = Vec::new();
            let how = (&Arc::default(), &options.chunk);
            self.logits_after((&[], &ids), 0, how, cancel, |_, row| {
                row.clone_into(&mut logits);
            })?;
            return Ok(Read { ids, logits });
        };
        // As they were read before: one by one.
        for at in read.ids.len()..ids.len() {
            if cancel.load(Ordering::Relaxed) {
                return Err(InferenceError::Cancelled {
                    done: at,
                    total: ids.len(),
                });
            }
            self.read_logits(&ids[at..=at], None, |_, row| {
                row.clone_into(&mut read.logits);
            })?;
        }
        read.ids = ids;
        Ok(std::mem::take(read))
    }

    /// Token slots that a run is given to go on in: half as many more, or a few where these have no room.
    fn room_for_more(&self, trace: &Trace) -> Result<usize, InferenceError> {
        const LEAST: usize = 64;
        let filled = trace.filled();
        // A measure of all tokens has to fit one binding.
        let binding = self.gpu.report().limits.max_binding / 4;
        let bound = binding as usize / trace.dimensions.cells(1).max(1);
        let many = (filled + (filled / 2).max(LEAST)).min(bound.max(filled + 1));
        if room::require_run(&self.gpu, &trace.origin, many).is_ok() {
            return Ok(many);
        }
        let few = many.min(filled + LEAST / 4);
        room::require_run(&self.gpu, &trace.origin, few)?;
        Ok(few)
    }

    /// The logits after one of a chunk's tokens.
    fn row(
        &self,
        logits: &TensorGpu<f32, ReadWrite>,
        chunk: usize,
        at: usize,
    ) -> Result<Vec<f32>, InferenceError> {
        let line = (logits.len() / chunk) as u64 * 4;
        let bytes = self.dimensions.vocab as u64 * 4;
        let row = gpu::read(&self.gpu, &logits.data().buffer, at as u64 * line, bytes)?;
        Ok(bytemuck::pod_collect_to_vec(&row))
    }
}

/// All tokens that a run has read.
fn text_of(trace: &Trace) -> Vec<u32> {
    text_until(trace, trace.filled())
}

/// Those that it had read after its first `tokens` tokens.
pub(super) fn text_until(trace: &Trace, tokens: usize) -> Vec<u32> {
    let (first, end) = (trace.first(), tokens.min(trace.filled()));
    [&trace.prefix, &trace.tokens[first.min(end)..end]].concat()
}
