use std::{ops::Range, sync::Arc};

use super::{Layers, Precision};
use crate::model::{Card, Digest, Merged, Quantisation, Tuned};

/// The model that a run came from, and how it was run.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The model's short name.
    pub model: String,
    /// Its version and sizes.
    pub card: Card,
    /// SHA-256 of its file.
    pub digest: Arc<Digest>,
    /// Of the frames while it ran.
    pub precision: Precision,
    /// The layers whose vectors are kept: all of them, or some that follow each other.
    pub layers: Range<usize>,
    /// Of its layers' matrices.
    pub quantisation: Quantisation,
    /// The LoRAs that were merged into it.
    pub merged: Vec<Merged>,
    /// The state that it starts from; none: the empty one.
    pub state: Option<Tuned>,
    /// Tokens that it read before the first one that is kept.
    pub read_before: usize,
}

impl Origin {
    /// Whether every layer's vectors are kept.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.layers == (0..self.card.layers)
    }

    /// Whether the first token stands for what the model brings along.
    #[must_use]
    pub fn has_before(&self) -> bool {
        self.state.is_some() || self.read_before > 0
    }

    /// What the first token stands for, where it stands for that, in words.
    #[must_use]
    pub fn before(&self) -> Option<String> {
        let state = self.state.as_ref();
        let state = state.map(|tuned| format!("the state {}", tuned.name));
        let read = match self.read_before {
            0 => None,
            1 => Some("1 token".to_owned()),
            tokens => Some(format!("{tokens} tokens")),
        };
        match (state, read) {
            (Some(state), Some(read)) => Some(format!("{state} and {read}")),
            (state, read) => state.or(read),
        }
    }

    /// Those that are kept, where they are not all.
    #[must_use]
    pub fn part(&self) -> Option<Layers> {
        Layers::of(&self.layers).filter(|_| !self.is_whole())
    }
}
