//! What colours mean, and the lamp.

use arclight::{
    lattice::{HeadId, HeadSet},
    model::Version,
    overlay::{Facts, Lamp},
    score::{Measure, Scale},
};

use super::stage::{Stage, TEXT, opened, ran, selected};

fn with_lamp(error: f32, tolerance: f32) -> Stage {
    let mut facts = ran(TEXT);
    facts.lamp = Some(Lamp {
        error,
        tolerance,
        head: HeadId { layer: 3, head: 1 },
        rows: 16,
    });
    Stage::new(facts)
}

fn ticks(facts: Facts) -> Vec<String> {
    let stage = Stage::new(facts);
    let painted = stage.painted();
    painted
        .iter()
        .map(|text| text.galley.text().to_owned())
        .collect()
}

fn assert_ticks(facts: Facts, expected: &[&str]) {
    let ticks = ticks(facts);
    let at = |tick: &&str| ticks.iter().any(|painted| painted == *tick);
    assert!(expected.iter().all(at), "{expected:?} not in {ticks:?}");
}

#[test]
fn the_lamp_says_whether_the_check_passed() {
    with_lamp(3.2e-4, 1e-2).assert_sees(&["checked: Σ A·v = output to 3.2e-4"]);
    with_lamp(1e-2, 1e-2).assert_sees(&["checked"]);
    for error in [2e-2, f32::INFINITY] {
        let stage = with_lamp(error, 1e-2);
        stage.assert_sees(&["check failed: Σ A·v = output to "]);
        assert!(!stage.sees("checked"));
    }
}

#[test]
fn without_a_check_there_is_no_lamp() {
    let stage = Stage::new(ran(TEXT));
    assert!(!stage.sees("check"));
}

#[test]
fn before_a_run_there_is_no_legend() {
    assert!(!Stage::new(opened()).sees("Contribution norm"));
}

#[test]
fn colours_without_a_selection_are_contribution_norms() {
    Stage::new(ran(TEXT)).assert_sees(&["Contribution norm"]);
    // Colour goes with the square root: half way is a quarter.
    assert_ticks(ran(TEXT), &["0", "6.000", "24.000"]);
}

#[test]
fn the_chosen_measure_is_named_with_its_formula() {
    for &measure in Measure::all(Version::V7) {
        let mut facts = selected(TEXT, 5);
        facts.session.measure = measure;
        let version = facts.model.as_ref().map(|model| model.card.version);
        let formula = measure.formula(version.expect("it is open"));
        Stage::new(facts).assert_sees(&[measure.name(), formula]);
    }
}

#[test]
fn full_colour_is_a_number_where_it_is_one() {
    let mut facts = selected(TEXT, 5);
    let head = HeadId { layer: 1, head: 2 };
    let row = facts.shape().expect("it has run").row(head);
    facts.scales[row] = 1.25;
    assert_ticks(facts.clone(), &["−max", "0", "+max of each head"]);
    facts.session.heads = head.into();
    assert_ticks(facts.clone(), &["−1.250", "0", "+1.250"]);
    facts.session.heads = HeadSet::default();
    facts.session.scale = Scale::PerLayer;
    facts.session.exposure = 4.0;
    assert_ticks(facts.clone(), &["−max", "0", "+max of each layer / 4.000"]);
    facts.session.scale = Scale::Global;
    assert_ticks(facts.clone(), &["−2.500", "0", "+2.500"]);
    facts.session.measure = Measure::Wk;
    assert_ticks(facts, &["0", "2.500"]);
}

#[test]
fn what_is_left_out_is_said() {
    let mut facts = selected(TEXT, 5);
    Stage::new(facts.clone()).assert_sees(&["scaled without itself"]);
    facts.session.exclude.first = true;
    facts.session.exclude.line_breaks = true;
    facts.session.passage = Some(3..9);
    let stage = Stage::new(facts.clone());
    stage.assert_sees(&[
        "scaled without itself, the first token, line breaks",
        "tokens 3 to 8 only",
    ]);
    facts.session.absolute = true;
    Stage::new(facts).assert_sees(&["|R-WK score|"]);
}
