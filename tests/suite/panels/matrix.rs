//! The matrix panel: what it tells of a pair, and what clicks on it ask for.

use std::sync::Arc;

use arclight::{
    lattice::{HeadId, Layout},
    overlay::{self, Facts, MatrixFacts, MatrixPicture},
    score::{Crop, Measure, Scale},
    session::{Intent, Theme},
};
use egui::{Modifiers, Pos2, Shape as Painted};

use super::stage::{Stage, TEXT, ran, selected};

const HEAD: HeadId = HeadId { layer: 4, head: 2 };
/// Points that the axes take beside the picture.
const AXES: [f32; 2] = [42.0, 28.0];

/// A matrix that has been computed, with a picture of it.
pub fn with_matrix(mut facts: Facts) -> Facts {
    let tokens = facts.tokens.len();
    facts.session.matrix = true;
    facts.session.heads = HEAD.into();
    facts.matrix = Some(MatrixFacts {
        done: tokens,
        largest: 3.25,
        picture: Some(Arc::new(MatrixPicture {
            serial: 1,
            crop: Crop::of(0..tokens),
            side: 8,
            pixels: vec![200; 8 * 8 * 4],
        })),
        ..MatrixFacts::new(HEAD, Measure::Rwk)
    });
    facts
}

fn shown() -> Stage {
    Stage::new(with_matrix(ran(TEXT)))
}

/// The middle of a cell of the whole matrix.
fn place(stage: &mut Stage, reader: usize, writer: usize) -> Pos2 {
    let rect = stage.place("matrix picture");
    let side = rect.height() - AXES[1];
    let cell = side / stage.scene().facts.tokens.len() as f32;
    let corner = rect.min + egui::vec2(AXES[0], AXES[1]);
    corner + egui::vec2(writer as f32 + 0.5, reader as f32 + 0.5) * cell
}

fn matrix(stage: &mut Stage) -> &mut MatrixFacts {
    stage.scene().facts.matrix.as_mut().expect("it has one")
}

#[test]
fn it_is_closed_until_it_is_asked_for() {
    let mut stage = Stage::new(ran(TEXT));
    assert!(!stage.sees("all pairs") && !stage.sees("matrix picture"));
    assert_eq!(stage.click_button("matrix"), [Intent::Matrix(true)]);
    let mut stage = shown();
    stage.assert_sees(&["L4 H2   R-WK score, all pairs", "matrix picture"]);
    assert_eq!(stage.click_button("×"), [Intent::Matrix(false)]);
    assert_eq!(stage.click_button("matrix"), [Intent::Matrix(false)]);
}

#[test]
fn pointing_at_a_cell_tells_its_pair_and_its_exact_number() {
    let mut stage = shown();
    let at = place(&mut stage, 20, 5);
    stage.point_at(at);
    assert_eq!(stage.scene().drafts.matrix.pointed, Some((20, 5)));
    let text =
        |stage: &mut Stage, token: usize| stage.scene().facts.tokens[token].text.trim().to_owned();
    let (reader, writer) = (text(&mut stage, 20), text(&mut stage, 5));
    assert_ne!(reader, writer);
    stage.assert_sees(&["reader 20", "writer 5", &reader, &writer]);
    for (number, shown) in [
        (-0.012_345_678, "-0.012346"),
        (2.5, "+2.500000"),
        (1.234_567e-7, "+1.234567e-7"),
    ] {
        matrix(&mut stage).number = Some(((20, 5), number));
        stage.rest();
        stage.assert_sees(&[shown]);
        // The number of another pair is not this one's.
        matrix(&mut stage).number = Some(((5, 20), number));
        stage.rest();
        assert!(!stage.sees(shown));
    }
    let above = place(&mut stage, 5, 20);
    stage.point_at(above);
    assert_eq!(stage.scene().drafts.matrix.pointed, None);
    stage.rest();
    assert!(!stage.sees("reader 5") && stage.sees("click selects the reader"));
}

