//! The state of one head: what it holds after a token, and how that went along the text.

use egui::{
    Color32, Mesh, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2,
    vec2,
};

use super::{CARD_WIDTH, Drafts, Facts, StateFacts, controls::choice, style};
use crate::{
    model::Version,
    score::{Moment, StateAt, number},
};

/// Points of the heat map, both ways.
const SIDE: f32 = CARD_WIDTH - 28.0;
/// Points that a line along the text is high.
const HEIGHT: f32 = 34.0;

/// Which part of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatePart {
    /// All of it.
    #[default]
    State,
    /// What the token wrote.
    Added,
    /// What it erased.
    Erased,
}

/// The map, then the lines.
pub(super) fn head_state(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts) {
    let ink = style::ink(ui.ctx());
    let small = |ui: &mut Ui, text: String, colour| {
        ui.label(RichText::new(text).small().color(colour));
    };
    let unit = facts.unit();
    let Some(state) = &facts.state else {
        ui.label(RichText::new("State").color(ink.strong));
        let words = "choose one head: double-click a cell, or click the map of heads";
        return small(ui, unit.say(words), ink.faint);
    };
    let name = state.head.map_or_else(String::new, |head| head.name(unit));
    ui.label(RichText::new(format!("State of {name}")).color(ink.strong));
    if let Some(reason) = &state.refused {
        return small(ui, reason.clone(), ink.bad);
    }
    parts(ui, facts, drafts);
    match &state.at {
        Some(at) => map(ui, facts, at, drafts.state_part),
        None => {
            ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::hover());
        }
    }
    let Some(track) = &state.track else {
        return small(ui, "working it out along the text …".into(), ink.faint);
    };
    lines(ui, facts, state, track);
}

fn parts(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let erases = facts.version() == Version::V7;
        for (part, name, says) in [
            (
                StatePart::State,
                "after it",
                "All that the state holds after the token",
            ),
            (
                StatePart::Added,
                "written",
                "What the token wrote: the outer product of its key and its value",
            ),
            (
                StatePart::Erased,
                "erased",
                "What the token erased before it wrote",
            ),
        ] {
            let is_there = part != StatePart::Erased || erases;
            if is_there && choice(ui, name, drafts.state_part == part, says) {
                drafts.state_part = part;
            }
        }
    });
}

/// A square a number: rows are key channels, columns value channels.
fn map(ui: &mut Ui, facts: &Facts, at: &StateAt, part: StatePart) {
    let numbers = match part {
        StatePart::State => &at.state,
        StatePart::Added => &at.added,
        StatePart::Erased => &at.erased,
    };
    let size = numbers.len().isqrt().max(1);
    let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::hover());
    let largest = numbers.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    let colours = facts.session.colours();
    let step = SIDE / size as f32;
    let mut mesh = Mesh::default();
    for (place, number) in numbers.iter().enumerate() {
        let corner = rect.min + vec2((place % size) as f32, (place / size) as f32) * step;
        let shade = colours.shade(number / largest.max(1e-30), false);
        let square = Rect::from_min_size(corner, vec2(step, step));
        mesh.add_colored_rect(square, style::colour(shade));
    }
    ui.painter().add(Shape::mesh(mesh));
    let text = text_of(facts, at.token);
    let says = format!("after {text}, token {}: {size} × {size}", at.token);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, says.clone()));
    let ink = style::ink(ui.ctx());
    let scale = format!("{says}, full colour ±{}", number(largest));
    ui.label(RichText::new(scale).small().color(ink.faint));
    if let Some(pointer) = response.hover_pos() {
        let place = (pointer - rect.min) / step;
        let (row, column) = (place.y as usize, place.x as usize);
        if let Some(value) = numbers.get(row * size + column) {
            let words = format!("key {row}, value {column}: {value:+.5}");
            response.on_hover_text_at_pointer(words);
        }
    }
}

fn text_of(facts: &Facts, token: usize) -> String {
    let token = facts.tokens.get(token);
    token.map_or_else(String::new, |token| style::shown(&token.text))
}

/// Norm and rank along the text, and what the token did.
fn lines(ui: &mut Ui, facts: &Facts, state: &StateFacts, track: &[Moment]) {
    let ink = style::ink(ui.ctx());
    let token = state.at.as_ref().map(|at| at.token);
    let here = token
        .and_then(|token| track.get(token))
        .copied()
        .unwrap_or_default();
    let size = state.at.as_ref().map_or(0, |at| at.state.len().isqrt());
    for (name, says, of) in [
        (
            "‖S‖",
            "Its size: the root of the sum of its squares",
            (|it: &Moment| it.norm) as fn(&Moment) -> f32,
        ),
        (
            "rank",
            "Over how many directions it spreads, with σ its singular values: (Σ σ²)² / Σ σ⁴",
            |it| it.rank,
        ),
    ] {
        ui.horizontal(|ui| {
            let text = format!("{name} {}", number(of(&here)));
            ui.label(RichText::new(text).small().color(ink.text))
                .on_hover_text(says);
            if name == "rank" && size > 0 {
                ui.label(RichText::new(format!("of {size}")).small().color(ink.faint));
            }
        });
        line(ui, track, token, of, name);
    }
    let mut did = format!("wrote {}", number(here.added));
    if facts.version() == Version::V7 {
        did += &format!(" · erased {}", number(here.erased));
    }
    let says = "Their sizes, as that of the state";
    ui.label(RichText::new(did).small().color(ink.text))
        .on_hover_text(says);
}

/// The largest of every few tokens, from 0 to the largest of all.
fn line(ui: &mut Ui, track: &[Moment], token: Option<usize>, of: fn(&Moment) -> f32, name: &str) {
    let ink = style::ink(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(SIDE, HEIGHT), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(WidgetType::Image, true, format!("{name} along the text"))
    });
    ui.painter()
        .rect_filled(rect, 3, ink.button.gamma_multiply(0.5));
    let largest = track.iter().map(of).fold(0.0_f32, f32::max).max(1e-30);
    let count = track.len().max(2);
    let x = |at: usize| rect.left() + SIDE * at as f32 / (count - 1) as f32;
    let few = track.len().div_ceil(SIDE as usize).max(1);
    let points: Vec<Pos2> = track
        .chunks(few)
        .enumerate()
        .map(|(at, some)| {
            let value = some.iter().map(of).fold(0.0_f32, f32::max) / largest;
            pos2(x(at * few), rect.bottom() - 2.0 - (HEIGHT - 4.0) * value)
        })
        .collect();
    let stroke = Stroke::new(1.2_f32, ink.accent);
    ui.painter().add(Shape::line(points, stroke));
    if let Some(token) = token {
        let faint = Stroke::new(1.0_f32, Color32::from_white_alpha(90));
        ui.painter().vline(x(token), rect.y_range(), faint);
    }
}
