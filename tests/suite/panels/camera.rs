//! The menu of the camera, and the hint of what moves it.

use arclight::{
    camera::{Drive, Pose},
    session::Intent,
};
use egui::Modifiers;

use super::stage::{Stage, TEXT, ran};

const HERE: Pose = Pose {
    focus: bevy::math::Vec3::ZERO,
    yaw: 0.5,
    pitch: 0.25,
    radius: 40.0,
};

fn opened() -> Stage {
    let mut facts = ran(TEXT);
    facts.pose = Some(HERE);
    facts.session.bookmarks.set(3, HERE);
    let mut stage = Stage::new(facts);
    assert_eq!(stage.click_button("views"), []);
    stage
}

#[test]
fn the_menu_flies_turns_and_looks_from_a_side() {
    for (name, intent) in [
        ("Fly", Intent::ToggleFlight),
        ("Turntable", Intent::ToggleTurntable),
        ("From the top", Intent::Look(arclight::camera::Side::Top)),
    ] {
        assert_eq!(opened().click_containing(name), [intent], "{name}");
    }
}

#[test]
fn a_bookmark_is_gone_to_and_with_shift_stored() {
    let clicked = |number: usize, modifiers| {
        let mut stage = opened();
        let place = stage.place(&format!("bookmark {number}"));
        stage.click_with(place.center(), modifiers)
    };
    let plain = Modifiers::NONE;
    assert_eq!(clicked(3, plain), [Intent::GoToBookmark(3)]);
    assert_eq!(clicked(4, plain), [], "there is none");
    for number in [3, 4] {
        let asked = clicked(number, Modifiers::SHIFT);
        assert_eq!(asked, [Intent::StoreBookmark(number, HERE)]);
    }
}

#[test]
fn who_moves_the_camera_is_said_with_and_without_panels() {
    let mut stage = Stage::new(ran(TEXT));
    assert!(!stage.sees("Esc ends"));
    for bare in [false, true] {
        stage.scene().facts.session.bare = bare;
        stage.scene().facts.drive = Drive::Flight(1.0);
        stage.rest();
        stage.assert_sees(&["flying · WASD QE, mouse looks, Shift faster, Alt slower, Esc ends"]);
        assert!(!stage.sees("speed ×"));
        stage.scene().facts.drive = Drive::Flight(2.5);
        stage.rest();
        stage.assert_sees(&["speed × 2.5"]);
        stage.scene().facts.drive = Drive::Turntable;
        stage.rest();
        stage.assert_sees(&["turning"]);
        assert!(!stage.sees("flying"));
    }
}
