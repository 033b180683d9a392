//! Zoom towards a point: what is under the pointer stays under it.

use bevy::math::Vec3;

use super::{Bounds, NEAREST, Pose};
use crate::lattice::Ray;

impl Pose {
    /// Where the eye is.
    #[must_use]
    pub fn eye(&self) -> Vec3 {
        self.focus - self.forward() * self.radius
    }

    /// Where it looks, in length 1.
    #[must_use]
    pub fn forward(&self) -> Vec3 {
        self.turn() * Vec3::NEG_Z
    }

    /// How far before the eye a point lies.
    #[must_use]
    pub fn depth(&self, point: Vec3) -> f32 {
        (point - self.eye()).dot(self.forward())
    }

    /// The same view, turned about a point at another depth.
    #[must_use]
    pub fn at_depth(self, depth: f32) -> Self {
        Self {
            focus: self.eye() + self.forward() * depth,
            radius: depth,
            ..self
        }
    }

    /// The point of a ray as far away as the focus; none where the ray looks past it.
    #[must_use]
    pub fn beside_focus(&self, ray: Ray) -> Option<Vec3> {
        let along = ray.direction.dot(self.forward());
        let distance = (self.focus - ray.origin).dot(self.forward()) / along;
        (along > 0.0 && distance.is_finite() && distance > 0.0)
            .then(|| ray.origin + ray.direction * distance)
    }

    /// Nearer to an anchor (`factor` below 1) or further from it. The eye goes along the line between the two, so
    /// that the anchor is seen where it was seen, and comes no nearer to it than [`NEAREST`]. From then on the
    /// focus is as far away as the anchor: what was zoomed at is what is turned about. Only where the focus
    /// would leave its bounds does the anchor not stay.
    #[must_use]
    pub fn zoomed(self, anchor: Vec3, factor: f32, bounds: &Bounds) -> Self {
        let depth = self.depth(anchor).max(NEAREST);
        let from = self.at_depth(depth);
        let factor = factor.clamp(NEAREST / depth, (bounds.far / depth).max(1.0));
        let room = bounds.room(from.focus);
        Self {
            focus: (anchor + (from.focus - anchor) * factor).clamp(-room, room),
            radius: depth * factor,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::Vec2;
    use proptest::prelude::*;

    use super::{super::Eye, *};

    const SIZE: Vec2 = Vec2::new(1280.0, 720.0);

    fn any_pose() -> impl Strategy<Value = Pose> {
        let focus = prop::array::uniform3(-50.0f32..50.0);
        (focus, -9.0f32..9.0, -1.5f32..1.5, 2.0f32..300.0).prop_map(
            |(focus, yaw, pitch, radius)| Pose {
                focus: focus.into(),
                yaw,
                pitch,
                radius,
            },
        )
    }

    fn eye(pose: &Pose) -> Eye {
        Eye::new(pose.world_from_view(), SIZE, 140.0)
    }

    fn wide() -> Bounds {
        Bounds::around(Vec3::splat(1e4), 1e3)
    }

    proptest! {
        #[test]
        fn what_is_under_the_pointer_stays_there(
            pose in any_pose(), x in 0.0f32..1280.0, y in 0.0f32..720.0,
            depth in 2.0f32..300.0, factor in 0.3f32..3.0,
        ) {
            let pixel = Vec2::new(x, y);
            let ray = eye(&pose).ray(pixel);
            let anchor = ray.origin + ray.direction * (depth / ray.direction.dot(pose.forward()));
            let before = eye(&pose).project(anchor).expect("in front");
            let after = pose.zoomed(anchor, factor, &wide());
            let seen = eye(&after).project(anchor).expect("in front");
            prop_assert!((seen - before).length() < 1.0, "{seen} {before}");
            // By as much as was asked for, unless that is too near.
            let expected = (depth * factor).max(NEAREST);
            prop_assert!((after.radius - expected).abs() < 0.02 * expected, "{} {expected}", after.radius);
            prop_assert_eq!((after.yaw, after.pitch), (pose.yaw, pose.pitch));
        }

        #[test]
        fn half_the_way_there_it_is_under_the_pointer_too(
            pose in any_pose(), x in 0.0f32..1280.0, y in 0.0f32..720.0, factor in 0.3f32..3.0, part in 0.0f32..1.0,
        ) {
            // As the orbit camera eases: focus and radius by the same part.
            let pixel = Vec2::new(x, y);
            let anchor = pose.beside_focus(eye(&pose).ray(pixel)).expect("in front");
            let before = eye(&pose).project(anchor).expect("in front");
            let after = pose.zoomed(anchor, factor, &wide());
            let between = Pose {
                focus: pose.focus.lerp(after.focus, part),
                radius: pose.radius + (after.radius - pose.radius) * part,
                ..pose
            };
            let seen = eye(&between).project(anchor).expect("in front");
            prop_assert!((seen - before).length() < 1.0, "{seen} {before}");
        }

        #[test]
        fn never_through_what_is_zoomed_at_and_never_out_of_bounds(
            pose in any_pose(), points in prop::collection::vec(prop::array::uniform3(-60.0f32..60.0), 1..30),
            factors in prop::collection::vec(0.01f32..9.0, 30),
        ) {
            let bounds = Bounds::around(Vec3::splat(50.0), 100.0);
            let mut now = pose;
            for (point, factor) in points.into_iter().zip(factors) {
                let anchor = Vec3::from(point);
                let was_before = now.depth(anchor) > 0.0;
                let depth = now.depth(anchor).max(NEAREST);
                let room = bounds.room(now.at_depth(depth).focus);
                now = now.zoomed(anchor, factor, &bounds);
                prop_assert!(now.radius >= NEAREST * 0.999 && now.radius <= bounds.far.max(depth) * 1.001, "{now:?}");
                prop_assert!((now.focus.abs() - room).max_element() < 1e-2, "{now:?}");
                prop_assert!(now.focus.is_finite());
                // Where nothing holds the focus back, the anchor stays before the eye.
                let is_free = (now.focus.abs() - bounds.half).max_element() < -1e-3;
                if was_before && is_free {
                    prop_assert!(now.depth(anchor) > 0.0, "{now:?} {anchor}");
                }
            }
        }

        #[test]
        fn another_depth_is_the_same_view(pose in any_pose(), depth in 1.0f32..300.0) {
            let other = pose.at_depth(depth);
            prop_assert!((other.eye() - pose.eye()).length() < 1e-2);
            prop_assert!((other.at_depth(pose.radius).focus - pose.focus).length() < 1e-2);
            prop_assert!((pose.depth(other.focus) - depth).abs() < 1e-2);
        }
    }

    #[test]
    fn a_pose_from_a_file_is_brought_in_or_refused() {
        let bounds = Bounds::around(Vec3::splat(10.0), 100.0);
        let steep = Pose {
            pitch: 9.0,
            radius: -3.0,
            ..Pose::default()
        };
        let admitted = bounds.admit(steep).expect("it is somewhere");
        assert_eq!(
            (admitted.pitch, admitted.radius),
            (super::super::STEEPEST, NEAREST)
        );
        for lost in [f32::NAN, f32::INFINITY] {
            let yaw = Pose {
                yaw: lost,
                ..Pose::default()
            };
            let focus = Pose {
                focus: Vec3::X * lost,
                ..Pose::default()
            };
            assert_eq!((bounds.admit(yaw), bounds.admit(focus)), (None, None));
        }
    }
}
