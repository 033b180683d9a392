//! The sheet of keys: every key by what it belongs to, in columns.

use egui::{RichText, ScrollArea, Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2};

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
const ROW: f32 = 20.5;
/// A group's name and the room above it, in rows.
const HEADER: f32 = 1.6;

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
    ui.add_space(6.0);
    ScrollArea::vertical()
        .max_height(room.y - 80.0)
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for groups in in_columns(columns) {
                    ui.vertical(|ui| {
                        ui.set_width(COLUMN);
                        ui.spacing_mut().item_spacing.y = 0.0;
                        for group in groups {
                            section(ui, group, facts.unit());
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
    let height = |group: &Group| HEADER + lines(*group).len() as f32;
    let place = |group: &Group| Group::ALL.iter().position(|it| it == group);
    let mut groups = Group::ALL;
    groups.sort_by(|a, b| height(b).total_cmp(&height(a)));
    let mut columns = vec![Vec::new(); count.max(1)];
    for group in groups {
        let filled = |column: &Vec<Group>| column.iter().map(height).sum::<f32>();
        let lowest = columns
            .iter_mut()
            .min_by(|a, b| filled(a).total_cmp(&filled(b)));
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

fn section(ui: &mut Ui, group: Group, unit: Unit) {
    let ink = style::ink(ui.ctx());
    ui.add_space(ROW * (HEADER - 1.0));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = keycap::title(&unit.say(group.name()));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &name));
    let font = egui::FontId::proportional(12.5);
    let at = rect.left_center();
    ui.painter()
        .text(at, egui::Align2::LEFT_CENTER, name, font, ink.heading);
    for line in lines(group) {
        row(ui, &line, unit);
    }
}

fn row(ui: &mut Ui, line: &Line, unit: Unit) {
    let ink = style::ink(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let name = keycap::title(&unit.say(&line.name));
    response.widget_info(|| {
        let label = format!("{name}: {}", line.keys.join(", "));
        WidgetInfo::labeled(WidgetType::Label, true, label)
    });
    let font = egui::FontId::proportional(13.0);
    let at = rect.left_center();
    ui.painter()
        .text(at, egui::Align2::LEFT_CENTER, name, font, ink.text);
    keycap::paint(
        ui.painter(),
        pos2(rect.right(), rect.center().y),
        &line.keys,
    );
}
