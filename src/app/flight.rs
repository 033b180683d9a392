//! What moves the camera beside the mouse's preset: the wheel towards the pointer, keys in flight, the turntable.

use std::f32::consts::{PI, TAU};

use bevy::{
    input::mouse::{MouseMotion, MouseScrollUnit, MouseWheel},
    prelude::*,
    window::{PrimaryWindow, RequestRedraw},
};
use bevy_egui::input::EguiWantsInput;
use bevy_panorbit_camera::PanOrbitCamera;

use super::{Desk, dialogs::Dialogs, input::CLICK};
use crate::camera::{self, Bounds, Drive, Pose, TURN_SECONDS, Viewpoint};

/// What one notch of the wheel leaves of a distance.
const NOTCH: f32 = 0.82;
/// Pixels of a touchpad that are as much as a notch.
const PIXELS: f32 = 200.0;
/// More of it in one frame is a slip.
const MOST_NOTCHES: f32 = 10.0;
/// The longest time between two frames that is made up for, in seconds.
const LONGEST: f32 = 0.25;

type Cameras<'w, 's> =
    Query<'w, 's, (&'static Camera, &'static mut PanOrbitCamera), With<Viewpoint>>;

/// How far the camera may go in its picture.
fn bounds(desk: &Desk, camera: &Camera) -> Option<Bounds> {
    let size = camera.physical_viewport_size()?.as_vec2();
    desk.bounds(size / camera.target_scaling_factor().unwrap_or(1.0))
}

/// The camera stays where the lattice is not lost.
pub(super) fn limit(desk: Res<Desk>, mut cameras: Cameras) {
    for (camera, mut orbit) in &mut cameras {
        if let Some(bounds) = bounds(&desk, camera) {
            camera::limit(&mut orbit, &bounds);
        }
    }
}

/// The wheel zooms towards what is under the pointer; in flight it changes the speed.
pub(super) fn wheel(
    mut turned: MessageReader<MouseWheel>,
    windows: Query<&Window, With<PrimaryWindow>>,
    egui: Res<EguiWantsInput>,
    mut desk: ResMut<Desk>,
    mut cameras: Cameras,
) {
    let (mut lines, mut pixels) = (0.0, 0.0);
    for event in turned.read() {
        match event.unit {
            MouseScrollUnit::Line => lines += event.y,
            MouseScrollUnit::Pixel => pixels += event.y / PIXELS,
        }
    }
    let limited = |notches: f32| notches.clamp(-MOST_NOTCHES, MOST_NOTCHES);
    let (lines, pixels) = (limited(lines), limited(pixels));
    if lines + pixels == 0.0 || egui.is_pointer_over_area() {
        return;
    }
    if desk.facts.drive.is_flight() {
        desk.facts.drive = desk.facts.drive.paced(lines + pixels);
        return;
    }
    let pointer = windows
        .single()
        .ok()
        .and_then(Window::physical_cursor_position);
    for (camera, mut orbit) in &mut cameras {
        let Some(bounds) = bounds(&desk, camera) else {
            continue;
        };
        let now = camera::seen_from(&orbit);
        let anchor = pointer.and_then(|pixel| under(&desk, &now, pixel));
        let anchor = anchor.unwrap_or(now.focus);
        let target = camera::pose_of(&orbit);
        let factor = NOTCH.powf(lines + pixels);
        // Where it is just now becomes the same view about the same depth, so that it eases straight there. A
        // touchpad's steps are smooth already.
        let now = now
            .zoomed(anchor, 1.0, &bounds)
            .zoomed(anchor, NOTCH.powf(pixels), &bounds);
        camera::place(&mut orbit, target.zoomed(anchor, factor, &bounds));
        if desk.facts.session.motion {
            camera::see_from(&mut orbit, now);
        }
    }
}

/// What is seen at a pixel: a cell, or the empty space as far away as the focus.
fn under(desk: &Desk, pose: &Pose, pixel: Vec2) -> Option<Vec3> {
    let ray = desk.facts.eye?.ray(pixel);
    let hit = desk.facts.lattice.as_ref().and_then(|it| it.pick(ray));
    match hit {
        Some(hit) => Some(ray.origin + ray.direction * hit.distance),
        None => pose.beside_focus(ray),
    }
}

/// A drag over the picture, with whichever button.
#[derive(Default)]
pub(super) struct Drag {
    /// It began over the picture and goes on; how far it has come.
    way: Option<f32>,
}

