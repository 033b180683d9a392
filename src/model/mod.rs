//! A model file: what it is, its dimensions, its tensors and its vocabulary.
//!
//! A `.st` or `.safetensors` file in web-rwkv's layout is mapped; a `.pth` file as published is read
//! tensor by tensor. Either way web-rwkv sees its own names, order of dimensions and f16, through its
//! `Reader` trait. Everything web-rwkv assumes is checked in [`ModelFile::open`].

mod card;
mod check;
mod demo;
mod detect;
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

#[cfg(test)]
mod tests;

pub use card::{Card, Version};
pub use detect::Format;
pub use error::ModelError;
pub use file::ModelFile;
pub use quantisation::{Packing, Quantisation};
pub use source::Source;
pub use token_text::{TextSpan, TokenText, text_spans, token_texts, visible};
pub use vocabulary::Vocabulary;
