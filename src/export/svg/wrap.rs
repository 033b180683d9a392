use super::metrics::{advance, is_wide};
use crate::session::Pieces;

/// A piece of the text, or the part of it that stands in one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed<'a> {
    /// Which of the text's pieces.
    pub piece: usize,
    /// Its row, counted from 0.
    pub row: usize,
    /// Points from the row's beginning to it.
    pub x: f32,
    /// Points that it takes, its spaces included.
    pub width: f32,
    /// What stands there, but for a line break.
    pub text: &'a str,
    /// It ends with a line break, whose place is at its end.
    pub line_break: bool,
}

impl Placed<'_> {
    pub fn right(&self) -> f32 {
        self.x + self.width
    }
}

/// Puts a text in rows of so many points, in letters of a size.
pub(super) fn wrap(all: &Pieces, room: f32, size: f32) -> Vec<Placed<'_>> {
    let mut parts = parts(all, size);
    let (mut row, mut x, mut first) = (0, 0.0, 0);
    while first < parts.len() {
        let rest = &parts[first..];
        let goes_on = |pair: &[Placed<'_>]| !may_end_between(&pair[0], &pair[1]);
        let count = 1 + rest.windows(2).take_while(|pair| goes_on(pair)).count();
        let unit = &mut parts[first..first + count];
        first += count;
        let width: f32 = unit.iter().map(|part| part.width).sum();
        let spaces = unit.last().map_or("", |last| last.text);
        let spaces = &spaces[spaces.trim_end().len()..];
        if x > 0.0 && x + width - advance(spaces, size) > room {
            (row, x) = (row + 1, 0.0);
            leave_out_spaces(unit, size);
        }
        for part in unit {
            // What is longer than a row ends anywhere, but for one piece that is: it is squeezed.
            if x > 0.0 && x + advance(part.text.trim_end(), size) > room {
                (row, x) = (row + 1, 0.0);
            }
            part.width = part.width.min(room);
            (part.row, part.x) = (row, x);
            x += part.width;
            if part.line_break {
                (row, x) = (row + 1, 0.0);
            }
        }
    }
    parts
}

/// Each piece, or each line of it, with its width and still without a place.
fn parts(all: &Pieces, size: f32) -> Vec<Placed<'_>> {
    let pieces = all.pieces.iter().enumerate();
    let lines = pieces.flat_map(|(piece, of)| {
        let lines = all.text[of.bytes.clone()].split_inclusive('\n');
        lines.map(move |line| (piece, line))
    });
    let placed = lines.map(|(piece, line)| {
        let text = line.strip_suffix('\n');
        let line_break = text.is_some();
        let text = text.unwrap_or(line);
        Placed {
            piece,
            row: 0,
            x: 0.0,
            width: advance(text, size) + if line_break { size } else { 0.0 },
            text,
            line_break,
        }
    });
    placed.collect()
}

/// Spaces between two words that stand in different rows take no place.
fn leave_out_spaces(unit: &mut [Placed<'_>], size: f32) {
    if let Some(first) = unit.first_mut() {
        let trimmed = first.text.trim_start_matches(' ');
        if !trimmed.is_empty() {
            first.width -= advance(first.text, size) - advance(trimmed, size);
            first.text = trimmed;
        }
    }
}

/// Whether a row may end between two neighbours.
fn may_end_between(a: &Placed<'_>, b: &Placed<'_>) -> bool {
    let (last, first) = (a.text.chars().next_back(), b.text.chars().next());
    let (Some(last), Some(first)) = (last, first) else {
        return a.line_break;
    };
    // No row begins with what closes a sentence or a bracket.
    let closes = "、。，．：；！？）」』】》〉〕”’".contains(first);
    a.line_break
        || last.is_whitespace()
        || first.is_whitespace()
        || (is_wide(last) || is_wide(first)) && !closes && !"（「『【《〈〔“‘".contains(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::Piece;

    fn pieces(texts: &[&str]) -> Pieces {
        let mut all = Pieces::default();
        for (at, text) in texts.iter().enumerate() {
            let start = all.text.len();
            all.text += text;
            all.pieces.push(Piece {
                bytes: start..all.text.len(),
                tokens: at..at + 1,
                word: at,
                folded: false,
            });
        }
        all
    }

    fn rows(texts: &[&str], room: f32) -> Vec<String> {
        let all = pieces(texts);
        let placed = wrap(&all, room, 10.0);
        let same_row = |a: &Placed<'_>, b: &Placed<'_>| a.row == b.row;
        let rows = placed.chunk_by(same_row);
        rows.map(|row| row.iter().map(|placed| placed.text).collect())
            .collect()
    }

    #[test]
    fn rows_end_between_words() {
        // aaaa takes 22.24 points, a space 2.78.
        let texts = ["aaaa", " aa", "aa", ",", " aaaa", "."];
        assert_eq!(
            rows(&texts, 50.1),
            ["aaaa aaaa,", "aaaa."].map(|row| row.replace(", ", ","))
        );
        assert_eq!(rows(&texts, 200.0), ["aaaa aaaa, aaaa."]);
        assert_eq!(rows(&texts, 49.0), ["aaaa", "aaaa,", "aaaa."]);
    }

    #[test]
    fn line_breaks_end_rows_and_spaces_after_them_stay() {
        assert_eq!(rows(&["a", "\n\n", "  b"], 100.0), ["a", "", "  b"]);
        let all = pieces(&["a", "\n\n", "  b"]);
        let places: Vec<_> = wrap(&all, 100.0, 10.0)
            .iter()
            .map(|placed| (placed.piece, placed.row, placed.line_break))
            .collect();
        assert_eq!(
            places,
            [(0, 0, false), (1, 0, true), (1, 1, true), (2, 2, false)]
        );
    }

    #[test]
    fn chinese_ends_anywhere_but_before_a_full_stop() {
        assert_eq!(
            rows(&["你", "好", "吗", "。", "好"], 30.0),
            ["你好", "吗。好"]
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_stands_outside(
            texts in prop::collection::vec("[ a字\n]{1,12}", 1..40),
            room in 20.0f32..200.0,
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let all = pieces(&texts);
            let placed = wrap(&all, room, 10.0);
            let solid = |text: &str| text.replace([' ', '\n'], "");
            let shown: String = placed.iter().map(|placed| solid(placed.text)).collect();
            prop_assert_eq!(shown, solid(&all.text));
            for pair in placed.windows(2) {
                let (a, b) = (&pair[0], &pair[1]);
                let after = b.row == a.row && (b.x - a.right()).abs() < 1e-2;
                prop_assert!(after || b.row == a.row + 1 && b.x == 0.0, "{a:?} {b:?}");
            }
            for placed in &placed {
                let ink = advance(placed.text.trim_end(), 10.0).min(room);
                prop_assert!(placed.x + ink <= room + 1e-2, "{placed:?} in {room}");
            }
        }
    }
}
