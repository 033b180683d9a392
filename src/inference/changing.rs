//! Interventions as operations on web-rwkv's frames, done by the hooks before the vectors are copied.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use web_rwkv::{
    context::Context,
    num::Float,
    tensor::{TensorError, TensorGpu, kind::ReadWrite, ops::TensorOp},
};

use super::{
    applied::Applied,
    cutting::Taking,
    inside::{Looking, Stage},
};
use crate::{
    change::{Change, Place},
    trace::Dimensions,
};

/// The pre-activation x of a decay of 1: exp(−exp(x)) and exp(−0.606531 σ(x)) both round to it, and f16 holds it.
const LASTING: f32 = -88.0;

/// What is changed in a chunk.
pub(super) struct Changing {
    context: Context,
    applied: Arc<Applied>,
    heads: usize,
    head_size: usize,
    /// Tokens in the chunk.
    chunk: usize,
    /// The first one's place in the text that is kept; none of a chunk before that.
    first: Option<usize>,
    /// Takes what heads add, `[layers, chunk, width]`.
    gathered: Option<TensorGpu<f32, ReadWrite>>,
    /// Takes what a token passes through.
    looking: Option<Looking>,
    /// What is needed meanwhile: web-rwkv would give its buffers to others before the chunk is submitted.
    held: Mutex<Vec<TensorGpu<f32, ReadWrite>>>,
}

impl Changing {
    pub fn new(
        context: &Context,
        applied: &Arc<Applied>,
        dimensions: &Dimensions,
        chunk: usize,
        first: Option<usize>,
    ) -> Self {
        Self {
            context: context.clone(),
            applied: applied.clone(),
            heads: dimensions.heads,
            head_size: dimensions.head_size,
            chunk,
            first,
            gathered: None,
            looking: None,
            held: Mutex::default(),
        }
    }

    /// Changes nothing, and takes what heads add, `[layers, chunk, width]`.
    pub fn gathering(
        context: &Context,
        dimensions: &Dimensions,
        chunk: usize,
        gathered: &TensorGpu<f32, ReadWrite>,
    ) -> Self {
        Self {
            gathered: Some(gathered.clone()),
            ..Self::new(context, &Arc::default(), dimensions, chunk, None)
        }
    }

    /// Changes nothing in a chunk of one token, and takes what that passes through.
    pub fn looking(context: &Context, dimensions: &Dimensions, looking: Looking) -> Self {
        Self {
            looking: Some(looking),
            ..Self::new(context, &Arc::default(), dimensions, 1, None)
        }
    }

    /// Takes what the token has at a place, `[1, width]`.
    pub fn look<F: Float>(
        &self,
        stage: Stage,
        vector: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        match &self.looking {
            Some(looking) => looking.take(stage, vector),
            None => Ok(TensorOp::empty()),
        }
    }

    /// Multiplies what a layer's heads add, `[chunk, width]`, before the output matrix.
    pub fn outputs<F: Float>(
        &self,
        layer: usize,
        x: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        if let Some(gathered) = &self.gathered {
            return TensorOp::blit(x, gathered.view(.., .., layer, ..)?);
        }
        let width = self.heads * self.head_size;
        let mut factors = vec![1.0; width];
        let mut means = vec![0.0; width];
        let mut is_changed = false;
        for change in &self.applied.changes {
            if let Change::Scale(scale) = change {
                for channel in self.channels(scale.place, layer) {
                    factors[channel] *= scale.factor;
                    is_changed = true;
                }
            }
        }
        let mut has_means = false;
        for change in &self.applied.changes {
            if let Change::Mean(place) = change {
                for channel in self.channels(*place, layer) {
                    let factor = std::mem::take(&mut factors[channel]);
                    means[channel] += factor * self.applied.means[layer * width + channel];
                    has_means = true;
                }
            }
        }
        let mut ops = Vec::new();
        if is_changed || has_means {
            ops.push(TensorOp::mul(&self.upload([width, 1, 1, 1], factors)?, x)?);
        }
        if has_means {
            ops.push(TensorOp::add(&self.upload([width, 1, 1, 1], means)?, x)?);
        }
        Ok(TensorOp::List(ops))
    }

