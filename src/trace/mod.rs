//! What one run of a model leaves: tokens, the vectors every head worked with, and predictions.
//!
//! The vectors stay on the GPU, where the score kernels and the picture read them. [`save`] writes all of it to
//! a file, and [`TraceFile`] reads it again.

mod alignment;
mod before;
mod file;
mod growth;
mod layers;
mod layout;
mod origin;
mod parameters;
mod part;
mod prediction;
mod window;

pub use alignment::Alignment;
pub use before::Before;
pub use file::{TraceError, TraceFile, Transfer, save};
pub use layers::{Layers, NoLayers};
pub(crate) use layout::Activations;
pub use layout::{Dimensions, LayerGroup, Precision, Set, Stored, sets};
pub use origin::Origin;
pub use parameters::Parameters;
pub use part::Part;
pub use prediction::{Candidate, Prediction, TOP};
pub use window::{NoWindow, Window};

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use half::f16;

use crate::{
    gpu::{self, Gpu, GpuError},
    model::{BEFORE, Version},
};

/// One run. Cheap to share; grows while the run goes on, a chunk at a time.
pub struct Trace {
    /// Differs for every trace made by this process.
    pub id: u64,
    /// The model it came from, and how that was run.
    pub origin: Arc<Origin>,
    /// Sizes of the model, with as many layers as are kept: layer 0 here is the first of [`Origin::layers`].
    pub dimensions: Dimensions,
    /// The tokens that were fed, in order; the first is [`BEFORE`] where the model starts from a state.
    pub tokens: Vec<u32>,
    /// Tokens that are fed before them, of which only the state is kept. Not in a file.
    pub prefix: Vec<u32>,
    /// What the model brings along, where the first token stands for it.
    pub before: Option<Before>,
    /// `r w k v (a κ̂) x` and `y` of every layer.
    pub groups: Vec<LayerGroup>,
    /// Contribution norm of each head at each token, f32 `[layers, heads, tokens]`.
    pub contribution: wgpu::Buffer,
    /// State after the last token so far, f32 `[layers, heads, head_size, head_size]`.
    pub states: wgpu::Buffer,
    /// Fixed numbers of the model that the scores need.
    pub parameters: Arc<Parameters>,
    /// Token slots of its buffers.
    room: usize,
    /// Slots that were written, by this run or by one that went on from it in the same buffers.
    written: Arc<AtomicUsize>,
    filled: AtomicUsize,
    predictions: RwLock<Vec<Prediction>>,
}

impl Trace {
    /// Makes room on the GPU for a run over `tokens`. `parameters` are those of the layers that are kept.
    ///
    /// # Errors
    /// When a layer's vectors do not fit one binding, or memory runs out.
    pub fn new(
        gpu: &Gpu,
        origin: Arc<Origin>,
        stored: Stored,
        parameters: Arc<Parameters>,
        tokens: Vec<u32>,
    ) -> Result<Self, GpuError> {
        let room = tokens.len();
        Self::with_room(gpu, origin, stored, parameters, tokens, room)
    }

    /// The same with `room` token slots.
    fn with_room(
        gpu: &Gpu,
        origin: Arc<Origin>,
        stored: Stored,
        parameters: Arc<Parameters>,
        tokens: Vec<u32>,
        room: usize,
    ) -> Result<Self, GpuError> {
        let dimensions = Dimensions {
            layers: origin.layers.len(),
            ..Dimensions::from(&origin.card)
        };
        // A binding may be larger than the adapter allows, or memory run out.
        let made = gpu::attempt(gpu, || {
            let has_before = tokens.first() == Some(&BEFORE);
            let groups = layout::groups(gpu, &dimensions, stored, room, has_before);
            let before = has_before.then(|| Before::new(gpu, &dimensions, room));
            let f32s = |label, count: usize| gpu::storage(gpu.device(), label, count as u64 * 4);
            let contribution = f32s("contribution", dimensions.cells(room));
            let states = f32s("states", dimensions.state_numbers());
            (groups, before, contribution, states)
        });
        let (groups, before, contribution, states) = made.map_err(|_| GpuError::OutOfMemory {
            tokens: room,
            needed: dimensions.trace_bytes(stored, room) >> 20,
        })?;
        Ok(Self {
            id: next_id(),
            origin,
            dimensions,
            groups: groups?,
            contribution,
            states,
            parameters,
            prefix: Vec::new(),
            before,
            room,
            written: Arc::default(),
            filled: AtomicUsize::new(0),
            predictions: RwLock::new(Vec::with_capacity(tokens.len())),
            tokens,
        })
    }

    /// The same, after `prefix`.
    #[must_use]
    pub fn after(self, prefix: Vec<u32>) -> Self {
        Self { prefix, ..self }
    }

    /// The first token that is one of the text's.
    #[must_use]
    pub fn first(&self) -> usize {
        usize::from(self.before.is_some())
    }

    /// Has the heads start from what the model brings along, if it does.
    pub(crate) fn begin(&self, gpu: &Gpu) {
        let Some(before) = &self.before else {
            return;
        };
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = gpu.device().create_command_encoder(&descriptor);
        for states in [&self.states, &before.states] {
            encoder.copy_buffer_to_buffer(&before.initial, 0, states, 0, None);
        }
        gpu.queue().submit([encoder.finish()]);
    }

    /// [`Before::norms`]; without it something to bind in their place.
    pub(crate) fn norms_before(&self) -> &wgpu::Buffer {
        let before = self.before.as_ref();
        before.map_or(&self.contribution, |before| &before.norms)
    }

