//! The map of heads: layers × heads, with what is summed up of each layer and of each head beside it.

use egui::{
    Color32, ComboBox, CornerRadius, Mesh, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::{
    Drafts, Facts,
    access::{self, Access as _},
    style,
};
use crate::{
    lattice::{HeadId, HeadSet, Shape},
    score::Statistic,
    session::Intent,
};

const LABELS: f32 = 24.0;
const BARS: f32 = 34.0;
const GAP: f32 = 4.0;
const LARGEST_CELL: f32 = 17.0;
const TALLEST: f32 = 150.0;
/// Points of a cell up to which it has no corners and no gap.
const FINE: f32 = 6.0;

/// The map of heads.
pub(super) fn heads(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let Some(shape) = facts.shape() else { return };
    let values = facts.head_values();
    header(ui, facts, shape, intents);
    let map = Map::new(ui.available_width(), shape);
    let (rect, response) = ui.allocate_exact_size(map.size(), Sense::CLICK);
    let map = map.at(rect);
    response.widget_info(|| {
        let name = shape.unit.say("heads map");
        WidgetInfo::labeled(WidgetType::Other, true, name)
    });
    paint(ui, facts, &map, &values);
    let pointer = response.hover_pos();
    let over = pointer.and_then(|at| map.over(at));
    if let Some(over) = over {
        response
            .clone()
            .on_hover_text_at_pointer(tell(facts, over, &values));
    }
    if let Some(over) = response.interact_pointer_pos().and_then(|at| map.over(at)) {
        clicked(ui, &response, over, shape, facts, drafts, intents);
    }
}

/// What the map shows, and whether the lattice is sorted by it.
fn header(ui: &mut Ui, facts: &Facts, shape: Shape, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    ui.horizontal(|ui| {
        ui.label(RichText::new(session.heads.words(shape)).color(style::ink(ui.ctx()).strong));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let label = access::selectable(ui, session.sorted, RichText::new("sort").small());
            let meaning = shape
                .unit
                .say("Sorts heads within their layers, largest first");
            if label.on_hover_text(meaning).clicked() {
                intents.push(Intent::Sort(!session.sorted));
            }
            if session.token.is_none() {
                ui.label(
                    RichText::new("mean norm")
                        .small()
                        .color(style::ink(ui.ctx()).faint),
                );
                return;
            }
            ComboBox::from_id_salt("statistic")
                .selected_text(RichText::new(session.statistic.name()).small())
                .width(96.0)
                .show_ui(ui, |ui| {
                    access::menu(ui, "Statistic");
                    for statistic in Statistic::ALL {
                        let is = session.statistic == statistic;
                        let label = access::selectable(ui, is, statistic.name());
                        if label
                            .on_hover_text(shape.unit.say(statistic.meaning()))
                            .clicked()
                            && !is
                        {
                            intents.push(Intent::Statistic(statistic));
                        }
                    }
                })
                .response
                .named("Statistic");
        });
    });
}

/// What the pointer is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Over {
    Head(HeadId),
    Layer(usize),
    Column(usize),
}

/// Where things are in the map: layers rise, heads go to the right, as in the lattice seen from its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map {
    pub(super) shape: Shape,
    pub(super) cell: egui::Vec2,
    pub(super) left: f32,
    pub(super) top: f32,
}

impl Map {
    fn new(width: f32, shape: Shape) -> Self {
        let across = (width - LABELS - GAP - BARS) / shape.heads.max(1) as f32;
        let down = TALLEST / shape.layers.max(1) as f32;
        Self {
            shape,
            cell: vec2(across, down.min(LARGEST_CELL)),
            left: LABELS,
            top: 0.0,
        }
    }

    fn size(&self) -> egui::Vec2 {
        let cells = self.cells();
        vec2(LABELS + cells.x + GAP + BARS, cells.y + GAP + BARS * 0.6)
    }

    fn at(self, rect: Rect) -> Self {
        Self {
            left: rect.left() + LABELS,
            top: rect.top(),
            ..self
        }
    }

    pub(super) fn cells(&self) -> egui::Vec2 {
        self.cell * vec2(self.shape.heads as f32, self.shape.layers as f32)
    }

    fn area(&self) -> Rect {
        Rect::from_min_size(pos2(self.left, self.top), self.cells())
    }

    pub(super) fn rect(&self, head: HeadId) -> Rect {
        let down = self.shape.layers - 1 - self.shape.place(head).0;
        let place = vec2(head.head as f32, down as f32) * self.cell;
        Rect::from_min_size(pos2(self.left, self.top) + place, self.cell)
    }

    pub(super) fn over(&self, at: egui::Pos2) -> Option<Over> {
        let area = self.area();
        let place = (at - area.min) / self.cell;
        let inside =
            |x: f32, count: usize| (x >= 0.0 && (x as usize) < count).then_some(x as usize);
        let head = inside(place.x, self.shape.heads);
        let last = self.shape.first_layer + self.shape.layers - 1;
        let layer = inside(place.y, self.shape.layers).map(|down| last - down);
        match (layer, head) {
            (Some(layer), Some(head)) => Some(Over::Head(HeadId { layer, head })),
            (Some(layer), None) => Some(Over::Layer(layer)),
            (None, Some(head)) if at.y > area.bottom() => Some(Over::Column(head)),
            _ => None,
        }
    }

    /// As many names of layers as there is room for.
    pub(super) fn name_layers(&self, ui: &Ui) {
        let each = (11.0 / self.cell.y).ceil().max(1.0) as usize;
        for layer in self.shape.layer_numbers().step_by(each) {
            let rect = self.rect(HeadId { layer, head: 0 });
            ui.painter().text(
                pos2(rect.left() - 6.0, rect.center().y),
                egui::Align2::RIGHT_CENTER,
                format!("L{layer}"),
                egui::FontId::proportional(10.0),
                style::ink(ui.ctx()).faint,
            );
        }
    }
}

