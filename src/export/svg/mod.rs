//! The text and the matrix as pictures of lines and letters.

mod bar;
mod base64;
mod legend;
mod matrix;
mod metrics;
mod page;
mod raster;
mod text;
mod wrap;
mod xml;

pub(super) use matrix::matrix;
pub(super) use text::text;

use super::Snapshot;
use crate::model::Unit;
use page::{Page, Px};

/// Around everything, in points.
const MARGIN: f32 = 20.0;

/// A line of small, faint words.
fn note(page: &mut Page, (x, y): (f32, f32), anchor: &str, words: &str) {
    let ink = page.inks.faint;
    page.words(x, y, 11.0, ink, &[("text-anchor", &anchor)], words);
}

/// The measure's formula, in a monospaced face.
fn formula(page: &mut Page, (x, y): (f32, f32), of: &Snapshot) {
    const FACES: &str = "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
    let ink = page.inks.faint;
    let mut words = of.session.measure.formula(of.version).to_owned();
    if of.shape.unit == Unit::Group {
        words += &format!("; G: {}", of.shape.unit.whole_name());
    }
    page.words(x, y, 10.5, ink, &[("font-family", &FACES)], &words);
}

/// A token named in a sentence: `token 7 “the”`.
fn token_name(of: &Snapshot, token: usize) -> String {
    let text = of.tokens.get(token).map_or("", |token| &token.text);
    format!("token {token} “{}”", short(text, 24))
}

/// A token's text in few characters, its white space visible where there is nothing else.
fn short(text: &str, most: usize) -> String {
    let trimmed = text.trim();
    let text = crate::model::visible(if trimmed.is_empty() { text } else { trimmed });
    let text = text.replace('␣', " ");
    let text = if text.trim().is_empty() {
        text.replace(' ', "␣")
    } else {
        text
    };
    if text.chars().count() <= most {
        return text;
    }
    let kept = text.chars().take(most - 1);
    kept.chain(['…']).collect()
}

/// A number with a sign that is as long as it is wide.
fn signed(number: &str, sign: char) -> String {
    format!("{sign}{number}")
}

/// Ticks of a colour bar whose end is `full`: at its left, in its middle, at its right.
fn ticks(full: &str, signless: bool) -> [String; 3] {
    if signless {
        ["0".into(), String::new(), full.into()]
    } else {
        [signed(full, '−'), "0".into(), signed(full, '+')]
    }
}

/// What a length is written as.
fn px(length: f32) -> Px {
    Px(length)
}
