//! What a user may mean by some letters: an action, a place in the text, some heads.

use std::{ops::Range, path::PathBuf};

use super::{Facts, fuzzy, style};
use crate::{
    lattice::{HeadId, HeadSet, Shape},
    session::{Chord, Intent, actions},
};

/// Places in the text that are listed.
const OCCURRENCES: usize = 8;
/// Characters shown before and after what was found in the text.
const AROUND: usize = 18;
/// What is sure to be meant.
const SURE: i32 = 10_000;

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// What it is.
    pub name: String,
    /// Which characters of the name were looked for.
    pub found: Vec<usize>,
    /// What it belongs to.
    pub group: String,
    /// Its keys.
    pub keys: Vec<Chord>,
    /// What it asks for; none where that is not possible now.
    pub intent: Option<Intent>,
    score: i32,
}

/// All answers, the best first; what is not possible now stands behind the rest.
pub(super) fn find(facts: &Facts, wanted: &str) -> Vec<Entry> {
    let wanted = wanted.trim();
    let mut all = Vec::new();
    if let Some(shape) = facts.shape() {
        all.extend(token(facts, wanted, shape));
        all.extend(heads(wanted, shape));
    }
    all.extend(commands(facts, wanted));
    all.extend(files(facts, wanted));
    all.extend(occurrences(facts, wanted));
    // Stable: with nothing wanted the table's own order stays.
    all.sort_by_key(|entry| (entry.intent.is_none(), -entry.score));
    all
}

fn commands(facts: &Facts, wanted: &str) -> Vec<Entry> {
    let (now, unit) = (facts.situation(), facts.unit());
    let entry = |action: &crate::session::Action| {
        let [name, group] = [&action.name, action.group.name()].map(|text| unit.say(text));
        let found = fuzzy::find(wanted, &format!("{name} {group}"))?;
        let length = name.chars().count();
        Some(Entry {
            name,
            found: found.at.into_iter().filter(|at| *at < length).collect(),
            group,
            keys: action.keys.clone(),
            intent: action.ask(&now),
            score: if wanted.is_empty() { 0 } else { found.score },
        })
    };
    actions().iter().filter_map(entry).collect()
}

/// Files opened or saved before.
fn files(facts: &Facts, wanted: &str) -> Vec<Entry> {
    let entry = |path: &PathBuf| {
        let name = format!("open {}", path.display());
        let found = fuzzy::find(wanted, &name)?;
        Some(Entry {
            name,
            found: found.at,
            group: "recent".into(),
            keys: Vec::new(),
            intent: Some(Intent::OpenFile(path.clone())),
            score: if wanted.is_empty() { 0 } else { found.score },
        })
    };
    facts.recent.iter().filter_map(entry).collect()
}

/// `57`, `token 57`, `go to token 57`.
fn token(facts: &Facts, wanted: &str, shape: Shape) -> Option<Entry> {
    let number = match wanted.rsplit_once(' ') {
        None => wanted,
        Some((words, number)) => {
            let is_asked = |word: &str| ["go", "to", "token"].contains(&word);
            words
                .to_lowercase()
                .split_whitespace()
                .all(is_asked)
                .then_some(number)?
        }
    };
    let token: usize = number.parse().ok()?;
    let text = style::shown(&facts.tokens.get(token)?.text);
    (token < shape.tokens).then(|| Entry {
        name: format!("go to token {token}"),
        found: Vec::new(),
        group: text,
        keys: Vec::new(),
        intent: Some(Intent::SelectToken(Some(token))),
        score: SURE,
    })
}

