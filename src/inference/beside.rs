//! Another run, to stand beside one that is there.

use std::sync::{Arc, atomic::AtomicBool};

use super::{InferenceError, Model, RunOptions, open_trace};
use crate::{
    files::Watch,
    gpu::Gpu,
    model::{Card, ModelFile, Source, Vocabulary},
    trace::{Part, Trace, TraceFile},
};

/// What is to stand beside a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Other {
    /// Another text, read by the same model.
    Text(String),
    /// The same text, read by another model; or what a trace holds.
    Model(Source),
}

/// A run that stands beside another.
#[derive(Debug, Clone)]
pub struct Aside {
    /// The run, complete.
    pub trace: Arc<Trace>,
    /// What its ids stand for.
    pub vocabulary: Option<Vocabulary>,
}

/// How to read it.
pub(super) struct Reader<'a> {
    pub gpu: &'a Gpu,
    pub options: &'a RunOptions,
    pub part: Part,
    pub cancel: &'a AtomicBool,
}

impl Reader<'_> {
    /// Has a model read a text from its beginning.
    pub fn text(
        &self,
        model: &Model,
        vocabulary: Option<&Vocabulary>,
        text: &[u8],
    ) -> Result<Aside, InferenceError> {
        self.ids(model, vocabulary, model.encode(vocabulary, text)?)
    }

    fn ids(
        &self,
        model: &Model,
        vocabulary: Option<&Vocabulary>,
        ids: Vec<u32>,
    ) -> Result<Aside, InferenceError> {
        let trace = model.trace_of(ids, self.part)?;
        model.run(&trace, self.options, self.cancel, |_| {})?;
        Ok(Aside {
            trace,
            vocabulary: vocabulary.cloned(),
        })
    }

    /// Opens another model beside the one that is there, has it read the text of a run and lets go of it; a trace is only
    /// opened. `vocabulary` is that of the run.
    pub fn model(
        &self,
        beside: &Trace,
        vocabulary: Option<&Vocabulary>,
        source: &Source,
    ) -> Result<Aside, InferenceError> {
        let mut nobody = |_, _| {};
        let mut watch = Watch::new(self.cancel, &mut nobody);
        if let Source::File(path) = source
            && let Some(file) = TraceFile::recognise(path)?
        {
            require_shape(beside, &file.origin().model, &file.origin().card)?;
            if file.origin().layers != beside.origin.layers {
                return Err(InferenceError::OtherLayers {
                    model: file.origin().model.clone(),
                });
            }
            return Ok(Aside {
                trace: open_trace(self.gpu, &file, &mut watch)?,
                vocabulary: file.vocabulary(None)?,
            });
        }
        let file = Arc::new(ModelFile::open(source)?);
        require_shape(beside, file.name(), file.card())?;
        let own = Vocabulary::for_model(file.card(), None)?;
        let origin = &beside.origin;
        let (precision, quantisation) = (origin.precision, origin.quantisation);
        let model = Model::load_watched(self.gpu, &file, precision, quantisation, &mut watch)?;
        let ids = || beside.prefix.iter().chain(&beside.tokens[beside.first()..]);
        let read = if file.card().vocab == origin.card.vocab {
            self.ids(&model, own.as_ref(), ids().copied().collect())
        } else {
            let vocab = origin.card.vocab;
            let known = vocabulary.ok_or(InferenceError::NoVocabulary { vocab })?;
            let text = ids().flat_map(|id| known.bytes(*id).unwrap_or_default());
            self.text(&model, own.as_ref(), &text.copied().collect::<Vec<_>>())
        };
        drop(model);
        self.gpu.tidy();
        read
    }
}

/// Only what has its heads in the same places can stand beside a run.
fn require_shape(beside: &Trace, model: &str, card: &Card) -> Result<(), InferenceError> {
    let own = &beside.origin.card;
    if (own.layers, own.heads) == (card.layers, card.heads) {
        return Ok(());
    }
    let sizes = |card: &Card| {
        format!(
            "{} layers × {} {}s",
            card.layers,
            card.heads,
            card.version.unit().name()
        )
    };
    Err(InferenceError::OtherShape {
        model: model.to_owned(),
        has: sizes(card),
        own: sizes(own),
    })
}
