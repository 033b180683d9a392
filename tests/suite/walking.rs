//! Arcs that are pointed at by key, from the strongest on.

use arclight::{
    app::Stage,
    lattice::{Cell, HeadId},
    overlay::Hover,
    score::{Filter, Measure},
    session::{Against, Chord, Compare, Intent, Reach, Session, find},
};

use crate::support::{ask, device, matrices, stage};

const TEXT: &str = "The small grey cat saw the small grey dog, and the small grey";
const SELECTED: usize = 9;

fn session() -> Session {
    Session {
        model: "demo-v7".into(),
        prompt: TEXT.into(),
        token: Some(SELECTED),
        filter: Filter::Threshold(0.05),
        bare: true,
        ..Session::default()
    }
}

fn hover(stage: &mut Stage) -> Option<Hover> {
    stage.desk().facts.hover.clone()
}

/// As a key asks.
fn press(stage: &mut Stage, chord: Chord) {
    let intent = {
        let desk = stage.desk();
        let action = find(chord, Reach::Picture).expect("it does something");
        action.ask(&desk.facts.situation()).expect("it can be done")
    };
    ask(stage, intent);
}

#[test]
fn arcs_are_gone_through_from_the_strongest_on() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(&gpu, session());
    let (trace, shape) = {
        let desk = stage.desk();
        let trace = desk.trace().cloned().expect("it has run");
        (trace, desk.facts.shape().expect("it is there"))
    };
    // All pairs, by another way.
    let all = matrices(&gpu, &trace, Measure::Rwk);
    let mut expected: Vec<(Cell, f32)> = Vec::new();
    for (row, matrix) in all.iter().enumerate() {
        for token in (0..shape.tokens).filter(|token| *token != SELECTED) {
            let number = matrix[token.max(SELECTED)][token.min(SELECTED)];
            let head = shape.head(row);
            if number.abs() >= 0.05 {
                expected.push((Cell { token, head }, number));
            }
        }
    }
    expected.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    assert!(expected.len() > 8, "{}", expected.len());
    assert_eq!(stage.desk().facts.arcs as usize, expected.len());

    let next = Chord::sign('\'');
    let before = Chord::sign(';');
    for (place, (cell, number)) in expected.iter().take(5).enumerate() {
        press(&mut stage, next);
        let found = hover(&mut stage).expect("one is pointed at");
        let arc = found.arc.expect("it was found by key");
        assert_eq!(
            (found.cell, arc.place, arc.of),
            (*cell, place, expected.len())
        );
        assert!(
            (arc.number - number).abs() < 1e-5,
            "{} {number}",
            arc.number
        );
        // The first of its numbers is that measure.
        let scores = found.scores.expect("they are there");
        assert_eq!(scores[0].to_bits(), arc.number.to_bits());
    }
    // Back beyond the first one comes the last.
    ask(&mut stage, Intent::StepArc(-5));
    let last = hover(&mut stage).and_then(|hover| hover.arc);
    assert_eq!(last.map(|arc| arc.place), Some(expected.len() - 1));
    press(&mut stage, next);
    press(&mut stage, next);
    press(&mut stage, before);
    assert_eq!(
        hover(&mut stage).map(|hover| hover.cell),
        Some(expected[0].0)
    );

    // It can be cut, followed, and its head shown alone.
    let (Cell { token, head }, _) = expected[0];
    press(&mut stage, Chord::letter('x'));
    let changes: Vec<_> = stage.desk().facts.session.active_changes();
    let (reader, writer) = (token.max(SELECTED), token.min(SELECTED));
    let HeadId { layer, head: own } = head;
    let cut = format!("cut {reader}:{writer}@L{layer}H{own}");
    assert_eq!(changes, [cut.parse().expect("a change")]);
    press(&mut stage, Chord::letter('g').alt());
    assert_eq!(stage.desk().facts.session.heads.single(), Some(head));
    press(&mut stage, Chord::letter('f').alt());
    assert_eq!(stage.desk().facts.session.token, Some(token));
    assert_eq!(hover(&mut stage), None, "its arcs are others");
}

#[test]
fn pointing_ends_with_esc_and_stays_with_another_measure() {
    let device = device();
    let mut stage = stage(&device.gpu, session());
    press(&mut stage, Chord::sign('\''));
    let first = hover(&mut stage).expect("one is pointed at").cell;
    ask(&mut stage, Intent::Measure(Measure::Weighted));
    let found = hover(&mut stage).expect("it still is");
    assert_eq!(found.cell, first);
    assert!(found.scores.is_some());
    assert_eq!(found.arc, None, "that was among other arcs");
    ask(&mut stage, Intent::Back);
    assert_eq!(hover(&mut stage), None);
    press(&mut stage, Chord::sign('\''));
    assert!(hover(&mut stage).and_then(|hover| hover.arc).is_some());
    ask(&mut stage, Intent::Back);
    assert_eq!(hover(&mut stage), None);
    assert_eq!(stage.desk().facts.session.token, Some(SELECTED));
    ask(&mut stage, Intent::Back);
    assert_eq!(stage.desk().facts.session.token, None);

    // Where there is none, that is said.
    ask(&mut stage, Intent::SelectToken(Some(SELECTED)));
    ask(&mut stage, Intent::Filter(Filter::Threshold(1e9)));
    stage.desk().ask(Intent::StepArc(1));
    let said = stage.settle().expect_err("there is none").to_string();
    assert!(said.contains("no arc is on show"), "{said}");
    assert_eq!(hover(&mut stage), None);
}

#[test]
fn both_runs_are_pointed_at() {
    let device = device();
    let other = TEXT.replacen("small grey", "big", 1);
    let mut stage = stage(
        &device.gpu,
        Session {
            compare: Some(Compare::with(Against::Text(other))),
            ..session()
        },
    );
    press(&mut stage, Chord::sign('\''));
    let here = hover(&mut stage).expect("one is pointed at").cell;
    let facts = stage.desk().facts.clone();
    let there = facts.other().and_then(|other| other.facts.hover.clone());
    let there = there.map(|hover| hover.cell.head);
    assert_eq!(there, Some(here.head));
}