/// `L7 H1`, `layer 7`, `head 1`.
fn heads(wanted: &str, shape: Shape) -> Option<Entry> {
    let numbered = |word: &str| -> Option<usize> {
        let rest = wanted.to_lowercase();
        rest.strip_prefix(word)?.trim().parse().ok()
    };
    let set = match wanted.parse::<HeadId>() {
        Ok(head) => HeadSet::from(head),
        Err(_) => match (numbered("layer"), numbered(shape.unit.name())) {
            (Some(layer), _) => HeadSet::layer(shape, layer),
            (_, Some(head)) => HeadSet::column(shape, head),
            _ => return None,
        },
    };
    let mut inside = set.clone();
    inside.keep_inside(shape);
    (inside == set && !set.is_all()).then(|| Entry {
        name: format!("show {}", set.words(shape)),
        found: Vec::new(),
        group: format!("{}s", shape.unit.name()),
        keys: Vec::new(),
        intent: Some(Intent::Heads(set)),
        score: SURE,
    })
}

/// Where the text has these letters, in any case.
fn occurrences(facts: &Facts, wanted: &str) -> Vec<Entry> {
    let wanted: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    if wanted.len() < 2 {
        return Vec::new();
    }
    let (mut text, mut tokens) = (Vec::new(), Vec::new());
    for (at, token) in facts.tokens.iter().enumerate() {
        // One for one, so that places in both are the same.
        text.extend(token.text.chars());
        tokens.resize(text.len(), at);
    }
    let lower = |c: &char| c.to_lowercase().next().unwrap_or(*c);
    let is_here = |at: usize| {
        let here = text.get(at..at + wanted.len());
        here.is_some_and(|here| here.iter().map(lower).eq(wanted.iter().copied()))
    };
    let places = (0..text.len()).filter(|at| is_here(*at));
    let entry = |at: usize| {
        let end = at + wanted.len();
        let (name, found) = around(&text, at..end);
        // As on a click, a word goes by its last token, which has seen all of it.
        let token = tokens[end - 1];
        let at_word = at == 0 || !text[at - 1].is_alphanumeric();
        let word: String = wanted.iter().collect();
        let like_a_command = fuzzy::find(&word, &word).map_or(0, |found| found.score);
        Entry {
            name,
            found: found.collect(),
            group: format!("token {token}"),
            keys: Vec::new(),
            intent: Some(Intent::SelectToken(Some(token))),
            score: like_a_command - if at_word { 1 } else { 8 },
        }
    };
    places.take(OCCURRENCES).map(entry).collect()
}

/// What was found with whole words around it, and where it is in that.
fn around(text: &[char], found: Range<usize>) -> (String, Range<usize>) {
    let mut from = found.start.saturating_sub(AROUND);
    let mut to = (found.end + AROUND).min(text.len());
    let is_space = |c: &char| c.is_whitespace();
    if from > 0 && !is_space(&text[from - 1]) {
        from += text[from..found.start]
            .iter()
            .position(is_space)
            .map_or(0, |at| at + 1);
    }
    if text.get(to).is_some_and(|next| !is_space(next)) {
        let last = text[found.end..to].iter().rposition(is_space);
        to = last.map_or(to, |at| found.end + at);
    }
    let plain = |c: &char| if c.is_whitespace() { ' ' } else { *c };
    let before = if from > 0 { "…" } else { "" };
    let after = if to < text.len() { "…" } else { "" };
    let inside: String = text[from..to].iter().map(plain).collect();
    let shift = before.chars().count();
    let place = found.start - from + shift..found.end - from + shift;
    (format!("{before}{inside}{after}"), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_stands_among_whole_words() {
        let text: Vec<char> =
            "Every evening the small grey cat climbed the stairs\nto light the lamp."
                .chars()
                .collect();
        let at = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            let start = text
                .windows(word.len())
                .position(|part| part == word)
                .expect("it is there");
            around(&text, start..start + word.len())
        };
        assert_eq!(
            at("grey"),
            ("…evening the small grey cat climbed the…".into(), 19..23)
        );
        assert_eq!(at("Every"), ("Every evening the small…".into(), 0..5));
        assert_eq!(at("lamp."), ("…to light the lamp.".into(), 14..19));
    }
}
