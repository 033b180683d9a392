//! The map of heads.

use arclight::{
    lattice::{HeadId, HeadSet},
    score::Statistic,
    session::Intent,
};
use egui::{Modifiers, Pos2, pos2};

use super::stage::{Stage, TEXT, opened, ran, selected};

/// Sizes of the stage's model.
const LAYERS: usize = 8;
const HEADS: usize = 4;

fn head(layer: usize, head: usize) -> HeadId {
    HeadId { layer, head }
}

/// The middle of a head's cell: layers rise, heads go to the right.
fn at(stage: &Stage, head: HeadId) -> Pos2 {
    let map = stage.place("heads map");
    let (left, right, bottom) = (map.left() + 24.0, map.right() - 38.0, map.bottom() - 24.4);
    let across = (right - left) / HEADS as f32;
    let down = (bottom - map.top()) / LAYERS as f32;
    pos2(
        left + across * (head.head as f32 + 0.5),
        bottom - down * (head.layer as f32 + 0.5),
    )
}

#[test]
fn it_is_there_with_and_without_a_selection_but_not_before_a_run() {
    Stage::new(ran(TEXT)).assert_sees(&["heads map", "all heads", "mean norm"]);
    Stage::new(selected(TEXT, 5)).assert_sees(&["heads map", "all heads"]);
    assert!(!Stage::new(opened()).sees("heads map"));
}

#[test]
fn a_click_shows_a_head_alone_and_then_all_again() {
    let mut stage = Stage::new(selected(TEXT, 5));
    let place = at(&stage, head(6, 1));
    assert_eq!(stage.click_at(place), [Intent::Heads(head(6, 1).into())]);
    stage.scene().facts.session.heads = head(6, 1).into();
    stage.rest();
    stage.assert_sees(&["L6 H1"]);
    assert_eq!(stage.click_at(place), [Intent::Heads(HeadSet::default())]);
}

#[test]
fn with_ctrl_a_head_joins_and_with_shift_all_between() {
    let mut stage = Stage::new(selected(TEXT, 5));
    let first = at(&stage, head(2, 1));
    assert_eq!(
        stage.click_with(first, Modifiers::COMMAND),
        [Intent::ToggleHead(head(2, 1))]
    );
    let last = at(&stage, head(4, 3));
    let between = HeadSet::between(head(2, 1), head(4, 3));
    assert_eq!(
        stage.click_with(last, Modifiers::SHIFT),
        [Intent::Heads(between)]
    );
}

#[test]
fn a_bar_stands_for_its_layer_or_its_column() {
    let mut stage = Stage::new(selected(TEXT, 5));
    let shape = stage.scene().facts.shape().expect("it has run");
    let map = stage.place("heads map");
    let beside = pos2(map.right() - 10.0, at(&stage, head(3, 0)).y);
    assert_eq!(
        stage.click_at(beside),
        [Intent::Heads(HeadSet::layer(shape, 3))]
    );
    let below = pos2(at(&stage, head(0, 2)).x, map.bottom() - 8.0);
    assert_eq!(
        stage.click_at(below),
        [Intent::Heads(HeadSet::column(shape, 2))]
    );
    // With Ctrl they join what is chosen.
    stage.scene().facts.session.heads = head(7, 0).into();
    let more = HeadSet::layer(shape, 3)
        .named()
        .chain([head(7, 0)])
        .collect();
    assert_eq!(
        stage.click_with(beside, Modifiers::COMMAND),
        [Intent::Heads(more)]
    );
}

#[test]
fn pointing_at_a_head_tells_its_number() {
    let mut facts = selected(TEXT, 5);
    facts.session.statistic = Statistic::Distance;
    let mut stage = Stage::new(facts);
    // Row 4 × 4 + 2 of the stage's numbers, place 3.
    let place = at(&stage, head(4, 2));
    stage.point_at(place);
    stage.rest();
    stage.assert_sees(&["L4 H2: mean distance 183"]);
}

#[test]
fn sorting_is_switched_on_and_off() {
    let mut stage = Stage::new(selected(TEXT, 5));
    assert_eq!(stage.click_button("sort"), [Intent::Sort(true)]);
    stage.scene().facts.session.sorted = true;
    stage.rest();
    assert_eq!(stage.click_button("sort"), [Intent::Sort(false)]);
}

#[test]
fn sorted_heads_stand_with_the_largest_first() {
    let mut facts = selected(TEXT, 5);
    facts.session.statistic = Statistic::Peak;
    for (row, value) in [(8, 1.0), (9, -7.0), (10, 2.0), (11, 2.0)] {
        facts.statistics[row][Statistic::Peak.index()] = value;
    }
    assert_eq!(facts.sorted_slots()[8..12], [3, 0, 1, 2]);
}
