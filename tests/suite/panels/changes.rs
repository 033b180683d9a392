//! The list of interventions.

use std::sync::Arc;

use arclight::{
    inference::{Moved, Shift, Standing},
    overlay::{ChangedFacts, Facts},
    session::{Intent, Switched},
    trace::Prediction,
};

use super::stage::{Stage, TEXT, selected, tokens};

fn list(texts: &[(&str, bool)]) -> Vec<Switched> {
    let of = |(text, on): &(&str, bool)| Switched {
        change: text.parse().expect("a change"),
        on: *on,
    };
    texts.iter().map(of).collect()
}

pub fn facts() -> Facts {
    let mut facts = selected(TEXT, 5);
    facts.session.changes = list(&[("ablate L7H1", true), ("cut 9:3@L0H2", false)]);
    facts
}

#[test]
fn each_has_a_switch_and_can_be_taken_out() {
    let mut stage = Stage::new(facts());
    stage.assert_sees(&["Interventions", "ablate L7H1", "cut 9:3@L0H2"]);
    assert_eq!(
        stage.click("cut 9:3@L0H2"),
        [Intent::Changes(list(&[
            ("ablate L7H1", true),
            ("cut 9:3@L0H2", true)
        ]))]
    );
    assert_eq!(
        stage.click("Take ablate L7H1 out"),
        [Intent::Changes(list(&[("cut 9:3@L0H2", false)]))]
    );
    // Without any there is no list.
    assert!(!Stage::new(selected(TEXT, 5)).sees("Interventions"));
}

#[test]
fn what_they_do_is_told() {
    let mut facts = facts();
    facts.changed = Some(ChangedFacts::default());
    Stage::new(facts.clone()).assert_sees(&["reading the text with them"]);

    let standing = |prob: f64, rank| Standing {
        logit: 2.5,
        prob,
        rank,
        surprise: -prob.ln(),
    };
    let shift = Shift {
        kl: 0.25,
        came: Some([standing(0.5, 0), standing(0.125, 2)]),
    };
    let position = 5;
    let prediction = Prediction::from_logits(&[1.0, 3.0, 2.0], 3, None);
    let texts = tokens("one two three")[..3].to_vec();
    facts.prediction = Some((position, prediction, texts));
    let came = Moved {
        tokens: 30,
        surprise: [0.93, 8.37],
        kl: 1.5,
        first: position,
        shifts: vec![shift],
    };
    facts.changed = Some(ChangedFacts {
        came: Some(Arc::new(came)),
        expected: facts.prediction.clone(),
        ..ChangedFacts::default()
    });
    let mut stage = Stage::new(facts.clone());
    stage.assert_sees(&[
        "surprise 0.93 → 8.37 nats a token",
        "KL 1.5000 nats, mean of 1",
        "0.2500 nats",
        "50.0 % → 12.5 %",
        "1 → 3",
        "expected next, with them",
    ]);
    assert_eq!(
        stage.click("difference in the lattice"),
        [Intent::Difference(false)]
    );

    facts.changed = Some(ChangedFacts {
        refused: Some("it cannot be done".into()),
        ..ChangedFacts::default()
    });
    Stage::new(facts).assert_sees(&["it cannot be done"]);
}
