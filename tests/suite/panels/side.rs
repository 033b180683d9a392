//! Model card, prompt, progress, errors and controls.

use arclight::{
    overlay::{Facts, Status},
    score::{Filter, Measure, Scale},
    session::Intent,
    trace::Transfer,
};
use egui::{Key, Modifiers, accesskit::Role};

use super::stage::{Stage, TEXT, opened, ran, selected};

const CONTROL: Modifiers = Modifiers {
    ctrl: true,
    command: true,
    ..Modifiers::NONE
};

#[test]
fn the_model_card_tells_the_sizes() {
    let stage = Stage::new(opened());
    stage.assert_sees(&[
        "tiny · RWKV-7",
        "8 layers × 4 heads × 32",
        "width 128, hidden 512",
        "vocabulary 8192",
        "11.2 M parameters",
        "a device · vulkan",
    ]);
    assert!(!stage.sees("No model is open"));
}

#[test]
fn without_a_model_nothing_can_be_run() {
    let mut stage = Stage::with_prompt(Facts::default(), TEXT);
    stage.assert_sees(&["No model is open"]);
    assert!(!stage.is_enabled("Run"));
    assert_eq!(stage.press(CONTROL, Key::Enter), []);
}

#[test]
fn an_empty_prompt_cannot_be_run() {
    let mut stage = Stage::new(opened());
    assert!(!stage.is_enabled("Run"));
    assert_eq!(stage.click("Run"), []);
    assert_eq!(stage.press(CONTROL, Key::Enter), []);
}

#[test]
fn run_is_asked_for_by_click_and_by_key() {
    let mut stage = Stage::with_prompt(opened(), TEXT);
    assert_eq!(stage.click("Run"), [Intent::Run]);
    assert_eq!(stage.press(CONTROL, Key::Enter), [Intent::Run]);
}

#[test]
fn ctrl_enter_in_the_prompt_runs_it_and_leaves_it_as_it_is() {
    let mut stage = Stage::with_prompt(opened(), TEXT);
    stage.field(Role::MultilineTextInput).focus();
    stage.rest();
    assert_eq!(stage.press(CONTROL, Key::Enter), [Intent::Run]);
    assert_eq!(stage.scene().drafts.prompt, TEXT);
}

#[test]
fn typing_changes_the_prompt() {
    let mut stage = Stage::new(opened());
    stage.field(Role::MultilineTextInput).focus();
    stage.rest();
    stage.field(Role::MultilineTextInput).type_text("A cat");
    assert_eq!(stage.asked(), [Intent::Prompt("A cat".into())]);
    let more = stage.press(Modifiers::NONE, Key::Enter);
    assert_eq!(more, [Intent::Prompt("A cat\n".into())]);
    assert!(stage.is_enabled("Run"));
}

#[test]
fn a_run_shows_its_progress_and_can_be_cancelled() {
    let mut stage = Stage::with_prompt(opened(), TEXT);
    stage.scene().facts.status = Status::Running {
        done: 32,
        total: 128,
        seconds: 2.0,
    };
    stage.rest();
    stage.assert_sees(&["32 / 128 tokens · 6 s left"]);
    assert!(!stage.sees("Run"));
    assert_eq!(stage.click("Cancel"), [Intent::Cancel]);
    assert_eq!(stage.press(CONTROL, Key::Enter), [], "it runs already");
}

#[test]
fn a_run_that_has_just_begun_shows_progress_too() {
    let mut facts = opened();
    facts.status = Status::Running {
        done: 0,
        total: 0,
        seconds: 0.0,
    };
    Stage::new(facts).assert_sees(&["reading"]);
}

#[test]
fn a_trace_on_its_way_shows_its_progress_and_can_be_cancelled() {
    for (transfer, label) in [
        (Transfer::Opening, "opening: 3 / 12 MiB · 6 s left"),
        (Transfer::Saving, "saving: 3 / 12 MiB · 6 s left"),
    ] {
        let mut stage = Stage::with_prompt(opened(), TEXT);
        stage.scene().facts.status = Status::Transferring {
            transfer,
            done: 3 << 20,
            total: 12 << 20,
            seconds: 2.0,
        };
        stage.rest();
        stage.assert_sees(&[label]);
        assert!(!stage.sees("Run"));
        assert_eq!(stage.click("Cancel"), [Intent::Cancel]);
    }
}

#[test]
fn a_model_being_opened_is_named() {
    let mut facts = opened();
    facts.status = Status::Loading("demo-v7".into());
    let stage = Stage::with_prompt(facts, TEXT);
    stage.assert_sees(&["Opening demo-v7"]);
    assert!(!stage.sees("Run"));
}

