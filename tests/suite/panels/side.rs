//! Model card, prompt, progress, errors and controls.

use arclight::{
    lattice::{HeadId, Lattice, Layout, Shape},
    model::{Lora, Version},
    overlay::{Facts, RoomFacts, Status},
    score::{Exclude, Filter, Measure, Pool, Scale},
    session::{Intent, Theme},
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
fn the_model_card_names_loras_and_can_do_without() {
    let mut facts = opened();
    assert!(!Stage::new(facts.clone()).sees("LoRA"));
    let model = facts.model.as_mut().expect("a model");
    model.lora = vec!["tuned (alpha 32)".to_owned(), "other".to_owned()];
    // In a trace they are part of what was run.
    let stage = Stage::new(facts.clone());
    stage.assert_sees(&["LoRA  tuned (alpha 32) + other"]);
    assert!(!stage.sees("Without"));
    facts.session.model = "some.pth".to_owned();
    facts.session.lora = vec![Lora::from("tuned.pth=32"), Lora::from("other.pth")];
    let mut stage = Stage::new(facts);
    assert_eq!(
        stage.click("Without"),
        [
            Intent::Lora(Vec::new()),
            Intent::Open("some.pth".to_owned())
        ]
    );
}

#[test]
fn a_window_drawn_by_the_cpu_says_so() {
    let line = "drawn by the CPU";
    assert!(!Stage::new(opened()).sees(line));
    let facts = Facts {
        thrift: true,
        ..opened()
    };
    Stage::new(facts).assert_sees(&["a device · vulkan", line]);
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
fn run_is_asked_for_by_a_click() {
    let mut stage = Stage::with_prompt(opened(), TEXT);
    assert_eq!(stage.click("Run"), [Intent::Run]);
    // Where no letters are typed the key is the window's, which would ask for it a second time.
    assert_eq!(stage.press(CONTROL, Key::Enter), []);
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
    Stage::new(selected(TEXT, 5)).assert_sees(&["R-WK", "Full colour", "Arcs", "77 drawn"]);
}

/// What is chosen stays as it is: a click asks for nothing.
#[test]
fn a_measure_is_asked_for_unless_it_is_chosen() {
    for &chosen in Measure::all(Version::V7) {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.measure = chosen;
        for &measure in Measure::all(Version::V7) {
            stage.rest();
            let asked = stage.click_button(measure.short_name());
            let expected = (measure != chosen).then_some(Intent::Measure(measure));
            assert_eq!(asked, Vec::from_iter(expected), "{measure:?} at {chosen:?}");
        }
    }
}

#[test]
fn a_scale_is_asked_for_unless_it_is_chosen() {
    let scales = [Scale::PerHead, Scale::PerLayer, Scale::Global];
    for chosen in scales {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.scale = chosen;
        for scale in scales {
            stage.rest();
            let asked = stage.click_button(scale.name());
            let expected = (scale != chosen).then_some(Intent::Scale(scale));
            assert_eq!(asked, Vec::from_iter(expected), "{scale:?} at {chosen:?}");
        }
        // A number of one's own begins with what full colour is now.
        assert_eq!(
            stage.click_button("fixed"),
            [Intent::Scale(Scale::Fixed(2.5))]
        );
    }
}

#[test]
fn a_filter_is_asked_for_unless_it_is_chosen() {
    let filters = [
        (Filter::TopK(3), "strongest"),
        // A quarter of the largest.
        (Filter::Threshold(0.625), "from"),
        (Filter::Mass(0.7), "mass"),
    ];
    for (chosen, _) in filters {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.filter = chosen;
        for (filter, name) in filters {
            stage.rest();
            let asked = stage.click_button(name);
            let expected = (filter != chosen).then_some(Intent::Filter(filter));
            assert_eq!(asked, Vec::from_iter(expected), "{filter:?} at {chosen:?}");
        }
    }
}

#[test]
fn sliders_change_exposure_and_filter() {
    for (filter, is_more) in [
        (
            Filter::TopK(7),
            &(|filter| filter == Filter::TopK(8)) as &dyn Fn(Filter) -> bool,
        ),
        (
            Filter::Threshold(0.25),
            &|filter| matches!(filter, Filter::Threshold(least) if least > 0.25),
        ),
        (
            Filter::Mass(0.5),
            &|filter| matches!(filter, Filter::Mass(part) if part > 0.5),
        ),
    ] {
        let mut stage = Stage::new(selected(TEXT, 5));
        stage.scene().facts.session.filter = filter;
        stage.rest();
        stage.slider(1).focus();
        stage.rest();
        let asked = stage.press(Modifiers::NONE, Key::ArrowRight);
        let [Intent::Filter(more)] = asked[..] else {
            panic!("not a filter: {asked:?}");
        };
        assert!(is_more(more), "{filter:?} became {more:?}");
    }
    let mut stage = Stage::new(selected(TEXT, 5));
    stage.slider(0).focus();
    stage.rest();
    let asked = stage.press(Modifiers::NONE, Key::ArrowRight);
    assert!(
        matches!(asked[..], [Intent::Exposure(more)] if more > 1.0),
        "{asked:?}"
    );
}

#[test]
fn what_does_not_scale_is_chosen_one_by_one() {
    let mut stage = Stage::new(selected(TEXT, 5));
    let now = Exclude::default();
    let without = Exclude {
        itself: false,
        ..now
    };
    assert_eq!(stage.click_button("itself"), [Intent::Exclude(without)]);
    let with = Exclude { first: true, ..now };
    assert_eq!(stage.click_button("first"), [Intent::Exclude(with)]);
    let with = Exclude {
        line_breaks: true,
        ..now
    };
    assert_eq!(stage.click_button("line breaks"), [Intent::Exclude(with)]);
    assert_eq!(stage.click_button("|x|"), [Intent::Absolute(true)]);
}

#[test]
fn heads_are_pooled_unless_there_is_one_alone() {
    let mut stage = Stage::new(selected(TEXT, 5));
    assert_eq!(stage.click_button("sum"), [Intent::Pool(Pool::Sum)]);
    stage.scene().facts.session.heads = HeadId { layer: 1, head: 1 }.into();
    stage.rest();
    assert!(!stage.sees("Heads as"));
}

#[test]
fn layout_palette_and_theme_are_chosen_above_the_picture() {
    let mut stage = Stage::new(ran(TEXT));
    assert_eq!(stage.click_button("lattice"), []);
    assert_eq!(stage.click_button("rings"), [Intent::Layout(Layout::Rings)]);
    assert_eq!(stage.click_button("grid"), [Intent::Layout(Layout::Grid)]);
    assert_eq!(stage.click_button("light"), [Intent::Theme(Theme::Light)]);
    assert!(
        !Stage::new(opened()).sees("rings"),
        "there is nothing to lay out"
    );
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
        "Full colour",
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

fn roomy(needed: u64, free: Option<u64>, layers: Option<&str>) -> Facts {
    let mut facts = opened();
    facts.room = Some(RoomFacts {
        tokens: 512,
        kept: 512,
        needed,
        free,
        given_back: 1_000_000_000,
        layers: layers.map(|layers| layers.parse().expect("layers")),
        window: None,
    });
    facts
}

#[test]
fn what_a_run_takes_stands_below_the_prompt() {
    let stage = Stage::with_prompt(roomy(310_000_000, Some(11_000_000_000), None), TEXT);
    stage.assert_sees(&["512 tokens · trace 310 MB of 12.0 GB free"]);
    assert!(!stage.sees("shorter text"));
    let stage = Stage::with_prompt(roomy(310_000_000, None, None), TEXT);
    stage.assert_sees(&["512 tokens · trace 310 MB"]);
}

#[test]
fn a_run_without_room_says_so_and_offers_fewer_layers() {
    let mut facts = roomy(5_000_000_000, Some(2_000_000_000), Some("4-7"));
    let mut stage = Stage::with_prompt(facts.clone(), TEXT);
    stage.assert_sees(&[
        "512 tokens take 5.00 GB and 3.00 GB are free",
        "or use a shorter text",
    ]);
    let layers = Some("4-7".parse().expect("layers"));
    assert_eq!(
        stage.click("Keep layers 4–7"),
        [Intent::Layers(layers), Intent::Run]
    );
    if let Some(room) = &mut facts.room {
        room.layers = None;
    }
    let stage = Stage::with_prompt(facts, TEXT);
    stage.assert_sees(&["use a shorter text"]);
    assert!(!stage.sees("Keep layers"));
}

#[test]
fn a_run_without_room_offers_the_last_tokens() {
    let mut facts = roomy(5_000_000_000, Some(2_000_000_000), None);
    let window = Some("-200:".parse().expect("a window"));
    if let Some(room) = &mut facts.room {
        room.window = window;
    }
    let mut stage = Stage::with_prompt(facts.clone(), TEXT);
    stage.assert_sees(&["or use a shorter text"]);
    assert_eq!(
        stage.click("Keep the last 200 tokens"),
        [Intent::Window(window), Intent::Run]
    );
    // RWKV-4 has none.
    if let Some(model) = &mut facts.model {
        model.card.version = Version::V4;
    }
    assert!(!Stage::with_prompt(facts, TEXT).sees("keeps tokens"));
}

#[test]
fn tokens_are_named_in_a_field() {
    let mut facts = roomy(1, None, None);
    facts.session.window = Some("-100:".parse().expect("a window"));
    if let Some(room) = &mut facts.room {
        room.kept = 100;
    }
    let mut stage = Stage::with_prompt(facts, TEXT);
    stage.assert_sees(&["100 of 512 tokens", "keeps tokens"]);
    assert_eq!(stage.click("All"), [Intent::Window(None)]);
}

/// What the model starts from is on its card, with a way to go on without.
#[test]
fn a_state_is_named_and_can_be_left() {
    let mut facts = ran(TEXT);
    facts.before = Some("the state tuned".to_owned());
    if let Some(model) = &mut facts.model {
        model.state = Some("tuned".to_owned());
    }
    let stage = Stage::new(facts.clone());
    stage.assert_sees(&["starts from  tuned", "⟨before⟩ stands for the state tuned"]);
    assert!(!stage.sees("Without"), "it is the model's own");
    facts.session.state = Some("tuned.pth".into());
    let model = facts.session.model.clone();
    assert_eq!(
        Stage::new(facts).click("Without"),
        [Intent::State(None), Intent::Open(model)]
    );
}

#[test]
fn layers_are_named_in_a_field() {
    let mut facts = roomy(1, None, None);
    facts.session.layers = Some("2-3".parse().expect("layers"));
    let mut stage = Stage::with_prompt(facts, TEXT);
    assert_eq!(stage.click("All"), [Intent::Layers(None)]);
}

/// What is not all of a model says so where its numbers are explained.
#[test]
fn kept_layers_are_named() {
    let mut facts = ran(TEXT);
    let line = "layers 4–6 of 8";
    assert!(!Stage::new(facts.clone()).sees(line));
    let shape = Shape {
        layers: 3,
        first_layer: 4,
        ..facts.shape().expect("it has run")
    };
    facts.lattice = Some(Lattice::new(shape));
    facts.contributions.statistics.truncate(shape.rows());
    Stage::new(facts).assert_sees(&[line]);
}
