//! Good files of text, spoiled line by line and word by word.

use proptest::{collection::vec, prelude::*, sample::Index};

#[derive(Debug, Clone)]
enum Edit {
    Remove(Index),
    Twice(Index),
    Swap(Index, Index),
    /// Another word in a word's place.
    Word(Index, Index, String),
    /// A word of the file in another one's place.
    Mix(Index, Index, Index, Index),
    Insert(Index, String),
    /// Bytes that are no text.
    Byte(Index, u8),
    Cut(Index),
}

/// What stands where a number, a name or a list is expected.
const WORDS: [&str; 44] = [
    "",
    "-1",
    "0",
    "1",
    "-0.0",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "1e400",
    "1e308",
    "-1e308",
    "1e-320",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99999999999999999999",
    "0x7f",
    "1_000",
    "true",
    "false",
    "null",
    "\"\"",
    "''",
    "\"\\u0000\"",
    "\"\u{202e}\"",
    "\"\u{10ffff}\"",
    "[]",
    "{}",
    "[[]]",
    "[[[[[[[[[[[[[[[[",
    "[1, 2, 3]",
    "\"\"\"",
    "=",
    ".",
    "[a]",
    "[[a]]",
    "a.b.c",
    "\u{feff}",
    "\u{0}",
    "\r",
    "\"é😀\"",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        2 => any::<f64>().prop_map(|number| number.to_string()),
        1 => "\\PC{0,20}",
        1 => (1usize..3000).prop_map(|count| "[".repeat(count)),
        1 => (1usize..3000).prop_map(|count| "x".repeat(count)),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        2 => index().prop_map(Edit::Remove),
        2 => index().prop_map(Edit::Twice),
        1 => (index(), index()).prop_map(|(a, b)| Edit::Swap(a, b)),
        8 => (index(), index(), word()).prop_map(|(line, at, word)| Edit::Word(line, at, word)),
        3 => (index(), index(), index(), index()).prop_map(|(a, b, c, d)| Edit::Mix(a, b, c, d)),
        1 => (index(), word()).prop_map(|(at, word)| Edit::Insert(at, word)),
        1 => (index(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        1 => index().prop_map(Edit::Cut),
    ]
}

/// Words of a line, what stands between them as words too.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_part = None;
    for c in line.chars() {
        let is_part = c.is_alphanumeric() || "+-._".contains(c);
        if was_part.is_some_and(|was| was != is_part) {
            words.push(String::new());
        }
        was_part = Some(is_part);
        words.last_mut().expect("there is one").push(c);
    }
    words
}

impl Edit {
    fn apply(&self, lines: &mut Vec<Vec<u8>>) {
        if lines.is_empty() {
            return;
        }
        let text = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
        match self {
            Self::Remove(at) => drop(lines.remove(at.index(lines.len()))),
            Self::Twice(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at].clone());
            }
            Self::Swap(a, b) => {
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
            }
            Self::Word(line, at, word) => {
                let line = line.index(lines.len());
                let mut words = words(&text(&lines[line]));
                let at = at.index(words.len());
                words[at].clone_from(word);
                lines[line] = words.concat().into_bytes();
            }
            Self::Mix(line, at, other, from) => {
                let line = line.index(lines.len());
                let mut own = words(&text(&lines[line]));
                let others = words(&text(&lines[other.index(lines.len())]));
                let at = at.index(own.len());
                own[at].clone_from(from.get(&others));
                lines[line] = own.concat().into_bytes();
            }
            Self::Insert(at, word) => {
                lines.insert(at.index(lines.len()), word.clone().into_bytes());
            }
            Self::Byte(at, byte) => {
                let at = at.index(lines.len());
                lines[at].push(*byte);
            }
            Self::Cut(at) => lines.truncate(at.index(lines.len())),
        }
    }
}

/// One of the good texts, spoiled; or any text.
pub fn spoiled(good: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let edited = (any::<Index>(), vec(edit(), 1..4)).prop_map(move |(which, edits)| {
        let text = which.get(&good);
        let mut lines: Vec<_> = text
            .split('\n')
            .map(|line| line.as_bytes().to_vec())
            .collect();
        for edit in &edits {
            edit.apply(&mut lines);
        }
        lines.join(&b'\n')
    });
    prop_oneof![
        14 => edited,
        1 => "\\PC{0,200}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..200),
    ]
}
