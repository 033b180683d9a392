//! The matrix by keys: a cross that arrows move, for what the pointer does.

use egui::{Response, Ui};

use super::{Facts, MatrixDraft, access};
use crate::{score::Crop, session::Intent};

/// Of the part on show, what is left with a step nearer.
const NEARER: f32 = 0.8;

/// Arrows move the cross, + and − zoom around it, Home shows all, Enter selects the reader.
pub(super) fn steer(
    ui: &Ui,
    facts: &Facts,
    draft: &mut MatrixDraft,
    response: &Response,
    intents: &mut Vec<Intent>,
) {
    let Some(last) = facts.tokens.len().checked_sub(1) else {
        return;
    };
    if !response.has_focus() {
        draft.cross = None;
        return;
    }
    let steps = access::steps(ui, response);
    let selected = facts.session.token.unwrap_or(last).min(last);
    let (reader, writer) = draft.cross.unwrap_or((selected, selected));
    let reader = reader.saturating_add_signed(steps.y).min(last);
    // A token reads nothing that comes after it.
    let writer = writer.saturating_add_signed(steps.x).min(reader);
    draft.cross = Some((reader, writer));

    let tokens = facts.tokens.len();
    let crop = draft.crop(facts);
    let nearer = crop.zoomed(
        NEARER.powi(steps.zoom as i32),
        part(crop, reader, writer),
        tokens,
    );
    let shown = follow(nearer, reader, writer, tokens);
    if steps.home {
        draft.zoomed = None;
    } else if shown != crop {
        draft.zoomed = Some(shown);
    }
    if draft.pointed.is_none() {
        draft.pointed = draft.cross;
    }
    if response.clicked() && !ui.input(|input| input.pointer.any_click()) {
        intents.push(Intent::SelectToken(Some(reader)));
    }
}

/// Where in the part on show a pair is: to the right and down, each of 1.
fn part(crop: Crop, reader: usize, writer: usize) -> (f32, f32) {
    let part = |from: f32, token: usize| ((token as f32 + 0.5 - from) / crop.span).clamp(0.0, 1.0);
    (part(crop.left, writer), part(crop.top, reader))
}

/// The part, moved as little as lets the pair be in it.
fn follow(crop: Crop, reader: usize, writer: usize, tokens: usize) -> Crop {
    let by = |from: f32, token: usize| {
        let at = token as f32 - from;
        at.min(0.0) + (at + 1.0 - crop.span).max(0.0)
    };
    let by = [by(crop.left, writer), by(crop.top, reader)].map(|by| by / crop.span);
    crop.moved(by.into(), tokens)
}
