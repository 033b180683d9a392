use std::f32::consts::TAU;

use bevy::prelude::*;
use bevy_panorbit_camera::{EguiFocusIncludesHover, PanOrbitCamera, PanOrbitCameraPlugin};

use super::{Navigation, Pose, STEEPEST};

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
        pitch_upper_limit: Some(STEEPEST),
        pitch_lower_limit: Some(-STEEPEST),
        zoom_lower_limit: 2.0,
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
