use bevy::{
    input::{
        keyboard::{Key as Logical, KeyboardFocusLost, KeyboardInput},
        mouse::MouseButtonInput,
    },
    prelude::*,
    window::PrimaryWindow,
};
use bevy_egui::input::EguiWantsInput;
use bevy_panorbit_camera::PanOrbitCamera;

use super::{Desk, desk::Picked, dialogs::Dialogs};
use crate::{
    camera::{self, Viewpoint},
    session::{Bookmarks, Chord, Intent, Key, Reach, Sheet, Situation, find, find_in_flight},
};

/// Keys with which a click adds to what is chosen.
const MORE: [KeyCode; 4] = [
    KeyCode::ControlLeft,
    KeyCode::ControlRight,
    KeyCode::ShiftLeft,
    KeyCode::ShiftRight,
];
/// Pixels the pointer may move between press and release for a click.
pub(super) const CLICK: f32 = 4.0;
/// Seconds between the clicks of a double click.
const DOUBLE: f32 = 0.35;

/// What is held beside a key.
#[derive(Default)]
pub(super) struct Held {
    ctrl: bool,
    shift: bool,
    alt: bool,
    /// The system's own key: what is pressed with it is not for us.
    system: bool,
}

impl Held {
    /// Takes note of a key that is held beside others. Whether it is one. By its place as well: with another
    /// held, Alt and Shift may have another meaning when they go up than when they went down.
    fn note(&mut self, event: &KeyboardInput) -> bool {
        let held = match (event.key_code, &event.logical_key) {
            (_, Logical::AltGraph) => return true,
            (KeyCode::ControlLeft | KeyCode::ControlRight, _) | (_, Logical::Control) => {
                &mut self.ctrl
            }
            (KeyCode::ShiftLeft | KeyCode::ShiftRight, _) | (_, Logical::Shift) => &mut self.shift,
            (KeyCode::AltLeft | KeyCode::AltRight, _) | (_, Logical::Alt) => &mut self.alt,
            (KeyCode::SuperLeft | KeyCode::SuperRight, _) | (_, Logical::Super) => &mut self.system,
            _ => return false,
        };
        *held = event.state.is_pressed();
        true
    }
}

/// Keys become what the table of actions says. They are taken in their order, so that a quick hand may press
/// and let go within one slow frame.
pub(super) fn keys(
    mut events: MessageReader<KeyboardInput>,
    mut lost: MessageReader<KeyboardFocusLost>,
    mut held: Local<Held>,
    egui: Res<EguiWantsInput>,
    dialogs: Res<Dialogs>,
    mut desk: ResMut<Desk>,
) {
    if lost.read().count() > 0 {
        *held = Held::default();
    }
    let mut place = match desk.drafts.sheets.open() {
        Some(Sheet::Keys | Sheet::Help | Sheet::Heads) => Reach::Sheet,
        Some(Sheet::Commands | Sheet::Picture | Sheet::Record) => Reach::Field,
        None if egui.wants_any_keyboard_input()
            || dialogs.has_keyboard()
            || desk.drafts.goes_round =>
        {
            Reach::Field
        }
        None => Reach::Picture,
    };
    for event in events.read() {
        if held.note(event) || held.system || !event.state.is_pressed() {
            continue;
        }
        let Some(key) = key_of(event, held.ctrl) else {
            continue;
        };
        let pressed = Chord {
            ctrl: held.ctrl,
            shift: held.shift,
            alt: held.alt,
            key,
        };
        let flies = place == Reach::Picture && desk.facts.drive.is_flight();
        let action = match flies {
            true => find_in_flight(pressed),
            false => find(pressed, place),
        };
        let Some(action) = action else { continue };
        // What was pressed before in the same frame has been asked for, but not yet applied.
        let session = desk.session_as_asked();
        let now = Situation {
            session: &session,
            moment: desk.drafts.timeline.chosen(),
            ..desk.facts.situation()
        };
        match action.ask(&now) {
            // Among letters that are typed the side panel takes this key itself, in its turn.
            Some(Intent::Run) if !session.bare && place != Reach::Picture => {}
            Some(intent) if event.repeat && !repeats(&intent) => {}
            Some(intent) => {
                // What is pressed next is for what lies over the picture.
                if matches!(intent, Intent::Show(_)) {
                    place = Reach::Field;
                }
                desk.ask(intent);
            }
            None => {}
        }
    }
}

/// Whether a key that is held goes on asking for it.
fn repeats(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::StepToken(_)
            | Intent::StepArc(_)
            | Intent::StepLayer(_)
            | Intent::StepHead(_)
            | Intent::Exposure(_)
            | Intent::Filter(_)
    )
}

