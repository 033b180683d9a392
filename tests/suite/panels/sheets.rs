//! What lies over everything: the sheet of keys, help, and the command palette.

use arclight::{
    camera::Navigation,
    lattice::{HeadId, HeadSet},
    model::{Unit, Version},
    score::{Filter, Measure, Statistic},
    session::{Group, Intent, Palette, Sheet, actions, lines},
};
use egui::{Key, Modifiers, accesskit::Role};

use super::stage::{Stage, TEXT, opened, ran, selected};

const NONE: Modifiers = Modifiers::NONE;

fn over(facts: arclight::overlay::Facts, sheet: Sheet) -> Stage {
    let mut stage = Stage::new(facts);
    stage.scene().drafts.sheets.toggle(sheet);
    stage.rest();
    stage
}

fn looking_for(facts: arclight::overlay::Facts, wanted: &str) -> Stage {
    let mut stage = over(facts, Sheet::Commands);
    stage.write(wanted);
    stage
}

fn is_open(stage: &mut Stage) -> bool {
    stage.scene().drafts.sheets.open().is_some()
}

#[test]
fn the_sheet_has_every_key_and_fits_the_smallest_usual_screen() {
    let mut stage = over(opened(), Sheet::Keys);
    let screen = stage.ctx().content_rect();
    for line in Group::ALL.into_iter().flat_map(lines) {
        let label = format!(": {}", line.keys.join(", "));
        stage.assert_sees(&[&label]);
    }
    for text in stage
        .painted()
        .iter()
        .filter(|text| !text.galley.text().is_empty())
    {
        let place = text.visual_bounding_rect();
        let text = text.galley.text();
        assert!(
            screen.contains_rect(place),
            "{text:?} is at {place} of {screen}"
        );
    }
    // There is nothing to scroll.
    let first = |stage: &Stage| stage.place("Next, previous token: →, ←").top();
    let before = first(&stage);
    stage.scroll(screen.center(), -300.0);
    assert_eq!(first(&stage), before);
    stage.press(NONE, Key::Escape);
    assert!(!is_open(&mut stage));
}

#[test]
fn a_mouse_preset_is_chosen_on_the_sheet() {
    let mut stage = over(opened(), Sheet::Keys);
    stage.assert_sees(&["left drag orbits"]);
    assert_eq!(
        stage.click("Blender"),
        [Intent::Navigation(Navigation::Blender)]
    );
    stage.scene().facts.session.navigation = Navigation::Blender;
    stage.rest();
    stage.assert_sees(&["middle drag orbits"]);
}

#[test]
fn a_sheet_asked_for_twice_is_away_and_another_takes_its_place() {
    let mut stage = over(opened(), Sheet::Keys);
    stage.scene().drafts.sheets.toggle(Sheet::Help);
    assert_eq!(stage.scene().drafts.sheets.open(), Some(Sheet::Help));
    stage.scene().drafts.sheets.toggle(Sheet::Help);
    assert!(!is_open(&mut stage));
}

#[test]
fn help_has_the_formulas_of_the_model() {
    let mut stage = over(opened(), Sheet::Help);
    for measure in Measure::all(Version::V7) {
        stage.assert_sees(&[measure.formula(Version::V7), &measure.meaning(Unit::Head)]);
    }
    for statistic in Statistic::ALL {
        stage.assert_sees(&[statistic.meaning()]);
    }
    let model = stage.scene().facts.model.as_mut().expect("it is open");
    model.card.version = Version::V6;
    stage.rest();
    stage.assert_sees(&["Measures of RWKV-6", Measure::Rwk.formula(Version::V6)]);
    assert!(!stage.sees(&Measure::Erase.meaning(Unit::Head)));
    for version in [Version::V4, Version::V5] {
        let model = stage.scene().facts.model.as_mut().expect("it is open");
        model.card.version = version;
        stage.rest();
        for measure in Measure::all(version) {
            let meaning = measure.meaning(version.unit());
            let diagonal = measure.diagonal(version);
            stage.assert_sees(&[measure.formula(version), diagonal, &meaning]);
        }
    }
    assert_eq!(stage.press(NONE, Key::Escape), []);
    assert!(!is_open(&mut stage));
}

#[test]
fn help_scrolls_by_keys() {
    let mut stage = over(opened(), Sheet::Help);
    let top = |stage: &Stage| stage.place("What the picture shows").top();
    let before = top(&stage);
    stage.press(NONE, Key::PageDown);
    stage.settle();
    assert!(top(&stage) < before - 100.0, "{before} {}", top(&stage));
    stage.press(NONE, Key::Home);
    stage.settle();
    assert_eq!(top(&stage), before);
}

#[test]
fn the_palette_lists_every_action() {
    let stage = over(selected(TEXT, 5), Sheet::Commands);
    for action in actions() {
        stage.assert_sees(&[&action.name]);
    }
}

#[test]
fn typing_narrows_the_list_and_enter_asks_for_the_first() {
    let mut stage = looking_for(selected(TEXT, 5), "purp");
    stage.assert_sees(&["colours: purple"]);
    assert!(!stage.sees("next measure"));
    let asked = stage.press(NONE, Key::Enter);
    assert_eq!(asked, [Intent::Palette(Palette::PurpleGreen)]);
    assert!(!is_open(&mut stage), "it closes");
}