/// Frames of cells on the picture.
fn outlines(stage: &Stage) -> Vec<egui::Rect> {
    let area = stage.place("matrix picture");
    let framed = |shape| match shape {
        Painted::Rect(rect) if rect.stroke.width == 1.0 => Some(rect.rect),
        _ => None,
    };
    let all = stage.shapes().into_iter().filter_map(framed);
    all.filter(|rect| area.expand(1.0).contains_rect(*rect))
        .collect()
}

#[test]
fn row_and_column_are_outlined() {
    // The picture itself has a frame.
    assert_eq!(outlines(&shown()).len(), 1);
    let mut stage = Stage::new(with_matrix(selected(TEXT, 12)));
    let before = outlines(&stage);
    assert_eq!(before.len(), 3, "the selected token's");
    let at = place(&mut stage, 20, 5);
    stage.point_at(at);
    stage.rest();
    let now = outlines(&stage);
    assert_eq!(now.len(), 5);
    let new: Vec<_> = now.iter().filter(|rect| !before.contains(rect)).collect();
    assert!(new.iter().all(|rect| rect.contains(at)), "{new:?}, {at}");
    // A row is as long as the token is far from the beginning, a column as it is from the end.
    let tokens = stage.scene().facts.tokens.len() as f32;
    let cell = new[0].height();
    assert!((new[0].width() / cell - 21.0).abs() < 0.01, "{new:?}");
    assert!(
        (new[1].height() / cell - (tokens - 5.0)).abs() < 0.01,
        "{new:?}"
    );
}

#[test]
fn a_click_selects_the_reader_and_with_ctrl_the_writer() {
    let mut stage = shown();
    let at = place(&mut stage, 20, 5);
    assert_eq!(stage.click_at(at), [Intent::SelectToken(Some(20))]);
    let mut stage = shown();
    let at = place(&mut stage, 20, 5);
    let asked = stage.click_with(at, Modifiers::COMMAND);
    assert_eq!(asked, [Intent::SelectToken(Some(5))]);
}

#[test]
fn the_wheel_zooms_about_the_pointer() {
    let mut stage = shown();
    let at = place(&mut stage, 20, 5);
    stage.scroll(at, 120.0);
    let facts = stage.scene().facts.clone();
    let draft = stage.scene().drafts.matrix.clone();
    let crop = draft.crop(&facts);
    assert!(crop.span < 0.7 * facts.tokens.len() as f32, "{crop:?}");
    assert_eq!(draft.pointed, Some((20, 5)));
    stage.scroll(at, -2000.0);
    let draft = &stage.scene().drafts.matrix;
    assert_eq!(draft.crop(&facts), Crop::of(0..facts.tokens.len()));
}

#[test]
fn a_double_click_shows_all_again_or_the_passage() {
    let mut stage = shown();
    let at = place(&mut stage, 20, 5);
    stage.scroll(at, 120.0);
    assert!(stage.scene().drafts.matrix.zoomed.is_some());
    stage.double_click_at(at);
    assert!(stage.scene().drafts.matrix.zoomed.is_none());
    stage.scene().facts.session.passage = Some(4..12);
    let facts = stage.scene().facts.clone();
    assert_eq!(stage.scene().drafts.matrix.crop(&facts), Crop::of(4..12));
}

#[test]
fn full_colour_is_that_of_the_arcs_or_the_matrix_own() {
    shown().assert_sees(&["full colour 3.250, the largest |value| off the diagonal"]);
    Stage::new(with_matrix(selected(TEXT, 12)))
        .assert_sees(&["full colour 2.500, that of the selected token's arcs"]);
    let mut facts = with_matrix(ran(TEXT));
    facts.session.exposure = 2.0;
    Stage::new(facts.clone()).assert_sees(&["full colour 1.625"]);
    facts.session.scale = Scale::Fixed(0.5);
    Stage::new(facts).assert_sees(&["full colour 0.250, a number of your own"]);
}

