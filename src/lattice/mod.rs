//! Where things stand: token × layer × head → position, and ray → cell. Pure geometry.
//!
//! Tokens run to the right (+x) as they are read, layers rise (+y), heads go into the depth (−z).

mod cell;
mod pick;

pub use cell::{Cell, HeadId, Shape};
pub use pick::{Hit, Ray};

use bevy::math::Vec3;

/// The lattice of one trace, centred on the origin. Distances are in token pitches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    /// Counts.
    pub shape: Shape,
    /// Distance between neighbours along each axis, all positive.
    pub pitch: Vec3,
    /// Half the size of a cell.
    pub half: Vec3,
}

/// Cell size in parts of the pitch: narrow gaps between tokens, room above and below a row for its arcs.
const CELL: Vec3 = Vec3::new(0.84, 0.16, 0.36);
/// Height and depth of the whole, in parts of its length.
const HEIGHT: f32 = 0.42;
const DEPTH: f32 = 0.46;
/// A short text must not make a flat pile.
const LEAST_PITCH: Vec3 = Vec3::new(1.0, 3.2, 2.2);

impl Lattice {
    /// Lays a shape out.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let length = shape.tokens as f32;
        let pitch = Vec3::new(
            1.0,
            (length * HEIGHT / shape.layers.max(1) as f32).max(LEAST_PITCH.y),
            (length * DEPTH / shape.heads.max(1) as f32).max(LEAST_PITCH.z),
        );
        Self {
            shape,
            pitch,
            half: CELL * pitch * 0.5,
        }
    }

    /// Centre of a cell.
    #[must_use]
    pub fn position(&self, cell: Cell) -> Vec3 {
        self.origin()
            + self.pitch
                * Vec3::new(
                    cell.token as f32,
                    cell.head.layer as f32,
                    -(cell.head.head as f32),
                )
    }

    /// Centre of the first cell: token 0, layer 0, head 0.
    #[must_use]
    pub fn origin(&self) -> Vec3 {
        let last = |count: usize| count.saturating_sub(1) as f32;
        let span = Vec3::new(
            last(self.shape.tokens),
            last(self.shape.layers),
            -last(self.shape.heads),
        );
        -0.5 * span * self.pitch
    }

    /// Half the size of the whole, cells included.
    #[must_use]
    pub fn extent(&self) -> Vec3 {
        self.origin().abs() + self.half
    }

    /// The height no arc exceeds above (or below) its row: less than half way to the next row.
    #[must_use]
    pub fn arc_room(&self) -> f32 {
        self.pitch.y * 0.42
    }

    /// The distance over which arcs rise towards [`Self::arc_room`].
    #[must_use]
    pub fn arc_reach(&self) -> f32 {
        self.pitch.y * 0.9
    }

    /// How high an arc over `distance` rises above its row. In step with `arc_point` in `arcs.wgsl`.
    #[must_use]
    pub fn arc_height(&self, distance: f32) -> f32 {
        self.arc_room() * (1.0 - (-distance / self.arc_reach()).exp()).max(0.15)
    }
}

#[cfg(test)]
mod tests;