#[test]
fn open_asks_for_the_model_without_spaces_around_it() {
    let mut stage = Stage::new(Facts::default());
    stage.scene().drafts.model = "  demo-v7 ".into();
    assert_eq!(stage.click("Open"), [Intent::Open("demo-v7".into())]);
}

#[test]
fn enter_in_the_model_field_opens() {
    let mut stage = Stage::new(Facts::default());
    stage.field(Role::TextInput).focus();
    stage.rest();
    stage.field(Role::TextInput).type_text("some model.st");
    assert_eq!(stage.asked(), []);
    let asked = stage.press(Modifiers::NONE, Key::Enter);
    assert_eq!(asked, [Intent::Open("some model.st".into())]);
    assert_eq!(stage.press(Modifiers::NONE, Key::Enter), []);
}

#[test]
fn an_error_is_shown_until_it_is_dismissed() {
    let mut stage = Stage::new(opened());
    assert!(!stage.sees("Dismiss"));
    stage.scene().facts.error = Some("cannot read it: check the path".into());
    stage.rest();
    stage.assert_sees(&["cannot read it: check the path"]);
    assert_eq!(stage.click("Dismiss"), [Intent::DismissError]);
}

#[test]
fn controls_come_with_a_selection() {
    assert!(!Stage::new(ran(TEXT)).sees("Full colour"));
    Stage::new(selected(TEXT, 5)).assert_sees(&["Measure", "Full colour", "Arcs", "77 drawn"]);
}

/// What is chosen stays as it is: a click asks for nothing.
#[test]
fn a_measure_is_asked_for_unless_it_is_chosen() {
    for chosen in Measure::ALL {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.measure = chosen;
        for measure in Measure::ALL {
            stage.rest();
            let asked = stage.click_button(measure.short_name());
            let expected = (measure != chosen).then_some(Intent::Measure(measure));
            assert_eq!(asked, Vec::from_iter(expected), "{measure:?} at {chosen:?}");
        }
    }
}

#[test]
fn a_scale_is_asked_for_unless_it_is_chosen() {
    for chosen in Scale::ALL {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.scale = chosen;
        for scale in Scale::ALL {
            let asked = stage.click_button(scale.name());
            let expected = (scale != chosen).then_some(Intent::Scale(scale));
            assert_eq!(asked, Vec::from_iter(expected), "{scale:?} at {chosen:?}");
        }
    }
}

#[test]
fn a_filter_is_asked_for_unless_it_is_chosen() {
    let mut stage = Stage::new(selected(TEXT, 5));
    stage.scene().facts.session.filter = Filter::TopK(7);
    assert_eq!(stage.click_button("strongest"), []);
    let threshold = Filter::Threshold(0.25);
    assert_eq!(stage.click_button("from"), [Intent::Filter(threshold)]);
    stage.scene().facts.session.filter = threshold;
    assert_eq!(stage.click_button("from"), []);
    let strongest = [Intent::Filter(Filter::default())];
    assert_eq!(stage.click_button("strongest"), strongest);
}

#[test]
fn sliders_change_the_filter() {
    let mut stage = Stage::new(selected(TEXT, 5));
    stage.scene().facts.session.filter = Filter::TopK(7);
    stage.field(Role::Slider).focus();
    stage.rest();
    let asked = stage.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(asked, [Intent::Filter(Filter::TopK(8))]);

    stage.scene().facts.session.filter = Filter::Threshold(0.25);
    stage.rest();
    stage.field(Role::Slider).focus();
    stage.rest();
    let asked = stage.press(Modifiers::NONE, Key::ArrowRight);
    let [Intent::Filter(Filter::Threshold(part))] = asked[..] else {
        panic!("not a threshold: {asked:?}");
    };
    assert!(part > 0.25 && part <= 1.0, "{part}");
}

#[test]
fn a_bare_session_has_no_panels() {
    let mut facts = selected(TEXT, 5);
    facts.session.bare = true;
    let stage = Stage::new(facts);
    for label in [
        "arclight",
        "Run",
        "Open",
        "Measure",
        "token 5, all heads",
        "R-WK score",
    ] {
        assert!(!stage.sees(label), "{label:?} is there");
    }
}

/// Tab shows the panels; if it also went into a field, the next arrow key would not move the selection.
#[test]
fn tab_goes_nowhere_until_a_field_is_clicked() {
    let mut stage = Stage::new(opened());
    stage.press(Modifiers::NONE, Key::Tab);
    assert!(!stage.field(Role::TextInput).is_focused());
    stage.field(Role::TextInput).focus();
    stage.rest();
    stage.press(Modifiers::NONE, Key::Tab);
    assert!(stage.button("Open").is_focused());
}
