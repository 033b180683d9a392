//! Ways to show the text: words, white space, surprise.

use std::sync::Arc;

use arclight::{
    overlay::Facts,
    session::{Intent, TextOption},
};
use egui::{Color32, Rect, Shape};

use super::{
    stage::{Stage, TEXT, ran, selected},
    text::{Character, characters, ground},
};

pub fn with(mut facts: Facts, options: &[TextOption]) -> Facts {
    for option in options {
        facts.session.text.toggle(*option);
    }
    facts
}

/// The characters of the n-th occurrence of a string.
pub fn find(all: &[Character], what: &str) -> Vec<Rect> {
    let what: Vec<char> = what.chars().collect();
    let there = |window: &&[Character]| window.iter().map(|c| &c.glyph).eq(&what);
    let window = all.windows(what.len()).find(there).expect("it is there");
    window.iter().map(|character| character.rect).collect()
}

#[test]
fn an_option_is_asked_for_by_a_click() {
    for option in TextOption::ALL {
        let mut stage = Stage::new(ran(TEXT));
        assert_eq!(
            stage.click_button(option.name()),
            [Intent::ToggleText(option)]
        );
    }
}

#[test]
fn a_word_is_selected_by_its_last_token() {
    let facts = ran(TEXT);
    let position = |text: &str| facts.tokens.iter().position(|token| token.text == text);
    let (mar, e) = (position(" Mar"), position("e"));
    assert!(mar < e, "Marlowe is several tokens: {:?}", facts.tokens);

    let mut stage = Stage::new(facts.clone());
    let letters = find(&characters(&stage, &facts), "Marlowe");
    let asked = stage.click_at(letters[0].center());
    assert_eq!(asked, [Intent::SelectToken(mar)], "without words");

    let facts = with(facts, &[TextOption::Words]);
    let mut stage = Stage::new(facts.clone());
    let letters = find(&characters(&stage, &facts), "Marlowe");
    for letter in letters {
        let asked = stage.click_at(letter.center());
        assert_eq!(asked, [Intent::SelectToken(e)]);
    }
}

#[test]
fn a_word_has_its_strongest_tokens_colour() {
    let mut facts = with(selected(TEXT, 5), &[TextOption::Words]);
    let low = facts.tokens.iter().position(|token| token.text == "low");
    facts.summary = vec![0.001; facts.tokens.len()];
    facts.summary[low.expect("it is a token")] = 0.01;
    let grounds = |facts: &Facts| -> Vec<Option<Color32>> {
        let stage = Stage::new(facts.clone());
        let letters = find(&characters(&stage, facts), "Marlowe.");
        let place = |letter: &Rect| ground(&stage, letter.center());
        letters.iter().map(place).collect()
    };
    let palette = |value: f32| {
        let [red, green, blue] = arclight::session::bytes(facts.session.colours().diverging(value));
        Some(Color32::from_rgb(red, green, blue))
    };
    let joined = grounds(&facts);
    assert_eq!(joined[..7], [palette(1.0); 7], "the letters");
    assert_eq!(joined[7], palette(0.1), "the full stop");
    let apart = grounds(&with(facts.clone(), &[TextOption::Words]));
    assert_eq!(apart[0], palette(0.1), "without words");
}

#[test]
fn characters_of_chinese_are_no_words() {
    let facts = with(ran("世界 мир"), &[TextOption::Words]);
    let mut stage = Stage::new(facts.clone());
    let all = characters(&stage, &facts);
    let token = |stage: &mut Stage, what| {
        let asked = stage.click_at(find(&all, what)[0].center());
        let [Intent::SelectToken(Some(token))] = asked[..] else {
            panic!("{asked:?}");
        };
        token
    };
    // Three bytes each; then a space and six bytes.
    assert_eq!(token(&mut stage, "世"), 2);
    assert_eq!(token(&mut stage, "界"), 5);
    assert_eq!(token(&mut stage, "м"), facts.tokens.len() - 1);
}

