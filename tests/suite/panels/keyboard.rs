//! The panels without a mouse.

use arclight::{
    overlay::{Facts, Status},
    session::{Against, CompareView, Intent, Sheet, film::Playback},
};
use egui::{Key, Modifiers};

use super::{
    atlas, changes, compare, head_state, lens, matrix,
    stage::{Control, Stage, TEXT, opened, selected},
    timeline,
};

/// What has the keyboard has a line around it that it did not have.
#[test]
fn what_has_the_keyboard_has_a_line_around_it() {
    let stage = Stage::new(selected("The cat sat on the mat.", 3));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        let style = stage.ctx().style_of(theme);
        let widgets = &style.visuals.widgets;
        assert_eq!(widgets.inactive.bg_stroke.width, 0.0);
        assert!(widgets.active.bg_stroke.width >= 1.5);
    }
}

/// Tab after Tab, until a control has the keyboard again.
fn round(stage: &mut Stage) -> Vec<Control> {
    let mut round: Vec<Control> = Vec::new();
    loop {
        stage.press(Modifiers::NONE, Key::Tab);
        let now = stage.focused().expect("something has the keyboard");
        // Of a long table only what is in view takes part.
        if round.contains(&now) {
            return round;
        }
        round.push(now);
        assert!(!stage.scene().drafts.goes_round, "it has come round");
        assert!(round.len() < 400, "it never comes round: {round:#?}");
    }
}

/// Tab reaches all of them, each has a name, and Shift+Tab goes the other way.
fn assert_reached(what: &str, stage: &mut Stage, expected: &[Control]) {
    let forth = round(stage);
    let missing: Vec<_> = expected.iter().filter(|one| !forth.contains(one)).collect();
    assert!(missing.is_empty(), "{what}: not reached: {missing:#?}");
    let nameless: Vec<_> = forth.iter().filter(|one| one.name.is_empty()).collect();
    assert!(nameless.is_empty(), "{what}: without a name: {nameless:#?}");
    let here = stage.focused();
    stage.press(Modifiers::NONE, Key::Tab);
    stage.press(Modifiers::SHIFT, Key::Tab);
    assert_eq!(stage.focused(), here, "{what}: no way back");
}

fn beside_the_picture(facts: Facts) -> Stage {
    let mut stage = Stage::with_prompt(facts, TEXT);
    stage.scene().drafts.write_prompt = true;
    stage.rest();
    stage
}

#[test]
fn tab_goes_round_all_controls_and_each_has_a_name() {
    let running = Facts {
        status: Status::Running {
            done: 3,
            total: 9,
            seconds: 2.0,
        },
        ..selected(TEXT, 5)
    };
    let compared = compare::with(Against::Text(TEXT.into()), CompareView::SideBySide);
    let mut inside = changes::facts();
    inside.session.lens = true;
    inside.session.state_view = true;
    inside.state = Some(head_state::state());
    for (what, facts) in [
        ("nothing", Facts::default()),
        ("a model", opened()),
        ("a selection", selected(TEXT, 5)),
        ("a prediction", lens::expecting()),
        ("a run", running),
        ("a matrix", matrix::with_matrix(selected(TEXT, 5))),
        ("a comparison", compared),
        ("interventions, lens, state", inside),
    ] {
        let mut stage = beside_the_picture(facts);
        let controls = stage.controls();
        assert_reached(what, &mut stage, &controls);
    }
    for chosen in [None, Some(1)] {
        let mut stage = timeline::open(timeline::with_film(timeline::film()));
        if chosen.is_some() {
            stage.click_at(timeline::token_at(&stage, 4.0));
        }
        stage.scene().drafts.write_prompt = true;
        stage.rest();
        let controls = stage.controls();
        assert_reached("a film", &mut stage, &controls);
    }
}

/// What lies over everything has the keyboard for itself.
#[test]
fn tab_goes_round_a_sheet_and_stays_in_it() {
    for sheet in [Sheet::Keys, Sheet::Heads, Sheet::Picture, Sheet::Record] {
        let mut facts = selected(TEXT, 5);
        facts.atlas = atlas::done().atlas;
        let mut stage = Stage::new(facts);
        let below = stage.controls();
        stage.scene().drafts.sheets.toggle(sheet);
        stage.rest();
        let mut over = stage.controls();
        over.retain(|control| !below.contains(control));
        assert!(!over.is_empty(), "{sheet:?}");
        assert_reached(&format!("{sheet:?}"), &mut stage, &over);
        let round = round(&mut stage);
        assert!(round.iter().all(|one| !below.contains(one)), "{sheet:?}");
    }
}

