//! The sheet of all heads: what each does over the text, as a map and as a table to be sorted.

use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, ProgressBar, Rect, Response, RichText, ScrollArea,
    Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2, scroll_area::ScrollSource, vec2,
};

use super::{
    AtlasFacts, Facts, access,
    heads::{Map, Over},
    style,
};
use crate::{
    lattice::{HeadId, Shape},
    score::{Column, Labelled, Profile, Profiles},
    session::Intent,
};

const WIDTH: f32 = 1120.0;
const MAP: f32 = 210.0;
const LARGEST_CELL: f32 = 24.0;
const ROW: f32 = 19.0;
const NAME: f32 = 66.0;
const NUMBER: f32 = 61.0;
/// Of the button at the end of a line.
const TEST: f32 = 52.0;

/// The sheet. Whether a head was chosen.
pub(super) fn atlas(
    ui: &mut Ui,
    facts: &Facts,
    sorted: &mut Column,
    room: Vec2,
    intents: &mut Vec<Intent>,
) -> bool {
    ui.set_width(WIDTH.min(room.x - 48.0));
    let ink = style::ink(ui.ctx());
    let title = facts.unit().say("What every head does over this text");
    ui.label(RichText::new(title).heading().color(ink.strong));
    let faint = |ui: &mut Ui, text: String| ui.label(RichText::new(text).small().color(ink.faint));
    let (Some(shape), Some(atlas)) = (facts.shape(), &facts.atlas) else {
        faint(ui, "Run a text first.".to_owned());
        return false;
    };
    if let Some(reason) = &atlas.refused {
        ui.label(RichText::new(reason).small().color(ink.bad));
        return false;
    }
    let Some(profiles) = &atlas.profiles else {
        progress(ui, atlas);
        return false;
    };
    faint(
        ui,
        format!(
            "means over {} readers of contribution shares  ·  a label tells of a correlation, not of what it is for",
            profiles.readers
        ),
    );
    ui.add_space(10.0);
    let mut chosen = None;
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(MAP);
            chosen = map(ui, facts, shape, profiles, *sorted);
            trial(ui, facts);
        });
        ui.add_space(14.0);
        ui.vertical(|ui| {
            header(ui, sorted);
            let order = sorted.order(&profiles.heads);
            let height = (room.y - 150.0).max(6.0 * ROW);
            // A click that moves a little is a click.
            let by = ScrollSource {
                drag: false,
                ..ScrollSource::ALL
            };
            let area = ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .scroll_source(by);
            ui.spacing_mut().item_spacing.y = 0.0;
            area.show_rows(ui, ROW, order.len(), |ui, rows| {
                for at in rows {
                    let row = order[at];
                    let head = shape.head(row);
                    match line(ui, facts, head, &profiles.heads[row], *sorted) {
                        Some(Asked::Choose) => chosen = Some(head),
                        Some(Asked::Test) => intents.push(Intent::Test(head)),
                        None => {}
                    }
                }
            });
        });
    });
    let is_chosen = chosen.is_some();
    intents.extend(chosen.map(|head| Intent::Heads(head.into())));
    is_chosen
}

fn progress(ui: &mut Ui, atlas: &AtlasFacts) {
    let (done, all) = atlas.progress;
    ui.add_space(8.0);
    ui.add(
        ProgressBar::new(done as f32 / all.max(1) as f32)
            .desired_width(320.0)
            .text(format!("{done} of {all} tokens")),
    );
}

/// Names of the columns; a click sorts by one.
fn header(ui: &mut Ui, sorted: &mut Column) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let ink = style::ink(ui.ctx());
    for (place, column) in Column::ALL.into_iter().enumerate() {
        let cell = cell(rect, place);
        let response = ui.interact(cell, ui.id().with(column.name()), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, column.name()));
        let is_sorted = *sorted == column;
        let colour = match is_sorted || response.hovered() {
            true => ink.strong,
            false => ink.faint,
        };
        let name = match is_sorted {
            true => format!("{} ↓", column.name()),
            false => column.name().to_owned(),
        };
        let at = pos2(cell.right(), cell.center().y);
        let font = FontId::proportional(11.5);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, name, font, colour);
        access::ring(ui, &response, cell);
        if response.on_hover_text(column.meaning()).clicked() {
            *sorted = column;
        }
    }
}

fn cell(row: Rect, place: usize) -> Rect {
    let left = row.left() + NAME + NUMBER * place as f32;
    Rect::from_min_size(pos2(left, row.top()), vec2(NUMBER, row.height()))
}

/// What a click on a line asks for.
enum Asked {
    Choose,
    Test,
}

