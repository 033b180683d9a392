//! RWKV-4 has no heads: what stands in their place is called a group, everywhere.

use arclight::{
    lattice::{Cell, HeadId, Lattice},
    model::{Unit, Version},
    overlay::{Facts, Hover, Lamp},
    session::Sheet,
};

use super::stage::{Stage, TEXT, ran, selected};

fn in_groups(mut facts: Facts) -> Facts {
    let model = facts.model.as_mut().expect("it is open");
    model.card.version = Version::V4;
    model.card.head_size = 64;
    let mut shape = facts.shape().expect("it has run");
    shape.unit = Unit::Group;
    facts.lattice = Some(Lattice::new(shape));
    let head = HeadId { layer: 3, head: 1 };
    facts.lamp = Some(Lamp {
        error: 1e-6,
        tolerance: 1e-2,
        head,
        rows: 16,
    });
    facts
}

/// Nothing that is painted speaks of heads.
#[track_caller]
fn assert_no_heads(stage: &Stage) {
    for text in stage.painted() {
        let text = text.galley.text().to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphabetic());
        let wrong = words.any(|word| matches!(word, "head" | "heads"));
        // It is what a model of this version does not have.
        assert!(!wrong || text.contains("has no heads"), "{text:?}");
    }
}

#[test]
fn with_nothing_selected() {
    let stage = Stage::new(in_groups(ran(TEXT)));
    stage.assert_sees(&[
        "8 layers × 4 groups of 64 channels",
        "RWKV-4 has no heads: G is a group of 64 channels",
        "‖W_o y‖ of each group at each token",
        "all groups",
        "groups map",
        "see that group alone",
    ]);
    assert_no_heads(&stage);
}

#[test]
fn with_a_token_selected() {
    let stage = Stage::new(in_groups(selected(TEXT, 5)));
    stage.assert_sees(&[
        "RWKV-4 has no heads: G is a group of 64 channels",
        "A[t,s] = mean a",
        "all groups",
        "Groups as",
    ]);
    assert_no_heads(&stage);

    let mut facts = in_groups(selected(TEXT, 5));
    let head = HeadId { layer: 6, head: 1 };
    facts.session.heads = head.into();
    facts.session.matrix = true;
    let cell = Cell { token: 3, head };
    facts.hover = Some(Hover {
        cell,
        scores: None,
        arc: None,
    });
    let stage = Stage::new(facts);
    stage.assert_sees(&["L6 G1", "layer 6, group of 64 channels 1, token 3"]);
    assert_no_heads(&stage);
}

#[test]
fn in_the_help() {
    let mut stage = Stage::new(in_groups(ran(TEXT)));
    stage.scene().drafts.sheets.toggle(Sheet::Help);
    stage.rest();
    stage.assert_sees(&[
        "in groups of 64 neighbouring channels, G0, G1 and so on",
        "Statistics of a group",
        "at most 1.0e-6, in L3 G1",
        "in one group of channels",
    ]);
}

#[test]
fn a_group_is_found_by_its_name() {
    let mut stage = Stage::new(in_groups(ran(TEXT)));
    stage.scene().drafts.sheets.toggle(Sheet::Commands);
    stage.rest();
    stage.write("L7G1");
    stage.assert_sees(&["show L7 G1"]);
}
