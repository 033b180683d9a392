//! A model file: what it is, its dimensions, its tensors and its vocabulary.
//!
//! A `.st` or `.safetensors` file in web-rwkv's layout is mapped; a `.pth` file as published is read
//! tensor by tensor. Either way web-rwkv sees its own names, order of dimensions and f16, through its
//! `Reader` trait. Everything web-rwkv assumes is checked in [`ModelFile::open`].

mod card;
mod check;
mod container;
mod demo;
mod detect;
mod digest;
mod element;
mod error;
mod file;
mod layout;
mod literal;
mod pairs;
mod pth;
mod quantisation;
mod safetensors;
mod source;
mod token_text;
mod vocabulary;
mod vocabulary_file;
mod weights;
mod words;

#[cfg(test)]
mod tests;

pub use card::{Card, Version};
pub(crate) use check::MOST;
pub(crate) use container::{Container, ContainerError, Unchecked};
pub use detect::Format;
pub use digest::Digest;
pub use error::ModelError;
pub(crate) use error::one_line;
pub use file::ModelFile;
pub(crate) use layout::{Dim, Extent, required};
pub use quantisation::{Packing, Quantisation};
pub use source::Source;
pub use token_text::{TextSpan, TokenText, text_spans, token_texts, visible};
pub use vocabulary::Vocabulary;
pub use words::words;

/// What a file with a run in place of a model says in its metadata, as `format`.
pub(crate) const TRACE_FORMAT: &str = "arclight-trace";
