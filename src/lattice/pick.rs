use bevy::math::Vec3;

use super::{Cell, HeadId, Lattice};

/// A half-line; `direction` need not be of length 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ray {
    /// Where it starts.
    pub origin: Vec3,
    /// Where it goes.
    pub direction: Vec3,
}

/// The first cell a ray meets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The cell.
    pub cell: Cell,
    /// How far along the ray, in lengths of its direction.
    pub distance: f32,
}

impl Lattice {
    /// The cell whose box the ray enters first: the cell that is drawn under the pointer.
    #[must_use]
    pub fn pick(&self, ray: Ray) -> Option<Hit> {
        let mut nearest: Option<Hit> = None;
        for row in 0..self.shape.rows() {
            let head = self.shape.head(row);
            let hit = if self.arrangement.radius > 0.0 {
                self.pick_ring(ray, head)
            } else {
                self.pick_bar(ray, head)
            };
            if let Some(hit) = hit
                && nearest.is_none_or(|nearest| hit.distance < nearest.distance)
            {
                nearest = Some(hit);
            }
        }
        nearest
    }

    fn pick_bar(&self, ray: Ray, head: HeadId) -> Option<Hit> {
        let (start, half, step) = (
            self.base(head),
            self.arrangement.half,
            self.arrangement.step,
        );
        // The part of the ray inside the row's bar, ends included.
        let last = (self.places.count() - 1.0) * step;
        let low = start - half;
        let high = start + half + Vec3::X * last;
        let (enter, _) = slab(ray, low, high)?;

        // Inside the bar only gaps between tokens and the one place of a fold are empty: the cell at the entry, the
        // next one, or the one behind a fold.
        let place = |distance: f32| (ray.origin.x + ray.direction.x * distance - start.x) / step;
        let (from, to) = (place(enter), place(enter) + 2.0 * ray.direction.x.signum());
        self.nearest(ray, head, from.min(to) - 0.5..=from.max(to) + 0.5)
    }

    /// The cell that a ray enters first, of those of a head whose place lies in a span.
    pub(super) fn nearest(
        &self,
        ray: Ray,
        head: HeadId,
        places: std::ops::RangeInclusive<f32>,
    ) -> Option<Hit> {
        self.places
            .between(*places.start(), *places.end())
            .filter(|token| !self.places.is_hidden(*token))
            .filter_map(|token| {
                let cell = Cell { token, head };
                let (distance, _) = self.meets(ray, cell)?;
                Some(Hit { cell, distance })
            })
            .min_by(|a, b| a.distance.total_cmp(&b.distance))
    }

    /// Where a ray enters and leaves a cell's box.
    pub(super) fn meets(&self, ray: Ray, cell: Cell) -> Option<(f32, f32)> {
        let half = self.arrangement.half;
        let back = self.turn(cell).inverse();
        let local = Ray {
            origin: back * (ray.origin - self.position(cell)),
            direction: back * ray.direction,
        };
        slab(local, -half, half)
    }
}

/// Where a ray enters and leaves a box, in front of its origin.
pub(super) fn slab(ray: Ray, low: Vec3, high: Vec3) -> Option<(f32, f32)> {
    let (mut enter, mut leave) = (0.0f32, f32::INFINITY);
    for axis in 0..3 {
        let (origin, direction) = (ray.origin[axis], ray.direction[axis]);
        if direction == 0.0 {
            if origin < low[axis] || origin > high[axis] {
                return None;
            }
            continue;
        }
        let a = (low[axis] - origin) / direction;
        let b = (high[axis] - origin) / direction;
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    (enter <= leave).then_some((enter, leave))
}