impl Drag {
    /// What it moves by: nothing as long as it may be a click.
    fn follow(&mut self, buttons: &ButtonInput<MouseButton>, over_panel: bool, by: Vec2) -> Vec2 {
        const ALL: [MouseButton; 3] = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];
        if buttons.any_just_pressed(ALL) && self.way.is_none() && !over_panel {
            self.way = Some(0.0);
        }
        if !buttons.any_pressed(ALL) {
            self.way = None;
        }
        let Some(way) = &mut self.way else {
            return Vec2::ZERO;
        };
        *way += by.length();
        if *way > CLICK { by } else { Vec2::ZERO }
    }
}

/// A flight while it lasts.
#[derive(Default)]
pub(super) struct Flight {
    /// In units a second.
    velocity: Vec3,
    is_on: bool,
}

/// Flight and turntable, by real time.
pub(super) fn drive(
    (keys, buttons): (Res<ButtonInput<KeyCode>>, Res<ButtonInput<MouseButton>>),
    mut motion: MessageReader<MouseMotion>,
    (egui, dialogs): (Res<EguiWantsInput>, Res<Dialogs>),
    time: Res<Time<Real>>,
    (mut drag, mut flight): (Local<Drag>, Local<Flight>),
    mut desk: ResMut<Desk>,
    mut cameras: Cameras,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let moved = motion.read().map(|event| event.delta).sum();
    let dragged = drag.follow(&buttons, egui.is_pointer_over_area(), moved);
    let seconds = time.delta_secs().min(LONGEST);
    if desk.facts.drive == Drive::Turntable && dragged != Vec2::ZERO {
        desk.facts.drive = Drive::Rest;
    }
    let drive = desk.facts.drive;
    let has_keys = desk.drafts.sheets.open().is_none()
        && !egui.wants_any_keyboard_input()
        && !dialogs.has_keyboard();
    let was_on = std::mem::replace(&mut flight.is_on, drive.is_flight());
    for (camera, mut orbit) in &mut cameras {
        let Some(bounds) = bounds(&desk, camera) else {
            continue;
        };
        match drive {
            Drive::Rest => {}
            Drive::Turntable => {
                turn(&mut orbit, seconds);
                redraw.write(RequestRedraw);
            }
            Drive::Flight(pace) => {
                let pose = camera::seen_from(&orbit);
                let mut wanted = Vec3::ZERO;
                if has_keys {
                    let speed = camera::flight_speed(bounds.half) * pace;
                    wanted = heading(&keys, &pose) * speed;
                }
                let way = camera::coast(&mut flight.velocity, wanted, seconds);
                // Otherwise it eases on to where it was sent.
                if way != Vec3::ZERO || dragged != Vec2::ZERO {
                    camera::place(&mut orbit, pose.looked(dragged).flown(way, &bounds));
                    redraw.write(RequestRedraw);
                }
            }
        }
        if was_on && !drive.is_flight() {
            flight.velocity = Vec3::ZERO;
            let lattice = desk.facts.lattice.as_ref();
            // On its way to somewhere it goes on; then that is what it is turned about.
            if camera::is_there(&orbit) {
                let now = camera::seen_from(&orbit);
                camera::place(&mut orbit, now.landed(lattice, &bounds));
            }
        }
        // Also where frames come only when something happens.
        if !camera::is_there(&orbit) {
            redraw.write(RequestRedraw);
        }
    }
}

fn turn(orbit: &mut PanOrbitCamera, seconds: f32) {
    let by = TAU * seconds / TURN_SECONDS;
    // The number stays small however long it turns.
    let by = if orbit.target_yaw > PI { by - TAU } else { by };
    orbit.target_yaw += by;
    orbit.yaw = orbit.yaw.map(|yaw| yaw + by);
    orbit.force_update = true;
}

/// Where held keys go, by their places; by their speed longer or shorter than 1.
fn heading(keys: &ButtonInput<KeyCode>, pose: &Pose) -> Vec3 {
    use KeyCode::*;
    if keys.any_pressed([ControlLeft, ControlRight, SuperLeft, SuperRight]) {
        return Vec3::ZERO;
    }
    // A quick hand may press and let go within one slow frame.
    let is_on = |key: KeyCode| f32::from(u8::from(keys.pressed(key) || keys.just_pressed(key)));
    let pace = match () {
        () if keys.any_pressed([ShiftLeft, ShiftRight]) => 4.0,
        () if keys.any_pressed([AltLeft, AltRight]) => 0.25,
        () => 1.0,
    };
    pose.heading(
        is_on(KeyD) - is_on(KeyA),
        is_on(KeyE) - is_on(KeyQ),
        is_on(KeyW) - is_on(KeyS),
    ) * pace
}
