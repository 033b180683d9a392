//! The text that was read: a click selects the token under the pointer.

use std::sync::Arc;

use arclight::{model::text_spans, overlay::Facts, session::Intent};
use egui::{Color32, Pos2, Rect, Shape, epaint::TextShape, pos2, vec2};

use super::stage::{Stage, TEXT, ran, selected, tokens};

/// What stands in place of a line break, to be pointed at.
const BREAK: &str = "\u{2003}\n";

/// The rows of the text as they are painted, from the top. Nothing else has this line height.
pub fn rows(stage: &Stage) -> Vec<TextShape> {
    let of_text = |text: &TextShape| {
        let sections = &text.galley.job.sections;
        sections
            .iter()
            .any(|section| section.format.line_height == Some(17.0))
    };
    stage.painted().into_iter().filter(of_text).collect()
}

/// A character of the text, with its number and the place of its glyph.
pub struct Character {
    pub number: usize,
    pub glyph: char,
    pub rect: Rect,
}

/// Every character that has a glyph.
pub fn characters(stage: &Stage, facts: &Facts) -> Vec<Character> {
    let spans = text_spans(&facts.tokens);
    let whole: String = spans.iter().map(|span| span.text.as_str()).collect();
    let whole = whole.replace('\n', BREAK);
    let mut rest = whole.as_str();
    let mut number = 0;
    let mut found = Vec::new();
    for row in rows(stage) {
        let text = row.galley.text();
        rest = rest
            .strip_prefix(text)
            .unwrap_or_else(|| panic!("a row is {text:?} where the text goes on {rest:?}"));
        for (at, glyph) in row.galley.rows[0].glyphs.iter().enumerate() {
            let min = row.pos + vec2(glyph.pos.x, 0.0);
            found.push(Character {
                number: number + at,
                glyph: glyph.chr,
                rect: Rect::from_min_size(min, vec2(glyph.advance_width, 17.0)),
            });
        }
        number += text.chars().count();
        if let Some(next) = rest.strip_prefix('\n') {
            rest = next;
            number += 1;
        }
    }
    assert!(rest.is_empty(), "{rest:?} is not painted");
    found
}

/// The first token of the span that owns each shown character.
fn owners(facts: &Facts) -> Vec<usize> {
    text_spans(&facts.tokens)
        .iter()
        .flat_map(|span| {
            let shown = span.text.replace('\n', BREAK).chars().count();
            vec![span.tokens.start; shown]
        })
        .collect()
}

/// The colour under a place in the text; none on the panel itself.
pub fn ground(stage: &Stage, at: Pos2) -> Option<Color32> {
    let painted = stage.shapes();
    let of_row = |shape: &Shape| match shape {
        Shape::Rect(rect) if rect.rect.contains(at) && rect.rect.height() == 17.5 => {
            Some(rect.fill)
        }
        _ => None,
    };
    painted.iter().rev().find_map(of_row)
}

