//! The sheet of all heads.

use std::sync::Arc;

use arclight::{
    inference::{Effect, Trial},
    lattice::HeadId,
    overlay::{AtlasFacts, Facts, TrialFacts},
    score::{Column, Profile, Profiles},
    session::{Intent, Sheet},
};

use super::stage::{Stage, TEXT, opened, ran};

fn over(facts: Facts) -> Stage {
    let mut stage = Stage::new(facts);
    stage.scene().drafts.sheets.toggle(Sheet::Heads);
    stage.rest();
    stage
}

/// The second head looks back, the third reads nearby.
pub fn done() -> Facts {
    let mut facts = ran(TEXT);
    let shape = facts.shape().expect("it has run");
    let mut heads = vec![
        Profile {
            mean_distance: 9.0,
            induction: Some(0.01),
            retrieval: Some(0.02),
            ..Profile::default()
        };
        shape.rows()
    ];
    heads[1].induction = Some(0.32);
    heads[2].mean_distance = 2.5;
    heads[2].retrieval = Some(0.05);
    facts.atlas = Some(AtlasFacts {
        progress: (1, 1),
        profiles: Some(Arc::new(Profiles {
            readers: 41,
            counts: [1; 3],
            heads,
        })),
        refused: None,
    });
    facts
}

fn rows(stage: &Stage) -> Vec<String> {
    let mut rows: Vec<_> = stage
        .painted()
        .iter()
        .map(|text| (text.pos.y, text.galley.text().to_owned()))
        .filter(|(_, text)| text.starts_with('L') && text.contains(" H"))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn heads_are_sorted_by_a_click_and_chosen_by_another() {
    let mut stage = over(done());
    stage.assert_sees(&[
        "means over 41 readers",
        "a label tells of a correlation",
        "L0 H1  induction +1",
        "L0 H2  local",
    ]);
    assert_eq!(rows(&stage)[0], "L0 H1");
    assert_eq!(stage.click("retrieval"), []);
    assert_eq!(stage.scene().drafts.sorted, Column::Retrieval);
    stage.rest();
    assert_eq!(rows(&stage)[0], "L0 H2");
    let head = HeadId { layer: 0, head: 2 };
    assert_eq!(stage.click("L0 H2  local"), [Intent::Heads(head.into())]);
    assert_eq!(
        stage.scene().drafts.sheets.open(),
        None,
        "the lattice is to be seen"
    );
}

#[test]
fn a_head_is_tested_beside_another() {
    let head = HeadId { layer: 0, head: 1 };
    let other = HeadId { layer: 0, head: 3 };
    let mut stage = over(done());
    assert_eq!(stage.click("Test L0 H1"), [Intent::Test(head)]);
    assert!(
        stage.scene().drafts.sheets.open().is_some(),
        "it tells there"
    );

    let mut facts = done();
    facts.trial = Some(TrialFacts {
        head,
        other: Some(other),
        came: None,
    });
    over(facts.clone()).assert_sees(&["testing L0 H1 …"]);
    let effect = |head: HeadId, surprise, kl| Effect {
        place: head.into(),
        surprise,
        kl,
    };
    if let Some(trial) = &mut facts.trial {
        trial.came = Some(Trial {
            tokens: 40,
            surprise: 0.93,
            effects: vec![effect(head, 8.37, 6.125), effect(other, 1.01, 0.0625)],
        });
    }
    over(facts.clone()).assert_sees(&[
        "without L0 H1",
        "surprise 0.93 → 8.37 nats",
        "KL 6.125 nats",
        "without L0 H3, by chance",
        "surprise 0.93 → 1.01 nats",
        "means over 40 tokens of this text",
    ]);
    // A trace has no model to run.
    facts.opened = Some("T.safetensors".into());
    let stage = over(facts);
    assert!(
        stage
            .painted()
            .iter()
            .all(|text| text.galley.text() != "Test it")
    );
}

#[test]
fn what_is_not_there_yet_says_so() {
    over(opened()).assert_sees(&["Run a text first."]);
    let mut facts = done();
    facts.atlas = Some(AtlasFacts {
        progress: (20, 80),
        ..AtlasFacts::default()
    });
    over(facts.clone()).assert_sees(&["20 of 80 tokens"]);
    facts.atlas = Some(AtlasFacts {
        refused: Some("there is no room".to_owned()),
        ..AtlasFacts::default()
    });
    over(facts).assert_sees(&["there is no room"]);
}
