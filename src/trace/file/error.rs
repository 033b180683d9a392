use super::layout::LAYOUT;
use crate::{
    files::{Cancelled, WriteError, cure},
    gpu::GpuError,
    model::ModelError,
};

/// What can go wrong with a trace file. Every message is one line.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The operating system refused.
    #[error("cannot read {file} ({reason}): {}", cure(reason))]
    Read {
        /// The file.
        file: String,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// A file of another kind.
    #[error("{file} is no trace: give a file that `arclight trace` wrote")]
    NotATrace {
        /// The file.
        file: String,
    },
    /// Written by another arclight, in a way that this one does not know.
    #[error(
        "{file} has trace layout {found:?}, written by arclight {writer}, and this arclight reads layout {}: open it with that version, or write it again with `arclight trace`",
        LAYOUT
    )]
    Layout {
        /// The file.
        file: String,
        /// Its layout's version.
        found: String,
        /// The version of arclight that wrote it.
        writer: String,
    },
    /// The file contradicts itself.
    #[error(
        "the trace {file} is damaged or incomplete ({reason}): copy it again, or write it again with `arclight trace`"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What contradicts what.
        reason: String,
    },
    /// The adapter has no room for it.
    #[error("the trace {file} does not fit on this adapter ({reason})")]
    Room {
        /// The file.
        file: String,
        /// What does not fit, and what to do.
        reason: GpuError,
    },
    /// Nothing has been run.
    #[error("there is nothing to save: run a text first")]
    Empty,
    /// A trace that no run filled.
    #[error("the trace has no predictions for some of its tokens: run the text again")]
    NoPredictions,
    /// Ended on request.
    #[error("cancelled: {0}")]
    Cancelled(&'static str),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The model's file cannot be read any more.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The GPU failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
}

impl TraceError {
    /// Opening was ended on request.
    pub(crate) const NOT_OPENED: Self = Self::Cancelled("the trace was not opened");
}

impl From<Cancelled> for TraceError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled("no file was written")
    }
}