    /// Leaves out the keys, `[chunk, width]`, of tokens that are knocked out.
    pub fn keys<F: Float>(
        &self,
        layer: usize,
        k: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        let Some(first) = self.first else {
            return Ok(TensorOp::empty());
        };
        let mut ops = Vec::new();
        for change in &self.applied.changes {
            let Change::Knockout(knockout) = change else {
                continue;
            };
            let at = knockout.token.wrapping_sub(first);
            if at < self.chunk {
                ops.push(self.set(layer, knockout.place, at..at + 1, 0.0, k)?);
            }
        }
        Ok(TensorOp::List(ops))
    }

    /// Sets decays before their activation, `[chunk, width]`, where nothing is forgotten.
    pub fn decays<F: Float>(
        &self,
        layer: usize,
        w: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        self.set_all(layer, LASTING, w, |change| match change {
            Change::NoForgetting(place) => Some(*place),
            _ => None,
        })
    }

    /// Sets the learning rates, `[chunk, width]`, to 0 where nothing is erased.
    pub fn rates<F: Float>(
        &self,
        layer: usize,
        a: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        self.set_all(layer, 0.0, a, |change| match change {
            Change::NoErasing(place) => Some(*place),
            _ => None,
        })
    }

    /// Leaves out of what a layer's heads wrote, `[chunk, width]`, what cut arcs add. `take` as in
    /// [`CutHead::cut`](super::cutting::CutHead::cut).
    pub fn cut<F: Float>(
        &self,
        layer: usize,
        x: &TensorGpu<F, ReadWrite>,
        take: impl Fn(&Taking<'_>) -> Result<Vec<TensorOp>, TensorError>,
    ) -> Result<TensorOp, TensorError> {
        let heads = self.applied.cut.iter().filter(|head| head.layer == layer);
        let ops = heads.map(|head| {
            head.cut(&self.context, self.first, x, &take, |tensor| {
                self.hold(tensor);
            })
        });
        Ok(TensorOp::List(ops.collect::<Result<_, _>>()?))
    }

    fn channels(&self, place: Place, layer: usize) -> Range<usize> {
        let heads = place.heads(layer, self.heads);
        heads.start * self.head_size..heads.end * self.head_size
    }

    /// Sets the channels of all places that are meant, of every token of the chunk, to a number.
    fn set_all<F: Float>(
        &self,
        layer: usize,
        number: f32,
        vectors: &TensorGpu<F, ReadWrite>,
        meant: impl Fn(&Change) -> Option<Place>,
    ) -> Result<TensorOp, TensorError> {
        let places = self.applied.changes.iter().filter_map(meant);
        let ops = places.map(|place| self.set(layer, place, 0..self.chunk, number, vectors));
        Ok(TensorOp::List(ops.collect::<Result<_, _>>()?))
    }

    /// Sets a place's channels of some tokens of the chunk to a number.
    fn set<F: Float>(
        &self,
        layer: usize,
        place: Place,
        tokens: Range<usize>,
        number: f32,
        vectors: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        let channels = self.channels(place, layer);
        if channels.is_empty() {
            return Ok(TensorOp::empty());
        }
        let numbers = vec![number; channels.len() * tokens.len()];
        let shape = [channels.len(), tokens.len(), 1, 1];
        let numbers: TensorGpu<f32, ReadWrite> = self.upload(shape, numbers)?;
        TensorOp::blit(&numbers, vectors.view(channels, tokens, .., ..)?)
    }

    fn upload(
        &self,
        shape: [usize; 4],
        numbers: Vec<f32>,
    ) -> Result<TensorGpu<f32, ReadWrite>, TensorError> {
        let tensor: TensorGpu<f32, ReadWrite> = self.context.tensor_from_data(shape, numbers)?;
        self.hold(&tensor);
        Ok(tensor)
    }

    fn hold(&self, tensor: &TensorGpu<f32, ReadWrite>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(tensor.clone());
    }
}
