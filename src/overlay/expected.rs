use std::ops::Range;

use egui::{
    Align2, Area, Context, FontId, Frame, Id, Margin, Order, Pos2, Rect, Response, RichText, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, vec2,
};

use super::{Facts, style};
use crate::{
    model::{BEFORE, TokenText},
    trace::Prediction,
};

const CARD_WIDTH: f32 = 236.0;

/// One token of a prediction.
pub(super) struct Candidate<'a> {
    /// From 1, or what stands in its place.
    pub rank: &'a str,
    /// Shown where there is one.
    pub id: Option<u32>,
    pub text: &'a str,
    pub probability: f32,
    /// It is the one that really came.
    pub came: bool,
    /// Its logit is taken apart.
    pub chosen: bool,
}

/// A line with the token's probability as a bar.
pub(super) fn candidate(ui: &mut Ui, candidate: &Candidate) -> Response {
    let Candidate {
        rank,
        id,
        text,
        probability,
        came,
        chosen,
    } = *candidate;
    let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), 17.0), Sense::hover());
    let bar = Rect::from_min_size(rect.min, vec2(rect.width() * probability, rect.height()));
    let fill = if came {
        // However short its bar is, it can be seen which one came.
        let ground = style::ink(ui.ctx()).accent.gamma_multiply(0.25);
        ui.painter().rect_filled(rect, 3, ground);
        style::ink(ui.ctx()).accent.gamma_multiply(0.75)
    } else {
        style::ink(ui.ctx()).button
    };
    ui.painter().rect_filled(bar, 3, fill);
    if chosen {
        let stroke = Stroke::new(1.0_f32, style::ink(ui.ctx()).strong);
        ui.painter()
            .rect_stroke(rect, 3, stroke, StrokeKind::Inside);
    }
    let ink = if came {
        style::ink(ui.ctx()).strong
    } else {
        style::ink(ui.ctx()).text
    };
    let font = FontId::proportional(12.5);
    let line = format!("{rank}  {}", style::shown(text));
    let percent = percent(probability);
    let number = id.map_or_else(String::new, |id| format!("#{id}"));
    row.widget_info(|| {
        let came = if came { ", came" } else { "" };
        let parts = [line.as_str(), number.as_str(), percent.as_str()];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        WidgetInfo::labeled(WidgetType::Label, true, parts.join("  ") + came)
    });
    let painter = ui.painter();
    let (left, right) = (rect.left_center(), rect.right_center() - vec2(5.0, 0.0));
    let faint = if came {
        style::ink(ui.ctx()).strong
    } else {
        style::ink(ui.ctx()).faint
    };
    let rank_end = left + vec2(19.0, 0.0);
    painter.text(rank_end, Align2::RIGHT_CENTER, rank, font.clone(), faint);
    painter.text(right, Align2::RIGHT_CENTER, percent, font.clone(), ink);
    let mut room = rect.with_max_x(right.x - 50.0);
    if !number.is_empty() {
        let right = right - vec2(54.0, 0.0);
        let small = FontId::proportional(10.5);
        let number = painter.text(right, Align2::RIGHT_CENTER, number, small, faint);
        room = room.with_max_x(number.left() - 6.0);
    }
    // A long token ends where its number begins.
    let start = left + vec2(26.0, 0.0);
    let painter = painter.with_clip_rect(room.intersect(painter.clip_rect()));
    painter.text(start, Align2::LEFT_CENTER, style::shown(text), font, ink);
    row
}

/// A probability in as few digits as tell it.
pub(super) fn percent(probability: f32) -> String {
    let percent = probability * 100.0;
    match percent {
        _ if percent >= 0.1 || percent == 0.0 => format!("{percent:.1} %"),
        _ if percent >= 0.001 => format!("{percent:.3} %"),
        _ => format!("{percent:.0e} %"),
    }
}

