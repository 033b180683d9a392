//! The command palette: letters in, one of what they may mean out.

use egui::{
    Color32, FontId, Key, Modifiers, Rect, ScrollArea, Sense, TextEdit, TextFormat, Ui, Vec2,
    WidgetInfo, WidgetType, pos2, text::LayoutJob, vec2,
};

use super::{
    Facts, Sheets,
    access::Access as _,
    finder::{self, Entry},
    keycap, style,
};
use crate::session::Intent;

const WIDTH: f32 = 560.0;
const ROW: f32 = 25.0;
/// Rows that are in view at once.
const ROWS: f32 = 14.0;

/// The palette. Whether something was chosen.
pub(super) fn commands(
    ui: &mut Ui,
    facts: &Facts,
    sheets: &mut Sheets,
    room: Vec2,
    intents: &mut Vec<Intent>,
) -> bool {
    ui.set_width(WIDTH.min(room.x - 20.0));
    ui.spacing_mut().item_spacing.y = 0.0;
    // Before the field can have them.
    let (steps, enter) = ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as isize;
        let steps = count(Key::ArrowDown) - count(Key::ArrowUp)
            + 10 * (count(Key::PageDown) - count(Key::PageUp));
        (steps, count(Key::Enter) > 0)
    });
    let field = TextEdit::singleline(&mut sheets.wanted)
        .hint_text("A command, a word of the text, a token's number, or a head such as L7 H1")
        .font(FontId::proportional(15.0))
        .margin(egui::Margin::symmetric(10, 8))
        .desired_width(f32::INFINITY);
    let field = ui.add(field).named("Command");
    field.request_focus();
    ui.add_space(8.0);

    let entries = finder::find(facts, &sheets.wanted);
    // What cannot be done now stands behind the rest and cannot be chosen.
    let possible = entries
        .iter()
        .filter(|entry| entry.intent.is_some())
        .count();
    if field.changed() {
        sheets.chosen = 0;
    }
    let last = possible.saturating_sub(1);
    sheets.chosen = match steps {
        // Round from one end to the other.
        1 if sheets.chosen >= last => 0,
        -1 if sheets.chosen == 0 => last,
        _ => sheets.chosen.saturating_add_signed(steps).min(last),
    };
    if entries.is_empty() {
        ui.add_space(6.0);
        ui.vertical_centered(|ui| {
            ui.colored_label(style::ink(ui.ctx()).faint, "Nothing of that name");
        });
        ui.add_space(6.0);
    }
    let mut picked = enter.then_some(sheets.chosen);
    let height = (ROWS * ROW).min(room.y - 120.0);
    ScrollArea::vertical()
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for (at, entry) in entries.iter().enumerate() {
                let is_chosen = at == sheets.chosen && entry.intent.is_some();
                let response = row(ui, entry, is_chosen);
                if is_chosen {
                    // Arrows move what is chosen; the keyboard stays with the field.
                    let chosen = response.id.accesskit_id();
                    ui.ctx().accesskit_node_builder(field.id, |node| {
                        node.set_active_descendant(chosen);
                    });
                }
                if is_chosen && (steps != 0 || field.changed()) {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    picked = Some(at);
                }
            }
        });
    let picked = picked.and_then(|at| entries.get(at)?.intent.clone());
    let is_picked = picked.is_some();
    intents.extend(picked);
    is_picked
}

fn row(ui: &mut Ui, entry: &Entry, is_chosen: bool) -> egui::Response {
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let is_possible = entry.intent.is_some();
    response.widget_info(|| {
        WidgetInfo::selected(WidgetType::Button, is_possible, is_chosen, &entry.name)
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let ink = style::ink(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if is_chosen {
        painter.rect_filled(rect, 5, ink.chosen);
    } else if response.hovered() && is_possible {
        painter.rect_filled(rect, 5, ink.field);
    }
    let inside = Rect::from_min_max(rect.min + vec2(10.0, 0.0), rect.max - vec2(12.0, 0.0));
    let middle = inside.center().y;
    let (plain, found) = match is_possible {
        true => (ink.text, ink.strong),
        false => (ink.faint, ink.faint),
    };
    let name = ui.painter().layout_job(letters(entry, plain, found));
    let name_end = inside.left() + name.size().x;
    painter.galley(
        pos2(inside.left(), middle - name.size().y * 0.5),
        name,
        plain,
    );
    let keys = keycap::paint(&painter, pos2(inside.right(), middle), &entry.keys);
    let font = FontId::proportional(11.5);
    let colour = if is_chosen { ink.text } else { ink.faint };
    let group = painter.layout_no_wrap(entry.group.clone(), font, colour);
    let right = keys - if entry.keys.is_empty() { 0.0 } else { 6.0 };
    if right - group.size().x > name_end + 12.0 {
        let at = pos2(right - group.size().x, middle - group.size().y * 0.5);
        painter.galley(at, group, colour);
    }
    response
}

/// The name; what was looked for is stronger and underlined.
fn letters(entry: &Entry, plain: Color32, strong: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_rows = 1;
    let name = match entry.group.starts_with("token ") {
        // A piece of the text is as it is.
        true => entry.name.clone(),
        false => keycap::title(&entry.name),
    };
    for (at, letter) in name.chars().enumerate() {
        let is_found = entry.found.binary_search(&at).is_ok();
        let format = TextFormat {
            font_id: FontId::proportional(13.5),
            color: if is_found { strong } else { plain },
            underline: match is_found {
                true => egui::Stroke::new(1.0_f32, strong.gamma_multiply(0.7)),
                false => egui::Stroke::NONE,
            },
            ..TextFormat::default()
        };
        job.append(&letter.to_string(), 0.0, format);
    }
    job
}
