use bevy::math::{Mat4, Vec2, Vec3, Vec4Swizzles};

use crate::lattice::Ray;

/// An eye: what the draws, the labels and picking all see by, so that they agree to the pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eye {
    /// World to clip space; depth is reversed, 1 near and 0 far.
    pub clip_from_world: Mat4,
    /// Where it is.
    pub position: Vec3,
    /// Size of the picture in pixels.
    pub viewport: Vec2,
}

impl Eye {
    /// An eye at a pose. The middle of the view is moved to the middle of what panels leave free:
    /// `covered` is how many pixels more they take at the left than at the right.
    #[must_use]
    pub fn new(world_from_view: Mat4, viewport: Vec2, covered: f32) -> Self {
        let viewport = viewport.max(Vec2::ONE);
        let clip_from_view = Mat4::perspective_infinite_reverse_rh(
            super::FIELD_OF_VIEW,
            viewport.x / viewport.y,
            0.1,
        );
        let shift = Mat4::from_translation(Vec3::X * (covered / viewport.x));
        Self {
            clip_from_world: shift * clip_from_view * world_from_view.inverse(),
            position: world_from_view.w_axis.xyz(),
            viewport,
        }
    }

    /// The same with the middle of the view higher by half of what is `covered` at the lower edge, in pixels.
    #[must_use]
    pub fn raised(self, covered: f32) -> Self {
        let shift = Mat4::from_translation(Vec3::Y * (covered / self.viewport.y));
        Self {
            clip_from_world: shift * self.clip_from_world,
            ..self
        }
    }

    /// Where a point of the world is seen, in pixels from the upper left; none when behind the eye.
    #[must_use]
    pub fn project(&self, world: Vec3) -> Option<Vec2> {
        let clip = self.clip_from_world * world.extend(1.0);
        (clip.w > 1e-4).then(|| {
            let ndc = clip.xy() / clip.w;
            Vec2::new(ndc.x * 0.5 + 0.5, 0.5 - ndc.y * 0.5) * self.viewport
        })
    }

    /// The ray through a pixel.
    #[must_use]
    pub fn ray(&self, pixel: Vec2) -> Ray {
        let ndc = Vec2::new(
            pixel.x / self.viewport.x * 2.0 - 1.0,
            1.0 - pixel.y / self.viewport.y * 2.0,
        );
        let on_ray = self
            .clip_from_world
            .inverse()
            .project_point3(ndc.extend(0.5));
        Ray {
            origin: self.position,
            direction: on_ray - self.position,
        }
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::Quat;
    use proptest::prelude::*;

    use super::*;

    fn eye(yaw: f32, pitch: f32, covered: f32) -> Eye {
        let turn = Quat::from_euler(bevy::math::EulerRot::YXZ, yaw, pitch, 0.0);
        Eye::new(
            Mat4::from_rotation_translation(turn, turn * Vec3::Z * 100.0),
            Vec2::new(1280.0, 720.0),
            covered,
        )
    }

    proptest! {
        #[test]
        fn a_ray_passes_through_the_point_its_pixel_shows(
            yaw in -3.0f32..3.0, pitch in -1.4f32..1.4, covered in 0.0f32..400.0,
            x in -20.0f32..20.0, y in -15.0f32..15.0, z in -20.0f32..20.0,
        ) {
            let eye = eye(yaw, pitch, covered);
            let point = Vec3::new(x, y, z);
            let ray = eye.ray(eye.project(point).expect("in front"));
            let along = ray.direction.normalize();
            let off = (point - ray.origin) - along * (point - ray.origin).dot(along);
            prop_assert!(off.length() < 0.05, "{off}");
            prop_assert!((point - ray.origin).dot(along) > 0.0);
        }
    }

    #[test]
    fn the_centre_is_seen_in_the_middle_of_what_is_free() {
        let pixel = eye(0.4, -0.3, 300.0).project(Vec3::ZERO).expect("in front");
        assert!(
            (pixel - Vec2::new(300.0 + 490.0, 360.0)).length() < 0.01,
            "{pixel}"
        );
    }

    #[test]
    fn a_raised_eye_sees_the_centre_above_what_is_covered() {
        let pixel = eye(0.4, -0.3, 0.0).raised(200.0).project(Vec3::ZERO);
        let pixel = pixel.expect("in front");
        assert!((pixel - Vec2::new(640.0, 260.0)).length() < 0.01, "{pixel}");
    }

    #[test]
    fn what_is_behind_is_not_seen() {
        assert_eq!(eye(0.0, 0.0, 0.0).project(Vec3::Z * 200.0), None);
    }
}
