//! A model or a trace, where either will do.

use std::{ops::Range, sync::Arc};

use super::{
    ModelArgs, PromptArgs,
    inputs::Ran,
    output::{self, Usage},
};
use crate::{
    gpu::Gpu,
    inference::{InferenceError, open_trace},
    model::{Card, ModelFile, Source, Vocabulary},
    trace::{Layers, Trace, TraceError, TraceFile},
};

/// Something to run was given with a trace.
pub(super) const ONE_RUN: Usage = Usage(
    "a trace holds one run, as it was: leave --prompt, --prompt-file, --ids, --precision, --int8, --nf4, --layers, --window, --state and --lora out, or name a model",
);

/// What was named in place of a model.
pub(super) enum Subject {
    /// A model, to be run.
    Model(Arc<ModelFile>, Option<Vocabulary>),
    /// A run.
    Trace(Box<TraceFile>),
}

/// The trace that was named, if it is one.
pub(super) fn trace(name: &str) -> Result<Option<TraceFile>, TraceError> {
    match Source::from(name) {
        Source::File(path) => TraceFile::recognise(&path),
        _ => Ok(None),
    }
}

impl Subject {
    /// Opens the file and finds out what it is.
    pub fn open(model: &ModelArgs, prompt: &PromptArgs) -> anyhow::Result<Self> {
        let Some(trace) = trace(&model.model)? else {
            let (file, vocabulary) = model.open()?;
            return Ok(Self::Model(file, vocabulary));
        };
        if prompt.is_given() || model.run.is_given() {
            Err(ONE_RUN)?;
        }
        Ok(Self::Trace(Box::new(trace)))
    }

    /// The model's short name.
    pub fn name(&self) -> &str {
        match self {
            Self::Model(file, _) => file.name(),
            Self::Trace(trace) => &trace.origin().model,
        }
    }

    /// The model's version and sizes.
    pub fn card(&self) -> &Card {
        match self {
            Self::Model(file, _) => file.card(),
            Self::Trace(trace) => &trace.origin().card,
        }
    }

    /// The layers that are or will be kept.
    pub fn layers(&self, model: &ModelArgs) -> anyhow::Result<Range<usize>> {
        let card = self.card();
        let layers = match self {
            Self::Model(..) => model.run.layers.map_or(0..card.layers, Layers::range),
            Self::Trace(trace) => trace.origin().layers.clone(),
        };
        match (model.run.layers, layers.end <= card.layers) {
            (Some(layers), false) => Err(InferenceError::NoSuchLayers {
                layers,
                model: self.name().to_owned(),
                last: card.layers - 1,
            })?,
            _ => Ok(layers),
        }
    }

    /// The run on the GPU: made now, or read from the file.
    pub fn run(self, model: &ModelArgs, prompt: &PromptArgs) -> anyhow::Result<(Gpu, Arc<Trace>)> {
        match self {
            Self::Model(file, vocabulary) => {
                let ran = Ran::of(&file, vocabulary, model, prompt)?;
                Ok((ran.gpu, ran.trace))
            }
            Self::Trace(file) => {
                let gpu = Gpu::new()?;
                let trace = output::watched(|watch| open_trace(&gpu, &file, watch))?;
                Ok((gpu, trace))
            }
        }
    }
}