#[test]
fn what_stands_in_the_way_is_said() {
    let mut facts = with_matrix(ran(TEXT));
    if let Some(matrix) = &mut facts.matrix {
        matrix.refused = Some("9000 tokens are too many for a matrix".into());
    }
    let stage = Stage::new(facts);
    stage.assert_sees(&["9000 tokens are too many for a matrix"]);
    assert!(!stage.sees("matrix picture"));

    let mut facts = with_matrix(ran(TEXT));
    facts.matrix = None;
    Stage::new(facts.clone()).assert_sees(&["once the text has been read"]);
    facts.session.heads = Default::default();
    let mut stage = Stage::new(facts);
    stage.assert_sees(&["Show one head alone"]);
    assert_eq!(stage.click_button("×"), [Intent::Matrix(false)]);
}

#[test]
fn long_work_shows_how_far_it_is_and_can_be_cancelled() {
    let mut facts = with_matrix(ran(TEXT));
    let total = facts.tokens.len();
    if let Some(matrix) = &mut facts.matrix {
        matrix.done = 10;
        matrix.seconds = 0.05;
    }
    let mut stage = Stage::new(facts);
    assert!(!stage.sees("Cancel"), "it is soon there");
    assert!(!stage.sees("full colour"), "a larger one may come");
    matrix(&mut stage).seconds = 4.0;
    stage.rest();
    let painted: Vec<String> = stage
        .painted()
        .iter()
        .map(|text| text.galley.text().to_owned())
        .collect();
    let left = 4.0 * total as f64 / 10.0 - 4.0;
    let wanted = format!("10 / {total} tokens · {left:.0} s left");
    assert!(painted.contains(&wanted), "{wanted:?} not in {painted:?}");
    // What stands below the picture stays there.
    let (bar, picture) = (stage.place("Cancel"), stage.place("matrix picture"));
    assert!(picture.contains_rect(bar), "{bar} in {picture}");
    let hint = stage.place("wheel zooms, drag moves, double click shows all");
    assert!(hint.top() >= picture.bottom(), "{hint} below {picture}");
    assert_eq!(stage.click_button("Cancel"), [Intent::Matrix(false)]);
}

#[test]
fn it_stands_beside_the_side_panel_on_either_ground() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut facts = with_matrix(selected(TEXT, 12));
        facts.session.theme = theme;
        let stage = Stage::new(facts);
        let rect = stage.place("matrix picture");
        assert!(
            rect.left() > 304.0 && rect.right() < 1280.0 - 270.0,
            "{rect}"
        );
        assert!(rect.top() > 60.0 && rect.bottom() < 720.0, "{rect}");
        let painted: Vec<String> = stage
            .painted()
            .iter()
            .map(|text| text.galley.text().to_owned())
            .collect();
        for axis in ["reader →", "writer →", "12"] {
            assert!(
                painted.iter().any(|text| text == axis),
                "{axis} not in {painted:?}"
            );
        }
    }
}

#[test]
fn measure_and_exposure_are_at_hand_with_nothing_selected() {
    let mut stage = shown();
    assert_eq!(stage.click("W-K"), [Intent::Measure(Measure::Wk)]);
    stage.assert_sees(&["|x|"]);
    // With a token selected they are in the side panel, and there alone.
    let stage = Stage::new(with_matrix(selected(TEXT, 12)));
    assert_eq!(stage.count("|x|"), 1);
}

#[test]
fn the_lattice_keeps_half_of_its_room() {
    for layout in Layout::ALL {
        let mut session = with_matrix(ran(TEXT)).session;
        session.layout = layout;
        for size in [(880.0, 560.0), (1280.0, 720.0), (3840.0, 2160.0)] {
            let (left, right) = overlay::covered(false);
            let free = size.0 - left - right;
            let covered = overlay::covered_beside(&session, size.into());
            assert!(
                covered > 0.0 && covered <= 0.5 * free,
                "{covered} of {free}"
            );
        }
        session.bare = true;
        assert_eq!(
            overlay::covered_beside(&session, (1280.0, 720.0).into()),
            0.0
        );
    }
}
