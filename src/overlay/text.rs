use egui::{
    Align2, FontId, Pos2, Rect, Response, Sense, Ui, WidgetInfo, WidgetType, pos2,
    style::ScrollAnimation, vec2,
};

use super::{
    Drafts, Facts, access, expected,
    ink::{Inks, Placed, outline, paint_row, underline},
    rows::{PITCH, Rows},
    style,
};
use crate::session::{FULL_SURPRISE, Intent, TextOption};

/// What the colours of the text mean just now.
pub(super) fn caption(facts: &Facts) -> String {
    let session = &facts.session;
    let (Some(_), Some(shape)) = (session.token, facts.shape()) else {
        return "Click a word or a cell; drag over a passage.".into();
    };
    let name = session.summary_name(shape);
    match facts.kept_layers() {
        Some(layers) => format!("{name} · {layers}"),
        None => name,
    }
}

/// How the text is shown, and the scale of the underlines.
pub(super) fn options(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding = vec2(6.0, 1.0);
        for option in TextOption::ALL {
            let chosen = facts.session.text.has(option);
            let name = egui::RichText::new(option.name()).small();
            if access::selectable(ui, chosen, name)
                .on_hover_text(option.meaning())
                .clicked()
            {
                intents.push(Intent::ToggleText(option));
            }
        }
        if facts.session.text.surprise {
            surprise_scale(ui);
        }
    });
}

/// From an expected token's underline to that of a surprising one.
fn surprise_scale(ui: &mut Ui) {
    const STEPS: usize = 24;
    const MEANING: &str = "−ln p of each token given those before it: \
                           0.7 nats is a coin toss, 12 nats 1 in 163,000";
    ui.add_space(8.0);
    let (rect, scale) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    let label = format!("{FULL_SURPRISE:.0} nats");
    scale.widget_info(|| {
        let label = format!("underline: 0 to {label}");
        WidgetInfo::labeled(WidgetType::Label, true, label)
    });
    scale.on_hover_text(MEANING);
    let font = FontId::proportional(10.5);
    let painter = ui.painter();
    let (left, right) = (rect.left_center(), rect.right_center());
    let zero = painter.text(
        left,
        Align2::LEFT_CENTER,
        "0",
        font.clone(),
        style::ink(ui.ctx()).faint,
    );
    let full = painter.text(
        right,
        Align2::RIGHT_CENTER,
        label,
        font,
        style::ink(ui.ctx()).faint,
    );
    let (from, to) = (zero.right() + 4.0, full.left() - 4.0);
    let at = |step: usize| from + (to - from) * step as f32 / STEPS as f32;
    for step in 0..STEPS {
        let nats = FULL_SURPRISE * (step as f32 + 0.5) / STEPS as f32;
        let top = rect.center().y - 1.0;
        underline(painter, at(step), at(step + 1), top, nats);
    }
}

/// The text, coloured by the selected token's scores. A click selects a token; resting on one shows what
/// the model expected there.
pub(super) fn text(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let width = ui.available_width();
    let rows = Rows::of(ui, &facts.tokens, &facts.session.folds, width);
    let size = vec2(width, rows.rows.len() as f32 * PITCH);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        let there = rows.written(&facts.session);
        WidgetInfo::labeled(WidgetType::Label, true, there)
    });
    follow_selection(ui, facts, &rows, rect);

    let seen = ui.clip_rect().intersect(rect);
    let first = ((seen.top() - rect.top()) / PITCH).floor().max(0.0) as usize;
    let end = ((seen.bottom() - rect.top()) / PITCH).ceil().max(0.0) as usize;
    let inks = Inks::new(facts);
    let mut placed = Vec::new();
    for row in first..end.min(rows.rows.len()) {
        let at = pos2(rect.left(), rect.top() + row as f32 * PITCH);
        paint_row(ui, &inks, &rows, row, at, &mut placed);
    }

    let together = |placed: &Placed| rows.together(placed.piece, facts.session.text.words);
    let hovered = response
        .hover_pos()
        .and_then(|pointer| placed.iter().find(|placed| placed.rect.contains(pointer)));
    drafts.pointed = hovered.map(|placed| rows.pieces[placed.piece].tokens.start);
    if let Some(hovered) = hovered {
        let tokens = together(hovered);
        outline(ui.painter(), &rows, &placed, &tokens);
        let beside = pos2(rect.right() + 22.0, hovered.rect.top() - 12.0);
        expected::card(ui.ctx(), facts, tokens, beside);
    }
    if drafts.pointed != facts.pointed.as_ref().map(|pointed| pointed.token) {
        // What is expected there comes with the next frame.
        ui.ctx().request_repaint();
    }
    let clicked = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())
        .and_then(|pointer| nearest(&placed, pointer));
    brush(&response, &rows, &placed, facts, drafts, intents);
    if let Some(fold) = clicked.filter(|clicked| rows.pieces[clicked.piece].folded) {
        let first = rows.pieces[fold.piece].tokens.start;
        intents.push(Intent::Unfold(first));
    } else if let Some(clicked) = clicked {
        let tokens = together(clicked);
        // A word goes by its last token, which has seen all of it.
        let token = if facts.session.text.words {
            tokens.end - 1
        } else {
            tokens.start
        };
        intents.push(Intent::SelectToken(Some(token)));
    }
}

