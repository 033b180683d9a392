//! The matrix of the head that is shown alone: reader down, writer to the right.

use bevy::math::Vec2;
use egui::{
    Align2, Color32, ColorImage, Context, FontId, Frame, Label, Margin, Painter, PointerButton,
    ProgressBar, Rect, Response, RichText, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, UiBuilder, WidgetInfo, WidgetType, epaint::TextShape, pos2, vec2,
};

use super::{
    CARD_WIDTH, Drafts, Facts, MatrixFacts, MatrixPicture, SIDE_WIDTH,
    access::{self, Access as _},
    controls, matrix_cross, style,
};
use crate::{
    lattice::Layout,
    score::Crop,
    session::{Intent, Session},
};

/// Points of the axes beside the picture.
const LEFT: f32 = 42.0;
const TOP: f32 = 28.0;
/// Points of the picture, both ways, and pixels.
const SIDE: std::ops::RangeInclusive<f32> = 140.0..=280.0;
const MOST_PIXELS: usize = 640;
/// The same in a picture that is drawn once.
const MOST_PIXELS_OF_A_PICTURE: usize = 2048;
/// Shorter waits show nothing.
const PATIENCE: f64 = 0.2;

/// What of the matrix is looked at, kept between frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatrixDraft {
    /// The part on show; none: the passage, or the whole.
    pub zoomed: Option<Crop>,
    /// Pixels of the picture, both ways; 0 before it has been shown.
    pub side: usize,
    /// The reader and the writer under the pointer.
    pub pointed: Option<(usize, usize)>,
    /// The same by keys, while the picture has the keyboard.
    pub(super) cross: Option<(usize, usize)>,
}

impl MatrixDraft {
    /// The part on show.
    #[must_use]
    pub fn crop(&self, facts: &Facts) -> Crop {
        let tokens = facts.tokens.len();
        let passage = facts.session.passage.clone();
        let crop = self
            .zoomed
            .unwrap_or(Crop::of(passage.unwrap_or(0..tokens)));
        crop.inside(tokens)
    }
}

/// Points of the picture, both ways, in a window of that size.
fn side(width: f32, height: f32) -> f32 {
    let beside = width - SIDE_WIDTH - CARD_WIDTH - LEFT - 84.0;
    (height * 0.36)
        .min(beside)
        .clamp(*SIDE.start(), *SIDE.end())
}

/// Points that the panel takes from the lattice, in a picture of `size` points. It may hide a corner; most
/// of the room stays with the lattice.
#[must_use]
pub fn covers(session: &Session, size: Vec2) -> f32 {
    if !session.matrix || session.bare {
        return 0.0;
    }
    let (left, right) = super::covered(false);
    let panel = side(size.x, size.y) + LEFT + 42.0;
    let part = if session.layout == Layout::Grid {
        1.0
    } else {
        0.9
    };
    (panel * part).min((size.x - left - right).max(0.0) * 0.5)
}

/// Pixels of the matrix, both ways, in a picture of `size` points.
#[must_use]
pub fn pixels(size: Vec2, pixels_per_point: f32) -> usize {
    let pixels = side(size.x, size.y) * pixels_per_point;
    (pixels.round() as usize).clamp(1, MOST_PIXELS_OF_A_PICTURE)
}

/// The panel, if it is switched on.
pub(super) fn matrix(ctx: &Context, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    drafts.matrix.pointed = None;
    if !facts.session.matrix {
        return;
    }
    let room = ctx.content_rect().size();
    let side = side(room.x, room.y);
    egui::Area::new("matrix panel".into())
        .anchor(
            Align2::LEFT_BOTTOM,
            [SIDE_WIDTH + 14.0, -14.0 - drafts.timeline.height()],
        )
        .show(ctx, |ui| {
            Frame::new()
                .fill(style::ink(ctx).card)
                .corner_radius(8)
                .inner_margin(Margin::symmetric(14, 12))
                .show(ui, |ui| {
                    ui.set_width(LEFT + side);
                    ui.spacing_mut().item_spacing.y = 3.0;
                    ui.spacing_mut().button_padding = vec2(5.0, 2.0);
                    header(ui, facts, intents);
                    match problem(facts) {
                        Some(problem) => {
                            ui.label(RichText::new(problem).color(style::ink(ctx).faint));
                        }
                        None => {
                            // With a token selected they are in the side panel.
                            if facts.session.token.is_none() {
                                controls::measure(ui, facts, intents);
                                controls::exposure(ui, facts, intents);
                            }
                            body(ui, facts, drafts, side, intents);
                        }
                    }
                });
        });
}