    /// Number format of the vectors.
    #[must_use]
    pub fn stored(&self) -> Stored {
        match self.groups.first().map(|group| &group.activations) {
            Some(Activations::F16(_)) => Stored::F16,
            _ => Stored::F32,
        }
    }

    /// Token slots of its buffers: what is `[…, tokens, …]` there has as many places, of which the first are taken.
    #[must_use]
    pub fn room(&self) -> usize {
        self.room
    }

    /// Tokens whose vectors are there.
    #[must_use]
    pub fn filled(&self) -> usize {
        self.filled.load(Ordering::Acquire)
    }

    /// Whether every token has been run.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.filled() == self.tokens.len()
    }

    /// What the model expected after the token at `position`.
    #[must_use]
    pub fn prediction(&self, position: usize) -> Option<Prediction> {
        self.predictions.read().ok()?.get(position).cloned()
    }

    /// The token that came after the one at `position`, or else the most probable one.
    #[must_use]
    pub fn next_or_likely(&self, position: usize) -> Option<u32> {
        let next = self.tokens.get(position + 1).copied();
        next.or_else(|| Some(self.prediction(position)?.top.first()?.id))
    }

    /// −ln p of every token so far given those before it, in nats; none for the first.
    #[must_use]
    pub fn surprises(&self) -> Vec<Option<f32>> {
        let Ok(predictions) = self.predictions.read() else {
            return Vec::new();
        };
        let after = predictions.iter().map(Prediction::surprise);
        std::iter::once(None)
            .chain(after)
            .take(predictions.len())
            .collect()
    }

    /// Writes one set of a layer's vectors, `[tokens, width]`, for a trace that no run fills; the
    /// numbers are rounded to the trace's own format. [`Trace::grow`] then makes the tokens count.
    ///
    /// # Panics
    /// When there is no such layer or set, or there are not tokens × width numbers.
    pub fn upload(&self, gpu: &Gpu, layer: usize, set: Set, vectors: &[f32]) {
        let Dimensions {
            version,
            layers,
            width,
            ..
        } = self.dimensions;
        let count = self.tokens.len() * width;
        assert!(layer < layers, "layer {layer} of {layers}");
        assert_eq!(vectors.len(), count, "{set:?} of a whole trace");
        let only_v7 = matches!(set, Set::A | Set::Kappa);
        assert!(
            !only_v7 || version == Version::V7,
            "{version} has no {set:?}"
        );
        let halves: Vec<f16>;
        let bytes: &[u8] = match self.stored() {
            Stored::F16 => {
                halves = vectors.iter().copied().map(f16::from_f32).collect();
                bytemuck::cast_slice(&halves)
            }
            Stored::F32 => bytemuck::cast_slice(vectors),
        };
        if let Some((buffer, offset)) = self.place(layer, set) {
            gpu.queue().write_buffer(buffer, offset, bytes);
        }
    }

    /// Where one set of a layer's vectors stands, `[tokens, width]`: in which buffer, from which byte on.
    fn place(&self, layer: usize, set: Set) -> Option<(&wgpu::Buffer, u64)> {
        self.place_of(layer, set.index(self.dimensions.version))
    }

    /// The same of a set's number among those of a layer.
    fn place_of(&self, layer: usize, set: usize) -> Option<(&wgpu::Buffer, u64)> {
        let group = self
            .groups
            .iter()
            .find(|group| group.layers.contains(&layer))?;
        let place = (layer - group.layers.start) * sets(self.dimensions.version) + set;
        let count = self.room * self.dimensions.width;
        Some((
            group.buffer(),
            (place * count) as u64 * self.stored().bytes(),
        ))
    }

    /// Where one token's vector of a set stands, `[width]`: buffer, first byte, bytes.
    pub(crate) fn vector(
        &self,
        layer: usize,
        set: Set,
        token: usize,
    ) -> Option<(&wgpu::Buffer, u64, u64)> {
        let (buffer, start) = self.place(layer, set)?;
        let bytes = self.dimensions.width as u64 * self.stored().bytes();
        Some((buffer, start + token as u64 * bytes, bytes))
    }

    /// The same of y, in single floats.
    pub(crate) fn output(&self, layer: usize, token: usize) -> Option<(&wgpu::Buffer, u64, u64)> {
        let (buffer, start) = self.outputs_of(layer, 0)?;
        let bytes = self.dimensions.width as u64 * 4;
        Some((buffer, start + token as u64 * bytes, bytes))
    }

    /// Takes note of tokens whose vectors are there or have been submitted.
    pub fn grow(&self, tokens: usize, predictions: Vec<Prediction>) {
        if let Ok(mut all) = self.predictions.write() {
            all.extend(predictions);
        }
        let before = self.filled.fetch_add(tokens, Ordering::Release);
        self.written.fetch_max(before + tokens, Ordering::Release);
    }
}

/// Differs for every trace made by this process.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Numbers of a vector that was read back.
pub(crate) fn numbers_of(bytes: &[u8], halves: bool) -> Vec<f64> {
    match halves {
        true => bytemuck::pod_collect_to_vec::<_, f16>(bytes)
            .into_iter()
            .map(f64::from)
            .collect(),
        false => bytemuck::pod_collect_to_vec::<_, f32>(bytes)
            .into_iter()
            .map(f64::from)
            .collect(),
    }
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trace {} of {} tokens", self.id, self.tokens.len())
    }
}
