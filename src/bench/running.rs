use std::time::Instant;

use anyhow::bail;
use serde::Serialize;

use super::Times;
use crate::{
    app::Stage,
    session::{Intent, Write, Writing},
};

/// Radians that the camera turns from frame to frame.
const TURN: f32 = 0.005;
const SLOWEST: usize = 5;

/// Frames while a text runs or is written on.
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
    /// The longest ones, the longest first.
    pub slowest: Vec<Slow>,
}

/// A frame that took long.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Slow {
    /// Seconds since the text was given.
    pub at_s: f64,
    /// Milliseconds.
    pub ms: f64,
    /// Of these, spent waiting for the GPU after all commands were given.
    pub waiting_ms: f64,
}

/// Runs a text and draws one frame after another until it is done, while the camera flies about.
///
/// # Errors
/// When it cannot be run.
pub fn measure_running(stage: &mut Stage, ids: Vec<u32>) -> anyhow::Result<Running> {
    let tokens = ids.len();
    stage.desk().feed(ids);
    watch(stage, tokens)
}

/// Writes on from the text that is there, likewise; the camera follows the newest token.
///
/// # Errors
/// When it cannot go on.
pub fn measure_writing(stage: &mut Stage, tokens: usize) -> anyhow::Result<Running> {
    let before = stage.desk().facts.tokens.len();
    let writing = Writing {
        most: tokens,
        ..Writing::default()
    };
    stage.desk().ask(Intent::Writing(writing));
    stage.desk().ask(Intent::Write(Write::Toggle));
    let mut running = watch(stage, tokens)?;
    // The model may have ended the text before.
    let written = stage.desk().facts.tokens.len().saturating_sub(before);
    running.tps *= written as f64 / tokens.max(1) as f64;
    running.tokens = written;
    Ok(running)
}

/// Draws one frame after another until nothing is on its way.
fn watch(stage: &mut Stage, tokens: usize) -> anyhow::Result<Running> {
    let mut times = Times::default();
    let mut slowest = Vec::new();
    let start = Instant::now();
    let mut last = 0.0;
    let seconds = loop {
        stage.turn(TURN);
        let waiting_ms = stage.frame().as_secs_f64() * 1e3;
        let now = start.elapsed().as_secs_f64();
        let ms = (now - last) * 1e3;
        times.push_ms(ms);
        slowest.push(Slow {
            at_s: last,
            ms,
            waiting_ms,
        });
        last = now;
        let desk = stage.desk();
        if let Some(error) = &desk.facts.error {
            bail!(error.clone());
        }
        if desk.is_settled() {
            break now;
        }
    };
    slowest.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    slowest.truncate(SLOWEST);
    Ok(Running {
        tokens,
        tps: tokens as f64 / seconds,
        frames: times.count(),
        median_ms: times.median_ms(),
        worst_ms: times.worst_ms(),
        slowest,
    })
}
