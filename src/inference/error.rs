use web_rwkv::runtime::{RuntimeError, loader::LoaderError};

use crate::{
    change::NoSuchChange,
    gpu::GpuError,
    model::ModelError,
    trace::{Layers, TraceError, Window},
};

/// What can go wrong while a model is loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The file is not what it should be.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// What is to be changed is not there.
    #[error(transparent)]
    Change(#[from] NoSuchChange),
    /// The GPU is not.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// A trace file is not what it should be, or cannot be written.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// web-rwkv would not take the file.
    #[error("{model} could not be loaded ({source}): check that the file is whole")]
    Load {
        /// The model's name.
        model: String,
        /// web-rwkv's reason.
        source: LoaderError,
    },
    /// The device had not as much memory as a model takes.
    #[error(
        "{model} does not fit on the graphics adapter ({reason}): keep layers in fewer bits (--int8 or --nf4), close other programs, or choose a smaller model"
    )]
    NoMemory {
        /// The model's name.
        model: String,
        /// The device's reason.
        reason: String,
    },
    /// Layers that the model has not.
    #[error("--layers {layers} is out of range: {model} has layers 0 to {last}")]
    NoSuchLayers {
        /// Those that were asked for.
        layers: Layers,
        /// The model's name.
        model: String,
        /// Its last layer.
        last: usize,
    },
    /// A window with no token of the text in it.
    #[error(
        "--window {window} has no token in it: the text has tokens 0 to {}",
        tokens.saturating_sub(1)
    )]
    EmptyWindow {
        /// The one that was asked for.
        window: Window,
        /// Of the text.
        tokens: usize,
    },
    /// RWKV-4's state is known up to a factor a channel.
    #[error(
        "{model} is an RWKV-4, whose state is a mean that cannot be read by itself: leave --window out, or use a shorter text"
    )]
    NoWindow {
        /// The model's name.
        model: String,
    },
    /// Loading was ended on request.
    #[error("cancelled: {model} was not opened")]
    NotLoaded {
        /// The model's name.
        model: String,
    },
    /// web-rwkv failed while running.
    #[error("the model stopped ({0}): load it again")]
    Run(#[from] RuntimeError),
    /// Nothing to run with.
    #[error("no model is open: open one by its name or path, then run")]
    NoModel,
    /// A trace holds what one run left, and not the model.
    #[error("only a trace is open: open the model ({model}) by its name or path, then run")]
    TraceOnly {
        /// The model's name.
        model: String,
    },
    /// Nothing to run.
    #[error("the prompt is empty: give at least one token")]
    EmptyPrompt,
    /// A token the model does not know.
    #[error("token id {id} is out of range: {model} has ids 0 to {last}")]
    IdOutOfRange {
        /// The id.
        id: u32,
        /// The model's name.
        model: String,
        /// Largest id.
        last: usize,
    },
    /// Text was given, and there is nothing to tokenise it with.
    #[error("no vocabulary is known for {vocab} entries: name one with --vocab FILE or give --ids")]
    NoVocabulary {
        /// The model's vocabulary size.
        vocab: usize,
    },
    /// Another model has its heads in other places.
    #[error("{model} has {has}, and the model of the run has {own}: compare models of one shape")]
    OtherShape {
        /// The other model's name.
        model: String,
        /// Its sizes.
        has: String,
        /// Those of the model of the run.
        own: String,
    },
    /// A trace keeps other layers.
    #[error("the trace of {model} keeps other layers than the run: run with the same --layers")]
    OtherLayers {
        /// The other model's name.
        model: String,
    },
    /// The run was ended on request.
    #[error("cancelled after {done} of {total} tokens")]
    Cancelled {
        /// Tokens run.
        done: usize,
        /// Tokens asked for.
        total: usize,
    },
}
