//! What is on show, for other programs: numbers as CSV and NPZ, the text and the matrix as SVG, and all of it
//! as text for the clipboard. `docs/EXPORTS.md` has every column and array.

mod csv;
mod document;
mod error;
mod format;
mod line;
mod matrix;
mod npz;
mod snapshot;
mod svg;
mod text;

pub use document::Document;
pub use error::ExportError;
pub use format::Format;
pub use npz::Npz;
pub use snapshot::Snapshot;

#[cfg(test)]
mod tests;
