//! What the colours and lines of the text mean.

use super::{
    MARGIN,
    bar::{self, bar},
    formula, note,
    page::Page,
    text::{WIDTH, line},
    ticks, token_name,
};
use crate::{
    export::Snapshot,
    score::{Scale, number},
    session::FULL_SURPRISE,
};

/// Below a text whose strongest colour is `peak`; tells where the page ends.
pub(super) fn legend(page: &mut Page, of: &Snapshot, peak: f32, top: f32) -> f32 {
    let session = &of.session;
    let mut y = top;
    let right = WIDTH - MARGIN;
    page.open("g", &[("id", &"legend")]);
    if let Some(token) = session.token {
        let strong = page.inks.strong;
        let name = session.summary_name(of.shape);
        page.words(MARGIN, y + 12.0, 12.5, strong, &[], &name);
        let words = format!("{} · {}", of.model, token_name(of, token));
        note(page, (right, y + 12.0), "end", &words);
        formula(page, (MARGIN, y + 28.0), of);
        y += 38.0;
        let width = 240.0;
        let (full, unit) = full(of, peak);
        bar(
            page,
            (MARGIN, y),
            width,
            session,
            &ticks(&number(full), session.marks_are_signless()),
        );
        let x = MARGIN + width + 20.0;
        for (row, words) in unit.into_iter().chain(left_out(of)).enumerate() {
            note(page, (x, y + 8.0 + 14.0 * row as f32), "start", &words);
        }
        y += bar::HEIGHT + 14.0;
    }
    if session.text.surprise {
        const STEPS: usize = 24;
        note(page, (MARGIN, y + 8.0), "start", "surprise, −ln p:");
        note(page, (MARGIN + 96.0, y + 8.0), "end", "0");
        let at = |step: usize| MARGIN + 100.0 + 100.0 * step as f32 / STEPS as f32;
        for step in 0..STEPS {
            let nats = FULL_SURPRISE * (step as f32 + 0.5) / STEPS as f32;
            line(page, at(step), at(step + 1), y + 3.0, nats);
        }
        let words = format!("{FULL_SURPRISE:.0} nats");
        note(page, (at(STEPS) + 4.0, y + 8.0), "start", &words);
        y += 20.0;
    }
    page.close("g");
    y + MARGIN - 8.0
}

/// The value of the strongest colour, and in which unit when that is not the measure's own.
fn full(of: &Snapshot, peak: f32) -> (f32, Option<String>) {
    let session = &of.session;
    if let Some(full) = session.full_colour(of.shape, &of.scales) {
        return (peak * full, None);
    }
    let part = match session.scale {
        Scale::PerLayer => "layer",
        _ => of.shape.unit.name(),
    };
    let exposure = match session.exposure {
        1.0 => String::new(),
        exposure => format!(" / {}", number(exposure)),
    };
    (
        peak,
        Some(format!("1 is the largest |value| of each {part}{exposure}")),
    )
}

/// What does not count for full colour, and what is not on show.
fn left_out(of: &Snapshot) -> Vec<String> {
    let session = &of.session;
    let excluded = session.exclude.words();
    let excluded = excluded.map(|words| format!("scaled without {words}"));
    let passage = session.passage.as_ref().map(|passage| {
        let last = passage.end.saturating_sub(1);
        format!("tokens {} to {last} only", passage.start)
    });
    excluded.into_iter().chain(passage).collect()
}
