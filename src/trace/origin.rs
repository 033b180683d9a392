use std::sync::Arc;

use super::Precision;
use crate::model::{Card, Digest, Merged, Quantisation};

/// The model that a run came from, and how it was run.
#[derive(Debug)]
pub struct Origin {
    /// The model's short name.
    pub model: String,
    /// Its version and sizes.
    pub card: Card,
    /// SHA-256 of its file.
    pub digest: Arc<Digest>,
    /// Of the frames while it ran.
    pub precision: Precision,
    /// Of its layers' matrices.
    pub quantisation: Quantisation,
    /// The LoRAs that were merged into it.
    pub merged: Vec<Merged>,
}
