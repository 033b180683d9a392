use std::{ops::Range, sync::Arc};

use super::{Layers, Precision};
use crate::model::{Card, Digest, Merged, Quantisation};

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
}

impl Origin {
    /// Whether every layer's vectors are kept.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.layers == (0..self.card.layers)
    }

    /// Those that are kept, where they are not all.
    #[must_use]
    pub fn part(&self) -> Option<Layers> {
        Layers::of(&self.layers).filter(|_| !self.is_whole())
    }
}
