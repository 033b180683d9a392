//! Interventions of a run: whether they can be made, what they need to know, and what becomes of them in each chunk.

use std::{
    ops::Range,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use super::{Chunk, InferenceError, Model, RunOptions, changing::Changing, cutting::CutHead, room};
use crate::{
    change::Change,
    gpu,
    trace::{Dimensions, Origin},
};

/// Changes of one run, and what every head adds on average where they ask for it, `[layers, width]`.
#[derive(Default)]
pub(super) struct Applied {
    pub changes: Vec<Change>,
    pub means: Vec<f32>,
    /// Heads of which arcs are cut, as far as the run has come.
    pub cut: Vec<CutHead>,
}

impl Model {
    pub(super) fn require(
        &self,
        changes: &[Change],
        tokens: Range<usize>,
    ) -> Result<(), InferenceError> {
        let Origin { model, card, .. } = &*self.origin;
        changes
            .iter()
            .try_for_each(|change| change.require(model, card, tokens.clone()))?;
        Ok(())
    }

    /// What is changed in a chunk, the first of whose tokens stands there in the text that is kept.
    pub(super) fn changing(
        &self,
        applied: &Arc<Applied>,
        chunk: usize,
        first: Option<usize>,
    ) -> Option<Changing> {
        let (context, dimensions) = (&self.gpu.context, &self.dimensions);
        let is_changed = !applied.changes.is_empty();
        is_changed.then(|| Changing::new(context, applied, dimensions, chunk, first))
    }

    /// Changes with what they need to know; `text` is what is read before the tokens that are kept, and these.
    pub(super) fn applied(
        &self,
        text: (&[u32], &[u32]),
        options: &RunOptions,
        cancel: &AtomicBool,
    ) -> Result<Arc<Applied>, InferenceError> {
        let changes = options.changes.clone();
        let needs_means = changes.iter().any(|it| matches!(it, Change::Mean(_)));
        let means = match needs_means {
            true => self.means(text, &options.chunk, cancel)?,
            false => Vec::new(),
        };
        let cuts: Vec<_> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Cut(cut) => Some(*cut),
                _ => None,
            })
            .collect();
        let (dimensions, start) = (&self.dimensions, self.engine.start());
        let cut = CutHead::all(&self.gpu, dimensions, &self.parameters, &cuts, start);
        Ok(Arc::new(Applied {
            changes,
            means,
            cut,
        }))
    }

    /// What every head adds before the output matrix, its mean over the tokens that are kept, `[layers, width]`.
    fn means(
        &self,
        (prefix, own): (&[u32], &[u32]),
        chunk: &Chunk,
        cancel: &AtomicBool,
    ) -> Result<Vec<f32>, InferenceError> {
        let Dimensions { layers, width, .. } = self.dimensions;
        let mut sums = vec![0.0; layers * width];
        let mut chunks = self.begin(chunk, prefix.len() + own.len(), cancel)?;
        chunks.each(prefix, |chunk, _| self.read_only(chunk, None))?;
        chunks.each(own, |chunk, _| {
            let (context, dimensions) = (&self.gpu.context, &self.dimensions);
            let gathered = context.tensor_init([width, chunk.len(), layers, 1]);
            let changing = Changing::gathering(context, dimensions, chunk.len(), &gathered);
            room::run(&self.gpu, || {
                self.engine.submit(chunk, Some(changing), None)
            })??;
            let start = Instant::now();
            let bytes = gpu::read(
                &self.gpu,
                &gathered.data().buffer,
                0,
                gathered.len() as u64 * 4,
            )?;
            let took = start.elapsed();
            let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            for (at, number) in numbers.into_iter().enumerate() {
                let layer = at / (width * chunk.len());
                sums[layer * width + at % width] += f64::from(number);
            }
            Ok(took)
        })?;
        let mean = |sum| (sum / own.len() as f64) as f32;
        Ok(sums.into_iter().map(mean).collect())
    }

    /// Reads tokens that nothing is asked of; how long the GPU was at it.
    pub(super) fn read_only(
        &self,
        tokens: &[u32],
        changing: Option<Changing>,
    ) -> Result<Duration, InferenceError> {
        room::run(&self.gpu, || self.engine.submit(tokens, changing, None))??;
        let start = Instant::now();
        gpu::wait_idle(&self.gpu);
        Ok(start.elapsed())
    }
}