/// Why there is no matrix.
fn problem(facts: &Facts) -> Option<String> {
    if facts.session.heads.single().is_none() {
        let unit = facts.unit();
        return Some(unit.say("Show one head alone: click it in the map of heads."));
    }
    match &facts.matrix {
        None => Some("It is computed once the text has been read.".into()),
        Some(matrix) => matrix.refused.clone(),
    }
}

fn header(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        let ink = style::ink(ui.ctx());
        let head = facts.session.heads.single();
        let title = head.map_or("Matrix".to_owned(), |head| {
            let head = head.name(facts.unit());
            format!("{head}   {}, all pairs", facts.session.measure.name())
        });
        ui.label(RichText::new(title).color(ink.strong));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.small_button("×").on_hover_text("Close (X)").clicked() {
                intents.push(Intent::Matrix(false));
            }
        });
    });
}

fn body(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, side: f32, intents: &mut Vec<Intent>) {
    let Some(matrix) = &facts.matrix else { return };
    let sense = Sense::click_and_drag();
    let (rect, response) = ui.allocate_exact_size(vec2(LEFT + side, TOP + side), sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "matrix picture"));
    access::ring(ui, &response, rect);
    let scale = ui.ctx().pixels_per_point();
    let pixels = (side * scale).round();
    drafts.matrix.side = (pixels as usize).clamp(1, MOST_PIXELS);
    // On whole pixels, so that the picture is as it was painted.
    let corner = ((rect.min + vec2(LEFT, TOP)).to_vec2() * scale).round() / scale;
    let area = Rect::from_min_size(corner.to_pos2(), egui::Vec2::splat(pixels / scale));
    if matrix.done < facts.tokens.len() {
        computing(ui, facts, matrix, area, intents);
        footer(ui, facts, None);
        return;
    }
    steer(ui, facts, drafts, area, &response, intents);
    let sheet = Sheet {
        area,
        crop: drafts.matrix.crop(facts),
        tokens: facts.tokens.len(),
    };
    paint(ui, facts, matrix, &sheet, drafts.matrix.pointed);
    footer(ui, facts, drafts.matrix.pointed);
}

/// How far it is.
fn computing(
    ui: &mut Ui,
    facts: &Facts,
    matrix: &MatrixFacts,
    area: Rect,
    intents: &mut Vec<Intent>,
) {
    // The next batch goes out with the next frame.
    ui.ctx().request_repaint();
    if matrix.seconds < PATIENCE {
        return;
    }
    let (done, total) = (matrix.done, facts.tokens.len());
    let part = done as f32 / total.max(1) as f32;
    let left = matrix.seconds / f64::from(part.max(1e-6)) - matrix.seconds;
    let text = match done {
        0 => "computing".to_owned(),
        _ => format!("{done} / {total} tokens · {left:.0} s left"),
    };
    let bar = ProgressBar::new(part).text(RichText::new(text).small());
    // A child takes no room from what stands below.
    let mut inside = ui.new_child(
        UiBuilder::new()
            .max_rect(area.shrink(16.0))
            .layout(egui::Layout::top_down(egui::Align::Center)),
    );
    inside.add_space(area.height() * 0.3);
    inside.add(bar.desired_height(20.0));
    if inside.button("Cancel").clicked() {
        intents.push(Intent::Matrix(false));
    }
}

/// Wheel, drag and clicks.
fn steer(
    ui: &Ui,
    facts: &Facts,
    drafts: &mut Drafts,
    area: Rect,
    response: &Response,
    intents: &mut Vec<Intent>,
) {
    let tokens = facts.tokens.len();
    let draft = &mut drafts.matrix;
    let part = |at: egui::Pos2| {
        let part = (at - area.min) / area.size();
        (part.x, part.y)
    };
    let before = draft.crop(facts);
    let mut crop = before;
    if let Some(at) = response.hover_pos().filter(|at| area.contains(*at)) {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta.y, input.zoom_delta()));
        let factor = (-scroll * 0.006).exp() / pinch;
        if factor != 1.0 {
            crop = crop.zoomed(factor, part(at), tokens);
        }
    }
    if response.dragged() {
        let delta = response.drag_delta() / area.size();
        crop = crop.moved((-delta.x, -delta.y), tokens);
    }
    if crop != before {
        draft.zoomed = Some(crop);
    }
    if response.double_clicked() {
        draft.zoomed = None;
    } else if response.clicked_by(PointerButton::Primary)
        && let Some(at) = response.interact_pointer_pos()
        && let Some((reader, writer)) = crop.at(part(at), tokens)
    {
        let other = ui.input(|input| input.modifiers.command);
        let token = if other { writer } else { reader };
        intents.push(Intent::SelectToken(Some(token)));
    }
    let hovered = response
        .hover_pos()
        .and_then(|at| crop.at(part(at), tokens));
    // A token reads nothing that comes after it.
    draft.pointed = hovered.filter(|(reader, writer)| writer <= reader);
    matrix_cross::steer(ui, facts, draft, response, intents);
    if draft.pointed.is_some() && !response.dragged() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
    }
}

