//! What every head does over a text, so that nobody has to try them one by one.

mod column;
mod profile;
mod readers;

pub use column::Column;
pub use profile::{Label, Labelled, Profile};

use std::{ops::Range, sync::Arc};

use bytemuck::{Pod, Zeroable};

use super::{Scores, matrix::slots};
use crate::{
    gpu::{self, Gpu, GpuError, Kernel, Pending},
    trace::Trace,
};
use readers::{NONE, Readers};

/// Tokens after the last one of the same id whose shares are taken.
const INDUCTION: Range<usize> = 0..3;

/// Places of a head's sums over readers. In step with `atlas.wgsl`.
mod sums {
    pub const DISTANCE: usize = 0;
    pub const ENTROPY: usize = 1;
    pub const ITSELF: usize = 2;
    pub const PREVIOUS: usize = 3;
    pub const FIRST: usize = 4;
    pub const INDUCTION: usize = 5;
    pub const DUPLICATE: usize = 8;
    pub const RETRIEVAL: usize = 9;
    pub const NORM: usize = 10;
    pub const COUNT: usize = 11;
}

/// Pairs computed in one go, so that frames come in between: on a GPU and on a CPU.
const PAIRS: [usize; 2] = [16 << 20, 1 << 19];

/// In step with `Params` in `atlas.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    tokens: u32,
    heads: u32,
    first: u32,
    token: u32,
    count: u32,
    stride: u32,
}

/// Every head over a text, computed a batch of tokens at a time. Dropping it cancels the rest.
pub struct Atlas {
    gpu: Gpu,
    trace: Arc<Trace>,
    scores: Scores,
    readers: Readers,
    writers: Range<usize>,
    slots: usize,
    /// Readers and writers that have been submitted.
    done: usize,
    /// Batches that make as many pairs as are computed in one go.
    batches: usize,
    running: Option<Pending>,
    rows: Kernel,
    fall: Kernel,
    half_life: Kernel,
    ids: wgpu::Buffer,
    words: wgpu::Buffer,
    sums: wgpu::Buffer,
    fell: wgpu::Buffer,
    ended: wgpu::Buffer,
    half_lives: wgpu::Buffer,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles {
    /// Readers that the means are over.
    pub readers: usize,
    /// Those with an earlier token of their own id that has two after it; with any; whose next token was read before.
    pub counts: [usize; 3],
    /// `[layers × heads]`.
    pub heads: Vec<Profile>,
}

impl Atlas {
    /// Makes room. `readers` are tokens of the text: means are over those that have an earlier one.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn new(gpu: &Gpu, trace: &Arc<Trace>, readers: Range<usize>) -> Result<Self, GpuError> {
        let tokens = trace.filled();
        let (first, ids) = (trace.first(), &trace.tokens[..tokens]);
        let readers = Readers::of(ids, first, readers);
        let pairs = PAIRS[usize::from(gpu.is_software())];
        let cells = trace.dimensions.cells(tokens).max(1);
        let slots = slots(gpu, trace).min((pairs / cells).max(1));
        let scores = Scores::with_slots(gpu, trace, slots)?;
        let heads = trace.dimensions.layers * trace.dimensions.heads;
        let device = gpu.device();
        let made = gpu::attempt(gpu, || {
            let filled = |label, bytes: &[u8]| {
                let buffer = gpu::storage(device, label, bytes.len() as u64);
                gpu.queue().write_buffer(&buffer, 0, bytes);
                buffer
            };
            let words = |label, count: usize| gpu::storage(device, label, count as u64 * 4);
            [
                filled("ids", bytemuck::cast_slice(ids)),
                filled("readers", bytemuck::cast_slice(&readers.words)),
                words("sums", heads * sums::COUNT),
                words("fell", heads * tokens),
                words("ended", heads * tokens),
                words("half-lives", heads),
            ]
        });
        let [ids, words, sums, fell, ended, half_lives] =
            made.map_err(|reason| GpuError::Memory {
                what: "the head statistics",
                reason,
            })?;
        let text = include_str!("../../../shaders/atlas.wgsl");
        let kernel = |entry| gpu.kernel(entry, text);
        Ok(Self {
            gpu: gpu.clone(),
            trace: trace.clone(),
            scores,
            readers,
            writers: first..tokens,
            slots,
            done: 0,
            batches: (pairs / (cells * slots)).max(1),
            running: None,
            rows: kernel("rows"),
            fall: kernel("fall"),
            half_life: kernel("half_life"),
            ids,
            words,
            sums,
            fell,
            ended,
            half_lives,
        })
    }

