use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant},
};

use half::f16;
use web_rwkv::tensor::{TensorGpu, kind::ReadWrite};

use super::{
    InferenceError, before,
    building::{engine, require_bindings},
    changing::Changing,
    chunks::Chunks,
    engine::Engine,
    pace::{Chunk, Pace, Settled},
    predict::TopTokens,
    reading::Reading,
    room,
};
use crate::{
    change::Change,
    estimate,
    files::{Watch, unwatched},
    gpu::{self, Gpu, GpuError},
    model::{BEFORE, Card, ModelFile, Quantisation, Tuned, Version, Vocabulary},
    trace::{
        Dimensions, Layers, Origin, Parameters, Part, Precision, Prediction, Stored, Trace, Window,
    },
};

/// web-rwkv packs a chunk's length into 8 bits.
pub const MAX_CHUNK: usize = 128;

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How many tokens go in at once: shorter chunks let the window draw between them.
    pub chunk: Chunk,
    /// Copy the vectors. Without, only predictions are made.
    pub capture: bool,
    /// What is changed meanwhile.
    pub changes: Vec<Change>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            chunk: Chunk::default(),
            capture: true,
            changes: Vec::new(),
        }
    }
}

/// A model on the GPU, ready to run.
pub struct Model {
    pub(super) gpu: Gpu,
    pub(super) origin: Arc<Origin>,
    pub(super) dimensions: Dimensions,
    pub(super) parameters: Arc<Parameters>,
    pub(super) engine: Box<dyn Engine>,
    /// What it was read from.
    pub(super) file: Arc<ModelFile>,
    matrix_bytes: u64,
    top: TopTokens,
    pace: Mutex<Settled>,
    /// What the engine has read.
    pub(super) reading: Mutex<Reading>,
}

impl Model {
    /// Uploads a model, tensor by tensor, with every matrix in f16.
    ///
    /// # Errors
    /// When a tensor cannot be read, or the adapter's limits are too small.
    pub fn load(
        gpu: &Gpu,
        file: &Arc<ModelFile>,
        precision: Precision,
    ) -> Result<Self, InferenceError> {
        Self::load_quantised(gpu, file, precision, Quantisation::default())
    }

    /// The same, with some layers' large matrices in fewer bits.
    ///
    /// # Errors
    /// As [`Model::load`], and when the model has too few layers or its matrices cannot be quantised.
    pub fn load_quantised(
        gpu: &Gpu,
        file: &Arc<ModelFile>,
        precision: Precision,
        quantisation: Quantisation,
    ) -> Result<Self, InferenceError> {
        unwatched(|watch| Self::load_watched(gpu, file, precision, quantisation, watch))
    }

    /// The same; `watch` hears of the bytes read.
    ///
    /// # Errors
    /// As [`Model::load_quantised`], and when the work is to end.
    pub fn load_watched(
        gpu: &Gpu,
        file: &Arc<ModelFile>,
        precision: Precision,
        quantisation: Quantisation,
        watch: &mut Watch<'_>,
    ) -> Result<Self, InferenceError> {
        let card = file.card().clone();
        quantisation.require(file.name(), &card)?;
        let dimensions = Dimensions::from(&card);
        let (tuned, state) = file.state()?.map(|it| (it.tuned, it.values)).unzip();
        require_bindings(gpu, &card)?;
        room::require_model(gpu, file.name(), &card, precision, quantisation)?;
        let made = gpu::attempt(gpu, || {
            let parameters = Arc::new(Parameters::load(gpu, file, &dimensions)?);
            let engine = match precision {
                Precision::F16 => engine::<f16>,
                Precision::F32 => engine::<f32>,
            };
            let made = engine(
                gpu,
                file,
                &dimensions,
                precision,
                quantisation,
                state,
                watch,
            )?;
            let top = TopTokens::new(gpu, dimensions.vocab);
            Ok::<_, InferenceError>((parameters, made, top))
        });
        let made = made.map_err(|reason| InferenceError::NoMemory {
            model: file.name().to_owned(),
            reason,
        })?;
        let (parameters, (engine, matrix_bytes), top) = made?;
        let origin = Arc::new(Origin {
            model: file.name().to_owned(),
            layers: 0..card.layers,
            card,
            digest: file.digest().clone(),
            precision,
            quantisation,
            merged: file.merged().to_vec(),
            state: tuned,
            read_before: 0,
        });
        Ok(Self {
            gpu: gpu.clone(),
            origin,
            dimensions,
            parameters,
            engine,
            file: file.clone(),
            matrix_bytes,
            top,
            pace: Mutex::default(),
            reading: Mutex::default(),
        })
    }