/// The key, by what is written on it; by its place where that is not a Latin letter, and for a digit with Ctrl.
fn key_of(event: &KeyboardInput, ctrl: bool) -> Option<Key> {
    let digit = DIGITS.iter().position(|code| *code == event.key_code);
    if let Some(at) = digit.filter(|_| ctrl) {
        return Some(Key::Digit(at + 1));
    }
    Some(match &event.logical_key {
        Logical::Character(text) => {
            if let Some((_, sign)) = NUMPAD.iter().find(|(code, _)| *code == event.key_code) {
                return Some(Key::Numpad(*sign));
            }
            let written = text.chars().next().filter(char::is_ascii);
            let place = || {
                let at = PLACES.iter().position(|code| *code == event.key_code)?;
                LETTERS.chars().nth(at)
            };
            return written.or_else(place).and_then(Key::typed);
        }
        Logical::ArrowLeft => Key::Left,
        Logical::ArrowRight => Key::Right,
        Logical::ArrowUp => Key::Up,
        Logical::ArrowDown => Key::Down,
        Logical::Home => Key::Home,
        Logical::Tab => Key::Tab,
        Logical::Escape => Key::Escape,
        Logical::Enter => Key::Enter,
        Logical::Delete => Key::Delete,
        Logical::Space => Key::Space,
        Logical::F1 => Key::F1,
        _ => return None,
    })
}

#[rustfmt::skip]
const DIGITS: [KeyCode; Bookmarks::COUNT] = [
    KeyCode::Digit1, KeyCode::Digit2, KeyCode::Digit3, KeyCode::Digit4, KeyCode::Digit5, KeyCode::Digit6,
    KeyCode::Digit7, KeyCode::Digit8, KeyCode::Digit9,
];

/// Keys of the number pad that mean something of their own.
const NUMPAD: [(KeyCode, char); 4] = [
    (KeyCode::Numpad1, '1'),
    (KeyCode::Numpad3, '3'),
    (KeyCode::Numpad7, '7'),
    (KeyCode::NumpadDecimal, '.'),
];

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz137";
/// Where a keyboard with Latin letters has them.
#[rustfmt::skip]
const PLACES: [KeyCode; 29] = [
    KeyCode::KeyA, KeyCode::KeyB, KeyCode::KeyC, KeyCode::KeyD, KeyCode::KeyE, KeyCode::KeyF, KeyCode::KeyG,
    KeyCode::KeyH, KeyCode::KeyI, KeyCode::KeyJ, KeyCode::KeyK, KeyCode::KeyL, KeyCode::KeyM, KeyCode::KeyN,
    KeyCode::KeyO, KeyCode::KeyP, KeyCode::KeyQ, KeyCode::KeyR, KeyCode::KeyS, KeyCode::KeyT, KeyCode::KeyU,
    KeyCode::KeyV, KeyCode::KeyW, KeyCode::KeyX, KeyCode::KeyY, KeyCode::KeyZ,
    KeyCode::Digit1, KeyCode::Digit3, KeyCode::Digit7,
];

/// The buttons of the session's preset move the camera.
pub(super) fn steer(
    desk: Res<Desk>,
    keys: Res<ButtonInput<KeyCode>>,
    held: Res<ButtonInput<MouseButton>>,
    mut cameras: Query<&mut PanOrbitCamera, With<Viewpoint>>,
) {
    let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let middle = held.pressed(MouseButton::Middle);
    for mut camera in &mut cameras {
        camera.enabled = !desk.facts.drive.is_flight();
        camera::steer(&mut camera, desk.facts.session.navigation, shift, middle);
    }
}

/// Where and when a button went down, and the last click.
#[derive(Default)]
pub(super) struct Press {
    at: Option<Vec2>,
    /// On a cell, or beside all of them.
    last_click: Option<(Picked, f32)>,
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
    mut last: Local<Option<Vec2>>,
    mut desk: ResMut<Desk>,
) {
    let Ok(window) = windows.single() else { return };
    let position = window
        .physical_cursor_position()
        .filter(|_| !egui.is_pointer_over_area());
    let dragging = held.any_pressed([MouseButton::Left, MouseButton::Right, MouseButton::Middle]);
    let picked = position.map_or_else(Picked::default, |position| desk.pick(position));
    let rests = std::mem::replace(&mut *last, position) == position;
    // What was found by key is pointed at until the pointer moves.
    let stays = rests && desk.points_by_key();
    if !dragging && !stays {
        desk.point(picked);
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
        if clicked {
            let now = time.elapsed_secs();
            let last = press.last_click.replace((picked, now));
            let more = keys.any_pressed(MORE);
            let twice = last.is_some_and(|(last, at)| last == picked && now - at < DOUBLE) && !more;
            match (picked.here, twice) {
                (Some(cell), true) => desk.solo(cell),
                (Some(cell), false) => desk.click(cell, more),
                (None, true) if picked.there.is_none() => desk.ask(Intent::FrameAll),
                // Nothing here stands for what was clicked there.
                (None, _) => {}
            }
        }
    }
}
