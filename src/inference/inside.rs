//! What a model holds at one token on its way from the embedding to the logits.

use std::sync::atomic::AtomicBool;

use web_rwkv::{
    context::Context,
    num::Float,
    runtime,
    tensor::{TensorError, TensorGpu, kind::ReadWrite, ops::TensorOp},
};

use super::{
    Chunk, InferenceError, Model, RunOptions, changing::Changing, go_on::text_until, reading::Mark,
    room,
};
use crate::{gpu, model::Version, trace::Trace};

/// A place on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The residual stream before the first layer.
    Embedding,
    /// The residual stream after a layer's time mix.
    TimeMix(usize),
    /// The residual stream after a layer's channel mix.
    ChannelMix(usize),
    /// What a layer's heads give, before the output matrix.
    Heads(usize),
    /// What that was multiplied with, before its activation. RWKV-4 has none.
    Gate(usize),
}

impl Stage {
    /// Its line among those of a model with so many layers.
    fn line(self, layers: usize) -> usize {
        match self {
            Self::Embedding => 0,
            Self::TimeMix(layer) => 1 + 2 * layer,
            Self::ChannelMix(layer) => 2 + 2 * layer,
            Self::Heads(layer) => 1 + 2 * layers + layer,
            Self::Gate(layer) => 1 + 3 * layers + layer,
        }
    }

    /// Lines of such a model.
    fn lines(layers: usize) -> usize {
        1 + 4 * layers
    }
}

/// Takes what a chunk of one token passes through.
#[derive(Clone)]
pub(super) struct Looking {
    /// `[lines, width]`.
    lines: TensorGpu<f32, ReadWrite>,
    layers: usize,
}

impl Looking {
    fn new(context: &Context, layers: usize, width: usize) -> Self {
        Self {
            lines: context.tensor_init([width, Stage::lines(layers), 1, 1]),
            layers,
        }
    }

    /// Copies its vector, `[1, width]`.
    pub fn take<F: Float>(
        &self,
        stage: Stage,
        vector: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        let line = stage.line(self.layers);
        TensorOp::blit(vector, self.lines.view(.., line..=line, .., ..)?)
    }
}

/// What a model holds at one token.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside {
    /// Which token of the trace.
    pub token: usize,
    layers: usize,
    width: usize,
    /// Layers after each of which web-rwkv halves the residual stream.
    halves_after: usize,
    lines: Vec<f32>,
}

impl Inside {
    /// A layer's heads side by side before the output matrix, `[width]`.
    #[must_use]
    pub fn heads(&self, layer: usize) -> &[f32] {
        self.line(Stage::Heads(layer))
    }

    /// The factors of [`Inside::heads`] before their activation, `[width]`.
    #[must_use]
    pub fn gate(&self, layer: usize) -> &[f32] {
        self.line(Stage::Gate(layer))
    }

    /// The residual stream after the embedding, then after each time mix and each channel mix, `[2 layers + 1]` times
    /// `[width]`, all as large as the last would have them: web-rwkv halves the stream now and then.
    #[must_use]
    pub fn residuals(&self) -> Vec<Vec<f32>> {
        let halvings = |layer: usize| (layer / self.halves_after) as i32;
        let last = halvings(self.layers);
        let of = |stage: Stage, layer| {
            let factor = 2.0_f32.powi(halvings(layer) - last);
            self.line(stage).iter().map(|x| x * factor).collect()
        };
        let mut all = vec![of(Stage::Embedding, 0)];
        for layer in 0..self.layers {
            all.push(of(Stage::TimeMix(layer), layer));
            all.push(of(Stage::ChannelMix(layer), layer));
        }
        all
    }

    /// What a layer's output matrix is multiplied with on its way to the last residual stream.
    #[must_use]
    pub fn discount(&self) -> f32 {
        2.0_f32.powi(-((self.layers / self.halves_after) as i32))
    }

    fn line(&self, stage: Stage) -> &[f32] {
        let start = stage.line(self.layers) * self.width;
        &self.lines[start..start + self.width]
    }
}

impl Model {
    /// Has the engine stand after a text.
    fn read_to(
        &self,
        ids: &[u32],
        chunk: &Chunk,
        cancel: &AtomicBool,
    ) -> Result<(), InferenceError> {
        let near = self.reading().nearest(ids).map(Mark::place);
        let read = match near {
            Some((read, state)) => {
                self.reading().here = None;
                room::run(&self.gpu, || self.engine.restore(&state))??;
                read
            }
            None => {
                self.reset()?;
                0
            }
        };
        let rest = &ids[read..];
        let mut chunks = self.chunks(chunk, rest.len(), cancel);
        chunks.each(rest, |chunk, _| self.read_only(chunk, None))
    }

    /// Reads a trace's text up to a token once more, with nothing changed, and takes what it passes through there.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn inside(
        &self,
        trace: &Trace,
        token: usize,
        options: &RunOptions,
        cancel: &AtomicBool,
    ) -> Result<Inside, InferenceError> {
        let ids = text_until(trace, token + 1);
        let Some((last, before)) = ids.split_last() else {
            return Err(InferenceError::EmptyPrompt);
        };
        self.read_to(before, &options.chunk, cancel)?;
        let (layers, width) = (self.dimensions.layers, self.dimensions.width);
        let looking = Looking::new(&self.gpu.context, layers, width);
        let lines = looking.lines.clone();
        self.reading().here = None;
        let looking = Changing::looking(&self.gpu.context, &self.dimensions, looking);
        room::run(&self.gpu, || {
            self.engine.submit(&[*last], Some(looking), None)
        })??;
        let bytes = gpu::read(&self.gpu, &lines.data().buffer, 0, lines.len() as u64 * 4)?;
        Ok(Inside {
            token,
            layers,
            width,
            halves_after: halves_after(self.dimensions.version),
            lines: bytemuck::pod_collect_to_vec(&bytes),
        })
    }
}

fn halves_after(version: Version) -> usize {
    match version {
        Version::V4 => runtime::v4::Model::DEFAULT_RESCALE,
        Version::V5 => runtime::v5::Model::DEFAULT_RESCALE,
        Version::V6 => runtime::v6::Model::DEFAULT_RESCALE,
        Version::V7 => runtime::v7::Model::DEFAULT_RESCALE,
    }
}

/// Hooks of a layer that take the residual stream; every version has a frame and names of its own.
macro_rules! look_at_residuals {
    ($version:ident, $hooks:ident, $shared:ident, $layer:ident) => {
        let after = [
            ($version::Hook::PostAtt($layer), Stage::TimeMix($layer)),
            ($version::Hook::PostFfn($layer), Stage::ChannelMix($layer)),
        ];
        let first = ($layer == 0).then_some(($version::Hook::PreAtt(0), Stage::Embedding));
        for (hook, stage) in after.into_iter().chain(first) {
            let own = $shared.clone();
            $hooks.insert(
                hook,
                Box::new(move |frame: $version::Frame<F>| {
                    own.change(|changing| changing.look(stage, &frame.buffer.x))
                }),
            );
        }
    };
}
pub(super) use look_at_residuals;
