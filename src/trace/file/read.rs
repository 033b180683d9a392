use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use safetensors::Dtype;

use super::{
    TraceError,
    layout::{Expected, LAYOUT, Sizes, key, name},
    metadata,
    texts::{Texts, occurring},
};
use crate::{
    model::{
        BEFORE, Container, ContainerError, ModelError, TRACE_FORMAT, Unchecked, Version,
        Vocabulary, one_line,
    },
    trace::{Dimensions, Origin, Prediction, Stored},
};

/// An open trace file: mapped, and checked as far as its numbers tell.
pub struct TraceFile {
    /// The path, for messages.
    pub(super) file: String,
    pub(super) container: Container,
    pub(super) sizes: Sizes,
    pub(super) predictions: Vec<Prediction>,
    origin: Arc<Origin>,
    writer: String,
    tokens: Vec<u32>,
    vocabulary: Option<Vocabulary>,
}

impl TraceFile {
    /// Opens what has to be a trace.
    ///
    /// # Errors
    /// When the file cannot be read, is no trace, or contradicts itself.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let file = one_line(path.display());
        if let Err(reason) = File::open(path) {
            return Err(TraceError::Read { file, reason });
        }
        Self::recognise(path)?.ok_or(TraceError::NotATrace { file })
    }

    /// Opens a trace; nothing when the file is something else or cannot be read.
    ///
    /// # Errors
    /// When the file says it is a trace and contradicts itself.
    pub fn recognise(path: &Path) -> Result<Option<Self>, TraceError> {
        // Opening a pipe would wait for its writer.
        if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Ok(None);
        }
        let Ok(handle) = File::open(path) else {
            return Ok(None);
        };
        let Ok(unchecked) = Unchecked::map(&handle) else {
            return Ok(None);
        };
        let metadata = unchecked.metadata();
        if metadata.get(key::FORMAT).map(String::as_str) != Some(TRACE_FORMAT) {
            return Ok(None);
        }
        Self::new(unchecked, &metadata, one_line(path.display())).map(Some)
    }

    fn new(
        unchecked: Unchecked,
        metadata: &BTreeMap<String, String>,
        file: String,
    ) -> Result<Self, TraceError> {
        let text = |key| one_line(metadata.get(key).map_or("?", String::as_str));
        let writer = text(key::ARCLIGHT);
        let found = text(key::LAYOUT);
        if found != LAYOUT {
            return Err(TraceError::Layout {
                file,
                found,
                writer,
            });
        }
        let damaged = |reason: String| TraceError::Damaged {
            file: file.clone(),
            reason: one_line(reason),
        };
        let origin = metadata::read(metadata).map_err(damaged)?;
        let container = unchecked.check().map_err(|error| match error {
            ContainerError::Read(reason) => TraceError::Read {
                file: file.clone(),
                reason,
            },
            ContainerError::Damaged(reason) => damaged(reason),
            ContainerError::Duplicate(name) => damaged(format!("it holds {name} twice")),
        })?;
        let dimensions = Dimensions {
            layers: origin.layers.len(),
            ..Dimensions::from(&origin.card)
        };
        let has_before = origin.has_before();
        let sizes = sizes(&container, dimensions, has_before).map_err(damaged)?;
        for tensor in sizes.tensors() {
            check(&container, &tensor).map_err(damaged)?;
        }

        let tokens: Vec<u32> = numbers(&container, name::TOKENS);
        let predictions = predictions(&container, &sizes);
        let vocab = sizes.dimensions.vocab;
        let unknown = |id: u32| {
            damaged(format!(
                "the id {id} occurs, and the vocabulary has {vocab} entries"
            ))
        };
        let places: Vec<usize> = (0..tokens.len())
            .filter(|at| tokens[*at] == BEFORE)
            .collect();
        if has_before && places != [0] {
            let reason =
                "its first token, and no other, should stand for what its metadata tells of";
            return Err(damaged(reason.to_owned()));
        }
        if !has_before && !places.is_empty() {
            return Err(unknown(BEFORE));
        }
        let occurring = occurring(&tokens, &predictions);
        if let Some(id) = occurring.last().filter(|id| **id as usize >= vocab) {
            return Err(unknown(*id));
        }
        let mut vocabulary = None;
        if sizes.texts.is_some() {
            let texts = Texts {
                ids: numbers(&container, name::TEXT_IDS),
                ends: numbers(&container, name::TEXT_ENDS),
                bytes: numbers(&container, name::TEXT_BYTES),
            };
            let list = texts.list(&occurring, vocab).map_err(damaged)?;
            vocabulary = Some(Vocabulary::new(list, &file, vocab)?);
        }
        Ok(Self {
            container,
            sizes,
            predictions,
            origin: Arc::new(origin),
            writer,
            tokens,
            vocabulary,
            file,
        })
    }

    /// The model it came from, and how that was run.
    #[must_use]
    pub fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// Sizes of the model, with as many layers as are kept.
    #[must_use]
    pub fn dimensions(&self) -> Dimensions {
        self.sizes.dimensions
    }

    /// The tokens that were run.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Number format of the vectors.
    #[must_use]
    pub fn stored(&self) -> Stored {
        self.sizes.stored
    }

    /// Candidates for the next token, kept at each.
    #[must_use]
    pub fn candidates(&self) -> usize {
        self.sizes.candidates()
    }

    /// Whether the texts of the tokens are in the file.
    #[must_use]
    pub fn has_texts(&self) -> bool {
        self.vocabulary.is_some()
    }

    /// Version of the arclight that wrote it.
    #[must_use]
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// Bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.container.len()
    }

    /// What the ids stand for: from `override_file` if there is one, else from the trace, else by the size
    /// of the model's vocabulary. That of the trace knows only the ids that occur.
    ///
    /// # Errors
    /// As [`Vocabulary::for_model`].
    pub fn vocabulary(
        &self,
        override_file: Option<&Path>,
    ) -> Result<Option<Vocabulary>, ModelError> {
        match &self.vocabulary {
            Some(own) if override_file.is_none() => Ok(Some(own.clone())),
            _ => Vocabulary::for_model(&self.origin.card, override_file),
        }
    }
}