/// A drag over the text limits everything to the passage between its ends.
fn brush(
    response: &Response,
    rows: &Rows,
    placed: &[Placed],
    facts: &Facts,
    drafts: &mut Drafts,
    intents: &mut Vec<Intent>,
) {
    let tokens_at = |at: Option<Pos2>| {
        let placed = at.and_then(|at| nearest(placed, at))?;
        Some(rows.pieces[placed.piece].tokens.clone())
    };
    if response.drag_started() {
        let origin = response.ctx.input(|input| input.pointer.press_origin());
        drafts.brush = tokens_at(origin);
    }
    if response.drag_stopped() {
        drafts.brush = None;
    }
    let Some(from) = drafts.brush.clone().filter(|_| response.dragged()) else {
        return;
    };
    let Some(to) = tokens_at(response.interact_pointer_pos()) else {
        return;
    };
    let passage = from.start.min(to.start)..from.end.max(to.end);
    if facts.session.passage.as_ref() != Some(&passage) {
        intents.push(Intent::Passage(Some(passage)));
    }
}

/// The passage that everything is limited to, and what is folded away.
pub(super) fn passage(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    if session.passage.is_none() && session.folds.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding = vec2(6.0, 1.0);
        let faint = style::ink(ui.ctx()).faint;
        let small = |text: &str| egui::RichText::new(text).small();
        if let Some(passage) = &session.passage {
            let words = format!("tokens {} to {}", passage.start, passage.end - 1);
            ui.label(small(&words).color(faint));
            if ui.button(small("whole text")).clicked() {
                intents.push(Intent::Passage(None));
            }
            if ui.button(small("fold it")).clicked() {
                intents.push(Intent::Fold(passage.clone()));
            }
            let rest = [0..passage.start, passage.end..facts.tokens.len()];
            let rest: Vec<_> = rest.into_iter().filter(|part| !part.is_empty()).collect();
            if !rest.is_empty() && ui.button(small("fold the rest")).clicked() {
                intents.extend(rest.into_iter().map(Intent::Fold));
            }
        } else {
            let count = session.folds.len();
            let words = match count {
                1 => "1 passage folded".to_owned(),
                _ => format!("{count} passages folded"),
            };
            ui.label(small(&words).color(faint));
            if ui.button(small("unfold")).clicked() {
                let firsts = session.folds.iter().map(|fold| Intent::Unfold(fold.start));
                intents.extend(firsts);
            }
        }
    });
}

/// The piece at a place, or the last before it in its row.
fn nearest(placed: &[Placed], at: Pos2) -> Option<&Placed> {
    let in_row = |placed: &&Placed| placed.rect.y_range().contains(at.y);
    let mut row = placed.iter().filter(in_row);
    row.clone()
        .find(|placed| at.x < placed.rect.right())
        .or(row.next_back())
}

/// Brings a newly selected token's row into view.
fn follow_selection(ui: &mut Ui, facts: &Facts, rows: &Rows, rect: Rect) {
    let id = egui::Id::new("selection in the text");
    let now = facts.session.token;
    let last: Option<(Option<usize>, bool)> = ui.data(|data| data.get_temp(id));
    let moved = last.map(|(token, _)| token) != Some(now);
    // A row that has just come is not counted yet when it is scrolled to first.
    if !moved && last.is_none_or(|(_, again)| !again) {
        return;
    }
    ui.data_mut(|data| data.insert_temp(id, (now, moved)));
    if moved {
        ui.ctx().request_repaint();
    }
    if let Some(row) = now.and_then(|token| rows.row_of(token)) {
        let top = rect.top() + row as f32 * PITCH;
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(1.0, PITCH));
        ui.scroll_to_rect_animation(row, None, ScrollAnimation::none());
    }
}