/// Where cells are on the screen.
struct Sheet {
    area: Rect,
    crop: Crop,
    tokens: usize,
}

impl Sheet {
    fn x(&self, writer: f32) -> f32 {
        self.area.left() + (writer - self.crop.left) / self.crop.span * self.area.width()
    }

    fn y(&self, reader: f32) -> f32 {
        self.area.top() + (reader - self.crop.top) / self.crop.span * self.area.height()
    }

    fn rect(&self, [left, top, right, bottom]: [usize; 4]) -> Rect {
        let corner = |x, y| pos2(self.x(x as f32), self.y(y as f32));
        Rect::from_min_max(corner(left, top), corner(right, bottom))
    }

    /// What a token reads: up to the diagonal.
    fn row(&self, token: usize) -> Rect {
        self.rect([0, token, token + 1, token + 1])
    }

    /// Who reads it: from the diagonal on.
    fn column(&self, token: usize) -> Rect {
        self.rect([token, token, token + 1, self.tokens])
    }

    /// Tokens between two marks of an axis that are `apart` points or more from each other: 1, 2 or 5 × 10ⁿ.
    fn step(&self, apart: f32) -> usize {
        let least = apart * self.crop.span / self.area.width();
        let mut steps = (0..).flat_map(|power| [1, 2, 5].map(|step| step * 10usize.pow(power)));
        steps.find(|step| *step as f32 >= least).unwrap_or(1)
    }
}

fn paint(
    ui: &Ui,
    facts: &Facts,
    matrix: &MatrixFacts,
    sheet: &Sheet,
    pointed: Option<(usize, usize)>,
) {
    let (ink, area) = (style::ink(ui.ctx()), sheet.area);
    let inside = ui.painter().with_clip_rect(area);
    if let Some(picture) = &matrix.picture {
        let texture = texture(ui.ctx(), picture);
        // Until the one for this part is there, the last one stands where its cells are.
        let shown = picture.crop;
        let min = pos2(sheet.x(shown.left), sheet.y(shown.top));
        let max = pos2(
            sheet.x(shown.left + shown.span),
            sheet.y(shown.top + shown.span),
        );
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let rect = if shown == sheet.crop {
            area
        } else {
            Rect::from_min_max(min, max)
        };
        inside.image(texture.id(), rect, all, Color32::WHITE);
    }
    let end = sheet.tokens as f32;
    let diagonal = [
        pos2(sheet.x(0.0), sheet.y(0.0)),
        pos2(sheet.x(end), sheet.y(end)),
    ];
    let faint = Stroke::new(1.0_f32, ink.faint.gamma_multiply(0.5));
    inside.line_segment(diagonal, faint);
    ui.painter()
        .rect_stroke(area, 0, faint, StrokeKind::Outside);
    let outline = |rect: Rect, colour: Color32| {
        inside.rect_stroke(rect, 0, Stroke::new(1.0_f32, colour), StrokeKind::Outside);
    };
    if let Some(token) = facts.session.token {
        let colour = ink.strong.gamma_multiply(0.65);
        outline(sheet.row(token), colour);
        outline(sheet.column(token), colour);
    }
    if let Some((reader, writer)) = pointed {
        outline(sheet.row(reader), ink.strong);
        outline(sheet.column(writer), ink.strong);
    }
    axes(ui.painter(), facts, sheet);
}

