use std::f32::consts::TAU;

use bevy::math::Vec3;
use serde::{Deserialize, Serialize};

use super::Shape;

/// How the whole is laid out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Tokens to the right, layers up, heads into the depth.
    #[default]
    Lattice,
    /// Each head a ring of tokens; rings are stacked, layer on layer.
    Rings,
    /// Heads side by side, layers up: a flat picture of every head.
    Grid,
}

impl Layout {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Lattice, Self::Rings, Self::Grid];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lattice => "lattice",
            Self::Rings => "rings",
            Self::Grid => "grid",
        }
    }
}

/// Where rows and tokens stand in one layout. A row's base is `origin + layer × layer + slot × head`; a
/// token stands `step` further along x for each place, or, in rings, `step` radians further around the
/// vertical axis. In step with `Arrangement` in `scene.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrangement {
    /// Base of layer 0, slot 0; in rings, the centre of that ring.
    pub origin: Vec3,
    /// From a layer to the next.
    pub layer: Vec3,
    /// From a head to the next within a layer.
    pub head: Vec3,
    /// Half a cell, before it is turned.
    pub half: Vec3,
    /// From a place to the next: a distance, or radians in rings.
    pub step: f32,
    /// Of a ring; 0 where rows are straight.
    pub radius: f32,
    /// The height no arc exceeds above (or below) its row.
    pub arc_room: f32,
    /// The distance over which arcs rise towards it.
    pub arc_reach: f32,
}

/// Cell size in parts of the pitch: narrow gaps between tokens, room above and below a row for its arcs.
const CELL: Vec3 = Vec3::new(0.84, 0.16, 0.36);
/// Height and depth of the whole, in parts of its length.
const HEIGHT: f32 = 0.42;
const DEPTH: f32 = 0.46;
/// Length of a short text's lattice: its tokens stand further apart, up to the widest pitch.
const SHORT: f32 = 40.0;
const WIDEST: f32 = 3.5;
/// Part of a turn that the text takes up in rings; the rest is the gap between its end and its beginning.
const TURN: f32 = 0.94;

impl Arrangement {
    /// Lays `shape` out over `places` places along the text.
    pub(super) fn new(layout: Layout, shape: Shape, places: f32) -> Self {
        let places = places.max(1.0);
        let wide = (SHORT / places).clamp(1.0, WIDEST);
        let length = (wide * places).max(SHORT * 0.5);
        match layout {
            Layout::Lattice => Self::lattice(shape, places, wide, length),
            Layout::Rings => Self::rings(shape, places, length),
            Layout::Grid => Self::grid(shape, places, length),
        }
    }

    fn lattice(shape: Shape, places: f32, wide: f32, length: f32) -> Self {
        let rows = |count: usize| count.max(1) as f32;
        let pitch = Vec3::new(
            wide,
            (length * HEIGHT / rows(shape.layers)).max(wide),
            (length * DEPTH / rows(shape.heads)).max(wide),
        );
        let layer = Vec3::Y * pitch.y;
        let head = Vec3::NEG_Z * pitch.z;
        Self {
            origin: centred(shape, layer, head, (places - 1.0) * wide),
            layer,
            head,
            half: CELL * pitch * 0.5,
            step: wide,
            radius: 0.0,
            arc_room: pitch.y * 0.42,
            arc_reach: pitch.y * 0.9,
        }
    }

    fn rings(shape: Shape, places: f32, length: f32) -> Self {
        let radius = length / (TAU * TURN);
        let step = TAU * TURN / places;
        // A layer's rings stand together, with a gap of two to the next layer's.
        let rings = (shape.layers * (shape.heads + 2)).max(4) as f32;
        let pitch = 2.1 * radius / rings;
        let layer = Vec3::Y * pitch * (shape.heads + 2) as f32;
        let head = Vec3::Y * pitch;
        let around = radius * step;
        Self {
            origin: centred(shape, layer, head, 0.0),
            layer,
            head,
            // Thin, so that the arcs inside are seen between the rings.
            half: Vec3::new(
                around * 0.42,
                pitch * 0.14,
                (around * 0.42).clamp(radius * 0.01, radius * 0.04),
            ),
            step,
            radius,
            arc_room: pitch * 0.7,
            arc_reach: radius,
        }
    }

    fn grid(shape: Shape, places: f32, length: f32) -> Self {
        let width = length * 1.25;
        let column = width / shape.heads.max(1) as f32;
        let step = column * 0.92 / places;
        let row = width * 0.72 / shape.layers.max(1) as f32;
        let layer = Vec3::Y * row;
        let head = Vec3::X * column;
        Self {
            origin: centred(shape, layer, head, (places - 1.0) * step),
            layer,
            head,
            half: Vec3::new(step * 0.42, row * 0.06, row * 0.06),
            step,
            radius: 0.0,
            arc_room: row * 0.42,
            arc_reach: column * 0.3,
        }
    }

    /// Base of a row.
    #[must_use]
    pub fn base(&self, layer: usize, slot: usize) -> Vec3 {
        self.origin + self.layer * layer as f32 + self.head * slot as f32
    }

    /// How far a place is turned about the vertical axis, in radians, and where it stands from its row's base.
    #[must_use]
    pub fn along(&self, place: f32) -> (f32, Vec3) {
        let at = place * self.step;
        if self.radius == 0.0 {
            return (0.0, Vec3::X * at);
        }
        // Half the text to the left, half to the right of the front.
        let (sin, cos) = (at - TAU * TURN * 0.5 + self.step * 0.5).sin_cos();
        let turn = sin.atan2(cos);
        (turn, Vec3::new(sin, 0.0, cos) * self.radius)
    }
}

/// The first row's base, for a whole centred on the world's origin; `length` is that of a straight row.
fn centred(shape: Shape, layer: Vec3, head: Vec3, length: f32) -> Vec3 {
    let last = |count: usize| count.saturating_sub(1) as f32;
    -0.5 * (layer * last(shape.layers) + head * last(shape.heads) + Vec3::X * length)
}