fn every_character_selects_its_token(text: &str, every: usize) {
    let facts = ran(text);
    let mut stage = Stage::new(facts.clone());
    let owners = owners(&facts);
    for character in characters(&stage, &facts).into_iter().step_by(every) {
        for part in [0.3, 0.7] {
            let x = character.rect.left() + character.rect.width() * part;
            assert_eq!(
                stage.click_at(pos2(x, character.rect.center().y)),
                [Intent::SelectToken(Some(owners[character.number]))],
                "character {} of {text:?}",
                character.number
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
fn half_a_character_is_shown_as_its_bytes() {
    let mut facts = ran("a日");
    // 日 is E6 97 A5, of which a run that was ended early has read two.
    let mut tokens = tokens("a日");
    tokens.truncate(3);
    facts.tokens = Arc::new(tokens);
    let stage = Stage::new(facts.clone());
    let text = rows(&stage)[0].galley.text().to_owned();
    assert_eq!(text, "a⟨E6 97⟩");
}

#[test]
fn what_has_no_ink_is_shown_as_bytes_or_takes_little_room() {
    for (text, shown) in [
        ("a\u{7}b", "a⟨07⟩b"),
        ("a\r\nb", "a\u{2009}\u{2003}b"),
        ("❤\u{FE0F}!", "❤\u{2009}!"),
        ("东\u{3000}京", "东\u{2003}京"),
    ] {
        let stage = Stage::new(ran(text));
        let rows = rows(&stage);
        let found: String = rows.iter().map(|row| row.galley.text()).collect();
        assert_eq!(found, shown, "{text:?}");
    }
}

#[test]
fn a_click_behind_a_line_selects_its_last_token() {
    let facts = ran("cat\nsmall");
    let mut stage = Stage::new(facts.clone());
    let behind = rows(&stage)[0].pos + vec2(200.0, 8.0);
    let newline = owners(&facts)["cat".len()];
    assert_eq!(stage.click_at(behind), [Intent::SelectToken(Some(newline))]);
}

#[test]
fn the_caption_says_what_colours_mean() {
    Stage::new(ran(TEXT)).assert_sees(&["Click a word or a cell; drag over a passage."]);
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
    let owners = owners(&facts);
    let letters = characters(&stage, &facts);
    let ground = |token: usize| {
        let own = |letter: &&Character| owners[letter.number] == token;
        let letter = letters.iter().rfind(own).expect("it is painted");
        ground(&stage, letter.rect.center()).map(|colour| colour.to_srgba_unmultiplied())
    };
    let palette = |value| {
        let [red, green, blue] = arclight::session::bytes(facts.session.colours().diverging(value));
        Some([red, green, blue, 255])
    };
    assert_eq!(ground(strongest), palette(-1.0));
    assert_eq!(ground(3), palette(0.0));
}

#[test]
fn without_a_selection_the_text_has_no_colours() {
    let facts = ran(TEXT);
    let stage = Stage::new(facts.clone());
    for letter in characters(&stage, &facts) {
        assert_eq!(ground(&stage, letter.rect.center()), None);
    }
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

/// What cannot be seen costs nothing: a long text is as quick as a short one.
#[test]
fn only_rows_that_can_be_seen_are_painted() {
    let stage = Stage::new(ran(&TEXT.repeat(200)));
    let painted = rows(&stage).len();
    assert!((10..40).contains(&painted), "{painted} rows");
}

#[test]
fn a_selection_made_elsewhere_comes_into_view() {
    let text = TEXT.repeat(60);
    let facts = ran(&text);
    let last = facts.tokens.len() - 1;
    let mut stage = Stage::new(facts);
    let first_row = |stage: &Stage| rows(stage)[0].galley.text().to_owned();
    let beginning = first_row(&stage);
    assert!(beginning.starts_with("Once there"), "{beginning:?}");
    stage.scene().facts.session.token = Some(last);
    stage.rest();
    let end = rows(&stage).last().expect("rows").galley.text().to_owned();
    assert!(end.ends_with("slept."), "{end:?}");
    // Then the view is the user's own.
    stage.scroll(pos2(100.0, 420.0), 100_000.0);
    assert_eq!(first_row(&stage), beginning);
}

/// From the middle of one token's first character to that of another's.
fn drag(stage: &mut Stage, facts: &Facts, from: usize, to: usize) -> Vec<Intent> {
    let owners = owners(facts);
    let all = characters(stage, facts);
    let place = |token: usize| {
        let found = all
            .iter()
            .find(|character| owners[character.number] == token);
        found.expect("it is painted").rect.center()
    };
    stage.drag(place(from), place(to))
}

#[test]
fn a_drag_over_the_text_limits_everything_to_a_passage() {
    let facts = ran(TEXT);
    for (from, to) in [(3, 8), (8, 3)] {
        let mut stage = Stage::new(facts.clone());
        let asked = drag(&mut stage, &facts, from, to);
        assert_eq!(
            asked.last(),
            Some(&Intent::Passage(Some(3..9))),
            "{asked:?}"
        );
        let only_passages = |intent: &Intent| matches!(intent, Intent::Passage(Some(_)));
        assert!(asked.iter().all(only_passages), "{asked:?}");
    }
}

#[test]
fn a_passage_is_named_and_can_be_folded_or_left() {
    let mut facts = ran(TEXT);
    let tokens = facts.tokens.len();
    assert!(!Stage::new(facts.clone()).sees("whole text"));
    facts.session.passage = Some(3..9);
    let mut stage = Stage::new(facts);
    stage.assert_sees(&["tokens 3 to 8"]);
    assert_eq!(stage.click_button("whole text"), [Intent::Passage(None)]);
    assert_eq!(stage.click_button("fold it"), [Intent::Fold(3..9)]);
    let rest = [Intent::Fold(0..3), Intent::Fold(9..tokens)];
    assert_eq!(stage.click_button("fold the rest"), rest);
}

#[test]
fn a_folded_passage_stands_as_its_length_until_it_is_clicked() {
    let mut facts = ran(TEXT);
    facts.session.folds = vec![2..5, 9..12];
    let mut stage = Stage::new(facts.clone());
    let painted: String = rows(&stage)
        .iter()
        .map(|row| row.galley.text().to_owned())
        .collect();
    assert_eq!(painted.matches("⋯ 3 tokens ⋯").count(), 2, "{painted}");
    let hidden: String = facts.tokens[2..5]
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    assert!(!painted.contains(&hidden), "{hidden:?} is still there");
    stage.assert_sees(&["2 passages folded"]);
    let row = &rows(&stage)[0];
    let at = row.galley.text().find('⋯').expect("a fold");
    let glyph = row.galley.rows[0].glyphs[row.galley.text()[..at].chars().count()];
    let place = row.pos + vec2(glyph.pos.x + 2.0, 8.0);
    assert_eq!(stage.click_at(place), [Intent::Unfold(2)]);
    let all = [Intent::Unfold(2), Intent::Unfold(9)];
    assert_eq!(stage.click_button("unfold"), all);
}
