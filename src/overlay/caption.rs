//! What a film says over its picture: a caption, a card, and what colours mean when the panels are hidden.

use egui::{
    Align, Align2, Color32, Context, FontId, Id, LayerId, Order, Painter, Rect, TextFormat,
    ecolor::{gamma_u8_from_linear_f32, linear_f32_from_gamma_u8},
    pos2,
    text::LayoutJob,
    vec2,
};

use super::{CARD_WIDTH, ClipCard, Facts, covered, legend, style};

/// Height of a caption's letters in a picture 720 points high, and how much larger they may grow in a taller one.
const CAPTION: f32 = 22.0;
const MOST: f32 = 1.5;
/// Points from a caption to the lower edge.
const BELOW: f32 = 26.0;
/// Height of a card's letters in a picture of 1280 × 720 points: its first line, and the others.
const LARGE: f32 = 50.0;
const SMALL: f32 = 24.0;

/// What the moment of the film says; `below` are points at the bottom that are not free.
pub(super) fn clip(ctx: &Context, facts: &Facts, below: f32) {
    let Some(clip) = &facts.clip else { return };
    // Over all panels but the timeline.
    let painter = ctx.layer_painter(LayerId::new(Order::Middle, Id::new("film")));
    if clip.legend && facts.session.bare && facts.shape().is_some() {
        super::card(
            ctx,
            "clip legend",
            Align2::RIGHT_BOTTOM,
            [-14.0, -14.0],
            |ui| {
                legend::legend(ui, facts);
            },
        );
    }
    if let Some(text) = &clip.caption {
        caption(&painter, facts, text, below);
    }
    if let Some(text) = &clip.card {
        card(&painter, facts, text);
    }
}

/// A line, or a few, in the middle of what is free.
fn caption(painter: &Painter, facts: &Facts, text: &str, below: f32) {
    let ctx = painter.ctx();
    let (ink, room) = (style::ink(ctx), ctx.content_rect());
    let (left, right) = covered(facts.session.bare);
    let aside = if facts.session.bare {
        // The legend stands at the right, and the caption in the middle of all.
        2.0 * (CARD_WIDTH + 28.0)
    } else {
        left + right + 28.0
    };
    let size = CAPTION * (room.height() / 720.0).clamp(1.0, MOST);
    let padding = vec2(size * 0.8, size * 0.42);
    let mut job = LayoutJob {
        halign: Align::Center,
        ..LayoutJob::default()
    };
    job.wrap.max_width = (room.width() - aside - 2.0 * padding.x).max(160.0);
    job.append(text, 0.0, format(size, ink.strong));
    let galley = painter.layout_job(job);
    let middle = (room.left() + left + room.right() - right) * 0.5;
    let height = galley.rect.height();
    let bottom = room.bottom() - below - BELOW - padding.y;
    let centre = pos2(middle, bottom - height * 0.5);
    let around = Rect::from_center_size(centre, galley.rect.size() + 2.0 * padding);
    painter.rect_filled(around, size * 0.45, through(ink.card, 0.86));
    painter.galley(pos2(middle, bottom - height), galley, ink.strong);
}

/// A text in the middle of the bare ground.
fn card(painter: &Painter, facts: &Facts, card: &ClipCard) {
    let ctx = painter.ctx();
    let (ink, room) = (style::ink(ctx), ctx.content_rect());
    let ground = style::colour(facts.session.colours().ground());
    painter.rect_filled(room, 0, through(ground, card.veil));
    // Tall pictures are looked at on small screens.
    let across = room.width() / 1280.0;
    let scale = (across * room.height() / 720.0).sqrt().min(across * 1.6);
    let mut job = LayoutJob {
        halign: Align::Center,
        ..LayoutJob::default()
    };
    job.wrap.max_width = room.width() * 0.86;
    for (place, line) in card.text.lines().enumerate() {
        let (size, colour) = match place {
            0 => (LARGE, ink.strong),
            _ => (SMALL, ink.text),
        };
        let line = if place == 0 {
            line.to_owned()
        } else {
            format!("\n{line}")
        };
        let letters = format(size * scale, through(colour, card.ink));
        job.append(&line, 0.0, letters);
    }
    let galley = painter.layout_job(job);
    let top = room.center().y - galley.rect.height() * 0.5;
    painter.galley(pos2(room.center().x, top), galley, ink.strong);
}

/// A colour of which only a part is there, as light mixes, which is how the panels come into the picture. egui's own
/// product would darken a bright ground half way.
fn through(colour: Color32, part: f32) -> Color32 {
    let mixed = |channel| gamma_u8_from_linear_f32(linear_f32_from_gamma_u8(channel) * part);
    let [red, green, blue] = [colour.r(), colour.g(), colour.b()].map(mixed);
    Color32::from_rgba_premultiplied(red, green, blue, (part * 255.0).round() as u8)
}

fn format(size: f32, color: Color32) -> TextFormat {
    TextFormat {
        font_id: FontId::proportional(size),
        line_height: Some(size * 1.36),
        color,
        ..TextFormat::default()
    }
}
