use std::{convert::Infallible, time::Instant};

use anyhow::bail;
use serde::Serialize;

use super::Times;
use crate::app::Stage;

/// Frames while a text runs.
#[derive(Debug, Clone, Serialize)]
pub struct Running {
    /// Of the text.
    pub tokens: usize,
    /// Tokens a second, with the drawing between.
    pub tps: f64,
    /// Frames drawn meanwhile.
    pub frames: usize,
    /// From the start of a frame to the start of the next: the median, in milliseconds.
    pub median_ms: f64,
    /// The longest, in milliseconds.
    pub worst_ms: f64,
}

/// Runs a text and draws one frame after another until it is done.
///
/// # Errors
/// When it cannot be run.
pub fn measure_running(stage: &mut Stage, ids: Vec<u32>) -> anyhow::Result<Running> {
    let tokens = ids.len();
    stage.desk().feed(ids);
    let mut times = Times::default();
    let start = Instant::now();
    let seconds = loop {
        let Ok(()) = times.take(|| {
            stage.frame();
            Ok::<_, Infallible>(())
        });
        let desk = stage.desk();
        if let Some(error) = &desk.facts.error {
            bail!(error.clone());
        }
        if desk.is_settled() {
            break start.elapsed().as_secs_f64();
        }
    };
    Ok(Running {
        tokens,
        tps: tokens as f64 / seconds,
        frames: times.count(),
        median_ms: times.median_ms(),
        worst_ms: times.worst_ms(),
    })
}
