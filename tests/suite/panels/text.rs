//! The text that was read: a click selects the token under the pointer.

use std::sync::Arc;

use arclight::{model::text_spans, overlay::Facts, session::Intent};
use egui::{Pos2, epaint::TextShape, vec2};

use super::stage::{Stage, TEXT, ran, selected};

/// The text as it is painted, one character a glyph.
fn painted(stage: &Stage, facts: &Facts) -> TextShape {
    let spans = text_spans(&facts.tokens);
    let whole: String = spans.iter().map(|span| span.text.as_str()).collect();
    let whole = whole.replace('\n', "↵\n").replace('\t', "⇥");
    stage
        .painted()
        .into_iter()
        .find(|text| text.galley.text() == whole)
        .unwrap_or_else(|| panic!("{whole:?} is not painted"))
}

/// Points near the left and the right end of every character, with the character's number.
fn characters(text: &TextShape) -> Vec<(usize, [Pos2; 2])> {
    let mut points = Vec::new();
    let mut first = 0;
    for row in &text.galley.rows {
        for (at, glyph) in row.glyphs.iter().enumerate() {
            let middle = (row.rect().top() + row.rect().bottom()) * 0.5;
            let point = |part: f32| {
                let x = row.pos.x + glyph.pos.x + glyph.advance_width * part;
                text.pos + vec2(x, middle)
            };
            points.push((first + at, [point(0.3), point(0.7)]));
        }
        first += row.char_count_including_newline();
    }
    points
}

/// The first token of the span that owns each painted character.
fn owners(facts: &Facts) -> Vec<usize> {
    text_spans(&facts.tokens)
        .iter()
        .flat_map(|span| {
            let lines = span.text.matches('\n').count();
            vec![span.tokens.start; span.text.chars().count() + lines]
        })
        .collect()
}

fn every_character_selects_its_token(text: &str, every: usize) {
    let facts = ran(text);
    let mut stage = Stage::new(facts.clone());
    let owners = owners(&facts);
    let painted = painted(&stage, &facts);
    for (character, points) in characters(&painted).into_iter().step_by(every) {
        for point in points {
            assert_eq!(
                stage.click_at(point),
                [Intent::SelectToken(Some(owners[character]))],
                "character {character} of {text:?}"
            );
        }
    }
}

#[test]
fn every_character_of_wrapped_lines_selects_its_token() {
    every_character_selects_its_token(TEXT, 3);
}

#[test]
fn line_ends_and_tabs_can_be_clicked() {
    every_character_selects_its_token("a cat\n\n\tslept\n", 1);
}

#[test]
fn a_character_of_several_tokens_selects_the_first_of_them() {
    let facts = ran("日本 мир");
    let joined = text_spans(&facts.tokens)
        .iter()
        .any(|span| span.tokens.len() > 1);
    assert!(joined, "the demo vocabulary spells these in bytes");
    every_character_selects_its_token("日本 мир", 1);
}

#[test]
fn a_click_behind_a_line_selects_its_last_token() {
    let facts = ran("cat\nsmall");
    let mut stage = Stage::new(facts.clone());
    let painted = painted(&stage, &facts);
    // The label is as wide as its longest line.
    let right = painted.pos + vec2(painted.galley.size().x - 1.0, 8.0);
    let newline = owners(&facts)["cat".len()];
    assert_eq!(stage.click_at(right), [Intent::SelectToken(Some(newline))]);
}

#[test]
fn the_caption_says_what_colours_mean() {
    Stage::new(ran(TEXT)).assert_sees(&["Click a word, or a cell."]);
    let mut facts = selected(TEXT, 5);
    Stage::new(facts.clone()).assert_sees(&["R-WK score, mean of all heads"]);
    facts.session.heads = arclight::lattice::HeadId { layer: 7, head: 1 }.into();
    Stage::new(facts).assert_sees(&["R-WK score of L7 H1"]);
}

/// The strongest token beside the selected one has full colour, whatever the mean's size.
#[test]
fn the_text_is_coloured_by_its_own_peak() {
    let mut facts = selected(TEXT, 5);
    let strongest = 2;
    facts.summary = vec![0.0; facts.tokens.len()];
    facts.summary[5] = 1.0;
    facts.summary[strongest] = -0.01;
    let stage = Stage::new(facts.clone());
    let job = painted(&stage, &facts).galley.job.clone();
    let ground = |token: usize| {
        job.sections[token]
            .format
            .background
            .to_srgba_unmultiplied()
    };
    let [red, green, blue] = arclight::session::bytes(facts.session.colours().diverging(-1.0));
    assert_eq!(ground(strongest), [red, green, blue, 255]);
    let [red, green, blue] = arclight::session::bytes(facts.session.colours().diverging(0.0));
    assert_eq!(ground(3), [red, green, blue, 255]);
}

#[test]
fn summaries_of_another_length_are_survived() {
    let mut facts = selected(TEXT, 5);
    facts.summary.truncate(3);
    Stage::new(facts.clone()).assert_sees(&["77 drawn"]);
    facts.summary = vec![0.5; 500];
    facts.session.token = Some(400);
    Stage::new(facts.clone()).assert_sees(&["77 drawn"]);
    facts.tokens = Arc::default();
    facts.lattice = None;
    Stage::new(facts);
}
