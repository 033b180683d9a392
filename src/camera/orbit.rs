use std::f32::consts::TAU;

use bevy::prelude::*;
use bevy_panorbit_camera::{EguiFocusIncludesHover, PanOrbitCamera, PanOrbitCameraPlugin};

use super::{Bounds, NEAREST, Navigation, Pose, STEEPEST};

/// Mouse and touch orbit; moves ease in and can be interrupted at any time.
pub struct OrbitPlugin;

/// Marks the camera the lattice is seen by.
#[derive(Component)]
pub struct Viewpoint;

const SMOOTHNESS: f32 = 0.82;

impl Plugin for OrbitPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(PanOrbitCameraPlugin)
            .insert_resource(EguiFocusIncludesHover(true));
    }
}

/// An orbit camera that stands at a pose.
#[must_use]
pub fn start_at(pose: Pose) -> PanOrbitCamera {
    PanOrbitCamera {
        focus: pose.focus,
        target_focus: pose.focus,
        yaw: Some(pose.yaw),
        target_yaw: pose.yaw,
        pitch: Some(pose.pitch),
        target_pitch: pose.pitch,
        radius: Some(pose.radius),
        target_radius: pose.radius,
        orbit_smoothness: SMOOTHNESS,
        pan_smoothness: SMOOTHNESS,
        zoom_smoothness: SMOOTHNESS,
        // The wheel zooms towards the pointer, which this camera cannot.
        zoom_sensitivity: 0.0,
        pitch_upper_limit: Some(STEEPEST),
        pitch_lower_limit: Some(-STEEPEST),
        zoom_lower_limit: NEAREST,
        ..default()
    }
}

/// Sends the camera to a pose; `at_once` skips the easing.
pub fn move_to(camera: &mut PanOrbitCamera, pose: Pose, at_once: bool) {
    let mut yaw = pose.yaw;
    if at_once {
        let started = camera.initialized;
        *camera = start_at(pose);
        camera.initialized = started;
    } else {
        // The short way round.
        yaw += ((camera.target_yaw - yaw) / TAU).round() * TAU;
    }
    camera.target_focus = pose.focus;
    camera.target_yaw = yaw;
    camera.target_pitch = pose.pitch;
    camera.target_radius = pose.radius;
    camera.force_update = true;
}

/// How a camera goes along with things that move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Along {
    /// What is at x is now at scale · x + offset.
    pub scale: Vec3,
    /// As `scale`.
    pub offset: Vec3,
    /// The distance is so many times as large.
    pub radius: f32,
    /// How far it is sent beside that.
    pub then: Vec3,
}

impl Default for Along {
    fn default() -> Self {
        Self {
            scale: Vec3::ONE,
            offset: Vec3::ZERO,
            radius: 1.0,
            then: Vec3::ZERO,
        }
    }
}

/// Takes the camera along, where it is and where it is on its way to.
pub fn go_along(camera: &mut PanOrbitCamera, along: &Along) {
    let moved = |focus: Vec3| focus * along.scale + along.offset;
    camera.focus = moved(camera.focus);
    camera.target_focus = moved(camera.target_focus) + along.then;
    camera.radius = camera.radius.map(|radius| radius * along.radius);
    camera.target_radius *= along.radius;
    camera.force_update = true;
}

/// Puts the camera at a pose, whatever it was on its way to.
pub fn place(camera: &mut PanOrbitCamera, pose: Pose) {
    see_from(camera, pose);
    camera.target_focus = pose.focus;
    camera.target_yaw = pose.yaw;
    camera.target_pitch = pose.pitch;
    camera.target_radius = pose.radius;
}

/// Puts the camera at a pose on its way to another.
pub fn see_from(camera: &mut PanOrbitCamera, pose: Pose) {
    camera.focus = pose.focus;
    camera.yaw = Some(pose.yaw);
    camera.pitch = Some(pose.pitch);
    camera.radius = Some(pose.radius);
    camera.force_update = true;
}

/// Where the camera is just now, perhaps on its way.
#[must_use]
pub fn seen_from(camera: &PanOrbitCamera) -> Pose {
    Pose {
        focus: camera.focus,
        yaw: camera.yaw.unwrap_or(camera.target_yaw),
        pitch: camera.pitch.unwrap_or(camera.target_pitch),
        radius: camera.radius.unwrap_or(camera.target_radius),
    }
}

/// Whether the camera is where it was sent, as far as anybody sees.
#[must_use]
pub fn is_there(camera: &PanOrbitCamera) -> bool {
    let (now, target) = (seen_from(camera), pose_of(camera));
    let turn = (now.yaw - target.yaw).abs() + (now.pitch - target.pitch).abs();
    let way = now.focus.distance(target.focus) + (now.radius - target.radius).abs();
    turn < 1e-3 && way < 1e-3 * target.radius
}

/// Lets drags and pinches move the camera only so far.
pub fn limit(camera: &mut PanOrbitCamera, bounds: &Bounds) {
    let half_size = bounds.room(camera.target_focus);
    camera.focus_bounds_shape = Some(Cuboid { half_size }.into());
    camera.zoom_upper_limit = Some(bounds.far.max(camera.target_radius));
}

/// Lets the buttons of a preset move the camera, with what is held just now.
pub fn steer(camera: &mut PanOrbitCamera, navigation: Navigation, shift: bool, middle: bool) {
    (camera.button_orbit, camera.button_pan) = navigation.buttons(shift, middle);
}

/// Where the camera is, or is on its way to.
#[must_use]
pub fn pose_of(camera: &PanOrbitCamera) -> Pose {
    Pose {
        focus: camera.target_focus,
        yaw: camera.target_yaw,
        pitch: camera.target_pitch,
        radius: camera.target_radius,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eased_move_takes_the_short_way_round() {
        let mut camera = start_at(Pose {
            yaw: 3.0 * TAU + 0.2,
            ..Pose::default()
        });
        move_to(&mut camera, Pose::default(), false);
        assert!((camera.target_yaw - (Pose::default().yaw + 3.0 * TAU)).abs() < 1e-4);
        move_to(&mut camera, Pose::default(), true);
        assert_eq!(pose_of(&camera), Pose::default());
    }
}
