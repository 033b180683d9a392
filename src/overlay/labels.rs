use std::sync::Arc;

use bevy::math::Vec3;
use egui::{
    Align2, Color32, Context, FontId, Galley, Id, LayerId, Order, Painter, Pos2, epaint::TextShape,
    pos2, vec2,
};

use super::{Facts, style};
use crate::{
    camera::Eye,
    lattice::{Cell, HeadId, Lattice},
};

/// Least distance between two token labels, in points across their baseline.
const TOKEN_GAP: f32 = 13.0;
/// The same along it, from the end of one to the beginning of the other.
const TOKEN_SPACE: f32 = 8.0;
const MARK_GAP: f32 = 12.0;
const LONGEST: usize = 14;

/// Token texts along the front edge, layer and head marks along theirs.
pub fn labels(ctx: &Context, facts: &Facts) {
    let (Some(eye), Some(lattice)) = (facts.eye, facts.lattice) else {
        return;
    };
    let painter = ctx.layer_painter(LayerId::new(Order::Background, Id::new("labels")));
    let place = Place {
        eye,
        scale: ctx.pixels_per_point(),
    };
    tokens(&painter, facts, &lattice, place);
    marks(&painter, facts, &lattice, place);
}

#[derive(Clone, Copy)]
struct Place {
    eye: Eye,
    scale: f32,
}

impl Place {
    /// A point of the world in points of the screen.
    fn of(self, world: Vec3) -> Option<Pos2> {
        let pixel = self.eye.project(world)?;
        Some(pos2(pixel.x / self.scale, pixel.y / self.scale))
    }
}

/// The end nearer to the eye, of a row's two: 0 or the last.
fn nearer(eye: &Eye, a: Vec3, b: Vec3) -> bool {
    eye.position.distance_squared(a) <= eye.position.distance_squared(b)
}

fn cell(lattice: &Lattice, token: usize, layer: usize, head: usize) -> Vec3 {
    lattice.position(Cell {
        token,
        head: HeadId { layer, head },
    })
}

fn tokens(painter: &Painter, facts: &Facts, lattice: &Lattice, place: Place) {
    let shape = lattice.shape;
    if shape.tokens == 0 {
        return;
    }
    // Below the lowest layer, on the side that faces the eye.
    let middle = shape.tokens / 2;
    let front = nearer(
        &place.eye,
        cell(lattice, middle, 0, 0),
        cell(lattice, middle, 0, shape.heads - 1),
    );
    let head = if front { 0 } else { shape.heads - 1 };
    let out = if front { 1.0 } else { -1.0 };
    let drop = Vec3::new(0.0, -lattice.pitch.y * 0.5, lattice.half.z * 1.4 * out);
    let at = |token: usize| place.of(cell(lattice, token, 0, head) + drop);

    let selected = facts.session.token;
    let hovered = facts.hover.as_ref().map(|hover| hover.cell.token);
    let mut order: Vec<usize> = selected.into_iter().chain(hovered).collect();
    order.extend(strongest(facts));
    order.extend(0..shape.tokens);
    let mut taken: Vec<Slanted> = Vec::new();
    for token in order {
        let (Some(position), Some(text)) = (at(token), facts.tokens.get(token)) else {
            continue;
        };
        // Most labels of a long text find no room however short they are.
        if taken.iter().any(|other| other.meets(position, 0.0)) {
            continue;
        }
        let (ink, size) = if Some(token) == selected {
            (style::STRONG, 14.0)
        } else if Some(token) == hovered {
            (style::STRONG, 12.5)
        } else {
            match facts.summary.get(token) {
                Some(value) if selected.is_some() => (lifted(facts, *value), 12.5),
                _ => (style::FAINT, 12.5),
            }
        };
        let text = shorten(&style::shown(text.text.trim_start_matches(' ')));
        let label = Slanted::new(painter, position, text, size, ink);
        if !taken
            .iter()
            .any(|other| other.meets(position, label.width()))
        {
            label.paint(painter);
            taken.push(label);
        }
    }
}

