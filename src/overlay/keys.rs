//! The sheet of keys: every key by what it belongs to, in columns.

use egui::{
    Align2, RichText, ScrollArea, Sense, Ui, Vec2, WidgetInfo, WidgetType,
    text::{LayoutJob, TextWrapping},
    vec2,
};

use super::{Facts, controls::choice, keycap, style};
use crate::{
    camera::Navigation,
    model::Unit,
    session::{Group, Intent, Line, lines},
};

/// As many columns as there is room for.
const MOST_COLUMNS: usize = 4;
const COLUMN: f32 = 262.0;
const GAP: f32 = 28.0;
/// For the bar of a sheet that scrolls.
const BAR: f32 = 14.0;
/// How high a row is: as high as there is room for, down to the height of a key.
const ROW: std::ops::RangeInclusive<f32> = 16.0..=20.5;
/// A group's name and the room above it, in rows.
const HEADER: f32 = 1.5;
/// What the sheet's name and the line of the mouse take.
const TOP: f32 = 66.0;
/// Rows stand on whole pixels.
const ROUNDING: f32 = 6.0;

/// The sheet, in a room of that size.
pub(super) fn keys(ui: &mut Ui, facts: &Facts, room: Vec2, intents: &mut Vec<Intent>) {
    let room = room - vec2(48.0, 40.0);
    let fit = ((room.x - BAR + GAP) / (COLUMN + GAP)) as usize;
    let columns = fit.clamp(1, MOST_COLUMNS);
    let width = COLUMN * columns as f32 + GAP * (columns - 1) as f32;
    ui.set_width(width);
    let ink = style::ink(ui.ctx());
    ui.horizontal(|ui| {
        ui.label(RichText::new("Keys").heading().color(ink.strong));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new("Esc or ? closes").small().color(ink.faint));
        });
    });
    mouse(ui, facts, intents);
    ui.add_space(4.0);
    let columns = in_columns(columns);
    let rows = columns
        .iter()
        .map(|column| height(column))
        .fold(1.0, f32::max);
    let row = ((room.y - TOP - ROUNDING) / rows).clamp(*ROW.start(), *ROW.end());
    ScrollArea::vertical()
        .max_height(room.y - TOP)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for groups in columns {
                    ui.vertical(|ui| {
                        ui.set_width(COLUMN);
                        ui.spacing_mut().item_spacing.y = 0.0;
                        for group in groups {
                            section(ui, group, facts.unit(), row);
                        }
                    });
                }
            });
        });
}

/// Which buttons move the camera.
fn mouse(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let now = facts.session.navigation;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(RichText::new("Mouse as in").color(style::ink(ui.ctx()).text));
        ui.add_space(6.0);
        for navigation in Navigation::ALL {
            if choice(ui, navigation.name(), navigation == now, "") {
                intents.push(Intent::Navigation(navigation));
            }
        }
        ui.add_space(10.0);
        let meaning = RichText::new(now.meaning()).small();
        ui.label(meaning.color(style::ink(ui.ctx()).faint));
    });
}

/// Whole groups in columns about as low as can be: the highest first, each into the lowest column.
fn in_columns(count: usize) -> Vec<Vec<Group>> {
    let place = |group: &Group| Group::ALL.iter().position(|it| it == group);
    let mut groups = Group::ALL;
    let alone = |group: &Group| height(&[*group]);
    groups.sort_by(|a, b| alone(b).total_cmp(&alone(a)));
    let mut columns = vec![Vec::new(); count.max(1)];
    for group in groups {
        let lowest = columns
            .iter_mut()
            .min_by(|a, b| height(a).total_cmp(&height(b)));
        if let Some(column) = lowest {
            column.push(group);
        }
    }
    // For the eye in the table's order.
    for column in &mut columns {
        column.sort_by_key(place);
    }
    columns.sort_by_key(|column| column.first().and_then(place));
    columns
}

/// How high groups are above each other, in rows.
fn height(groups: &[Group]) -> f32 {
    let height = |group: &Group| HEADER + lines(*group).len() as f32;
    groups.iter().map(height).sum()
}

fn section(ui: &mut Ui, group: Group, unit: Unit, height: f32) {
    let ink = style::ink(ui.ctx());
    ui.add_space(height * (HEADER - 1.0));
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let name = keycap::title(&unit.say(group.name()));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &name));
    let font = egui::FontId::proportional(12.5);
    let at = rect.left_center();
    ui.painter()
        .text(at, Align2::LEFT_CENTER, name, font, ink.heading);
    for line in lines(group) {
        row(ui, &line, unit, height);
    }
}

fn row(ui: &mut Ui, line: &Line, unit: Unit, height: f32) {
    let ink = style::ink(ui.ctx());
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let name = keycap::title(&unit.say(&line.name));
    response.widget_info(|| {
        let label = format!("{name}: {}", line.keys.join(", "));
        WidgetInfo::labeled(WidgetType::Label, true, label)
    });
    let left = keycap::paint(ui.painter(), rect.right_center(), &line.keys);
    let font = egui::FontId::proportional(13.0);
    let mut job = LayoutJob::simple_singleline(name.clone(), font, ink.text);
    job.wrap = TextWrapping::truncate_at_width(left - rect.left());
    let text = ui.painter().layout_job(job);
    let at = Align2::LEFT_CENTER.anchor_size(rect.left_center(), text.size());
    if text.elided {
        response.on_hover_text(name);
    }
    ui.painter().galley(at.min, text, ink.text);
}
