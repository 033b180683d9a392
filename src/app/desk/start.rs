use std::{path::PathBuf, sync::Arc};

use crate::{
    inference::{Look, Looked},
    model::Vocabulary,
    overlay::{ChangedFacts, Lamp, ModelFacts},
    session::{Memory, Session},
    trace::Trace,
};

/// How to begin.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// What is chosen.
    pub session: Session,
    /// In place of the vocabulary chosen by size.
    pub vocab: Option<PathBuf>,
    /// In place of the session's prompt.
    pub ids: Option<Vec<u32>>,
    /// Move the camera without easing, and let light stand still.
    pub still: bool,
    /// A run that is there already, in place of the session's model and prompt.
    pub run: Option<Run>,
    /// What is known from earlier starts, and kept for later ones.
    pub memory: Option<Memory>,
    /// Somebody watches while a text runs: frames have to come in between.
    pub live: bool,
}

/// A finished run, for another desk on the same device.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it left.
    pub trace: Arc<Trace>,
    /// What its ids stand for.
    pub vocabulary: Option<Vocabulary>,
    /// Whose.
    pub model: ModelFacts,
    /// Its conservation check.
    pub lamp: Option<Lamp>,
    /// The same with the session's interventions, and what they do to it.
    pub changed: Option<(Arc<Trace>, ChangedFacts)>,
    /// What was seen inside the model at a token of it.
    pub looked: Option<(Look, Arc<Looked>)>,
    /// What stands beside it.
    pub beside: Option<Box<Run>>,
}

impl Run {
    /// A run of which nothing else is known.
    pub(super) fn of(trace: Arc<Trace>, vocabulary: Option<Vocabulary>) -> Self {
        Self {
            model: ModelFacts::of(&trace.origin),
            trace,
            vocabulary,
            lamp: None,
            changed: None,
            looked: None,
            beside: None,
        }
    }
}
