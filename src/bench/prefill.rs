use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::Times;
use crate::{
    gpu::{self, Gpu},
    inference::{InferenceError, MAX_CHUNK, Model, RunOptions},
};

pub(super) const TOKENS: usize = 512;
const RUNS: usize = 5;

/// How fast a text is run, and what capturing every head's vectors costs.
#[derive(Debug, Clone, Serialize)]
pub struct Prefill {
    /// Of the text.
    pub tokens: usize,
    /// Tokens a chunk.
    pub chunk: usize,
    /// Tokens a second with capture.
    pub with_capture_tps: f64,
    /// Tokens a second without.
    pub without_capture_tps: f64,
    /// Time with capture over time without, less 1.
    pub capture_cost: f64,
}

/// Runs a text with and without capture in turn, so that a machine that slows down slows both.
///
/// # Errors
/// When there is nothing to run, or the device fails.
pub fn measure_prefill(gpu: &Gpu, model: &Model, ids: &[u32]) -> Result<Prefill, InferenceError> {
    let mut times = [Times::default(), Times::default()];
    for run in 0..=RUNS {
        for (capture, times) in [true, false].into_iter().zip(&mut times) {
            let trace = model.trace(ids.to_vec())?;
            let options = RunOptions {
                capture,
                ..RunOptions::default()
            };
            let go = || {
                model.run(&trace, &options, &AtomicBool::new(false), |_| {})?;
                gpu::wait_idle(gpu);
                Ok::<_, InferenceError>(())
            };
            // The first run compiles and allocates.
            if run == 0 { go() } else { times.take(go) }?;
        }
    }
    let [with, without] = times.map(|times| times.median_s());
    let tokens = ids.len();
    Ok(Prefill {
        tokens,
        chunk: MAX_CHUNK,
        with_capture_tps: tokens as f64 / with,
        without_capture_tps: tokens as f64 / without,
        capture_cost: with / without - 1.0,
    })
}