    /// Readers and writers that have been submitted, and how many there are.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.readers.range.len() + self.writers.len())
    }

    /// Whether all have been.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let (done, all) = self.progress();
        done == all
    }

    /// Submits the next batch.
    fn advance(&mut self) {
        let (rows, columns) = (self.readers.range.len(), self.writers.len());
        if self.done < rows {
            let count = self.slots.min(rows - self.done);
            self.submit_rows(self.readers.range.start + self.done, count);
            self.done += count;
        } else if self.done < rows + columns {
            let before = self.done - rows;
            let count = self.slots.min(columns - before);
            self.submit_columns(self.writers.start + before, count);
            self.done += count;
        }
    }

    fn params(&self, token: usize, count: usize) -> wgpu::Buffer {
        let params = Params {
            tokens: self.scores.tokens() as u32,
            heads: self.heads() as u32,
            first: self.trace.first() as u32,
            token: token as u32,
            count: count as u32,
            stride: self.trace.room() as u32,
        };
        gpu::uniform(self.gpu.device(), "atlas", &params)
    }

    fn heads(&self) -> usize {
        self.trace.dimensions.layers * self.trace.dimensions.heads
    }

    fn submit_rows(&self, first: usize, count: usize) {
        let params = self.params(first, count);
        let buffers = [
            (0, &params),
            (1, &self.scores.share),
            (2, &self.ids),
            (3, &self.words),
            (4, &self.trace.contribution),
            (5, &self.sums),
        ];
        let bindings = self.rows.bind(self.gpu.device(), &buffers);
        self.scores.submit(|pass| {
            self.scores.record_rows(pass, first, count);
            let groups = [self.heads() as u32, 1, 1];
            self.rows.dispatch(pass, &bindings, groups);
        });
    }

    fn submit_columns(&self, first: usize, count: usize) {
        let device = self.gpu.device();
        let params = self.params(first, count);
        let buffers = [
            (0, &params),
            (6, &self.scores.wk),
            (7, &self.fell),
            (8, &self.ended),
        ];
        let bindings = self.fall.bind(device, &buffers);
        let is_last = first + count == self.writers.end;
        let all = self.params(self.writers.start, self.writers.len());
        let buffers = [
            (0, &all),
            (7, &self.fell),
            (8, &self.ended),
            (9, &self.half_lives),
        ];
        let last = self.half_life.bind(device, &buffers);
        let heads = self.heads() as u32;
        self.scores.submit(|pass| {
            self.scores.record_columns(pass, first, count);
            self.fall.dispatch(pass, &bindings, [heads, 1, 1]);
            if is_last {
                let groups = [heads.div_ceil(64), 1, 1];
                self.half_life.dispatch(pass, &last, groups);
            }
        });
    }

    /// Computes all that is left on this thread; `done` hears how far it is.
    ///
    /// # Errors
    /// When the device fails.
    pub fn wait(&mut self, mut done: impl FnMut(usize)) -> Result<Profiles, GpuError> {
        loop {
            let pending = self.running.take().unwrap_or_else(|| self.go_on());
            let bytes = pending.wait(&self.gpu)?;
            done(self.done);
            if self.is_complete() {
                return Ok(self.profiles(&bytes));
            }
        }
    }

    /// Takes note of what has been computed and, if something is left, submits the next batches; waits for nothing.
    /// What came of it, once all is there.
    ///
    /// # Errors
    /// When the device fails.
    pub fn tick(&mut self) -> Result<Option<Profiles>, GpuError> {
        if let Some(pending) = &self.running {
            let Some(bytes) = pending.take()? else {
                return Ok(None);
            };
            self.running = None;
            if self.is_complete() {
                return Ok(Some(self.profiles(&bytes)));
            }
        }
        self.running = Some(self.go_on());
        Ok(None)
    }

    /// Submits batches, and a copy of what has come of it by then.
    fn go_on(&mut self) -> Pending {
        for _ in 0..self.batches {
            self.advance();
        }
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = self.gpu.device().create_command_encoder(&descriptor);
        let heads = self.heads() as u64 * 4;
        let parts = [
            (&self.sums, 0, heads * sums::COUNT as u64),
            (&self.half_lives, 0, heads),
        ];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// Of the sums, then the half-lives.
    fn profiles(&self, bytes: &[u8]) -> Profiles {
        let numbers: Vec<u32> = bytemuck::pod_collect_to_vec(bytes);
        let (sums, half_lives) = numbers.split_at(self.heads() * sums::COUNT);
        let readers = self.readers.range.len();
        let counts = self.readers.counts;
        let profile = |(sums, half_life): (&[u32], &u32)| {
            let sum = |at: usize| f32::from_bits(sums[at]);
            let mean = |at: usize| sum(at) / readers.max(1) as f32;
            let [far, any, next] = counts;
            let of = |at: usize, count: usize| (count > 0).then(|| sum(at) / count as f32);
            Profile {
                mean_distance: mean(sums::DISTANCE),
                half_life: Some(*half_life).filter(|tokens| *tokens != NONE),
                entropy: mean(sums::ENTROPY),
                itself: mean(sums::ITSELF),
                previous: mean(sums::PREVIOUS),
                first: mean(sums::FIRST),
                same: of(sums::INDUCTION, far),
                induction: of(sums::INDUCTION + 1, far),
                second: of(sums::INDUCTION + 2, far),
                duplicate: of(sums::DUPLICATE, any),
                retrieval: of(sums::RETRIEVAL, next),
                norm: mean(sums::NORM),
            }
        };
        let heads = sums.chunks_exact(sums::COUNT).zip(half_lives);
        Profiles {
            readers,
            counts,
            heads: heads.map(profile).collect(),
        }
    }
}