/// One head's numbers and labels, and a button to test it.
fn line(
    ui: &mut Ui,
    facts: &Facts,
    head: HeadId,
    profile: &Profile,
    sorted: Column,
) -> Option<Asked> {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let ink = style::ink(ui.ctx());
    let name = head.name(facts.unit());
    let labels: Vec<String> = profile.labels().iter().map(Labelled::words).collect();
    let labels = labels.join(", ");
    response
        .widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{name}  {labels}")));
    access::ring(ui, &response, rect);
    bring_into_view(ui, &response);
    let painter = ui.painter();
    if response.hovered() {
        painter.rect_filled(rect, CornerRadius::same(3), ink.button);
    }
    let font = FontId::proportional(12.0);
    let text = |at: Pos2, align: Align2, text: &str, colour: Color32| {
        painter.text(at, align, text, font.clone(), colour);
    };
    text(
        rect.left_center() + vec2(4.0, 0.0),
        Align2::LEFT_CENTER,
        &name,
        ink.strong,
    );
    for (place, column) in Column::ALL.into_iter().enumerate() {
        let colour = if column == sorted {
            ink.strong
        } else {
            ink.text
        };
        let at = pos2(cell(rect, place).right(), rect.center().y);
        text(at, Align2::RIGHT_CENTER, &column.text(profile), colour);
    }
    let test = Rect::from_min_max(pos2(rect.right() - TEST, rect.top()), rect.max);
    let at = pos2(cell(rect, Column::ALL.len()).left() + 14.0, rect.center().y);
    let room = Rect::from_min_max(rect.min, test.left_bottom());
    let shown = painter.with_clip_rect(room.intersect(painter.clip_rect()));
    shown.text(at, Align2::LEFT_CENTER, &labels, font.clone(), ink.accent);
    // What ran in another process cannot be run again here.
    if facts.opened.is_some() {
        return response.clicked().then_some(Asked::Choose);
    }
    let button = ui.interact(test, response.id.with("test"), Sense::click());
    access::ring(ui, &button, test);
    bring_into_view(ui, &button);
    button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Test {name}")));
    let colour = match button.hovered() {
        true => ink.strong,
        false => ink.faint,
    };
    ui.painter().text(
        test.center(),
        Align2::CENTER_CENTER,
        "Test it",
        font,
        colour,
    );
    let button = button.on_hover_text(facts.unit().say(
        "Leave the head out, and another head of its layer by chance, and see what that does to the text",
    ));
    let test = button.clicked().then_some(Asked::Test);
    test.or(response.clicked().then_some(Asked::Choose))
}

/// A line that gets the keyboard, and the one that is next: only what is in view is there to get it.
fn bring_into_view(ui: &Ui, response: &Response) {
    if response.gained_focus() {
        ui.scroll_to_rect(response.rect.expand2(vec2(0.0, ROW)), None);
    }
}

/// What came of the head that was tested last.
fn trial(ui: &mut Ui, facts: &Facts) {
    let Some(trial) = &facts.trial else {
        return;
    };
    let ink = style::ink(ui.ctx());
    let name = |head: HeadId| head.name(facts.unit());
    let say = |ui: &mut Ui, text: String, colour: Color32| {
        ui.label(RichText::new(text).size(12.0).color(colour));
    };
    ui.add_space(14.0);
    let Some(came) = &trial.came else {
        say(ui, format!("testing {} …", name(trial.head)), ink.faint);
        return;
    };
    let by_chance = trial.other.map(|head| (head, ", by chance"));
    let heads = std::iter::once((trial.head, "")).chain(by_chance);
    for ((head, how), effect) in heads.zip(&came.effects) {
        say(ui, format!("without {}{how}", name(head)), ink.strong);
        let (before, after) = (came.surprise, effect.surprise);
        say(
            ui,
            format!("surprise {before:.2} → {after:.2} nats"),
            ink.text,
        );
        say(ui, format!("KL {:.3} nats", effect.kl), ink.text);
        ui.add_space(4.0);
    }
    let tokens = format!("means over {} tokens of this text", came.tokens);
    say(ui, tokens, ink.faint);
}

/// Layers rise, heads go to the right. The head that was clicked.
fn map(
    ui: &mut Ui,
    facts: &Facts,
    shape: Shape,
    profiles: &Profiles,
    column: Column,
) -> Option<HeadId> {
    const LEFT: f32 = 26.0;
    let ink = style::ink(ui.ctx());
    let across = (MAP - LEFT) / shape.heads.max(1) as f32;
    let down = MAP / shape.layers.max(1) as f32;
    let cell = vec2(across.min(LARGEST_CELL), down.min(LARGEST_CELL));
    let map = |corner: Pos2| Map {
        shape,
        cell,
        left: corner.x + LEFT,
        top: corner.y,
    };
    let size = map(Pos2::ZERO).cells() + vec2(LEFT, 0.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let map = map(rect.min);
    response.widget_info(|| {
        let name = facts.unit().say("map of heads over the text");
        WidgetInfo::labeled(WidgetType::Other, true, name)
    });
    let value = |profile| column.of(profile).filter(|value| value.is_finite());
    let all = profiles.heads.iter().filter_map(value);
    let largest = all.fold(0.0f32, |most, value| most.max(value.abs()));
    let colours = facts.session.colours();
    for (row, profile) in profiles.heads.iter().enumerate() {
        let colour = match value(profile) {
            Some(value) if largest > 0.0 => style::colour(colours.shade(value / largest, false)),
            _ => ink.button,
        };
        let rect = map.rect(shape.head(row)).shrink(0.75);
        ui.painter()
            .rect_filled(rect, CornerRadius::same(2), colour);
    }
    map.name_layers(ui);
    let over = response.hover_pos().and_then(|at| map.over(at));
    let Some(Over::Head(head)) = over else {
        return None;
    };
    let stroke = egui::Stroke::new(1.0_f32, ink.strong);
    let outside = egui::StrokeKind::Outside;
    let rect = map.rect(head).shrink(0.75);
    ui.painter()
        .rect_stroke(rect, CornerRadius::same(2), stroke, outside);
    let profile = profiles.heads.get(shape.row(head));
    let told = format!(
        "{}  ·  {} {}",
        head.name(facts.unit()),
        column.name(),
        profile.map_or_else(String::new, |profile| column.text(profile))
    );
    response.clone().on_hover_text_at_pointer(told);
    response.clicked().then_some(head)
}
