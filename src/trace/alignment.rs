//! Which tokens of two texts stand for each other.

use std::{hash::Hash, ops::Range};

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Tokens of one text beside those of another, in the order of both. Parts that both have are found by Myers' difference
/// algorithm; where a part of one stands in place of a part of the other, their last tokens stand for each other, then those
/// before: what a model knows of a name of several tokens gathers at its last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alignment {
    /// Of each token of the one text that of the other.
    there: Vec<Option<usize>>,
    /// The other way round.
    back: Vec<Option<usize>>,
    /// How many are the same on both sides.
    same: usize,
}

impl Alignment {
    /// Aligns two texts.
    #[must_use]
    pub fn of<T: Hash + Eq + Ord>(one: &[T], other: &[T]) -> Self {
        let mut own = Self {
            there: vec![None; one.len()],
            back: vec![None; other.len()],
            same: 0,
        };
        for op in capture_diff_slices(Algorithm::Myers, one, other) {
            match op {
                DiffOp::Equal {
                    old_index,
                    new_index,
                    len,
                } => {
                    own.same += len;
                    own.pair(old_index + len, new_index + len, len);
                }
                DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                } => own.pair(
                    old_index + old_len,
                    new_index + new_len,
                    old_len.min(new_len),
                ),
                DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
            }
        }
        own
    }

    /// The last `count` tokens before these ends stand for each other.
    fn pair(&mut self, end: usize, other_end: usize, count: usize) {
        for back in 1..=count {
            self.there[end - back] = Some(other_end - back);
            self.back[other_end - back] = Some(end - back);
        }
    }

    /// The token of the other text that stands for one of this.
    #[must_use]
    pub fn there(&self, token: usize) -> Option<usize> {
        *self.there.get(token)?
    }

    /// The token of this text that stands for one of the other.
    #[must_use]
    pub fn back(&self, token: usize) -> Option<usize> {
        *self.back.get(token)?
    }

    /// From the first to the last token of the other text that stand for some neighbouring ones of this.
    #[must_use]
    pub fn range(&self, tokens: Range<usize>) -> Option<Range<usize>> {
        let mut there = tokens.filter_map(|token| self.there(token));
        let first = there.next()?;
        Some(first..there.next_back().unwrap_or(first) + 1)
    }

    /// How many tokens are the same in both texts, and how many stand for another.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.same, self.there.iter().flatten().count() - self.same)
    }

    /// For a kernel: of each token of this text that of the other, [`u32::MAX`] where there is none.
    #[must_use]
    pub fn words(&self) -> Vec<u32> {
        let word = |token: &Option<usize>| token.map_or(u32::MAX, |token| token as u32);
        self.there.iter().map(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there(one: &str, other: &str) -> Vec<Option<usize>> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (one, other) = (words(one), words(other));
        let alignment = Alignment::of(&one, &other);
        (0..one.len()).map(|token| alignment.there(token)).collect()
    }

    #[test]
    fn what_is_in_place_of_something_stands_for_it() {
        let found = there("Ann gave Bob a key", "Ann gave Tim a key");
        assert_eq!(found, [0, 1, 2, 3, 4].map(Some));
    }

    #[test]
    fn of_a_longer_name_the_last_token_counts() {
        let found = there("I love Paris in May", "I love New York in May");
        assert_eq!(found, [0, 1, 3, 4, 5].map(Some));
        let found = there("I love New York in May", "I love Paris in May");
        assert_eq!(found, [Some(0), Some(1), None, Some(2), Some(3), Some(4)]);
    }

    #[test]
    fn what_only_one_has_stands_for_nothing() {
        let found = there("a very old tree", "a tree");
        assert_eq!(found, [Some(0), None, None, Some(1)]);
        assert_eq!(there("", "a tree").len(), 1);
    }

    #[test]
    fn a_passage_has_one_beside_it() {
        let alignment = Alignment::of(&["a", "b", "c", "d"], &["x", "a", "c", "d"]);
        assert_eq!(alignment.range(0..2), Some(1..2));
        assert_eq!(alignment.range(0..4), Some(1..4));
        assert_eq!(alignment.range(1..2), None);
    }

    #[test]
    fn they_are_counted() {
        let one = ["the", "cat", "sat", "here"];
        let other = ["the", "dog", "sat"];
        assert_eq!(Alignment::of(&one, &other).counts(), (2, 1));
    }

    proptest! {
        #[test]
        fn both_ways_agree_and_keep_the_order(
            one in prop::collection::vec(0u8..4, 0..40),
            other in prop::collection::vec(0u8..4, 0..40),
        ) {
            let alignment = Alignment::of(&one, &other);
            let pairs: Vec<_> = (0..one.len())
                .filter_map(|token| Some((token, alignment.there(token)?)))
                .collect();
            for &(token, there) in &pairs {
                prop_assert_eq!(alignment.back(there), Some(token));
            }
            prop_assert!(pairs.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
            let backs = (0..other.len()).filter(|token| alignment.back(*token).is_some());
            prop_assert_eq!(backs.count(), pairs.len());
            let same = pairs.iter().filter(|(token, there)| one[*token] == other[*there]).count();
            prop_assert!(alignment.counts().0 <= same);
            if one == other {
                prop_assert_eq!(alignment.counts(), (one.len(), 0));
            }
        }
    }
}
