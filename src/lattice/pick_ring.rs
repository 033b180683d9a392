use std::f32::consts::{PI, TAU};

use bevy::math::{Vec2, Vec3, Vec3Swizzles};

use super::{HeadId, Hit, Lattice, Ray, pick::slab};

impl Lattice {
    /// The first cell of a ring that a ray enters: only tokens at the angles that the ray passes within
    /// the ring are looked at.
    pub(super) fn pick_ring(&self, ray: Ray, head: HeadId) -> Option<Hit> {
        let (centre, half, radius) = (
            self.base(head),
            self.arrangement.half,
            self.arrangement.radius,
        );
        let outer = Vec2::new(radius + half.z, half.x).length();
        let low = centre - Vec3::new(outer, half.y, outer);
        let high = centre + Vec3::new(outer, half.y, outer);
        let (enter, leave) = slab(ray, low, high)?;
        let (origin, direction) = (ray.origin.zx() - centre.zx(), ray.direction.zx());
        let (enter, leave) = within(origin, direction, outer, enter, leave)?;
        let inner = (radius - half.z).max(0.0);
        // What lies inside the hole is cut out: two pieces are left, in the order the ray passes them.
        let pieces = match within(origin, direction, inner, enter, leave) {
            Some((from, to)) => [(enter, from), (to, leave)],
            None => [(enter, leave), (leave, leave)],
        };
        pieces.into_iter().find_map(|(from, to)| {
            let angle = |distance: f32| {
                let at = origin + direction * distance;
                at.y.atan2(at.x)
            };
            self.pick_angles(ray, head, angle(from), angle(to))
        })
    }

    /// The cell a ray enters first of those between two angles, the short way around.
    fn pick_angles(&self, ray: Ray, head: HeadId, from: f32, to: f32) -> Option<Hit> {
        let arrangement = &self.arrangement;
        let sweep = (to - from + PI).rem_euclid(TAU) - PI;
        let (_, first) = arrangement.along(0.0);
        let zero = first.x.atan2(first.z);
        // A cell is seen a little to both sides of its own angle.
        let margin = arrangement
            .half
            .x
            .atan2((arrangement.radius - arrangement.half.z).max(1e-3))
            + 1e-3;
        let start = from.min(from + sweep) - margin;
        let place = (start - zero).rem_euclid(TAU) / arrangement.step;
        let span = (sweep.abs() + 2.0 * margin) / arrangement.step;
        // Once more from the beginning, where the span passes the end of the text.
        let turn = TAU / arrangement.step;
        [place, place - turn]
            .into_iter()
            .filter_map(|place| self.nearest(ray, head, place..=place + span))
            .min_by(|a, b| a.distance.total_cmp(&b.distance))
    }
}

/// The part of a line, between two distances, that lies within a circle about the origin.
fn within(
    origin: Vec2,
    direction: Vec2,
    radius: f32,
    enter: f32,
    leave: f32,
) -> Option<(f32, f32)> {
    let a = direction.length_squared();
    if a == 0.0 {
        return (origin.length() <= radius).then_some((enter, leave));
    }
    let b = origin.dot(direction) / a;
    let nearest = (origin - direction * b).length_squared();
    let square = (radius * radius - nearest) / a;
    if square <= 0.0 {
        return None;
    }
    let half = square.sqrt();
    let (enter, leave) = (enter.max(-b - half), leave.min(-b + half));
    (enter <= leave).then_some((enter, leave))
}
