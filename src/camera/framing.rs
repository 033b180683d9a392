use bevy::math::{EulerRot, Mat4, Quat, Vec2, Vec3};

use super::FIELD_OF_VIEW;
use crate::lattice::Layout;

/// An orbit pose: looking at `focus` from `radius` away.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pose {
    /// What is looked at.
    pub focus: Vec3,
    /// Turn about the vertical axis, in radians; 0 looks along −z.
    pub yaw: f32,
    /// Height angle, in radians; positive looks down.
    pub pitch: f32,
    /// Distance from the focus.
    pub radius: f32,
}

/// Left-right and top-bottom room for labels around the framed lattice, in points.
pub const MARGINS: Vec2 = Vec2::new(70.0, 56.0);

/// From the left front, a little above: tokens run to the right, layers rise, heads go into the depth.
const YAW: f32 = -0.42;
const PITCH: f32 = 0.36;

impl Pose {
    /// The angles from which a layout is looked at first.
    #[must_use]
    pub fn of(layout: Layout) -> Self {
        let (yaw, pitch) = match layout {
            Layout::Lattice => (YAW, PITCH),
            // From above the front, into the rings.
            Layout::Rings => (0.0, 0.42),
            Layout::Grid => (0.0, 0.0),
        };
        Self {
            yaw,
            pitch,
            ..Self::default()
        }
    }

    /// What is wrong with it, if nothing could be seen from there.
    pub(crate) fn fault(&self) -> Option<String> {
        /// Farther than any lattice reaches, and near enough for single floats.
        const FARTHEST: f32 = 1e6;
        let numbers = self.focus.to_array().into_iter();
        let mut numbers = numbers.chain([self.yaw, self.pitch, self.radius]);
        if !numbers.all(|number| number.is_finite() && number.abs() <= FARTHEST) {
            let text = "give finite numbers for focus, yaw, pitch and radius, at most 1,000,000";
            return Some(text.to_owned());
        }
        (self.radius <= 0.0).then(|| {
            let radius = self.radius;
            format!("radius = {radius}: give a distance, more than 0")
        })
    }
}

impl Pose {
    /// From the eye's own axes to the world's.
    #[must_use]
    pub fn world_from_view(&self) -> Mat4 {
        Mat4::from_rotation_translation(self.turn(), self.eye())
    }
}

impl Default for Pose {
    fn default() -> Self {
        Self {
            focus: Vec3::ZERO,
            yaw: YAW,
            pitch: PITCH,
            radius: 10.0,
        }
    }
}

/// The nearest pose at this pose's angles from which a box around `focus` is seen whole in `free` pixels
/// of a picture `height` pixels high, with `margins` (left-right, top-bottom) in pixels to spare.
#[must_use]
pub fn frame(pose: Pose, half: Vec3, free: Vec2, height: f32, margins: Vec2) -> Pose {
    let turn = Quat::from_euler(EulerRot::YXZ, pose.yaw, -pose.pitch, 0.0);
    let slope = (FIELD_OF_VIEW * 0.5).tan();
    // Tangents of the free half-angles; a pixel spans the same angle both ways.
    let usable = (free * 0.5 - margins).max(free * 0.15);
    let tangent = usable / (height * 0.5) * slope;
    let mut radius = 0.0f32;
    for corner in 0..8 {
        let sign = |bit: i32| if corner & bit == 0 { 1.0 } else { -1.0 };
        let seen = turn.inverse() * (half * Vec3::new(sign(1), sign(2), sign(4)));
        radius = radius
            .max(seen.x.abs() / tangent.x + seen.z)
            .max(seen.y.abs() / tangent.y + seen.z);
    }
    Pose { radius, ..pose }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Eye, *};

    proptest! {
        #[test]
        fn the_whole_box_is_seen(
            yaw in -3.0f32..3.0, pitch in -1.3f32..1.3,
            half in prop::array::uniform3(0.5f32..200.0), covered in 0.0f32..500.0,
        ) {
            let half = Vec3::from(half);
            let size = Vec2::new(1280.0, 720.0);
            let free = Vec2::new(size.x - covered, size.y);
            let pose = frame(Pose { yaw, pitch, ..Pose::default() }, half, free, size.y, Vec2::splat(20.0));
            let turn = Quat::from_euler(EulerRot::YXZ, pose.yaw, -pose.pitch, 0.0);
            let eye = Eye::new(Mat4::from_rotation_translation(turn, turn * Vec3::Z * pose.radius), size, covered);
            for corner in 0..8 {
                let sign = |bit: i32| if corner & bit == 0 { 1.0 } else { -1.0 };
                let pixel = eye.project(half * Vec3::new(sign(1), sign(2), sign(4))).expect("in front");
                prop_assert!(pixel.x >= covered + 19.0 && pixel.x <= size.x - 19.0, "{pixel}");
                prop_assert!(pixel.y >= 19.0 && pixel.y <= size.y - 19.0, "{pixel}");
            }
        }
    }
}
