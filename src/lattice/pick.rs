use bevy::math::Vec3;

use super::{Cell, Lattice};

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
            let hit = self.pick_row(ray, row);
            if let Some(hit) = hit
                && nearest.is_none_or(|nearest| hit.distance < nearest.distance)
            {
                nearest = Some(hit);
            }
        }
        nearest
    }

    fn pick_row(&self, ray: Ray, row: usize) -> Option<Hit> {
        let head = self.shape.head(row);
        let start = self.position(Cell { token: 0, head });
        // The part of the ray inside the row's bar, ends included.
        let last = (self.shape.tokens.checked_sub(1)?) as f32 * self.pitch.x;
        let low = start - self.half;
        let high = start + self.half + Vec3::X * last;
        let (enter, leave) = slab(ray, low, high)?;

        // Inside the bar only gaps between tokens are empty: the cell at the entry, or the next one.
        let place =
            |distance: f32| (ray.origin.x + ray.direction.x * distance - start.x) / self.pitch.x;
        let first = (place(enter).round().max(0.0) as usize).min(self.shape.tokens - 1);
        let next = if ray.direction.x >= 0.0 {
            first + 1
        } else {
            first.wrapping_sub(1)
        };
        [first, next]
            .into_iter()
            .filter(|token| *token < self.shape.tokens)
            .find_map(|token| {
                let cell = Cell { token, head };
                let centre = self.position(cell);
                let (distance, _) = slab(ray, centre - self.half, centre + self.half)?;
                (distance <= leave).then_some(Hit { cell, distance })
            })
    }
}

/// Where a ray enters and leaves a box, in front of its origin.
fn slab(ray: Ray, low: Vec3, high: Vec3) -> Option<(f32, f32)> {
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
