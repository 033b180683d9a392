//! How many layers to keep in fewer bits.

use arclight::{
    model::Quantisation,
    overlay::{Facts, Status},
    session::Intent,
};
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT;

use super::stage::{Stage, opened};

const SOME: Quantisation = Quantisation { int8: 5, nf4: 2 };

fn with(wanted: Quantisation, in_use: Quantisation) -> Stage {
    let mut facts = opened();
    facts.session.model = "tiny".into();
    facts.session.quantisation = in_use;
    facts.wanted = wanted;
    if let Some(model) = &mut facts.model {
        model.quantisation = in_use;
    }
    let mut stage = Stage::new(facts);
    stage.scene().drafts.model = "demo-v6".into();
    stage.rest();
    stage
}

#[test]
fn without_a_model_there_is_nothing_to_quantise() {
    let stage = Stage::new(Facts::default());
    assert!(!stage.sees("int8") && !stage.sees("NF4"));
}

#[test]
fn what_is_in_use_and_what_it_saves_is_told() {
    let none = Quantisation::default();
    let mut stage = with(none, none);
    assert!(!stage.sees("Reload"), "there is nothing to change");
    // 8 layers of 4 matrices of 128 × 128 and 2 of 128 × 512.
    let told = "the layers' matrices take 3.1 MB in f16";
    assert!(!stage.sees(told), "nobody asked");
    let layers = stage.place("layers").center();
    stage.point_at(layers);
    stage.rest();
    stage.assert_sees(&[told]);
    let stage = with(SOME, SOME);
    stage.assert_sees(&["int8 in 5 layers, NF4 in 2: saves 1.5 of 3.1 MB"]);
    assert!(!stage.sees("Reload"), "there is nothing to change");
}

#[test]
fn reload_applies_what_is_wanted() {
    let mut stage = with(SOME, Quantisation::default());
    stage.assert_sees(&["will save 1.5 of 3.1 MB"]);
    assert_eq!(stage.click_button("Reload"), [Intent::Reload]);
}

#[test]
fn open_applies_it_too() {
    let open = Intent::Open("demo-v6".into());
    let mut stage = with(SOME, Quantisation::default());
    assert_eq!(stage.click("Open"), [Intent::Quantise(SOME), open.clone()]);
    let mut stage = with(SOME, SOME);
    assert_eq!(stage.click("Open"), [open]);
}

#[test]
fn nothing_is_reloaded_while_a_model_is_opened() {
    let mut stage = with(SOME, Quantisation::default());
    assert!(stage.is_enabled("Reload"));
    stage.scene().facts.status = Status::Loading("tiny".into());
    stage.rest();
    assert!(!stage.is_enabled("Reload"));
}

#[test]
fn counts_stay_within_the_layers() {
    let mut stage = with(Quantisation { int8: 6, nf4: 40 }, Quantisation::default());
    let fitting = Quantisation { int8: 6, nf4: 2 };
    let asked = stage.asked();
    assert!(asked.contains(&Intent::Count(fitting)), "{asked:?}");
}

#[test]
fn what_cannot_be_quantised_says_why() {
    let mut stage = with(SOME, Quantisation::default());
    if let Some(model) = &mut stage.scene().facts.model {
        model.card.width = 132;
    }
    stage.rest();
    stage.assert_sees(&["width is 132"]);
    assert!(!stage.is_enabled("Reload"));
}

#[test]
fn the_counts_have_names() {
    let stage = with(SOME, SOME);
    for (name, count) in [("int8", 5.0), ("NF4", 2.0)] {
        let node = stage.named(Role::SpinButton, name);
        assert_eq!(node.accesskit_node().numeric_value(), Some(count), "{name}");
    }
}
