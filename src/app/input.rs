use bevy::{
    input::{keyboard::Key, mouse::MouseButtonInput},
    prelude::*,
    window::PrimaryWindow,
};
use bevy_egui::input::EguiWantsInput;

use super::Desk;
use crate::{
    lattice::{Cell, Layout},
    score::Measure,
    session::{Intent, TextOption},
};

/// Keys with which a click adds to what is chosen.
const MORE: [KeyCode; 4] = [
    KeyCode::ControlLeft,
    KeyCode::ControlRight,
    KeyCode::ShiftLeft,
    KeyCode::ShiftRight,
];
/// Pixels the pointer may move between press and release for a click.
const CLICK: f32 = 4.0;
/// Seconds between the clicks of a double click.
const DOUBLE: f32 = 0.35;

/// Keys, unless a text field has them; Ctrl+Q quits from anywhere.
pub(super) fn keys(
    keys: Res<ButtonInput<KeyCode>>,
    letters: Res<ButtonInput<Key>>,
    egui: Res<EguiWantsInput>,
    mut desk: ResMut<Desk>,
    mut exit: MessageWriter<AppExit>,
) {
    const CONTROL: [KeyCode; 2] = [KeyCode::ControlLeft, KeyCode::ControlRight];
    // A quick hand presses and lets go within one slow frame.
    if keys.any_pressed(CONTROL) || keys.any_just_pressed(CONTROL) {
        // The letter, wherever the keyboard has it: elsewhere its place is that of Ctrl+A.
        if letters.just_pressed(Key::Character("q".into())) {
            exit.write(AppExit::Success);
        }
        // A text field takes its own letters back.
        if !egui.wants_any_keyboard_input() {
            let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
            let pressed = |letter: &str| letters.just_pressed(Key::Character(letter.into()));
            if pressed("y") || shift && (pressed("z") || pressed("Z")) {
                desk.ask(Intent::Redo);
            } else if pressed("z") {
                desk.ask(Intent::Undo);
            }
        }
        return;
    }
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
            KeyCode::KeyM => {
                let all = Measure::all(desk.facts.version());
                Intent::Measure(after(all, desk.facts.session.measure))
            }
            KeyCode::KeyL => Intent::Layout(after(&Layout::ALL, desk.facts.session.layout)),
            KeyCode::Tab => Intent::ToggleOverlay,
            KeyCode::KeyX => Intent::Matrix(!desk.facts.session.matrix),
            KeyCode::KeyW => Intent::ToggleText(TextOption::Words),
            KeyCode::KeyI => Intent::ToggleText(TextOption::Whitespace),
            KeyCode::KeyU => Intent::ToggleText(TextOption::Surprise),
            _ => continue,
        };
        desk.ask(intent);
    }
}

/// The one that comes after, and after the last the first.
fn after<T: Copy + PartialEq>(all: &[T], now: T) -> T {
    let at = all.iter().position(|other| *other == now);
    all.get(at.map_or(0, |at| (at + 1) % all.len()))
        .copied()
        .unwrap_or(now)
}

/// Where and when a button went down, and the last click.
#[derive(Default)]
pub(super) struct Press {
    at: Option<Vec2>,
    last_click: Option<(Cell, f32)>,
}

/// The pointer over cells, unless a panel has it.
pub(super) fn pointer(
    windows: Query<&Window, With<PrimaryWindow>>,
    mut buttons: MessageReader<MouseButtonInput>,
    held: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
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
        .zip(desk.facts.lattice.as_ref())
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
            let again = |(last, at): (Cell, f32)| last == cell && now - at < DOUBLE;
            let more = keys.any_pressed(MORE);
            if press.last_click.is_some_and(again) && !more {
                desk.solo(cell);
            } else {
                desk.click(cell, more);
            }
            press.last_click = Some((cell, now));
        }
    }
}
