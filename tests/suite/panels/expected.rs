//! What the model expected in place of the token that the pointer rests on in the text.

use std::sync::Arc;

use arclight::{
    model::{BEFORE, token_texts},
    overlay::{Facts, Pointed},
    session::TextOption,
    trace::{Candidate, Prediction},
};
use egui::{Rect, Shape};

use super::{
    stage::{Stage, TEXT, tokens},
    text::characters,
    text_view::{find, surprised, with},
};

/// As the desk answers: what was expected in place of `token`, which came with that rank from 0, or with
/// none of those kept.
fn expected(facts: &Facts, token: usize, rank: Option<usize>, nats: f32) -> Pointed {
    let real = facts.tokens[token].clone();
    let mut texts =
        tokens(" a small cat and one house was said there for with had not but you they never");
    texts.retain(|text| text.id != real.id);
    texts.truncate(16);
    if let Some(rank) = rank {
        texts[rank] = real;
    }
    let top = texts.iter().enumerate().map(|(rank, text)| Candidate {
        id: text.id,
        logit: -(rank as f32),
        probability: 0.25 / (rank + 1) as f32,
    });
    let prediction = Prediction {
        top: top.collect(),
        log_sum_exp: 0.0,
        came: Some(-nats),
    };
    Pointed {
        token,
        expected: Some((prediction, texts)),
    }
}

/// Rests on a word; what is pointed at is answered with.
fn rest_on(facts: &Facts, what: &str, answer: impl Fn(&Facts, usize) -> Pointed) -> Stage {
    let mut stage = Stage::new(facts.clone());
    let place = find(&characters(&stage, facts), what)[1].center();
    stage.point_at(place);
    let pointed = stage.scene().drafts.pointed.expect("a token");
    stage.scene().facts.pointed = Some(answer(facts, pointed));
    stage.rest();
    stage
}

#[test]
fn resting_on_a_token_shows_what_was_expected_there() {
    let facts = surprised(TEXT, &[0.5, 0.5, 0.5, 0.5, 2.484_9]);
    let stage = rest_on(&facts, "grey", |facts, token| {
        assert_eq!(facts.tokens[token].text, " grey");
        expected(facts, token, Some(2), 2.484_9)
    });
    let id = facts.tokens[5].id;
    stage.assert_sees(&[
        "·grey",
        &format!("token 5  ·  #{id}  ·  2.48 nats"),
        "expected here",
        "1  ·a  #",
        &format!("3  ·grey  #{id}  8.3 %, came"),
        "16  ·",
    ]);
    assert!(!stage.sees("…"), "it is among those kept");
    assert!(!stage.sees("tokens 5 to"));
    assert_eq!(stage.count(", came"), 1);
}

#[test]
fn a_token_beyond_those_kept_has_a_row_of_its_own() {
    let facts = surprised(TEXT, &[0.5, 0.5, 0.5, 0.5, 9.210_34]);
    let stage = rest_on(&facts, "grey", |facts, token| {
        expected(facts, token, None, 9.210_34)
    });
    let id = facts.tokens[5].id;
    stage.assert_sees(&["16  ·", &format!("…  ·grey  #{id}  0.010 %, came")]);
}

/// What came before has no id, and what it stands for is said; nothing is known of a state that was given.
#[test]
fn what_came_before_says_what_it_stands_for() {
    let mut facts = surprised(TEXT, &[]);
    let mut tokens = facts.tokens.to_vec();
    tokens[0] = token_texts(None, &[BEFORE]).remove(0);
    let second = tokens[1].text.trim().to_owned();
    facts.tokens = Arc::new(tokens);
    facts.before = Some("the state tuned".to_owned());
    let pointed = |_: &Facts, token| Pointed {
        token,
        expected: None,
    };
    let stage = rest_on(&facts, "before", pointed);
    stage.assert_sees(&["token 0", "It stands for the state tuned."]);
    let stage = rest_on(&facts, &second, pointed);
    stage.assert_sees(&["The first token of the text: what came before is not known."]);
}

#[test]
fn nothing_is_expected_of_the_first_token() {
    let facts = surprised(TEXT, &[]);
    let stage = rest_on(&facts, "Once", |_, token| Pointed {
        token,
        expected: None,
    });
    stage.assert_sees(&["token 0", "The first token: nothing came before it."]);
    assert!(!stage.sees("expected here"));
}

#[test]
fn tokens_of_one_word_are_counted_together() {
    let facts = surprised(TEXT, &[]);
    let answer = |facts: &Facts, token| expected(facts, token, Some(0), 1.0);
    let stage = rest_on(&facts, "Marlowe", answer);
    assert!(!stage.sees("in ·Marlowe"), "without words");
    let stage = rest_on(&with(facts, &[TextOption::Words]), "Marlowe", answer);
    stage.assert_sees(&["in ·Marlowe  ·  tokens 8 to 10  ·  3.00 nats"]);
}

#[test]
fn off_the_text_nothing_is_pointed_at() {
    let facts = surprised(TEXT, &[]);
    let answer = |facts: &Facts, token| expected(facts, token, Some(0), 1.0);
    let mut stage = rest_on(&facts, "grey", answer);
    stage.point_at(egui::pos2(700.0, 300.0));
    assert_eq!(stage.scene().drafts.pointed, None);
    assert!(!stage.sees("expected here"));
    // Behind the end of a line there is no token either.
    let row = characters(&stage, &facts)[0].rect;
    stage.point_at(egui::pos2(286.0, row.center().y));
    assert_eq!(stage.scene().drafts.pointed, None);
}

#[test]
fn a_word_under_the_pointer_is_outlined() {
    let facts = with(surprised(TEXT, &[]), &[TextOption::Words]);
    let outlines = |stage: &Stage, around: Rect| {
        let shapes = stage.shapes();
        let around = |shape: &&Shape| {
            matches!(shape, Shape::Rect(rect)
            if !rect.stroke.is_empty() && rect.rect.contains_rect(around) && rect.rect.height() < 20.0)
        };
        shapes.iter().filter(around).count()
    };
    let answer = |facts: &Facts, token| expected(facts, token, Some(0), 1.0);
    let stage = rest_on(&facts, "Marlowe", answer);
    let letters = find(&characters(&stage, &facts), "Marlowe");
    let word = letters[0].union(letters[6]).shrink(1.0);
    assert_eq!(outlines(&stage, word), 1);
    assert_eq!(outlines(&Stage::new(facts), word), 0);
}
