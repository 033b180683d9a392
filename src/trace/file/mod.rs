//! A trace in one safetensors file, which opens with no model. `docs/TRACE.md` describes it for other programs.
//!
//! `layout` names everything that stands in a file; writing, reading and checking follow it.

mod error;
mod layout;
mod load;
mod metadata;
mod read;
mod texts;
mod write;

pub use error::TraceError;
pub use read::TraceFile;
pub use write::save;

/// Bytes that pass between the file and the GPU at once.
const PIECE: usize = 16 << 20;

/// Which way a model or a trace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// From its file.
    Opening,
    /// To its file.
    Saving,
}