/// The picture as egui has it; uploaded once.
fn texture(ctx: &Context, picture: &MatrixPicture) -> TextureHandle {
    let id = egui::Id::new("matrix picture");
    let last = ctx.data(|data| data.get_temp::<(u64, TextureHandle)>(id));
    if let Some((_, texture)) = last.filter(|(serial, _)| *serial == picture.serial) {
        return texture;
    }
    let image = ColorImage::from_rgba_unmultiplied([picture.side; 2], &picture.pixels);
    let texture = ctx.load_texture("matrix", image, TextureOptions::NEAREST);
    ctx.data_mut(|data| data.insert_temp(id, (picture.serial, texture.clone())));
    texture
}

fn axes(painter: &Painter, facts: &Facts, sheet: &Sheet) {
    let (ink, area) = (style::ink(painter.ctx()), sheet.area);
    let font = FontId::proportional(10.5);
    let title =
        |text: &str| painter.layout_no_wrap(text.into(), FontId::proportional(11.5), ink.text);
    let writer = title("writer →");
    let at = pos2(area.center().x - writer.size().x * 0.5, area.top() - TOP);
    painter.galley(at, writer, ink.text);
    // Turned by a quarter, its arrow points down.
    let reader = title("reader →");
    let at = pos2(
        area.left() - LEFT + reader.size().y,
        area.center().y - reader.size().x * 0.5,
    );
    painter.add(TextShape::new(at, reader, ink.text).with_angle(std::f32::consts::FRAC_PI_2));
    let selected = facts.session.token;
    let mark = |token: usize, colour: Color32| {
        let (x, y) = (sheet.x(token as f32 + 0.5), sheet.y(token as f32 + 0.5));
        if area.x_range().contains(x) {
            let at = pos2(x, area.top() - 3.0);
            painter.text(at, Align2::CENTER_BOTTOM, token, font.clone(), colour);
        }
        if area.y_range().contains(y) {
            let at = pos2(area.left() - 4.0, y);
            painter.text(at, Align2::RIGHT_CENTER, token, font.clone(), colour);
        }
    };
    let step = sheet.step(30.0);
    for token in (0..sheet.tokens).step_by(step) {
        // Room for the selected token's own.
        if selected.is_none_or(|selected| selected.abs_diff(token) * 2 >= step) {
            mark(token, ink.faint);
        }
    }
    if let Some(selected) = selected {
        mark(selected, ink.strong);
    }
}

/// What full colour is; then the pair under the pointer, or what can be done.
fn footer(ui: &mut Ui, facts: &Facts, pointed: Option<(usize, usize)>) {
    let ink = style::ink(ui.ctx());
    let line = |ui: &mut Ui, add: &mut dyn FnMut(&mut Ui)| {
        let size = vec2(ui.available_width(), 16.0);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_min_size(size);
            add(ui);
        });
    };
    let note = |text: String| Label::new(RichText::new(text).small().color(ink.faint)).truncate();
    let full = facts.matrix_full().filter(|(full, _)| *full > 0.0);
    line(ui, &mut |ui| {
        if let Some((full, what)) = full {
            ui.add(note(format!("full colour {}, {what}", style::number(full))));
        }
    });
    let Some((reader, writer)) = pointed else {
        for hint in [
            "wheel zooms, drag moves, double click shows all",
            "click selects the reader, Ctrl+click the writer",
        ] {
            line(ui, &mut |ui| {
                ui.add(note(hint.into()));
            });
        }
        return;
    };
    let text = |token: usize| {
        let token = facts.tokens.get(token);
        token
            .map(|token| style::shown(&token.text))
            .unwrap_or_default()
    };
    let number = facts.matrix.as_ref().and_then(|matrix| matrix.number);
    let number = number.filter(|(pair, _)| *pair == (reader, writer));
    line(ui, &mut |ui| {
        ui.label(
            RichText::new(format!("reader {reader}"))
                .small()
                .color(ink.faint),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if let Some((_, number)) = number {
                ui.label(RichText::new(exact(number)).monospace().color(ink.strong))
                    .spoken();
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(Label::new(RichText::new(text(reader)).color(ink.strong)).truncate());
            });
        });
    });
    line(ui, &mut |ui| {
        ui.label(
            RichText::new(format!("writer {writer}"))
                .small()
                .color(ink.faint),
        );
        ui.add(Label::new(RichText::new(text(writer)).color(ink.strong)).truncate());
    });
}

/// All digits that a single float has to tell.
fn exact(value: f32) -> String {
    if value == 0.0 || (1e-3..1e4).contains(&value.abs()) {
        format!("{value:+.6}")
    } else {
        format!("{value:+.6e}")
    }
}
