use crate::{
    files::WriteError,
    gpu::GpuError,
    model::Version,
    score::{MatrixError, Measure},
};

/// Why something is not exported. Every message is one line.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The name's ending says no format that there is.
    #[error("{file} does not end in {formats}: the {what} is written in no other format")]
    Format {
        /// The file.
        file: String,
        /// What was to be written.
        what: &'static str,
        /// The endings that there are.
        formats: String,
    },
    /// There is nothing to export.
    #[error("there is no run to export: run a prompt, and wait until all of it has been read")]
    NoRun,
    /// A row and a column are those of a selected token.
    #[error("the {0} is that of a selected token: select one first (--select)")]
    NoToken(&'static str),
    /// The selected token has no scores.
    #[error("there is no {what} of the selected token: {reason}")]
    Unscored {
        /// What was to be exported.
        what: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// A matrix is that of one head.
    #[error("the matrix is that of one head: show one alone first (--layer and --head)")]
    NotOneHead,
    /// Passage and folds leave no token.
    #[error("no token of the {0} is on show: unfold the text, or choose another passage")]
    NothingShown(&'static str),
    /// A version of RWKV lacks the measure.
    #[error("{version} has no {}: choose another measure", measure.name())]
    NoMeasure {
        /// The version.
        version: Version,
        /// The measure.
        measure: Measure,
    },
    /// The numbers would not go through a clipboard.
    #[error("{numbers} numbers are too many for the clipboard: export them to a file")]
    TooMany {
        /// How many there are.
        numbers: usize,
    },
    /// There is no room for the matrix.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    /// The device failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The writing thread is gone.
    #[error("the export ended before it was written: export it again")]
    Ended,
    /// The system gives no thread to write with.
    #[error("the system gives no thread to write with: close other programs")]
    NoThread,
}