/// Dots, tabs and line breaks that are marked.
fn marks(stage: &Stage) -> (usize, usize, usize) {
    let sign = |sign: &str| {
        let painted = stage.painted();
        let is = |text: &&egui::epaint::TextShape| text.galley.text() == sign;
        painted.iter().filter(is).count()
    };
    let dots = stage.shapes();
    let dots = dots
        .iter()
        .filter(|shape| matches!(shape, Shape::Circle(circle) if circle.radius == 1.0));
    (dots.count(), sign("→"), sign("↵"))
}

#[test]
fn white_space_has_marks_when_asked_for() {
    let facts = ran("a small cat\n\n\tslept  well\n");
    assert_eq!(marks(&Stage::new(facts.clone())), (0, 0, 0));
    let marked = Stage::new(with(facts.clone(), &[TextOption::Whitespace]));
    assert_eq!(marks(&marked), (4, 1, 3));
    // Nothing moves.
    let places = |stage: &Stage| -> Vec<Rect> {
        let all = characters(stage, &facts);
        all.iter().map(|character| character.rect).collect()
    };
    assert_eq!(places(&marked), places(&Stage::new(facts.clone())));
}

/// Tokens' surprises: none for the first, then as given, then 1 nat each.
pub fn surprised(text: &str, nats: &[f32]) -> Facts {
    let mut facts = ran(text);
    let mut all: Vec<_> = vec![Some(1.0); facts.tokens.len()];
    all[0] = None;
    for (at, nats) in nats.iter().enumerate() {
        all[at + 1] = Some(*nats);
    }
    facts.surprises = Arc::new(all);
    facts
}

/// Rectangles below the letters of the text, from left to right in the first row.
fn underlines(stage: &Stage, facts: &Facts) -> Vec<(Rect, Color32)> {
    let letters = characters(stage, facts);
    let row = letters[0].rect;
    let mut found: Vec<_> = stage
        .shapes()
        .into_iter()
        .filter_map(|shape| match shape {
            Shape::Rect(rect) => Some((rect.rect, rect.fill)),
            _ => None,
        })
        .filter(|(rect, _)| rect.top() > row.bottom() && rect.bottom() < row.bottom() + 5.0)
        .filter(|(rect, _)| rect.left() >= row.left())
        .collect();
    found.sort_by(|(a, _), (b, _)| a.left().total_cmp(&b.left()));
    found
}

#[test]
fn underlines_grow_with_surprise_and_are_there_only_when_asked_for() {
    let facts = surprised("Once there was a cat", &[0.1, 4.0, 30.0]);
    let plain = Stage::new(facts.clone());
    assert_eq!(underlines(&plain, &facts), []);
    assert!(!plain.sees("12 nats"));

    let facts = with(facts, &[TextOption::Surprise]);
    let stage = Stage::new(facts.clone());
    stage.assert_sees(&["underline: 0 to 12 nats"]);
    let lines = underlines(&stage, &facts);
    assert_eq!(lines.len(), 4, "the first token has none: {lines:?}");
    let height = |at: usize| lines[at].0.height();
    let strength = |at: usize| lines[at].1.a();
    assert!(height(0) < height(3) && height(3) < height(1) && height(1) < height(2));
    assert!(strength(0) < strength(3) && strength(3) < strength(1) && strength(1) < strength(2));
    // It stands under its own token.
    let was = find(&characters(&stage, &facts), "was");
    assert!(
        lines[1].0.x_range().contains(was[1].center().x),
        "{lines:?}"
    );
}

#[test]
fn before_the_run_has_come_so_far_there_are_no_underlines() {
    let mut facts = with(surprised("Once there was", &[2.0]), &[TextOption::Surprise]);
    facts.surprises = Arc::new(vec![None, Some(2.0)]);
    let stage = Stage::new(facts.clone());
    assert_eq!(underlines(&stage, &facts).len(), 1);
}
