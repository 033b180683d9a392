use std::{convert::Infallible, time::Duration};

use serde::Serialize;

use super::Times;
use crate::{app::Stage, session::Intent};

/// Frames of one kind: as many as fit the span, within these bounds.
const LEAST: usize = 8;
const MOST: usize = 100;
const SPAN: Duration = Duration::from_secs(3);

const CLICKS: usize = 9;

/// How long a frame takes, from its first system until the GPU is done with it.
#[derive(Debug, Clone, Serialize)]
pub struct Frames {
    /// Of the text.
    pub tokens: usize,
    /// Whether the last token is selected.
    pub selected: bool,
    /// Whether the panels are shown.
    pub overlay: bool,
    /// Median, in milliseconds.
    pub median_ms: f64,
    /// The longest, in milliseconds.
    pub worst_ms: f64,
}

/// Draws what stands on the stage, `tokens` long, with and without a selection and panels.
///
/// # Errors
/// When drawing fails.
pub fn measure_frames(stage: &mut Stage, tokens: usize) -> anyhow::Result<Vec<Frames>> {
    let mut all = Vec::new();
    for selected in [false, true] {
        for overlay in [false, true] {
            let mut desk = stage.desk();
            if desk.facts.session.bare == overlay {
                desk.ask(Intent::ToggleOverlay);
            }
            desk.ask(Intent::SelectToken(selected.then_some(tokens - 1)));
            // The panels change what is free.
            desk.ask(Intent::FrameAll);
            stage.settle()?;
            let mut times = Times::default();
            while !times.are_enough(LEAST, MOST, SPAN) {
                frame(stage, &mut times);
            }
            all.push(Frames {
                tokens,
                selected,
                overlay,
                median_ms: times.median_ms(),
                worst_ms: times.worst_ms(),
            });
        }
    }
    Ok(all)
}

/// Selects some of the last tokens one after another, with the panels shown; each time runs to the end of
/// the first frame drawn after the choice, which is the one that shows its arcs.
///
/// # Errors
/// When drawing fails.
pub fn measure_click(stage: &mut Stage, tokens: usize) -> anyhow::Result<Times> {
    let mut times = Times::default();
    for click in 0..CLICKS {
        stage.settle()?;
        let token = tokens - 1 - (click + 1) % tokens;
        stage.desk().ask(Intent::SelectToken(Some(token)));
        frame(stage, &mut times);
    }
    Ok(times)
}

fn frame(stage: &mut Stage, times: &mut Times) {
    let Ok(()) = times.take(|| {
        stage.frame();
        Ok::<_, Infallible>(())
    });
}
