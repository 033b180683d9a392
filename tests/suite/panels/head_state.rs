//! The panel of a head's state.

use std::sync::Arc;

use arclight::{
    lattice::HeadId,
    model::Version,
    overlay::{Facts, StateFacts},
    score::{Moment, StateAt},
};

use super::stage::{Stage, TEXT, selected};

fn facts(state: Option<StateFacts>) -> Facts {
    let mut facts = selected(TEXT, 5);
    facts.session.state_view = true;
    facts.state = state;
    facts
}

pub fn state() -> StateFacts {
    let at = StateAt {
        token: 5,
        state: vec![1.0, -2.0, 0.5, 0.0],
        added: vec![0.25; 4],
        erased: vec![0.125; 4],
    };
    let moment = |at: u8| Moment {
        norm: f32::from(at),
        rank: 1.5,
        added: 0.75,
        erased: 0.5,
    };
    StateFacts {
        head: Some(HeadId { layer: 7, head: 2 }),
        at: Some(Arc::new(at)),
        track: Some(Arc::new((0..9).map(moment).collect())),
        refused: None,
    }
}

#[test]
fn what_a_head_holds_is_shown() {
    let mut stage = Stage::new(facts(Some(state())));
    stage.assert_sees(&[
        "State of L7 H2",
        "token 5: 2 × 2, full colour ±2",
        "‖S‖ 5",
        "rank 1.5",
        "of 2",
        "wrote 0.750 · erased 0.500",
        "rank along the text",
    ]);
    // Only what is on show is asked for: which part is the panel's own business.
    assert!(stage.click("written").is_empty());
    stage.assert_sees(&["full colour ±0.25"]);
    assert!(stage.click("erased").is_empty());
    stage.assert_sees(&["full colour ±0.125"]);
    // The others erase nothing.
    let mut older = facts(Some(state()));
    if let Some(model) = &mut older.model {
        model.card.version = Version::V6;
    }
    assert!(!Stage::new(older).sees("erased"));
}

#[test]
fn what_is_missing_is_said() {
    Stage::new(facts(None)).assert_sees(&["choose one head"]);
    let begun = StateFacts {
        at: None,
        track: None,
        ..state()
    };
    Stage::new(facts(Some(begun))).assert_sees(&["working it out along the text"]);
    let refused = StateFacts {
        refused: Some("no matrix here".into()),
        ..state()
    };
    let stage = Stage::new(facts(Some(refused)));
    stage.assert_sees(&["no matrix here"]);
    assert!(!stage.sees("rank"));
    let mut without = facts(Some(state()));
    without.session.state_view = false;
    assert!(!Stage::new(without).sees("State of"));
}
