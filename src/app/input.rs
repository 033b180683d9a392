use bevy::{input::mouse::MouseButtonInput, prelude::*, window::PrimaryWindow};
use bevy_egui::input::EguiWantsInput;

use super::Desk;
use crate::{score::Measure, session::Intent};

/// Pixels the pointer may move between press and release for a click.
const CLICK: f32 = 4.0;
/// Seconds between the clicks of a double click.
const DOUBLE: f32 = 0.35;

/// Keys, unless a text field has them.
pub(super) fn keys(
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    mut desk: ResMut<Desk>,
) {
    if egui.wants_any_keyboard_input() {
        return;
    }
    let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let stride = if shift { 10 } else { 1 };
    for key in keys.get_just_pressed() {
        let intent = match key {
            KeyCode::Escape => Intent::Back,
            KeyCode::ArrowLeft => Intent::StepToken(-stride),
            KeyCode::ArrowRight => Intent::StepToken(stride),
            KeyCode::ArrowUp if shift => Intent::StepHead(1),
            KeyCode::ArrowDown if shift => Intent::StepHead(-1),
            KeyCode::ArrowUp => Intent::StepLayer(1),
            KeyCode::ArrowDown => Intent::StepLayer(-1),
            KeyCode::Home => Intent::FrameAll,
            KeyCode::KeyF => Intent::FocusSelection,
            KeyCode::KeyM => Intent::Measure(after(desk.facts.session.measure)),
            KeyCode::Tab => Intent::ToggleOverlay,
            _ => continue,
        };
        desk.ask(intent);
    }
}

fn after(measure: Measure) -> Measure {
    let at = Measure::ALL
        .iter()
        .position(|other| *other == measure)
        .unwrap_or(0);
    Measure::ALL[(at + 1) % Measure::ALL.len()]
}

/// Where and when a button went down, and the last click.
#[derive(Default)]
pub(super) struct Press {
    at: Option<Vec2>,
    last_click: f32,
}

/// The pointer over cells, unless a panel has it.
pub(super) fn pointer(
    windows: Query<&Window, With<PrimaryWindow>>,
    mut buttons: MessageReader<MouseButtonInput>,
    held: Res<ButtonInput<MouseButton>>,
    egui: Res<EguiWantsInput>,
    time: Res<Time<Real>>,
    mut press: Local<Press>,
    mut desk: ResMut<Desk>,
) {
    let Ok(window) = windows.single() else { return };
    let position = window
        .physical_cursor_position()
        .filter(|_| !egui.is_pointer_over_area());
    let dragging = held.any_pressed([MouseButton::Left, MouseButton::Right, MouseButton::Middle]);
    let cell = position
        .zip(desk.facts.eye)
        .zip(desk.facts.lattice)
        .and_then(|((position, eye), lattice)| lattice.pick(eye.ray(position)))
        .map(|hit| hit.cell);
    if !dragging {
        desk.hover(cell);
    }
    for button in buttons
        .read()
        .filter(|button| button.button == MouseButton::Left)
    {
        if button.state.is_pressed() {
            press.at = position;
            continue;
        }
        let clicked = press
            .at
            .take()
            .zip(position)
            .is_some_and(|(from, to)| from.distance(to) <= CLICK);
        if let Some(cell) = cell.filter(|_| clicked) {
            let now = time.elapsed_secs();
            if now - press.last_click < DOUBLE {
                desk.solo(cell.head);
            } else {
                desk.click(cell);
            }
            press.last_click = now;
        }
    }
}
