use std::{
    io,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use half::f16;
use safetensors::SafeTensorError;
use web_rwkv::{
    num::Float,
    runtime::{self, loader::LoaderError},
    tensor::matrix::Matrix,
};

use super::{
    InferenceError,
    capture::Shared,
    engine::{Driver, Engine},
    pace::{Chunk, Pace, Settled},
    predict::{Heads, TopTokens},
    room, v4, v5, v6, v7,
    watched::Watched,
};
use crate::{
    estimate,
    files::{Watch, unwatched},
    gpu::{self, Gpu, GpuError},
    model::{Card, ModelFile, Packing, Quantisation, Version},
    trace::{Dimensions, Layers, Origin, Parameters, Precision, Stored, Trace},
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
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            chunk: Chunk::default(),
            capture: true,
        }
    }
}

/// A model on the GPU, ready to run.
pub struct Model {
    gpu: Gpu,
    origin: Arc<Origin>,
    dimensions: Dimensions,
    parameters: Arc<Parameters>,
    engine: Box<dyn Engine>,
    matrix_bytes: u64,
    top: TopTokens,
    pace: Mutex<Settled>,
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
        require_bindings(gpu, &card)?;
        room::require_model(gpu, file.name(), &card, precision, quantisation)?;
        let made = room::attempt(gpu, || {
            let parameters = Arc::new(Parameters::load(gpu, file, &dimensions)?);
            let engine = match precision {
                Precision::F16 => engine::<f16>,
                Precision::F32 => engine::<f32>,
            };
            let made = engine(gpu, file, &dimensions, precision, quantisation, watch)?;
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
        });
        Ok(Self {
            gpu: gpu.clone(),
            origin,
            dimensions,
            parameters,
            engine,
            matrix_bytes,
            top,
            pace: Mutex::default(),
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

    /// Makes room for a run.
    ///
    /// # Errors
    /// When there is nothing to run, an id is unknown to the model, or there is not as much memory.
    pub fn trace(&self, tokens: Vec<u32>) -> Result<Arc<Trace>, InferenceError> {
        self.trace_of(tokens, None)
    }

    /// The same, keeping the vectors of some layers alone.
    ///
    /// # Errors
    /// As [`Model::trace`], and when the model has no such layers.
    pub fn trace_of(
        &self,
        tokens: Vec<u32>,
        layers: Option<Layers>,
    ) -> Result<Arc<Trace>, InferenceError> {
        if tokens.is_empty() {
            return Err(InferenceError::EmptyPrompt);
        }
        if let Some(&id) = tokens
            .iter()
            .find(|id| **id as usize >= self.dimensions.vocab)
        {
            let last = self.dimensions.vocab - 1;
            return Err(InferenceError::IdOutOfRange {
                id,
                model: self.origin.model.clone(),
                last,
            });
        }
        let stored = Stored::of(self.dimensions.version, self.origin.precision);
        let kept = kept_layers(&self.origin, layers)?;
        room::require_run(&self.gpu, &self.origin, &kept, tokens.len())?;
        let (mut origin, mut parameters) = (self.origin.clone(), self.parameters.clone());
        if kept != self.origin.layers {
            let own = parameters.of_layers(&self.gpu, &self.dimensions, &kept);
            parameters = Arc::new(own);
            origin = Arc::new(Origin {
                layers: kept,
                ..Origin::clone(&origin)
            });
        }
        let gpu = &self.gpu;
        Ok(Arc::new(Trace::new(
            gpu, origin, stored, parameters, tokens,
        )?))
    }

    /// Runs a trace's tokens from an empty state, chunk by chunk; `progress` hears of each.
    ///
    /// # Errors
    /// When cancelled, or when web-rwkv or the device fails.
    pub fn run(
        &self,
        trace: &Arc<Trace>,
        options: &RunOptions,
        cancel: &AtomicBool,
        mut progress: impl FnMut(usize),
    ) -> Result<(), InferenceError> {
        let chunk = options.chunk.clone();
        self.chunks(&trace.tokens, chunk, cancel, |tokens, offset| {
            let capture = options.capture.then_some((trace, offset));
            let submitted = room::attempt(&self.gpu, || self.engine.submit(tokens, capture));
            let submitted = submitted.map_err(|reason| GpuError::Memory {
                what: "the run",
                reason,
            })?;
            if let Some(logits) = submitted? {
                let stride = logits.len() / tokens.len();
                let after = offset + tokens.len();
                let next = &trace.tokens[offset + 1..trace.tokens.len().min(after + 1)];
                let predictions =
                    self.top
                        .run(&logits.data().buffer, stride, tokens.len(), next)?;
                trace.grow(tokens.len(), predictions);
            }
            progress(offset + tokens.len());
            Ok(())
        })
    }

    /// All logits of a run, `[tokens, vocabulary]`, with no capture.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn logits(&self, tokens: &[u32]) -> Result<Vec<Vec<f32>>, InferenceError> {
        let mut all = Vec::with_capacity(tokens.len());
        self.chunks(
            tokens,
            Chunk::default(),
            &AtomicBool::new(false),
            |chunk, _| {
                if let Some(logits) = self.engine.submit(chunk, None)? {
                    let stride = logits.len() / chunk.len();
                    let bytes =
                        gpu::read(&self.gpu, &logits.data().buffer, 0, logits.len() as u64 * 4)?;
                    let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
                    all.extend(
                        numbers
                            .chunks(stride)
                            .map(|row| row[..self.dimensions.vocab].to_vec()),
                    );
                }
                Ok(())
            },
        )?;
        Ok(all)
    }

    fn chunks(
        &self,
        tokens: &[u32],
        chunk: Chunk,
        cancel: &AtomicBool,
        mut each: impl FnMut(&[u32], usize) -> Result<(), InferenceError>,
    ) -> Result<(), InferenceError> {
        self.engine.reset()?;
        let settled = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pace = Pace::new(chunk, settled);
        let mut done = 0;
        while done < tokens.len() {
            if cancel.load(Ordering::Relaxed) {
                return Err(InferenceError::Cancelled {
                    done,
                    total: tokens.len(),
                });
            }
            let count = pace.next(tokens.len() - done);
            let start = Instant::now();
            each(&tokens[done..done + count], done)?;
            pace.took(count, start.elapsed());
            done += count;
        }
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace.settled();
        Ok(())
    }
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

/// web-rwkv binds whole matrices.
fn require_bindings(gpu: &Gpu, card: &Card) -> Result<(), InferenceError> {
    let limits = gpu.device().limits();
    let allowed = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    let needed = 2 * card.width as u64 * card.vocab.next_multiple_of(8).max(card.hidden) as u64;
    if needed > allowed {
        Err(GpuError::TooLarge {
            what: "the model's largest matrix".into(),
            needed: needed.div_ceil(1 << 20),
            allowed: allowed >> 20,
            adapter: gpu.report().adapter,
        })?;
    }
    Ok(())
}

fn engine<F: Float>(
    gpu: &Gpu,
    file: &Arc<ModelFile>,
    dimensions: &Dimensions,
    precision: Precision,
    quantisation: Quantisation,
    watch: &mut Watch<'_>,
) -> Result<(Box<dyn Engine>, u64), InferenceError> {
    let shared = Arc::new(Shared::<F>::default());
    let heads = Heads::new(gpu, dimensions, precision);
    let quant = (0..dimensions.layers).map(|layer| (layer, quant(quantisation.of(layer))));
    let builder = runtime::model::ModelBuilder::new(&gpu.context, Watched::new(file, watch));
    let builder = builder.quant(quant.collect());
    let model = || file.name().to_owned();
    let failed = |source| match source {
        LoaderError::SafeTensor(SafeTensorError::IoError(error))
            if error.kind() == io::ErrorKind::Interrupted =>
        {
            InferenceError::NotLoaded { model: model() }
        }
        source => InferenceError::Load {
            model: model(),
            source,
        },
    };
    Ok(match dimensions.version {
        Version::V4 => {
            let model = gpu::pollster(builder.build_v4()).map_err(failed)?;
            let bytes = v4::matrix_bytes(&model);
            let hooks = v4::hooks(dimensions.layers, &shared);
            let bundle = runtime::v4::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver = Driver::<_, runtime::v4::RnnJob, F>::new(gpu, bundle, shared, heads);
            (Box::new(driver), bytes)
        }
        Version::V5 => {
            let model = gpu::pollster(builder.build_v5()).map_err(failed)?;
            let bytes = v5::matrix_bytes(&model);
            let hooks = v5::hooks(dimensions.layers, &shared);
            let bundle = runtime::v5::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver = Driver::<_, runtime::v5::RnnJob, F>::new(gpu, bundle, shared, heads);
            (Box::new(driver), bytes)
        }
        Version::V7 => {
            let model = gpu::pollster(builder.build_v7()).map_err(failed)?;
            let bytes = v7::matrix_bytes(&model);
            let hooks = v7::hooks(dimensions.layers, &shared);
            let bundle = runtime::v7::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver = Driver::<_, runtime::v7::RnnJob, F>::new(gpu, bundle, shared, heads);
            (Box::new(driver), bytes)
        }
        Version::V6 => {
            let model = gpu::pollster(builder.build_v6()).map_err(failed)?;
            let bytes = v6::matrix_bytes(&model);
            let hooks = v6::hooks(dimensions.layers, &shared);
            let bundle = runtime::v6::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver = Driver::<_, runtime::v6::RnnJob, F>::new(gpu, bundle, shared, heads);
            (Box::new(driver), bytes)
        }
    })
}

fn quant(packing: Packing) -> runtime::model::Quant {
    match packing {
        Packing::F16 => runtime::model::Quant::None,
        Packing::Int8 => runtime::model::Quant::Int8,
        Packing::Nf4 => runtime::model::Quant::NF4,
    }
}

/// Bytes of a matrix's buffers.
pub(super) fn bytes_of(matrix: &Matrix) -> u64 {
    match matrix {
        Matrix::Fp16(weights) => weights.data().buffer.size(),
        Matrix::Int8 { w, m } => w.data().buffer.size() + m.data().buffer.size(),
        Matrix::Fp4 { q, w, m } => {
            q.data().buffer.size() + w.data().buffer.size() + m.data().buffer.size()
        }
    }
}
