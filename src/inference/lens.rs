//! The logit lens: what a model would expect next if it ended after a layer.

use super::{InferenceError, Inside, Model, room, shift::kl};
use crate::{
    gpu,
    trace::{Prediction, TOP},
};

/// What would be expected after one place on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Glimpse {
    /// The most probable tokens, with what the token that came had.
    pub expected: Prediction,
    /// KL(final ‖ here), in nats.
    pub kl: f64,
}

/// Its name among those of a [`Lens`]: `embedding`, `L0 time`, `L0 channel`, `L1 time` …
#[must_use]
pub fn place_name(at: usize) -> String {
    match at {
        0 => "embedding".to_owned(),
        _ if at % 2 == 1 => format!("L{} time", at / 2),
        _ => format!("L{} channel", at / 2 - 1),
    }
}

/// After the embedding, then after each time mix and each channel mix, `[2 layers + 1]`.
pub type Lens = Vec<Glimpse>;

impl Model {
    /// Reads the residual stream at each place as the last is read: through the final normalisation and the head.
    /// `came` is the token that came next.
    ///
    /// # Errors
    /// When the device fails.
    pub fn lens(&self, inside: &Inside, came: Option<u32>) -> Result<Lens, InferenceError> {
        let residuals = inside.residuals();
        let logits = room::run(&self.gpu, || self.engine.read_out(&residuals))??;
        let stride = logits.len() / residuals.len();
        let bytes = gpu::read(&self.gpu, &logits.data().buffer, 0, logits.len() as u64 * 4)?;
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
        let vocab = self.dimensions.vocab;
        let rows: Vec<&[f32]> = numbers.chunks(stride).map(|row| &row[..vocab]).collect();
        let Some(last) = rows.last() else {
            return Ok(Vec::new());
        };
        let glimpse = |row: &&[f32]| Glimpse {
            expected: Prediction::from_logits(row, TOP, came),
            kl: kl(last, row),
        };
        Ok(rows.iter().map(glimpse).collect())
    }
}