    /// About how many bytes a model takes on the device while it runs.
    #[must_use]
    pub fn bytes(card: &Card, precision: Precision, quantisation: Quantisation) -> u64 {
        estimate::model_bytes(card, quantisation) + estimate::frames(card, precision, MAX_CHUNK)
    }

    /// The same of this model.
    #[must_use]
    pub fn own_bytes(&self) -> u64 {
        let origin = &self.origin;
        Self::bytes(&origin.card, origin.precision, origin.quantisation)
    }

    /// Bytes of the buffers that hold the layers' large matrices, those that can be quantised.
    #[must_use]
    pub fn matrix_bytes(&self) -> u64 {
        self.matrix_bytes
    }

    /// Sizes and version.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.origin.card
    }

    /// Short name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.origin.model
    }

    /// The state that it starts from.
    #[must_use]
    pub fn tuned(&self) -> Option<&Tuned> {
        self.origin.state.as_ref()
    }

    /// Makes room for a run.
    ///
    /// # Errors
    /// When there is nothing to run, an id is unknown to the model, or there is not as much memory.
    pub fn trace(&self, tokens: Vec<u32>) -> Result<Arc<Trace>, InferenceError> {
        self.trace_of(tokens, Part::default())
    }

    /// The same, keeping the vectors of some layers or of some tokens alone. Where the model starts from a state, or
    /// tokens are read before the first that is kept, the trace's first token stands for that.
    ///
    /// # Errors
    /// As [`Model::trace`], and when the model has no such layers, the text no such tokens, or RWKV-4 is to begin in
    /// the middle.
    pub fn trace_of(
        &self,
        mut tokens: Vec<u32>,
        part: impl Into<Part>,
    ) -> Result<Arc<Trace>, InferenceError> {
        self.require_tokens(&tokens)?;
        let stored = Stored::of(self.dimensions.version, self.origin.precision);
        let part = part.into();
        let kept = kept_layers(&self.origin, part.layers)?;
        let prefix = self.cut(&mut tokens, part.window)?;
        let origin = Origin {
            layers: kept,
            read_before: prefix.len(),
            ..Origin::clone(&self.origin)
        };
        if origin.has_before() {
            tokens.insert(0, BEFORE);
        }
        room::require_run(&self.gpu, &origin, tokens.len())?;
        let mut parameters = self.parameters.clone();
        if origin.layers != self.origin.layers {
            let own = parameters.of_layers(&self.gpu, &self.dimensions, &origin.layers);
            parameters = Arc::new(own);
        }
        let trace = Trace::new(&self.gpu, Arc::new(origin), stored, parameters, tokens)?;
        Ok(Arc::new(trace.after(prefix)))
    }

    /// A text as tokens.
    pub(super) fn encode(
        &self,
        vocabulary: Option<&Vocabulary>,
        text: &[u8],
    ) -> Result<Vec<u32>, InferenceError> {
        let vocab = self.card().vocab;
        let vocabulary = vocabulary.ok_or(InferenceError::NoVocabulary { vocab })?;
        Ok(vocabulary.encode(text)?)
    }

    /// Whether there is a text, and every id is one of the model's.
    pub(super) fn require_tokens(&self, tokens: &[u32]) -> Result<(), InferenceError> {
        if tokens.is_empty() {
            return Err(InferenceError::EmptyPrompt);
        }
        let vocab = self.dimensions.vocab;
        match tokens.iter().find(|id| **id as usize >= vocab) {
            None => Ok(()),
            Some(&id) => Err(InferenceError::IdOutOfRange {
                id,
                model: self.origin.model.clone(),
                last: vocab - 1,
            }),
        }
    }

    /// Leaves the tokens of a window, and gives those before it.
    fn cut(
        &self,
        tokens: &mut Vec<u32>,
        window: Option<Window>,
    ) -> Result<Vec<u32>, InferenceError> {
        let Some(window) = window else {
            return Ok(Vec::new());
        };
        let range = window.of(tokens.len()).ok_or(InferenceError::EmptyWindow {
            window,
            tokens: tokens.len(),
        })?;
        if range.start > 0 && self.dimensions.version == Version::V4 {
            return Err(InferenceError::NoWindow {
                model: self.origin.model.clone(),
            });
        }
        tokens.truncate(range.end);
        let rest = tokens.split_off(range.start);
        Ok(std::mem::replace(tokens, rest))
    }

    /// Runs a trace's tokens, and before them those of its prefix, chunk by chunk; `progress` hears of each.
    ///
    /// # Errors
    /// When cancelled, when a change cannot be made, or when web-rwkv or the device fails.
    pub fn run(
        &self,
        trace: &Arc<Trace>,
        options: &RunOptions,
        cancel: &AtomicBool,
        mut progress: impl FnMut(usize),
    ) -> Result<(), InferenceError> {
        let first = trace.first();
        let (prefix, own) = (&trace.prefix, &trace.tokens[first..]);
        self.require(&options.changes, first..trace.tokens.len())?;
        let changes = &self.applied((prefix, own), options, cancel)?;
        let mut chunks = self.begin(&options.chunk, prefix.len() + own.len(), cancel)?;

        let mut expected = None;
        chunks.each(prefix, |tokens, offset| {
            let next = prefix.get(offset + 1..).unwrap_or_default();
            let next = next.iter().chain(own).copied().take(tokens.len());
            let changing = self.changing(changes, tokens.len(), None);
            let next = next.collect::<Vec<_>>();
            let Submitted {
                predictions, took, ..
            } = self.submit(tokens, changing, None, &next)?;
            expected = predictions.into_iter().next_back().or(expected.take());
            progress(offset + tokens.len());
            Ok(took)
        })?;
        if first > 0 {
            let state = room::run(&self.gpu, || self.engine.state())??;
            before::take(&self.gpu, trace, &state.data().buffer);
            // Of a state that was given nothing is known of what came before it.
            trace.grow(first, vec![expected.unwrap_or_else(Prediction::none)]);
        }
        let mut last = None;
        chunks.each(own, |tokens, offset| {
            let capture = options.capture.then_some((trace, first + offset));
            let after = offset + tokens.len();
            let next = &own[offset + 1..own.len().min(after + 1)];
            let changing = self.changing(changes, tokens.len(), Some(first + offset));
            let submitted = self.submit(tokens, changing, capture, next)?;
            trace.grow(tokens.len(), submitted.predictions);
            progress(prefix.len() + after);
            last = submitted.logits.map(|logits| (logits, tokens.len()));
            Ok(submitted.took)
        })?;
        if let Some((logits, chunk)) = last.filter(|_| changes.changes.is_empty()) {
            self.note_run(trace, &logits, chunk)?;
        }
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = chunks.settled();
        Ok(())
    }

    /// Sets the state back and begins to feed so many tokens.
    pub(super) fn begin<'a>(
        &self,
        chunk: &Chunk,
        total: usize,
        cancel: &'a AtomicBool,
    ) -> Result<Chunks<'a>, InferenceError> {
        self.reset()?;
        Ok(self.chunks(chunk, total, cancel))
    }

    /// Sets the state back.
    pub(super) fn reset(&self) -> Result<(), InferenceError> {
        self.reading().here = None;
        Ok(self.engine.reset()?)
    }

    /// Begins to feed so many tokens to the state that is there.
    pub(super) fn chunks<'a>(
        &self,
        chunk: &Chunk,
        total: usize,
        cancel: &'a AtomicBool,
    ) -> Chunks<'a> {
        let settled = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        Chunks::new(Pace::new(chunk.clone(), settled), total, cancel)
    }

    /// Submits a chunk; `next` came after its tokens.
    fn submit(
        &self,
        tokens: &[u32],
        changing: Option<Changing>,
        capture: Option<(&Arc<Trace>, usize)>,
        next: &[u32],
    ) -> Result<Submitted, InferenceError> {
        let logits = room::run(&self.gpu, || self.engine.submit(tokens, changing, capture))??;
        let start = Instant::now();
        let predictions = match &logits {
            Some(logits) => self.top_after(logits, tokens.len(), next)?,
            None => Vec::new(),
        };
        Ok(Submitted {
            predictions,
            took: start.elapsed(),
            logits,
        })
    }

    /// What logits `[chunk, padded vocabulary]` say of the tokens that come next, of which `next` came.
    pub(super) fn top_after(
        &self,
        logits: &TensorGpu<f32, ReadWrite>,
        chunk: usize,
        next: &[u32],
    ) -> Result<Vec<Prediction>, GpuError> {
        let stride = logits.len() / chunk;
        self.top.run(&logits.data().buffer, stride, chunk, next)
    }
}

/// What came of a chunk.
struct Submitted {
    /// What the model expected after each of its tokens.
    predictions: Vec<Prediction>,
    /// How long the GPU was at it.
    took: Duration,
    /// `[chunk, padded vocabulary]`, until the next chunk.
    logits: Option<TensorGpu<f32, ReadWrite>>,
}

/// The layers that a run keeps, if the model has them.
fn kept_layers(origin: &Origin, layers: Option<Layers>) -> Result<Range<usize>, InferenceError> {
    let Some(layers) = layers else {
        return Ok(origin.layers.clone());
    };
    let range = layers.range();
    if range.end > origin.card.layers {
        return Err(InferenceError::NoSuchLayers {
            layers,
            model: origin.model.clone(),
            last: origin.card.layers - 1,
        });
    }
    Ok(range)
}
