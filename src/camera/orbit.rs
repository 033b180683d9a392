use bevy::prelude::*;
use bevy_panorbit_camera::{EguiFocusIncludesHover, PanOrbitCamera, PanOrbitCameraPlugin};

use super::Pose;

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
        pitch_upper_limit: Some(1.5),
        pitch_lower_limit: Some(-1.5),
        zoom_lower_limit: 2.0,
        button_pan: MouseButton::Right,
        ..default()
    }
}

/// Sends the camera to a pose; `at_once` skips the easing.
pub fn move_to(camera: &mut PanOrbitCamera, pose: Pose, at_once: bool) {
    if at_once {
        let started = camera.initialized;
        *camera = start_at(pose);
        camera.initialized = started;
    }
    camera.target_focus = pose.focus;
    camera.target_yaw = pose.yaw;
    camera.target_pitch = pose.pitch;
    camera.target_radius = pose.radius;
    camera.force_update = true;
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