#[test]
fn arrows_move_the_choice_and_go_round() {
    let mut stage = looking_for(selected(TEXT, 5), "arcs");
    stage.press(NONE, Key::ArrowDown);
    let asked = stage.press(NONE, Key::Enter);
    assert_eq!(
        asked,
        [Intent::Filter(Filter::TopK(2))],
        "the second: fewer arcs"
    );
    let mut stage = looking_for(selected(TEXT, 5), "more arcs");
    stage.press(NONE, Key::ArrowUp);
    stage.press(NONE, Key::ArrowDown);
    assert_eq!(
        stage.press(NONE, Key::Enter),
        [Intent::Filter(Filter::TopK(4))]
    );
}

#[test]
fn the_list_grows_again_when_less_is_looked_for() {
    let mut stage = looking_for(selected(TEXT, 5), "purple");
    for _ in 0.."purple".len() {
        stage.press(NONE, Key::Backspace);
    }
    // As many as at first.
    let shown = |stage: &Stage| {
        let names = ["Next token", "Head behind", "Sort heads"];
        let painted = stage.painted();
        names.map(|name| painted.iter().any(|text| text.galley.text() == name))
    };
    assert_eq!(shown(&stage), [true; 3]);
}

#[test]
fn escape_closes_it_and_asks_for_nothing() {
    let mut stage = looking_for(selected(TEXT, 5), "measure");
    assert_eq!(stage.press(NONE, Key::Escape), []);
    assert!(!is_open(&mut stage));
    // What was typed is gone when it opens again.
    stage.scene().drafts.sheets.toggle(Sheet::Commands);
    stage.rest();
    stage.assert_sees(&["next measure", "quit"]);
}

#[test]
fn nothing_else_gets_the_keys_meanwhile() {
    let mut stage = Stage::with_prompt(opened(), TEXT);
    stage.field(Role::MultilineTextInput).focus();
    stage.rest();
    stage.scene().drafts.sheets.toggle(Sheet::Commands);
    stage.rest();
    stage.write("zzz");
    assert_eq!(
        stage.press(Modifiers::COMMAND, Key::Enter),
        [],
        "the prompt is not run"
    );
    stage.press(NONE, Key::Backspace);
    assert_eq!(stage.scene().drafts.prompt, TEXT);
    assert!(stage.sees("Nothing of that name"));
    assert_eq!(
        stage.press(NONE, Key::Enter),
        [],
        "there is nothing to ask for"
    );
    assert!(is_open(&mut stage));
    // And then the field does again.
    stage.press(NONE, Key::Escape);
    stage.field(Role::MultilineTextInput).focus();
    stage.rest();
    assert_eq!(stage.press(Modifiers::COMMAND, Key::Enter), [Intent::Run]);
}

#[test]
fn the_keys_that_open_it_are_not_written_into_it() {
    let mut stage = Stage::new(selected(TEXT, 5));
    stage.scene().drafts.sheets.toggle(Sheet::Commands);
    // The same pass.
    stage.write("p");
    stage.assert_sees(&["next measure"]);
}

#[test]
fn a_token_is_found_by_its_number() {
    for wanted in ["7", "token 7", "go to token 7"] {
        let mut stage = looking_for(ran(TEXT), wanted);
        assert_eq!(
            stage.press(NONE, Key::Enter),
            [Intent::SelectToken(Some(7))],
            "{wanted}"
        );
    }
    let stage = looking_for(ran(TEXT), "token 7000");
    assert!(!stage.sees("go to token"));
}

#[test]
fn a_word_is_found_in_the_text_and_goes_to_its_last_token() {
    let facts = ran(TEXT);
    let mut text = String::new();
    let ends = facts.tokens.iter().map(|token| {
        text.push_str(&token.text);
        text.len()
    });
    let ends: Vec<_> = ends.collect();
    let end = text.find("Marlowe").expect("it is there") + "Marlowe".len();
    let token = ends.iter().position(|at| *at >= end);
    let mut stage = looking_for(facts, "marlowe");
    assert_eq!(stage.press(NONE, Key::Enter), [Intent::SelectToken(token)]);
    // Both cats, each in its place.
    let both = looking_for(ran(TEXT), "grey cat").count("small grey cat");
    let none = looking_for(ran(TEXT), "zzz").count("small grey cat");
    assert_eq!(both, none + 2);
}

#[test]
fn heads_are_found_by_name() {
    let shape = ran(TEXT).shape().expect("it has run");
    let head = HeadId { layer: 7, head: 1 };
    for (wanted, set) in [
        ("L7 H1", head.into()),
        ("l7h1", head.into()),
        ("layer 3", HeadSet::layer(shape, 3)),
        ("head 2", HeadSet::column(shape, 2)),
    ] {
        let mut stage = looking_for(ran(TEXT), wanted);
        assert_eq!(
            stage.press(NONE, Key::Enter),
            [Intent::Heads(set)],
            "{wanted}"
        );
    }
    assert!(!looking_for(ran(TEXT), "L8 H1").sees("show L8"));
}

#[test]
fn what_cannot_be_done_is_listed_last_and_not_asked_for() {
    let mut stage = looking_for(opened(), "cancel");
    stage.assert_sees(&["cancel"]);
    assert_eq!(stage.press(NONE, Key::Enter), []);
    assert!(is_open(&mut stage));
}

#[test]
fn a_click_on_an_entry_asks_for_it() {
    let mut stage = looking_for(selected(TEXT, 5), "sort heads");
    assert_eq!(stage.click("sort heads"), [Intent::Sort(true)]);
}

#[test]
fn a_click_on_the_question_mark_opens_the_keys() {
    let mut stage = Stage::new(selected(TEXT, 5));
    assert_eq!(stage.click_button("?"), [Intent::Show(Sheet::Keys)]);
}
