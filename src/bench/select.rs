use std::sync::{Arc, atomic::AtomicBool};

use serde::Serialize;

use super::Times;
use crate::{
    draw::ARC_VERTICES,
    gpu::{Clock, Gpu},
    inference::{InferenceError, Model, RunOptions},
    score::{Request, Scores, Shown},
};

const SELECTIONS: usize = 7;

/// How long a selection takes.
#[derive(Debug, Clone, Serialize)]
pub struct Select {
    /// Of the text.
    pub tokens: usize,
    /// Milliseconds from asking for a token's scores to their summary on the CPU.
    pub ms: f64,
    /// Milliseconds of GPU time in the scans; none where the adapter does not tell the time.
    pub gpu_scan_ms: Option<f64>,
    /// Milliseconds of GPU time in marking what to draw.
    pub gpu_mark_ms: Option<f64>,
}

/// Runs a text and selects some of its last tokens, the longest to score.
///
/// # Errors
/// When there is nothing to run, or the device fails.
pub fn measure_select(gpu: &Gpu, model: &Model, ids: Vec<u32>) -> Result<Select, InferenceError> {
    let tokens = ids.len();
    let trace = model.trace(ids)?;
    model.run(
        &trace,
        &RunOptions::default(),
        &AtomicBool::new(false),
        |_| {},
    )?;
    let mut scores = Scores::new(gpu, &trace)?;
    let clock = Clock::new(gpu);
    let heads = trace.dimensions.layers * trace.dimensions.heads;
    let request = |token| {
        let shown = Shown::all(tokens, heads, Some(token));
        Request::new(token, Arc::new(shown), ARC_VERTICES)
    };
    let (mut wall, mut scan, mut mark) = (Times::default(), Times::default(), Times::default());
    // The first warms up.
    for turn in 0..=SELECTIONS {
        // A token scored last would not be scored again.
        let token = tokens - 1 - turn % tokens;
        let mut once = Times::default();
        once.take(|| scores.select(&request(token)).wait(gpu))?;
        if turn > 0 {
            wall.push_ms(once.median_ms());
        }
    }
    if let Some(clock) = &clock {
        for turn in 0..SELECTIONS {
            let token = tokens - 1 - turn % tokens;
            scores.select_timed(&request(token), clock).wait(gpu)?;
            let [scan_ms, mark_ms] = clock.read(gpu)?;
            scan.push_ms(scan_ms);
            mark.push_ms(mark_ms);
        }
    }
    Ok(Select {
        tokens,
        ms: wall.median_ms(),
        gpu_scan_ms: clock.as_ref().map(|_| scan.median_ms()),
        gpu_mark_ms: clock.as_ref().map(|_| mark.median_ms()),
    })
}