/// Menus open with Enter, and Tab leads into them.
#[test]
fn menus_open_by_key() {
    for name in ["File", "How", "views", "another text …", "another model …"] {
        let facts = compare::with(Against::Interventions, CompareView::SideBySide);
        let mut stage = beside_the_picture(facts);
        let below = stage.controls();
        go_to(&mut stage, name);
        stage.press(Modifiers::NONE, Key::Enter);
        let mut within = stage.controls();
        within.retain(|control| !below.contains(control));
        assert!(within.len() > 1, "{name}: {within:?}");
        stage.press(Modifiers::NONE, Key::Tab);
        let first = stage.focused().expect("something has the keyboard");
        assert!(within.contains(&first), "{name}: {first:?}");
        assert_reached(name, &mut stage, &within);
    }
}

/// The arrows move the cross of a matrix, and what they ask for is what the pointer would.
#[test]
fn a_matrix_is_read_and_zoomed_by_key() {
    let mut stage = beside_the_picture(matrix::with_matrix(selected(TEXT, 12)));
    go_to(&mut stage, "matrix picture");
    assert_eq!(stage.scene().drafts.matrix.pointed, Some((12, 12)));
    for key in [Key::ArrowLeft, Key::ArrowLeft, Key::ArrowUp] {
        stage.press(Modifiers::NONE, key);
    }
    assert_eq!(stage.scene().drafts.matrix.pointed, Some((11, 10)));
    assert_eq!(
        stage.press(Modifiers::NONE, Key::Enter),
        [Intent::SelectToken(Some(11))]
    );
    stage.press(Modifiers::NONE, Key::ArrowRight);
    stage.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(
        stage.scene().drafts.matrix.pointed,
        Some((11, 11)),
        "no token reads what comes"
    );

    for _ in 0..40 {
        stage.press(Modifiers::NONE, Key::Plus);
    }
    let near = stage.scene().drafts.matrix.zoomed.expect("it is nearer");
    assert!(near.span < 5.0, "{near:?}");
    for _ in 0..3 {
        stage.press(Modifiers::SHIFT, Key::ArrowUp);
    }
    let moved = stage.scene().drafts.matrix.zoomed.expect("it is as near");
    assert_eq!((moved.left, moved.top), (0.0, 0.0), "it follows the cross");
    stage.press(Modifiers::NONE, Key::Home);
    assert_eq!(stage.scene().drafts.matrix.zoomed, None);
    stage.press(Modifiers::NONE, Key::Escape);
    assert_eq!(stage.scene().drafts.matrix.pointed, None);
}

/// Presses Tab until what bears a name has the keyboard.
fn go_to(stage: &mut Stage, name: &str) {
    for _ in 0..200 {
        stage.press(Modifiers::NONE, Key::Tab);
        if stage.focused().is_some_and(|now| now.name == name) {
            return;
        }
    }
    panic!("{name:?} is not reached");
}

#[test]
fn a_film_is_gone_through_by_key() {
    let mut stage = timeline::open(timeline::with_film(timeline::film()));
    stage.scene().drafts.write_prompt = true;
    stage.rest();
    let seek = |at| [Intent::Play(Playback::Seek(at))];
    go_to(&mut stage, "play head");
    assert_eq!(stage.press(Modifiers::SHIFT, Key::ArrowRight), seek(1.0));
    assert_eq!(stage.press(Modifiers::NONE, Key::End), seek(8.0));
    go_to(&mut stage, "timeline of 3 keys");
    assert_eq!(stage.press(Modifiers::NONE, Key::ArrowRight), seek(2.0));
    assert_eq!(stage.press(Modifiers::NONE, Key::ArrowRight), seek(4.0));
    assert_eq!(stage.press(Modifiers::NONE, Key::End), seek(6.0));
    assert_eq!(stage.press(Modifiers::NONE, Key::Home), seek(2.0));
    stage.assert_sees(&["key at"]);
}

/// A reader is told which command the arrows have led to, though the keyboard stays with the field.
#[test]
fn the_chosen_command_is_told() {
    let mut stage = Stage::new(selected(TEXT, 5));
    stage.scene().drafts.sheets.toggle(Sheet::Commands);
    stage.rest();
    let first = stage.focused().expect("a command is told").name;
    stage.press(Modifiers::NONE, Key::ArrowDown);
    let second = stage.focused().expect("a command is told").name;
    assert!(
        first != second && !second.is_empty(),
        "{first:?} {second:?}"
    );
}

/// From the last control to the first there is a frame in which none has the keyboard: Tab must not mean the picture then.
#[test]
fn it_is_told_that_the_keyboard_goes_round() {
    let mut stage = beside_the_picture(selected(TEXT, 5));
    let all = round(&mut stage).len();
    let mut frames = 0;
    for _ in 0..all {
        stage.press_for_a_frame(Key::Tab);
        let has_none = stage.focused().is_none();
        assert_eq!(stage.scene().drafts.goes_round, has_none);
        frames += usize::from(has_none);
        stage.rest();
    }
    assert_eq!(frames, 1);
}
