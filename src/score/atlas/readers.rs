use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::INDUCTION;

/// In place of a token.
pub(super) const NONE: u32 = u32::MAX;

/// What the readers of a text could look for in it, the same in every head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Readers {
    /// The readers: each has an earlier token.
    pub range: Range<usize>,
    /// Of each token of the text: the last one before it of the same id, [`NONE`] where that, or one of the two after it,
    /// is not earlier; whether there is one; and the id that comes next, or [`NONE`] where that was not read before.
    pub words: Vec<[u32; 4]>,
    /// Readers with the first of these, with the second, with the third.
    pub counts: [usize; 3],
}

impl Readers {
    /// Of the tokens of a text from `first` on, those in `range`.
    pub fn of(ids: &[u32], first: usize, range: Range<usize>) -> Self {
        let range = range.start.max(first + 1)..range.end.min(ids.len());
        let mut last = HashMap::new();
        let mut read = HashSet::new();
        let mut words = vec![[NONE, 0, NONE, 0]; first.min(ids.len())];
        for (at, &id) in ids.iter().enumerate().skip(first) {
            read.insert(id);
            let before = last.insert(id, at);
            let far = before.filter(|before| before + INDUCTION.len() <= at);
            let next = ids.get(at + 1).filter(|next| read.contains(*next));
            words.push([
                far.map_or(NONE, |before| before as u32),
                u32::from(before.is_some()),
                next.copied().unwrap_or(NONE),
                0,
            ]);
        }
        let of = |has: fn(&[u32; 4]) -> bool| {
            let readers = range.clone().filter_map(|at| words.get(at));
            readers.filter(|words| has(words)).count()
        };
        let counts = [
            of(|words| words[0] != NONE),
            of(|words| words[1] != 0),
            of(|words| words[2] != NONE),
        ];
        Self {
            range,
            words,
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_know_what_came_before() {
        let ids = [5, 6, 7, 5, 5, 8, 6];
        let readers = Readers::of(&ids, 0, 0..ids.len());
        assert_eq!(readers.range, 1..7);
        let expected = [
            [NONE, 0, NONE],
            [NONE, 0, NONE],
            [NONE, 0, 5],
            [0, 1, 5],
            // The one before is too near to have two after it.
            [NONE, 1, NONE],
            [NONE, 0, 6],
            [1, 1, NONE],
        ];
        for (found, expected) in readers.words.iter().zip(expected) {
            assert_eq!(found[..3], expected);
        }
        assert_eq!(readers.counts, [2, 3, 3]);
        let second = Readers::of(&ids, 0, 4..6);
        assert_eq!((second.range, second.counts), (4..6, [0, 1, 1]));
        // What stands for a state is no token of the text.
        let after = Readers::of(&[u32::MAX, 5, 6], 1, 0..3);
        assert_eq!((after.range, after.words.len()), (2..3, 3));
        assert_eq!(Readers::of(&[1], 0, 0..1).range, 1..1);
    }
}
