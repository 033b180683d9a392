//! The logit lens, and whose logit is taken apart.

use arclight::{
    inference::Glimpse,
    model::TokenText,
    overlay::{Facts, InsideFacts, PushFacts},
    score::Measure,
    session::Intent,
    trace::Prediction,
};

use super::stage::{Stage, TEXT, selected};

fn facts(inside: InsideFacts) -> Facts {
    let mut facts = selected(TEXT, 5);
    facts.session.lens = true;
    facts.inside = Some(inside);
    facts
}

fn glimpse(logits: &[f32], kl: f64) -> Glimpse {
    Glimpse {
        expected: Prediction::from_logits(logits, 3, Some(1)),
        kl,
    }
}

#[test]
fn each_layer_has_its_line() {
    Stage::new(facts(InsideFacts::default()))
        .assert_sees(&["Logit lens", "reading the text up to"]);
    let refused = InsideFacts {
        refused: Some("no model is open".into()),
        ..InsideFacts::default()
    };
    Stage::new(facts(refused)).assert_sees(&["no model is open"]);
    let lens = vec![
        glimpse(&[0.0, 0.0, 1.0], 4.25),
        glimpse(&[2.0, 0.0, 1.0], 1.5),
        glimpse(&[0.0, 9.0, 1.0], 0.0),
    ];
    let texts = ["first", "second", "third"].map(str::to_owned).to_vec();
    let inside = InsideFacts {
        token: 5,
        lens: Some((lens, texts)),
        ..InsideFacts::default()
    };
    let stage = Stage::new(facts(inside.clone()));
    stage.assert_sees(&[
        "embedding",
        "first",
        "4.25",
        "L0 time",
        "second",
        "1.50",
        "L0 channel",
        "third",
        "0.00",
    ]);
    // The last layer stands at the top.
    assert!(stage.place("third").top() < stage.place("second").top());
    let mut without = facts(inside);
    without.session.lens = false;
    assert!(!Stage::new(without).sees("Logit lens"));
}

/// Three candidates are expected after the selected token.
pub fn expecting() -> Facts {
    let mut facts = facts(InsideFacts {
        token: 5,
        push: Some(PushFacts {
            target: 1,
            text: "stairs".into(),
            heads: Some(2.5),
        }),
        ..InsideFacts::default()
    });
    facts.session.measure = Measure::Logit;
    let text = |id, text: &str| TokenText {
        id,
        text: text.into(),
        bytes: text.as_bytes().to_vec(),
        span: 0,
    };
    let prediction = Prediction::from_logits(&[3.0, 2.0, 1.0], 3, None);
    let texts = vec![text(0, "lamp"), text(1, "stairs"), text(2, "door")];
    facts.prediction = Some((5, prediction, texts));
    facts
}

#[test]
fn whose_logit_it_is_can_be_chosen() {
    let mut facts = expecting();
    let mut stage = Stage::new(facts.clone());
    stage.assert_sees(&["push on the logit", "of “stairs”: heads add +2.500 in all"]);
    assert_eq!(stage.click_containing("3  door"), [Intent::Target(Some(2))]);
    // Of another token than the selected one nothing can be taken apart.
    if let Some((position, ..)) = &mut facts.prediction {
        *position = 3;
    }
    assert!(Stage::new(facts).click_containing("3  door").is_empty());
}