/// The sizes that the metadata does not give, from the shapes of single tensors.
fn sizes(container: &Container, dimensions: Dimensions, has_before: bool) -> Result<Sizes, String> {
    let length = |name| {
        let tensor = container.tensors().get(name);
        tensor.and_then(|tensor| match tensor.shape[..] {
            [length] => Some(length),
            _ => None,
        })
    };
    let tokens = length(name::TOKENS).ok_or("it has no list of tokens")?;
    if tokens == 0 {
        return Err("it has no tokens".to_owned());
    }
    let receptance = container.tensors().get(name::R);
    let stored = match receptance.map(|tensor| tensor.dtype) {
        // The kernels of RWKV-4 read single floats, whatever the frames were.
        Some(Dtype::F16) if dimensions.version != Version::V4 => Stored::F16,
        _ => Stored::F32,
    };
    // All three or none.
    let texts = [name::TEXT_IDS, name::TEXT_ENDS, name::TEXT_BYTES];
    let any = texts
        .iter()
        .any(|name| container.tensors().contains_key(*name));
    let [ids, _, bytes] = texts.map(|name| length(name).unwrap_or(0));
    Ok(Sizes {
        dimensions,
        stored,
        tokens,
        has_before,
        texts: any.then_some((ids, bytes)),
    })
}

fn check(container: &Container, expected: &Expected) -> Result<(), String> {
    let Expected {
        name, dtype, shape, ..
    } = expected;
    let Some(tensor) = container.tensors().get(*name) else {
        return Err(format!("it has no tensor {name}"));
    };
    if tensor.dtype != *dtype || tensor.shape != *shape {
        return Err(format!(
            "{name} is {} {:?} and should be {dtype} {shape:?}",
            tensor.dtype, tensor.shape
        ));
    }
    Ok(())
}

fn predictions(container: &Container, sizes: &Sizes) -> Vec<Prediction> {
    let ids: Vec<u32> = numbers(container, name::TOP_IDS);
    let logits: Vec<f32> = numbers(container, name::TOP_LOGITS);
    let log_sum_exp: Vec<f32> = numbers(container, name::LOG_SUM_EXP);
    let next: Vec<f32> = numbers(container, name::NEXT_LOGIT);
    let count = sizes.candidates();
    let tops = ids.chunks_exact(count).zip(logits.chunks_exact(count));
    tops.zip(log_sum_exp.into_iter().zip(next))
        .enumerate()
        .map(|(at, ((ids, logits), (log_sum_exp, next)))| {
            let came = (!next.is_nan()).then_some(next);
            // Of a state that was given nothing is known of what came before it.
            if at == 0 && sizes.has_before && log_sum_exp.is_nan() {
                return Prediction::none();
            }
            Prediction::from_candidates(ids, logits, log_sum_exp, came)
        })
        .collect()
}

/// A tensor's numbers; none where there is no such tensor, which [`check`] has seen to.
pub(super) fn numbers<T: bytemuck::Pod>(container: &Container, name: &str) -> Vec<T> {
    bytemuck::pod_collect_to_vec(container.bytes(name).unwrap_or_default())
}
