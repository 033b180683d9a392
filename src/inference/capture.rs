use std::sync::{Arc, Mutex, PoisonError};

use web_rwkv::{
    num::Float,
    tensor::{TensorError, TensorGpu, TensorGpuView, kind::ReadWrite, ops::TensorOp},
};

use super::{changing::Changing, cutting::Taking};
use crate::trace::{Activations, Set, Trace};

/// Where the hooks of the chunk being encoded copy to. web-rwkv's frame buffers are shared by all
/// layers, so each hook copies at once, on the same queue.
pub(super) struct Target<F: Float> {
    pub trace: Arc<Trace>,
    /// First token of the chunk.
    pub offset: usize,
    /// Tokens in the chunk.
    pub chunk: usize,
    /// Gated head outputs of the chunk, `[layers that are kept, chunk, width]`.
    pub gated: TensorGpu<F, ReadWrite>,
}

/// Shared by the engine, which sets it before encoding, and the hooks, which read it.
pub(super) struct Shared<F: Float> {
    target: Mutex<Option<Target<F>>>,
    changing: Mutex<Option<Changing>>,
    logits: Mutex<Option<TensorGpu<f32, ReadWrite>>>,
}

impl<F: Float> Default for Shared<F> {
    fn default() -> Self {
        Self {
            target: Mutex::new(None),
            changing: Mutex::new(None),
            logits: Mutex::new(None),
        }
    }
}

impl<F: Float> Shared<F> {
    pub fn aim(&self, target: Option<Target<F>>) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }

    /// Sets what is changed from now on, and gives what was until now.
    pub fn change_by(&self, changing: Option<Changing>) -> Option<Changing> {
        let mut own = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut own, changing)
    }

    /// Changes something, where anything is to be changed.
    pub fn change(
        &self,
        change: impl FnOnce(&Changing) -> Result<TensorOp, TensorError>,
    ) -> Result<TensorOp, TensorError> {
        let own = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        own.as_ref().map_or_else(|| Ok(TensorOp::empty()), change)
    }

    /// Runs `copy` with the target, or does nothing when no capture is wanted.
    pub fn capture(
        &self,
        copy: impl FnOnce(&Target<F>) -> Result<TensorOp, TensorError>,
    ) -> Result<TensorOp, TensorError> {
        match &*self.target.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(target) => copy(target),
            None => Ok(TensorOp::empty()),
        }
    }

    /// What is done after the time mix of RWKV-4 to RWKV-6: its vectors and what its heads wrote, `[chunk, width]`, are
    /// copied, and arcs are cut. `more` takes what a cut reads besides r, k and v.
    pub fn after_time_mix(
        &self,
        layer: usize,
        [r, k, v]: [&TensorGpu<f32, ReadWrite>; 3],
        x: &TensorGpu<F, ReadWrite>,
        more: impl Fn(&Taking<'_>) -> Result<Vec<TensorOp>, TensorError>,
    ) -> Result<TensorOp, TensorError> {
        let captured = self.capture(|target| {
            Ok(TensorOp::List(vec![
                target.copy(layer, Set::R, 1, r)?,
                target.copy(layer, Set::K, 1, k)?,
                target.copy(layer, Set::V, 1, v)?,
                target.copy(layer, Set::X, 1, x)?,
            ]))
        })?;
        // After x is copied: the check and the scores tell what the head did by itself.
        let cut = self.change(|changing| {
            changing.cut(layer, x, |taking| {
                let mut taken = more(taking)?;
                for (line, vectors) in [r, k, v].into_iter().enumerate() {
                    taken.push(taking.take(line, vectors)?);
                }
                Ok(taken)
            })
        })?;
        Ok(TensorOp::List(vec![captured, cut]))
    }

    /// Remembers the head's output, `[chunk, vocabulary]`, which is overwritten by the next chunk.
    pub fn note_logits(&self, logits: &TensorGpu<f32, ReadWrite>) {
        *self.logits.lock().unwrap_or_else(PoisonError::into_inner) = Some(logits.clone());
    }

    pub fn take_logits(&self) -> Option<TensorGpu<f32, ReadWrite>> {
        self.logits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl<F: Float> Target<F> {
    /// Copies `source`, `[sets, chunk, width]`, into the trace at the sets from `first` on, where the layer is kept.
    pub fn copy<S: Float>(
        &self,
        layer: usize,
        first: Set,
        count: usize,
        source: &TensorGpu<S, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        let version = self.trace.dimensions.version;
        let kept = self.kept(layer);
        let groups = &mut self.trace.groups.iter();
        let place =
            kept.and_then(|kept| Some((kept, groups.find(|group| group.layers.contains(&kept))?)));
        let Some((layer, group)) = place else {
            return Ok(TensorOp::empty());
        };
        let set = (layer - group.layers.start) * crate::trace::sets(version) + first.index(version);
        match &group.activations {
            Activations::F16(tensor) => TensorOp::blit(source, self.window(tensor, set, count)?),
            Activations::F32(tensor) => TensorOp::blit(source, self.window(tensor, set, count)?),
        }
    }

    /// Copies the gated head outputs of a layer, `[chunk, width]`.
    pub fn copy_gated(
        &self,
        layer: usize,
        source: &TensorGpu<F, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        match self.kept(layer) {
            Some(layer) => TensorOp::blit(source, self.gated.view(.., .., layer, ..)?),
            None => Ok(TensorOp::empty()),
        }
    }

    /// Place of a layer of the model among those that are kept.
    fn kept(&self, layer: usize) -> Option<usize> {
        let kept = &self.trace.origin.layers;
        kept.contains(&layer).then(|| layer - kept.start)
    }

    fn window<'a, T: Float>(
        &self,
        tensor: &'a TensorGpu<T, ReadWrite>,
        set: usize,
        count: usize,
    ) -> Result<TensorGpuView<'a, T>, TensorError> {
        tensor.view(
            ..,
            self.offset..self.offset + self.chunk,
            set..set + count,
            ..,
        )
    }
}
