//! The cell under the pointer and what was expected next; marks beside the lattice.

use arclight::{
    camera::{Eye, MARGINS, Pose, frame},
    lattice::{Cell, HeadId},
    overlay::{ArcPlace, Facts, Hover, covered},
    trace::{Candidate, Prediction},
};
use bevy::math::{EulerRot, Mat4, Quat, Vec2, Vec3};

use super::stage::{Stage, TEXT, ran, selected, tokens};

const HEAD: HeadId = HeadId { layer: 6, head: 1 };

fn hovering(mut facts: Facts, token: usize, scores: Option<Vec<f32>>) -> Stage {
    let cell = Cell { token, head: HEAD };
    facts.hover = Some(Hover {
        cell,
        scores,
        arc: None,
    });
    Stage::new(facts)
}

/// As many candidates as are kept; the token that comes after `position` at `rank`, from 0.
fn expecting(facts: &mut Facts, position: usize, rank: usize) {
    let real = facts.tokens[position + 1].clone();
    let mut texts = tokens(" one two three four five six seven eight nine ten eleven twelve");
    texts.truncate(12);
    texts.insert(rank, real);
    let probability = |rank: usize| 0.4 / (rank + 1) as f32;
    let top = texts.iter().enumerate().map(|(rank, text)| Candidate {
        id: text.id,
        logit: 0.0,
        probability: probability(rank),
    });
    let prediction = Prediction {
        top: top.collect(),
        log_sum_exp: 0.0,
        came: Some(0.0),
    };
    facts.prediction = Some((position, prediction, texts));
}

#[test]
fn with_nothing_to_inspect_it_says_how_to_begin() {
    Stage::new(ran(TEXT)).assert_sees(&[
        "left\u{a0}drag\u{a0}orbits",
        "Ctrl+P every command",
        "Click a cell",
    ]);
}

#[test]
fn the_selection_is_inspected_while_nothing_is_pointed_at() {
    let mut facts = selected(TEXT, 5);
    Stage::new(facts.clone()).assert_sees(&["token 5, all heads", "·grey"]);
    facts.session.heads = HEAD.into();
    Stage::new(facts).assert_sees(&["token 5, L6 H1"]);
}

#[test]
fn a_cell_is_named_by_layer_head_and_token() {
    let stage = hovering(ran(TEXT), 5, None);
    stage.assert_sees(&["L6 H1   ·grey", "layer 6, head 1, token 5"]);
    assert!(!stage.sees("R-WK score"), "nothing is selected");
}

#[test]
fn scores_are_shown_with_who_reads_whom() {
    let scores = Some(vec![-4.347_515, 0.034_723, 3.003_65, 7.25, -0.125]);
    for (token, relation) in [
        (3, "read by ·grey"),
        (5, "read by itself"),
        (9, "reading ·grey"),
    ] {
        let stage = hovering(selected(TEXT, 5), token, scores.clone());
        stage.assert_sees(&[
            relation,
            "-4.347515",
            "+0.034723",
            "+3.003650",
            "+7.250000",
            "-0.125000",
        ]);
    }
    let waiting = hovering(selected(TEXT, 5), 3, None);
    assert!(!waiting.sees("contribution share"));
}

/// The number that stands below is read out with it.
#[test]
fn an_arc_found_by_key_is_told_by_its_place() {
    let mut facts = selected(TEXT, 5);
    let cell = Cell {
        token: 3,
        head: HEAD,
    };
    facts.hover = Some(Hover {
        cell,
        scores: Some(vec![-4.347_5, 0.034_723, 3.003_65, 7.25, -0.125]),
        arc: Some(ArcPlace {
            place: 2,
            of: 192,
            number: -4.347_5,
        }),
    });
    let stage = Stage::new(facts);
    stage.assert_sees(&["arc 3 of 192 by strength: R-WK score -4.347500"]);
    let shown = "arc 3 of 192 by strength";
    let painted = stage.painted();
    assert!(painted.iter().any(|text| text.galley.text() == shown));
}

#[test]
fn the_token_that_came_is_marked_among_the_expected() {
    let mut facts = selected(TEXT, 4);
    expecting(&mut facts, 4, 1);
    let stage = Stage::new(facts);
    stage.assert_sees(&["expected next", "1  ·one  40.0 %", "2  ·grey  20.0 %, came"]);
    stage.assert_sees(&["6  ·five  6.7 %"]);
    assert!(!stage.sees("7  ·six"), "six are enough");
}

#[test]
fn the_token_that_came_is_shown_at_a_low_rank_too() {
    let mut facts = selected(TEXT, 4);
    expecting(&mut facts, 4, 10);
    let stage = Stage::new(facts);
    stage.assert_sees(&["11  ·grey  3.6 %, came"]);
    assert!(!stage.sees("7  "));
}

/// Seen from where the window looks at first.
fn seen(facts: &mut Facts) {
    let lattice = facts.lattice.as_ref().expect("it has run");
    let size = Vec2::new(1280.0, 720.0);
    let (left, right) = covered(false);
    let free = size - Vec2::X * (left + right);
    let pose = frame(Pose::default(), lattice.extent(), free, size.y, MARGINS);
    let turn = Quat::from_euler(EulerRot::YXZ, pose.yaw, -pose.pitch, 0.0);
    let view = Mat4::from_rotation_translation(turn, turn * Vec3::Z * pose.radius);
    facts.eye = Some(Eye::new(view, size, left - right));
}

#[test]
fn layers_heads_and_tokens_are_marked_beside_the_lattice() {
    let mut facts = selected(TEXT, 5);
    seen(&mut facts);
    facts.session.bare = true;
    let painted = Stage::new(facts).painted();
    let texts: Vec<_> = painted.iter().map(|text| text.galley.text()).collect();
    for mark in ["layer 0", "layer 7", "head 1", "head 3", "grey", "Once"] {
        assert!(texts.contains(&mark), "{mark} not in {texts:?}");
    }
}

/// Whichever tokens there is room for: labels that lie on each other cannot be read.
#[test]
fn token_labels_keep_apart() {
    let mut facts = selected(&TEXT.repeat(4), 40);
    seen(&mut facts);
    facts.session.bare = true;
    let painted = Stage::new(facts).painted();
    let slanted: Vec<_> = painted.iter().filter(|text| text.angle != 0.0).collect();
    assert!(slanted.len() > 10, "{} labels", slanted.len());
    for (at, one) in slanted.iter().enumerate() {
        for other in &slanted[at + 1..] {
            let (sin, cos) = one.angle.sin_cos();
            let apart = other.pos - one.pos;
            let along = apart.x * cos + apart.y * sin;
            let across = (apart.y * cos - apart.x * sin).abs();
            let reach = if along > 0.0 { one } else { other }.galley.size().x;
            let (a, b) = (one.galley.text(), other.galley.text());
            assert!(across > 11.0 || along.abs() > reach, "{a:?} lies on {b:?}");
        }
    }
}

/// In a window with room for both it stands beside the buttons; in a narrow one below them.
#[test]
fn the_buttons_never_cover_it() {
    for (width, is_beside) in [(1280.0, true), (985.0, false), (700.0, false)] {
        let mut stage = Stage::sized(selected(TEXT, 5), "", [width, 720.0]);
        stage.rest();
        let bar = stage.button("?").rect();
        let words = stage.place("token 5, all heads");
        assert!(
            bar.right() < words.left() || bar.bottom() < words.top() - 20.0,
            "{width}"
        );
        assert_eq!(words.top() < bar.bottom() + 30.0, is_beside, "{width}");
    }
}