fn paint(ui: &Ui, facts: &Facts, map: &Map, values: &[f32]) {
    let shape = map.shape;
    let session = &facts.session;
    let largest = values
        .iter()
        .fold(0.0f32, |most, value| most.max(value.abs()));
    let part = |value: f32| if largest > 0.0 { value / largest } else { 0.0 };
    let signless =
        session.token.is_none() || !session.statistic.is_signed() || session.marks_are_signless();
    let painter = ui.painter();
    // A thousand small ones are one shape: nobody sees their corners, and each takes its time.
    let is_fine = map.cell.min_elem() <= FINE;
    let gap = if is_fine { 0.0 } else { 0.75 };
    let mut fine = Mesh::default();
    for (row, value) in values.iter().enumerate() {
        let head = shape.head(row);
        let mut colour = style::colour(session.colours().shade(part(*value), signless));
        if !session.heads.has(head) {
            colour = colour.lerp_to_gamma(style::ink(ui.ctx()).card, 0.75);
        }
        let rect = map.rect(head).shrink(gap);
        match is_fine {
            true => fine.add_colored_rect(rect, colour),
            false => _ = painter.rect_filled(rect, CornerRadius::same(2), colour),
        }
    }
    painter.add(fine);
    for head in session.heads.named().filter(|head| shape.has(*head)) {
        let rect = map.rect(head).shrink(gap);
        let stroke = Stroke::new(1.0_f32, style::ink(ui.ctx()).strong);
        painter.rect_stroke(rect, CornerRadius::same(2), stroke, StrokeKind::Outside);
    }
    marginals(ui, map, values);
    map.name_layers(ui);
}

/// Mean |value| of each layer to the right, of each head below.
fn marginals(ui: &Ui, map: &Map, values: &[f32]) {
    let shape = map.shape;
    let (layers, columns) = means(shape, values);
    let longest = |bars: &[f32]| bars.iter().copied().fold(1e-30f32, f32::max);
    let (area, painter) = (map.area(), ui.painter());
    let bar =
        |rect: Rect, colour: Color32| painter.rect_filled(rect, CornerRadius::same(1), colour);
    for (layer, mean) in shape.layer_numbers().zip(&layers) {
        let row = map.rect(HeadId { layer, head: 0 });
        let length = BARS * mean / longest(&layers);
        let min = pos2(area.right() + GAP, row.top() + row.height() * 0.2);
        bar(
            Rect::from_min_size(min, vec2(length, row.height() * 0.6)),
            style::ink(ui.ctx()).faint,
        );
    }
    for (head, mean) in columns.iter().enumerate() {
        let layer = shape.first_layer;
        let column = map.rect(HeadId { layer, head });
        let length = BARS * 0.6 * mean / longest(&columns);
        let min = pos2(column.left() + column.width() * 0.2, area.bottom() + GAP);
        bar(
            Rect::from_min_size(min, vec2(column.width() * 0.6, length)),
            style::ink(ui.ctx()).faint,
        );
    }
}

/// Mean |value| over the heads of each layer, and over the layers of each head.
fn means(shape: Shape, values: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (mut layers, mut columns) = (vec![0.0; shape.layers], vec![0.0; shape.heads]);
    for (row, value) in values.iter().enumerate() {
        let (layer, head) = shape.place(shape.head(row));
        layers[layer] += value.abs() / shape.heads as f32;
        columns[head] += value.abs() / shape.layers as f32;
    }
    (layers, columns)
}

fn tell(facts: &Facts, over: Over, values: &[f32]) -> String {
    let Some(shape) = facts.shape() else {
        return String::new();
    };
    let (layers, columns) = means(shape, values);
    let what = if facts.session.token.is_some() {
        facts.session.statistic.name()
    } else if facts.shows_difference() {
        "mean change of contribution norm"
    } else {
        "mean contribution norm"
    };
    let unit = shape.unit.name();
    let number = |value: Option<&f32>| style::number(value.copied().unwrap_or_default());
    match over {
        Over::Head(head) => format!(
            "{}: {what} {}",
            head.name(shape.unit),
            number(values.get(shape.row(head)))
        ),
        Over::Layer(layer) => format!(
            "layer {layer}: mean of its {unit}s {}",
            number(layers.get(layer - shape.first_layer))
        ),
        Over::Column(head) => format!(
            "{unit} {head}: mean of its layers {}",
            number(columns.get(head))
        ),
    }
}

/// A click shows a head alone, or all again; with Ctrl it joins or leaves; with Shift all between the one
/// clicked before and this one are shown. A bar stands for its whole layer or column.
fn clicked(
    ui: &Ui,
    response: &Response,
    over: Over,
    shape: Shape,
    facts: &Facts,
    drafts: &mut Drafts,
    intents: &mut Vec<Intent>,
) {
    if !response.clicked() {
        return;
    }
    let modifiers = ui.input(|input| input.modifiers);
    let now = &facts.session.heads;
    let set = match over {
        Over::Head(head) if modifiers.shift => HeadSet::between(drafts.head.unwrap_or(head), head),
        Over::Head(head) if modifiers.command => {
            drafts.head = Some(head);
            intents.push(Intent::ToggleHead(head));
            return;
        }
        Over::Head(head) => {
            drafts.head = Some(head);
            head.into()
        }
        Over::Layer(layer) => HeadSet::layer(shape, layer),
        Over::Column(head) => HeadSet::column(shape, head),
    };
    let set = if modifiers.command {
        now.named().chain(set.named()).collect()
    } else {
        set
    };
    intents.push(Intent::Heads(if set == *now {
        HeadSet::default()
    } else {
        set
    }));
}
