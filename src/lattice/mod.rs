//! Where things stand: token × layer × head → position, and ray → cell. Pure geometry.
//!
//! In the plain lattice tokens run to the right (+x) as they are read, layers rise (+y), heads go into
//! the depth (−z). See [`Layout`] for the others.

mod cell;
mod head_set;
mod layout;
mod pick;
mod pick_ring;
mod places;

pub use cell::{Cell, HeadId, NoHead, Shape};
pub use head_set::HeadSet;
pub use layout::{Arrangement, Layout};
pub use pick::{Hit, Ray};
pub use places::Places;

use std::{ops::Range, sync::Arc};

use bevy::math::{Quat, Vec3};

/// The lattice of one trace, centred on the origin. The unit is the token pitch of a long text.
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    /// Counts.
    pub shape: Shape,
    /// How it is laid out.
    pub layout: Layout,
    /// Where rows and places stand.
    pub arrangement: Arrangement,
    /// Where tokens stand along the text.
    pub places: Arc<Places>,
    /// Place of each head within its layer, `[layers × heads]`.
    pub slots: Arc<Vec<u32>>,
}

impl Lattice {
    /// The plain lattice of a whole text.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self::arranged(shape, Layout::Lattice, &[], None)
    }

    /// In a layout, with passages folded away, and heads in an order of their own within each layer:
    /// `slots` are a permutation of 0 … heads − 1 for each layer.
    #[must_use]
    pub fn arranged(
        shape: Shape,
        layout: Layout,
        folds: &[Range<usize>],
        slots: Option<Arc<Vec<u32>>>,
    ) -> Self {
        let places = Places::new(shape.tokens, folds);
        let natural = || {
            (0..shape.rows())
                .map(|row| (row % shape.heads) as u32)
                .collect()
        };
        Self {
            shape,
            layout,
            arrangement: Arrangement::new(layout, shape, places.count()),
            places: Arc::new(places),
            slots: slots
                .filter(|slots| slots.len() == shape.rows())
                .unwrap_or_else(|| Arc::new(natural())),
        }
    }

    /// Place of a head within its layer.
    #[must_use]
    pub fn slot(&self, head: HeadId) -> usize {
        self.slots
            .get(self.shape.row(head))
            .map_or(head.head, |slot| *slot as usize)
    }

    /// The head that stands at a place within a layer.
    #[must_use]
    pub fn head_at(&self, layer: usize, slot: usize) -> HeadId {
        let natural = HeadId { layer, head: slot };
        let mut heads = (0..self.shape.heads).map(|head| HeadId { layer, head });
        heads
            .find(|head| self.slot(*head) == slot)
            .unwrap_or(natural)
    }

    /// Centre of a cell.
    #[must_use]
    pub fn position(&self, cell: Cell) -> Vec3 {
        self.base(cell.head) + self.arrangement.along(self.places.of(cell.token)).1
    }

    /// How a cell is turned about its centre.
    #[must_use]
    pub fn turn(&self, cell: Cell) -> Quat {
        Quat::from_rotation_y(self.arrangement.along(self.places.of(cell.token)).0)
    }

    /// Where a head's row begins; in rings, the centre of the ring.
    #[must_use]
    pub fn base(&self, head: HeadId) -> Vec3 {
        self.arrangement
            .base(self.shape.place(head).0, self.slot(head))
    }

    /// Half the size of the whole, cells included and, in the flat grid, arcs too.
    #[must_use]
    pub fn extent(&self) -> Vec3 {
        let arrangement = &self.arrangement;
        let around = Vec3::new(1.0, 0.0, 1.0) * (arrangement.radius + arrangement.half.z);
        match self.layout {
            Layout::Rings => (arrangement.origin.abs() + arrangement.half * Vec3::Y).max(around),
            Layout::Lattice => arrangement.origin.abs() + arrangement.half,
            // Its outermost rows have arcs of their own above and below.
            Layout::Grid => {
                arrangement.origin.abs() + arrangement.half + Vec3::Y * arrangement.arc_room
            }
        }
    }

    /// How high an arc over `distance` rises above its row. In step with `arc_point` in `arcs.wgsl`.
    #[must_use]
    pub fn arc_height(&self, distance: f32) -> f32 {
        let Arrangement {
            arc_room,
            arc_reach,
            ..
        } = self.arrangement;
        arc_room * (1.0 - (-distance / arc_reach).exp()).max(0.15)
    }
}

#[cfg(test)]
mod tests;
