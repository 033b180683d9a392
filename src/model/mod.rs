//! A model file: what it is, its dimensions, its tensors and its vocabulary.
//!
//! Safetensors are mapped, what PyTorch saved is read tensor by tensor. `opening` finds the files of a path, `naming`
//! gives their tensors web-rwkv's names and order of dimensions, `merge` adds LoRAs, and web-rwkv reads f16 through its
//! `Reader` trait. Everything web-rwkv assumes is checked in [`ModelFile::open`].

mod card;
mod chat;
mod check;
mod config;
mod container;
mod convert;
mod demo;
mod detect;
mod digest;
mod element;
mod error;
mod file;
mod layout;
mod literal;
mod lora;
mod merge;
mod naming;
mod opening;
mod pairs;
mod per_channel;
mod pth;
mod quantisation;
mod safetensors;
mod shards;
mod source;
mod state;
mod token_text;
mod vocabulary;
mod vocabulary_file;
mod weights;
mod words;

#[cfg(test)]
mod tests;

pub use card::{Card, GROUP_CHANNELS, Unit, Version};
pub use chat::{ASKING_BACK, question};
pub(crate) use check::MOST;
pub(crate) use container::{Container, ContainerError, Unchecked, map};
pub use convert::{ConvertError, convert};
pub use detect::Format;
pub use digest::Digest;
pub use error::ModelError;
pub(crate) use error::one_line;
pub use file::ModelFile;
pub(crate) use layout::{Dim, Extent, required};
pub use lora::Lora;
pub use merge::Merged;
pub use quantisation::{Packing, Quantisation};
pub use source::Source;
pub use state::{InitialState, Tuned, is_state};
pub use token_text::{BEFORE, TextSpan, TokenText, text_spans, token_text, token_texts, visible};
pub use vocabulary::Vocabulary;
pub use words::words;

/// What a file with a run in place of a model says in its metadata, as `format`.
pub(crate) const TRACE_FORMAT: &str = "arclight-trace";
