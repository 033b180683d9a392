//! How well some letters stand for a text: each word of them has to be in it, in order, with gaps.

/// At the beginning of a word.
const WORD: i32 = 8;
/// Right after the letter before.
const TOGETHER: i32 = 8;
/// For every gap.
const GAP: i32 = -6;

/// A text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// The higher the better; comparable for the same letters.
    pub score: i32,
    /// Which characters were found, in order.
    pub at: Vec<usize>,
}

/// Looks for every word of `wanted`, in any case and in any order; none when one is missing. Nothing is wanted:
/// everything is found.
pub(super) fn find(wanted: &str, text: &str) -> Option<Match> {
    let letters: Vec<char> = text.chars().map(lower).collect();
    let mut found = Match {
        // Of equals the shorter.
        score: -(letters.len() as i32) / 16,
        at: Vec::new(),
    };
    for word in wanted.split_whitespace() {
        let word: Vec<char> = word.chars().map(lower).collect();
        let part = find_word(&word, &letters)?;
        found.score += part.score;
        found.at.extend(part.at);
    }
    found.at.sort_unstable();
    found.at.dedup();
    Some(found)
}

/// Of all the ways to find a word the best: `best[i][j]` ends with letter i of the word at place j.
fn find_word(word: &[char], text: &[char]) -> Option<Match> {
    let mut best: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(word.len());
    for (i, letter) in word.iter().enumerate() {
        let mut row = vec![None; text.len()];
        // The best end of the letters before, with a gap to here.
        let mut apart: Option<(i32, usize)> = None;
        for j in 0..text.len() {
            let before = i.checked_sub(1).map(|i| &best[i]);
            if let (Some(before), Some(far)) = (before, j.checked_sub(2))
                && let Some((score, _)) = before[far]
                && apart.is_none_or(|(most, _)| score > most)
            {
                apart = Some((score, far));
            }
            if text[j] != *letter {
                continue;
            }
            let starts = j == 0 || !text[j - 1].is_alphanumeric();
            let own = 1 + if starts { WORD } else { 0 };
            row[j] = match before {
                None => Some((own, 0)),
                Some(before) => {
                    let next = j.checked_sub(1).and_then(|at| Some((before[at]?.0, at)));
                    let next = next.map(|(score, at)| (score + TOGETHER + own, at));
                    let apart = apart.map(|(score, at)| (score + GAP + own, at));
                    next.max(apart)
                }
            };
        }
        best.push(row);
    }
    let ends = best.last()?.iter().enumerate();
    let (score, mut at) = ends
        .filter_map(|(at, end)| Some((end.as_ref()?.0, at)))
        .max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    let mut all = Vec::with_capacity(word.len());
    for row in best.iter().rev() {
        all.push(at);
        at = row[at]?.1;
    }
    Some(Match { score, at: all })
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts in the order in which they are found.
    fn ranked<'a>(wanted: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let found = texts
            .iter()
            .filter_map(|text| Some((find(wanted, text)?.score, *text)));
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn letters_have_to_be_there_in_order() {
        assert_eq!(
            find("lay", "next layout").map(|it| it.at),
            Some(vec![5, 6, 7])
        );
        assert_eq!(find("yal", "next layout"), None);
        assert_eq!(find("layx", "next layout"), None);
        assert_eq!(find("", "anything").map(|it| it.at), Some(vec![]));
        assert_eq!(find("a", ""), None);
    }

    #[test]
    fn words_come_in_any_order_and_case() {
        let at = find("Grid LAY", "layout: grid").map(|it| it.at);
        assert_eq!(at, Some(vec![0, 1, 2, 8, 9, 10, 11]));
        assert_eq!(find("grid rings", "layout: grid"), None);
    }

    #[test]
    fn the_best_way_is_found_not_the_first() {
        // Not the m of "some", the e of "theme".
        assert_eq!(
            find("me", "some theme, menu").map(|it| it.at),
            Some(vec![12, 13])
        );
    }

    #[test]
    fn whole_beginnings_come_before_scattered_letters() {
        let texts = [
            "make everything as small",
            "mean, max or sum",
            "next measure",
            "x",
        ];
        let found = [
            "next measure",
            "mean, max or sum",
            "make everything as small",
        ];
        assert_eq!(ranked("meas", &texts), found);
        assert_eq!(
            ranked("undo", &["unfold around", "undo"]),
            ["undo", "unfold around"]
        );
        let long = "sort heads by something that takes many words";
        assert_eq!(ranked("sort", &[long, "sort"]), ["sort", long]);
        assert_eq!(
            ranked("fa", &["from afar", "first and last", "fallow"])[0],
            "fallow"
        );
    }
}
