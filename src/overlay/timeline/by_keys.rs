//! The timeline by arrow keys, Home and End.

use egui::{Response, Ui};

use super::{Facts, Timeline, lanes};
use crate::{
    overlay::access::{self, Steps},
    session::{Intent, film::Film},
};

/// Seconds of a step of the play head.
const STEP: f64 = 0.1;

/// The play head by keys.
pub(super) fn seek(
    ui: &Ui,
    facts: &Facts,
    film: &Film,
    scrub: &Response,
    intents: &mut Vec<Intent>,
) {
    let steps = access::steps(ui, scrub);
    let whole = film.whole();
    let at = match steps {
        Steps { home: true, .. } => 0.0,
        Steps { end: true, .. } => whole,
        Steps { x: 0, .. } => return,
        Steps { x, .. } => (facts.play.at + STEP * x as f64).clamp(0.0, whole),
    };
    lanes::seek(facts, at, intents);
}

/// Keys choose the one before and behind.
pub(super) fn choose(
    ui: &Ui,
    facts: &Facts,
    film: &Film,
    keys: &Response,
    draft: &mut Timeline,
    intents: &mut Vec<Intent>,
) {
    let steps = access::steps(ui, keys);
    let Some(last) = film.keys.len().checked_sub(1) else {
        return;
    };
    let place = match (steps, draft.chosen) {
        (Steps { home: true, .. }, _) => 0,
        (Steps { end: true, .. }, _) => last,
        (Steps { x: 0, .. }, _) => return,
        (_, None) => 0,
        (Steps { x, .. }, Some(chosen)) => chosen.saturating_add_signed(x).min(last),
    };
    draft.chosen = Some(place);
    lanes::seek(facts, film.before() + film.keys[place].at, intents);
}