/// Tokens worth a label before the others: those with the strongest scores.
fn strongest(facts: &Facts) -> Vec<usize> {
    let mut tokens: Vec<usize> = (0..facts.summary.len()).collect();
    tokens.sort_by(|a, b| facts.summary[*b].abs().total_cmp(&facts.summary[*a].abs()));
    tokens.truncate(12);
    tokens
}

/// The palette's colour, light enough to read on the ground.
fn lifted(facts: &Facts, value: f32) -> Color32 {
    let colour = style::colour(
        facts
            .session
            .palette
            .diverging(value.signum() * (0.35 + 0.65 * value.abs().sqrt())),
    );
    if value.abs() < 0.02 {
        style::FAINT.gamma_multiply(0.8)
    } else {
        colour.lerp_to_gamma(style::STRONG, 0.25)
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Text that hangs to the lower left, so that neighbours stay apart.
struct Slanted {
    /// Where its right end stands.
    end: Pos2,
    galley: Arc<Galley>,
    ink: Color32,
}

impl Slanted {
    const ANGLE: f32 = -0.96;

    fn new(painter: &Painter, end: Pos2, text: String, size: f32, ink: Color32) -> Self {
        let galley = painter.layout_no_wrap(text, FontId::proportional(size), ink);
        Self { end, galley, ink }
    }

    fn width(&self) -> f32 {
        self.galley.size().x
    }

    /// Whether another label that ends there would lie on this one.
    fn meets(&self, end: Pos2, width: f32) -> bool {
        let (sin, cos) = Self::ANGLE.sin_cos();
        let apart = end - self.end;
        let across = apart.y * cos - apart.x * sin;
        let along = apart.x * cos + apart.y * sin;
        // The text of the one that ends further along reaches back towards the other.
        let reach = if along > 0.0 { width } else { self.width() };
        across.abs() < TOKEN_GAP && along.abs() < reach + TOKEN_SPACE
    }

    fn paint(&self, painter: &Painter) {
        let (sin, cos) = Self::ANGLE.sin_cos();
        let (width, height) = (self.galley.size().x, self.galley.size().y);
        let origin = self.end
            - vec2(
                width * cos - height * 0.5 * sin,
                width * sin + height * 0.5 * cos,
            );
        painter.add(TextShape::new(origin, self.galley.clone(), self.ink).with_angle(Self::ANGLE));
    }
}

fn marks(painter: &Painter, facts: &Facts, lattice: &Lattice, place: Place) {
    let shape = lattice.shape;
    if shape.rows() == 0 || shape.tokens == 0 {
        return;
    }
    let last = shape.tokens - 1;
    let solo = facts.session.head;
    let left = nearer(
        &place.eye,
        cell(lattice, 0, 0, 0),
        cell(lattice, last, 0, 0),
    );
    let (token, away) = if left { (0, -1.0) } else { (last, 1.0) };
    let gap = Vec3::X * away * (lattice.half.x + 0.012 * lattice.extent().x.max(40.0));
    let font = FontId::proportional(11.5);
    let write = |position: Option<Pos2>, text: String, strong: bool, taken: &mut Vec<Pos2>| {
        let Some(position) = position else { return };
        if taken
            .iter()
            .any(|other| other.distance(position) < MARK_GAP)
        {
            return;
        }
        taken.push(position);
        let ink = if strong { style::STRONG } else { style::FAINT };
        painter.text(position, Align2::RIGHT_CENTER, text, font.clone(), ink);
    };
    // Layers up the front edge, heads back along the top.
    let mut taken = Vec::new();
    for layer in 0..shape.layers {
        let strong = solo.is_some_and(|head| head.layer == layer);
        write(
            place.of(cell(lattice, token, layer, 0) + gap),
            format!("layer {layer}"),
            strong,
            &mut taken,
        );
    }
    for head in 1..shape.heads {
        let strong = solo.is_some_and(|solo| solo.head == head);
        write(
            place.of(cell(lattice, token, shape.layers - 1, head) + gap),
            format!("head {head}"),
            strong,
            &mut taken,
        );
    }
}
