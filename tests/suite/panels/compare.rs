//! What stands beside the run: the bar, the words over both halves, numbers of both.

use std::sync::Arc;

use arclight::{
    camera::{Eye, Pose},
    lattice::{Cell, HeadId},
    overlay::{BesideFacts, Facts, Hover, OtherFacts},
    session::{Against, Compare, CompareView, Intent},
    trace::Alignment,
};
use bevy::math::{Rect, Vec2};

use super::stage::{Stage, TEXT, selected};

const OTHER: &str = "Once there was a large grey cat named Marlowe.";

pub fn with(with: Against, view: CompareView) -> Facts {
    let mut facts = selected(TEXT, 5);
    let there = selected(OTHER, 5);
    let words = |facts: &Facts| {
        let tokens = facts.tokens.iter();
        tokens.map(|token| token.bytes.clone()).collect::<Vec<_>>()
    };
    let alignment = Arc::new(Alignment::of(&words(&facts), &words(&there)));
    let size = Vec2::new(1280.0, 720.0);
    let eye = Eye::new(Pose::default().world_from_view(), size, 0.0);
    facts.eye = Some(eye);
    facts.session.compare = Some(Compare { with, view });
    facts.beside = Some(BesideFacts {
        other: Some(Arc::new(OtherFacts {
            facts: there,
            alignment,
        })),
        eye: Some(eye),
        part: view
            .has_both()
            .then(|| Rect::new(640.0, 0.0, size.x, size.y)),
        ..BesideFacts::default()
    });
    facts
}

#[test]
fn what_to_compare_is_chosen_on_a_bar() {
    let mut stage = Stage::new(selected(TEXT, 5));
    assert!(!stage.sees("compare with"));
    assert_eq!(stage.click("compare"), [Intent::ChooseCompare]);
    stage.scene().drafts.compare.open = true;
    stage.rest();
    let ask = |with| Intent::Compare(Some(Compare::with(with)));
    assert_eq!(stage.click("interventions"), [ask(Against::Interventions)]);
    stage.click("another model …");
    assert_eq!(
        stage.click("demo-v6"),
        [ask(Against::Model("demo-v6".into()))]
    );
    stage.click("another text …");
    stage.assert_sees(&["Compare texts"]);
    assert!(stage.asked().is_empty());
    // A view says nothing before there is something to see.
    assert!(!stage.sees("side by side"));
}

#[test]
fn a_comparison_is_seen_in_three_ways_and_ended() {
    let with_text = Against::Text(OTHER.into());
    let mut stage = Stage::new(with(with_text.clone(), CompareView::SideBySide));
    assert_eq!(
        stage.click("stacked"),
        [Intent::Compare(Some(Compare {
            with: with_text,
            view: CompareView::Stacked
        }))]
    );
    assert_eq!(stage.click("×"), [Intent::Compare(None)]);
}

#[test]
fn it_says_what_is_under_way_and_what_will_not_come() {
    let mut facts = selected(TEXT, 5);
    facts.session.compare = Some(Compare::with(Against::Model("other.st".into())));
    facts.beside = Some(BesideFacts::default());
    Stage::new(facts.clone()).assert_sees(&["reading …"]);
    facts.beside = Some(BesideFacts {
        refused: Some("it has another shape".into()),
        ..BesideFacts::default()
    });
    Stage::new(facts).assert_sees(&["it has another shape"]);
}

#[test]
fn both_sides_are_told_of() {
    let mut facts = with(Against::Text(OTHER.into()), CompareView::SideBySide);
    let cell = |token| Cell {
        token,
        head: HeadId { layer: 2, head: 1 },
    };
    facts.hover = Some(Hover {
        cell: cell(3),
        scores: Some(vec![0.25, 0.5, 0.75, 1.0, 2.0]),
        arc: None,
    });
    let beside = facts.beside.as_mut().expect("it stands there");
    let mut other = OtherFacts::clone(beside.other.as_ref().expect("it is there"));
    other.facts.hover = Some(Hover {
        cell: cell(3),
        scores: Some(vec![-0.125, 0.0625, 3.0, 4.0, 5.0]),
        arc: None,
    });
    beside.other = Some(Arc::new(other));
    Stage::new(facts).assert_sees(&["this text", "the other text", "0.250", "-0.125"]);
}

#[test]
fn a_difference_says_of_what_it_is() {
    let facts = with(Against::Text(OTHER.into()), CompareView::Difference);
    Stage::new(facts.clone()).assert_sees(&[
        "Difference of R-WK score",
        "the other text − this text",
        "difference of R-WK score, mean of all heads",
    ]);
    let mut idle = facts;
    idle.session.token = None;
    Stage::new(idle).assert_sees(&[
        "Change of contribution norm",
        "|the other text − this text|",
    ]);
}
