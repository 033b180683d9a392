//! Where things stand: token × layer × head → position, and ray → cell. Pure geometry.
//!
//! Tokens run to the right (+x) as they are read, layers rise (+y), heads go into the depth (−z).

mod cell;
mod pick;

pub use cell::{Cell, HeadId, Shape};
pub use pick::{Hit, Ray};

use bevy::math::Vec3;

/// The lattice of one trace, centred on the origin. The unit is the token pitch of a long text.
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
/// Length of a short text's lattice: its tokens stand further apart, up to the widest pitch.
const SHORT: f32 = 40.0;
const WIDEST: f32 = 3.5;

impl Lattice {
    /// Lays a shape out.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let tokens = shape.tokens.max(1) as f32;
        let wide = (SHORT / tokens).clamp(1.0, WIDEST);
        let length = (wide * tokens).max(SHORT * 0.5);
        let rows = |count: usize| count.max(1) as f32;
        let pitch = Vec3::new(
            wide,
            (length * HEIGHT / rows(shape.layers)).max(wide),
            (length * DEPTH / rows(shape.heads)).max(wide),
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