/// What the model expected in place of the token that the pointer rests on in the text, beside its row.
/// `together` are the tokens of the word or character that it is a part of.
pub(super) fn card(ctx: &Context, facts: &Facts, together: Range<usize>, beside: Pos2) {
    let Some(pointed) = &facts.pointed else {
        return;
    };
    let Some(token) = facts.tokens.get(pointed.token) else {
        return;
    };
    Area::new(Id::new("expected"))
        .order(Order::Tooltip)
        .interactable(false)
        .fade_in(false)
        .fixed_pos(beside)
        .constrain_to(ctx.content_rect().shrink(10.0))
        .show(ctx, |ui| {
            Frame::new()
                .fill(style::ink(ctx).card)
                .stroke(Stroke::new(1.0_f32, style::ink(ctx).button))
                .corner_radius(8)
                .inner_margin(Margin::symmetric(12, 10))
                .show(ui, |ui| {
                    ui.set_width(CARD_WIDTH);
                    ui.spacing_mut().item_spacing.y = 3.0;
                    title(ui, facts, pointed.token, token, together);
                    ui.add_space(4.0);
                    match &pointed.expected {
                        Some((prediction, texts)) => candidates(ui, token, prediction, texts),
                        None => faint(ui, unexpected(facts, pointed.token)),
                    }
                });
        });
}

/// Why nothing was expected of a token.
fn unexpected(facts: &Facts, token: usize) -> String {
    match (&facts.before, token) {
        (Some(before), 0) => format!("It stands for {before}."),
        (Some(_), 1) => "The first token of the text: what came before is not known.".to_owned(),
        (None, 0) => "The first token: nothing came before it.".to_owned(),
        _ => "The model has not come so far yet.".to_owned(),
    }
}

fn faint(ui: &mut Ui, text: impl Into<String>) {
    ui.label(
        RichText::new(text)
            .small()
            .color(style::ink(ui.ctx()).faint),
    );
}

/// The token, what it is a part of, and how surprising both are.
fn title(ui: &mut Ui, facts: &Facts, at: usize, token: &TokenText, together: Range<usize>) {
    let nats = |tokens: Range<usize>| {
        let all = facts.surprises.get(tokens).unwrap_or_default();
        let sum = all.iter().flatten().copied().reduce(|a, b| a + b);
        sum.map_or_else(String::new, |nats| format!("  ·  {nats:.2} nats"))
    };
    ui.label(RichText::new(style::shown(&token.text)).color(style::ink(ui.ctx()).strong));
    let own = nats(at..at + 1);
    let id = match token.id {
        BEFORE => String::new(),
        id => format!("  ·  #{id}"),
    };
    faint(ui, format!("token {at}{id}{own}"));
    if together.len() > 1 && together.contains(&at) {
        let whole = facts.tokens.get(together.clone()).unwrap_or_default();
        let bytes: Vec<u8> = whole
            .iter()
            .flat_map(|token| &token.bytes)
            .copied()
            .collect();
        let text = style::shown(&String::from_utf8_lossy(&bytes));
        let (first, last) = (together.start, together.end - 1);
        let all = nats(together);
        faint(ui, format!("in {text}  ·  tokens {first} to {last}{all}"));
    }
}

/// Those kept, and the token that came wherever it ranks.
fn candidates(ui: &mut Ui, real: &TokenText, prediction: &Prediction, texts: &[TokenText]) {
    faint(ui, "expected here");
    for (rank, (top, text)) in prediction.top.iter().zip(texts).enumerate() {
        candidate(
            ui,
            &Candidate {
                rank: &(rank + 1).to_string(),
                id: Some(top.id),
                text: &text.text,
                probability: top.probability,
                came: top.id == real.id,
                chosen: false,
            },
        );
    }
    let is_kept = prediction.top.iter().any(|top| top.id == real.id);
    if let Some(nats) = prediction.surprise().filter(|_| !is_kept) {
        candidate(
            ui,
            &Candidate {
                rank: "…",
                id: Some(real.id),
                text: &real.text,
                probability: (-nats).exp(),
                came: true,
                chosen: false,
            },
        );
    }
}
