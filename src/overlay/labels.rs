use std::sync::Arc;

use bevy::math::{Vec2, Vec3, Vec3Swizzles};
use egui::{
    Color32, Context, FontId, Galley, Id, LayerId, Order, Painter, Pos2, Rect, epaint::TextShape,
    pos2, vec2,
};

use super::{Facts, compare, marks, style};
use crate::{
    camera::Eye,
    lattice::{Cell, Lattice, Layout},
    session::Intent,
};

/// Least distance between two token labels, in points across their baseline.
const TOKEN_GAP: f32 = 13.0;
/// The same along it, from the end of one to the beginning of the other.
const TOKEN_SPACE: f32 = 8.0;
const LONGEST: usize = 14;
/// As far as a label reaches from where it ends.
const REACH: f32 = 150.0;

/// Token texts along the front edge, layer and head marks along theirs. A click on a mark shows its heads.
pub fn labels(ctx: &Context, facts: &Facts, intents: &mut Vec<Intent>) {
    let mut own = ctx.content_rect();
    if let Some(part) = compare::part(ctx, facts) {
        let eye = facts.beside.as_ref().and_then(|beside| beside.eye);
        if let Some(other) = facts.other() {
            of_part(ctx, &other.facts, eye, part, intents);
        }
        if part.left() > own.left() {
            own.max.x = part.left();
        } else {
            own.max.y = part.top();
        }
    }
    of_part(ctx, facts, facts.eye, own, intents);
}

/// Those of a lattice that has a part of the picture.
fn of_part(ctx: &Context, facts: &Facts, eye: Option<Eye>, part: Rect, intents: &mut Vec<Intent>) {
    let (Some(eye), Some(lattice)) = (eye, &facts.lattice) else {
        return;
    };
    if lattice.shape.tokens == 0 || lattice.shape.rows() == 0 {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Background, Id::new("labels")));
    let painter = painter.with_clip_rect(part);
    let place = Place {
        eye,
        scale: ctx.pixels_per_point(),
        extent: lattice.extent(),
    };
    tokens(&painter, facts, lattice, place);
    marks::marks(ctx, &painter, facts, lattice, place, intents);
}

#[derive(Clone, Copy)]
pub(super) struct Place {
    pub eye: Eye,
    scale: f32,
    extent: Vec3,
}

impl Place {
    /// A point of the world in points of the screen.
    pub fn of(self, world: Vec3) -> Option<Pos2> {
        let pixel = self.eye.project(world)?;
        Some(pos2(pixel.x / self.scale, pixel.y / self.scale))
    }

    /// How strong a label is drawn there: far ones fade.
    pub fn strength(self, world: Vec3) -> f32 {
        let (away, radius) = (self.eye.position.length(), self.extent.length());
        let depth = (self.eye.position.distance(world) - away) / radius.max(1e-3);
        (0.85 - 0.4 * depth).clamp(0.35, 1.0)
    }
}

/// The end nearer to the eye, of a row's two: 0 or the last.
pub(super) fn nearer(eye: &Eye, a: Vec3, b: Vec3) -> bool {
    eye.position.distance_squared(a) <= eye.position.distance_squared(b)
}

/// Centre of the cell of a token at a place among the layers that are there, and within that layer.
pub(super) fn cell(lattice: &Lattice, token: usize, layer: usize, slot: usize) -> Vec3 {
    lattice.position(Cell {
        token,
        head: lattice.head_at(lattice.shape.first_layer + layer, slot),
    })
}

/// Where a token's label ends: below the lowest layer, on the side that faces the eye.
fn token_anchor(lattice: &Lattice, place: Place, token: usize) -> Option<Vec3> {
    let (shape, arrangement) = (lattice.shape, &lattice.arrangement);
    match lattice.layout {
        Layout::Lattice => {
            let middle = shape.tokens / 2;
            let last = shape.heads - 1;
            let front = nearer(
                &place.eye,
                cell(lattice, middle, 0, 0),
                cell(lattice, middle, 0, last),
            );
            let (slot, out) = if front { (0, 1.0) } else { (last, -1.0) };
            let half = arrangement.half.z * 1.4 * out;
            Some(cell(lattice, token, 0, slot) + Vec3::new(0.0, -arrangement.layer.y * 0.5, half))
        }
        Layout::Rings => {
            let ring = cell(lattice, token, 0, 0);
            let outward = ring.xz().normalize_or(Vec2::Y);
            // Those at the back are hidden behind the rings.
            let faces = outward.dot(place.eye.position.xz().normalize_or(Vec2::Y)) > 0.1;
            let out = outward * arrangement.half.z * 1.6;
            let drop = arrangement.head.y * 1.2;
            faces.then_some(ring + Vec3::new(out.x, -drop, out.y))
        }
        // Under the first column: the others repeat it.
        Layout::Grid => Some(cell(lattice, token, 0, 0) - Vec3::Y * arrangement.layer.y * 0.5),
    }
}

fn tokens(painter: &Painter, facts: &Facts, lattice: &Lattice, place: Place) {
    let shape = lattice.shape;
    let selected = facts.session.token;
    let hovered = facts.hover.as_ref().map(|hover| hover.cell.token);
    let mut order: Vec<usize> = selected.into_iter().chain(hovered).collect();
    order.extend(strongest(facts));
    order.extend(0..shape.tokens);
    let mut taken: Vec<Slanted> = Vec::new();
    let seen = painter.clip_rect().expand(REACH);
    for token in order {
        if lattice.places.is_hidden(token) || !facts.session.is_written(token) {
            continue;
        }
        let anchor = token_anchor(lattice, place, token);
        let position = anchor.and_then(|anchor| place.of(anchor));
        let (Some(anchor), Some(position), Some(text)) =
            (anchor, position, facts.tokens.get(token))
        else {
            continue;
        };
        if !seen.contains(position) || taken.iter().any(|other| other.meets(position, 0.0)) {
            continue;
        }
        // Most labels of a long text find no room: seen before each is laid out.
        let text = shorten(&style::shown(text.text.trim_start_matches(' ')));
        let least = least_width(&text);
        if taken.iter().any(|other| other.meets(position, least)) {
            continue;
        }
        let (ink, size) = if Some(token) == selected {
            (style::ink(painter.ctx()).strong, 14.0)
        } else if Some(token) == hovered {
            (style::ink(painter.ctx()).strong, 12.5)
        } else {
            let ink = match facts.summary.get(token) {
                Some(value) if selected.is_some() => lifted(painter.ctx(), facts, *value),
                _ => style::ink(painter.ctx()).faint,
            };
            let outside = !facts.session.in_passage(token);
            let strength = place.strength(anchor) * if outside { 0.4 } else { 1.0 };
            (ink.gamma_multiply(strength), 12.5)
        };
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
fn lifted(ctx: &Context, facts: &Facts, value: f32) -> Color32 {
    let session = &facts.session;
    let value_shown = value.signum() * (0.35 + 0.65 * value.abs().sqrt());
    let colour = style::colour(
        session
            .colours()
            .shade(value_shown, session.marks_are_signless()),
    );
    if value.abs() < 0.02 {
        style::ink(ctx).faint.gamma_multiply(0.8)
    } else {
        colour.lerp_to_gamma(style::ink(ctx).strong, 0.25)
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// What a label takes at least, in points, as most characters are wider.
fn least_width(text: &str) -> f32 {
    const NARROW: f32 = 4.0;
    const WIDE: f32 = 10.0;
    let width = |c| if c < '\u{1100}' { NARROW } else { WIDE };
    text.chars().map(width).sum()
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
