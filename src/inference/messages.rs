//! What the worker is asked, and what it tells.

use std::{path::PathBuf, sync::Arc};

use super::{Aside, Attribution, Comparison, Lens, Other, Sampler, Trial};
use crate::{
    change::{Change, Place},
    model::{Card, Lora, Merged, Quantisation, Source, Tuned, Vocabulary},
    trace::{Part, Precision, Trace, Transfer},
};

/// What to feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Prompt {
    /// Text, tokenised with the model's vocabulary.
    Text(String),
    /// Token ids as they are.
    Ids(Vec<u32>),
}

/// What to look at inside a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// At which token.
    pub token: usize,
    /// The token whose logit is taken apart; none: none is.
    pub target: Option<u32>,
    /// Whether what would be expected after each layer is wanted.
    pub lens: bool,
}

/// What came of that.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Looked {
    /// The logit's parts.
    pub attribution: Option<Attribution>,
    /// What would be expected after each layer.
    pub lens: Option<Lens>,
}

/// What the worker is asked to do.
#[derive(Debug, Clone)]
pub enum Command {
    /// Open a model or a trace, in place of the one that is there.
    Load {
        /// Which.
        source: Source,
        /// In place of the vocabulary chosen by size.
        vocab: Option<PathBuf>,
        /// Of the frames; a trace has its own.
        precision: Precision,
        /// Of the layers' matrices.
        quantisation: Quantisation,
        /// To be merged into the model; a trace is as it was.
        lora: Vec<Lora>,
        /// The state that the model starts from, in place of its own.
        state: Option<PathBuf>,
    },
    /// Run a prompt, keeping a part of its vectors.
    Run(Prompt, Part),
    /// Read a run's text again, without each of these places.
    Try(Arc<Trace>, Vec<Place>),
    /// Read a run's text again, without these interventions and with them.
    Compare(Arc<Trace>, Vec<Change>),
    /// Make another run, to stand beside one, and keep as much of it.
    Beside(Arc<Trace>, Other, Part),
    /// Look at what a model holds at a token of its run.
    Look(Arc<Trace>, Look),
    /// Choose the token that comes after a run, and run it.
    GoOn(Arc<Trace>, Sampler),
    /// Write a trace to a file.
    Save {
        /// Which.
        trace: Arc<Trace>,
        /// For the texts of its ids.
        vocabulary: Option<Vocabulary>,
        /// The file.
        path: PathBuf,
    },
}

/// What the worker tells.
#[derive(Debug)]
pub enum Event {
    /// A model or a trace is being read and uploaded.
    Loading(Source),
    /// A model is ready.
    Loaded {
        /// Its short name.
        name: String,
        /// Its sizes.
        card: Card,
        /// How its layers' matrices are kept.
        quantisation: Quantisation,
        /// The LoRAs in it.
        merged: Vec<Merged>,
        /// The state that it starts from.
        state: Option<Tuned>,
        /// Its vocabulary, if one is known.
        vocabulary: Option<Vocabulary>,
    },
    /// A run has begun; its trace fills chunk by chunk.
    Started(Arc<Trace>),
    /// Tokens are done.
    Progress {
        /// How many.
        done: usize,
        /// Of how many.
        total: usize,
        /// Seconds since the run began.
        seconds: f64,
    },
    /// The run's trace is complete and checked.
    Finished {
        /// The trace.
        trace: Arc<Trace>,
        /// Conservation error of each head, `[layers × heads]`.
        conservation: Vec<f32>,
        /// Tokens it was checked at.
        rows: usize,
    },
    /// A model or a trace is on its way.
    Transferring {
        /// Which way.
        transfer: Transfer,
        /// Bytes done.
        done: u64,
        /// Of how many.
        total: u64,
        /// Seconds since it began.
        seconds: f64,
    },
    /// A trace file is open: the run is there as if it had just finished, and there is no model.
    Opened {
        /// The file.
        path: PathBuf,
        /// The trace.
        trace: Arc<Trace>,
        /// What its ids stand for, if that is known.
        vocabulary: Option<Vocabulary>,
        /// As in [`Event::Finished`].
        conservation: Vec<f32>,
        /// As in [`Event::Finished`].
        rows: usize,
    },
    /// What leaving places out did to the text of that trace.
    Tried(u64, Trial),
    /// What these interventions did to the text of that trace, or why they could not be made.
    Compared(u64, Vec<Change>, Result<Box<Comparison>, String>),
    /// The run that stands beside that one, with its conservation check as in [`Event::Finished`], or why there is none.
    Beside(u64, Other, Result<(Aside, Vec<f32>, usize), String>),
    /// What there was to see in that run, or why nothing was.
    Looked(u64, Look, Result<Box<Looked>, String>),
    /// A run has one token more, or ends where it is.
    WentOn {
        /// The run as it was.
        from: u64,
        /// With the token; none where the text ends.
        longer: Option<Arc<Trace>>,
    },
    /// A trace is in its file.
    Saved(PathBuf),
    /// What was asked for could not be done; what was there before is untouched.
    Failed(String),
}
