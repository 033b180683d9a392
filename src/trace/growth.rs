//! A run that goes on, or goes back.

use std::sync::{
    RwLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{Prediction, Trace, next_id, sets};
use crate::gpu::{Gpu, GpuError};

impl Trace {
    /// Whether another run has gone on from this one in the same buffers.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.written.load(Ordering::Acquire) > self.filled()
    }

    /// The same run as it was after its first tokens. It shares buffers with this one.
    #[must_use]
    pub fn until(&self, tokens: usize) -> Self {
        let tokens = tokens.min(self.filled());
        let mut predictions = self.predictions_of(tokens);
        // What came after the last one is not there any more.
        if let Some(last) = predictions.last_mut() {
            last.came = None;
        }
        Self {
            tokens: self.tokens[..tokens].to_vec(),
            filled: AtomicUsize::new(tokens),
            predictions: RwLock::new(predictions),
            ..self.in_same_buffers()
        }
    }

    /// The run so far and one token more, which is still to be run; `logit` is what the model had given it. In the same
    /// buffers, if these have room and no other run went on there; else in buffers of `room` token slots, with a copy of
    /// what was there. What is left in [`Trace::states`] comes from the run that was written last.
    ///
    /// # Errors
    /// As [`Trace::new`].
    pub fn with(&self, gpu: &Gpu, id: u32, logit: f32, room: usize) -> Result<Self, GpuError> {
        let filled = self.filled();
        let mut tokens = self.tokens[..filled].to_vec();
        tokens.push(id);
        let mut predictions = self.predictions_of(filled);
        if let Some(last) = predictions.last_mut() {
            last.came = Some(logit);
        }
        let own = match self.has_room() {
            true => self.in_same_buffers(),
            false => self.copied(gpu, room.max(tokens.len()))?,
        };
        Ok(Self {
            tokens,
            filled: AtomicUsize::new(filled),
            predictions: RwLock::new(predictions),
            ..own
        })
    }

    /// Whether one more token goes into the same buffers.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.filled() < self.room && !self.is_passed()
    }

    fn predictions_of(&self, tokens: usize) -> Vec<Prediction> {
        match self.predictions.read() {
            Ok(all) => all.iter().take(tokens).cloned().collect(),
            Err(_) => Vec::new(),
        }
    }

    /// A run with no tokens yet.
    fn in_same_buffers(&self) -> Self {
        Self {
            id: next_id(),
            origin: self.origin.clone(),
            dimensions: self.dimensions,
            tokens: Vec::new(),
            prefix: self.prefix.clone(),
            before: self.before.clone(),
            groups: self.groups.clone(),
            contribution: self.contribution.clone(),
            states: self.states.clone(),
            parameters: self.parameters.clone(),
            room: self.room,
            written: self.written.clone(),
            filled: AtomicUsize::new(0),
            predictions: RwLock::default(),
        }
    }

    /// The same with `room` token slots, of which the first hold what they hold here.
    fn copied(&self, gpu: &Gpu, room: usize) -> Result<Self, GpuError> {
        let filled = self.filled();
        let larger = Self::with_room(
            gpu,
            self.origin.clone(),
            self.stored(),
            self.parameters.clone(),
            self.tokens[..filled].to_vec(),
            room,
        )?;
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = gpu.device().create_command_encoder(&descriptor);
        let dimensions = &self.dimensions;
        let vector = (filled * dimensions.width) as u64;
        for layer in 0..dimensions.layers {
            for set in 0..sets(dimensions.version) {
                let places = (self.place_of(layer, set), larger.place_of(layer, set));
                copy(&mut encoder, places, vector * self.stored().bytes());
            }
            for part in 0..1 + usize::from(self.before.is_some()) {
                let places = (self.outputs_of(layer, part), larger.outputs_of(layer, part));
                copy(&mut encoder, places, vector * 4);
            }
        }
        let mut norms = vec![(&self.contribution, &larger.contribution)];
        if let (Some(own), Some(others)) = (&self.before, &larger.before) {
            norms.push((&own.norms, &others.norms));
            for (from, to) in [
                (&own.initial, &others.initial),
                (&own.states, &others.states),
            ] {
                encoder.copy_buffer_to_buffer(from, 0, to, 0, None);
            }
        }
        encoder.copy_buffer_to_buffer(&self.states, 0, &larger.states, 0, None);
        let rows = dimensions.layers * dimensions.heads;
        for (from, to) in norms {
            for row in 0..rows {
                let line = |room: usize| (row * room) as u64 * 4;
                let places = (Some((from, line(self.room))), Some((to, line(room))));
                copy(&mut encoder, places, filled as u64 * 4);
            }
        }
        gpu.queue().submit([encoder.finish()]);
        larger.written.store(filled, Ordering::Release);
        Ok(Self {
            prefix: self.prefix.clone(),
            ..larger
        })
    }

    /// Where y of a layer stands, `[tokens, width]`, or (`part` 1) what it has of the state before.
    pub(super) fn outputs_of(&self, layer: usize, part: usize) -> Option<(&wgpu::Buffer, u64)> {
        let group = &mut self.groups.iter();
        let group = group.find(|group| group.layers.contains(&layer))?;
        let layers = part * group.layers.len() + layer - group.layers.start;
        let numbers = layers * self.room * self.dimensions.width;
        Some((&group.outputs, numbers as u64 * 4))
    }
}

type PlaceIn<'a> = Option<(&'a wgpu::Buffer, u64)>;

fn copy(encoder: &mut wgpu::CommandEncoder, places: (PlaceIn<'_>, PlaceIn<'_>), bytes: u64) {
    if let (Some((from, start)), Some((to, at))) = places {
        encoder.copy_buffer_to_buffer(from, start, to, at, Some(bytes));
    }
}
