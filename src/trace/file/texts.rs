use std::collections::BTreeSet;

use crate::{
    model::{BEFORE, Vocabulary},
    trace::Prediction,
};

/// The bytes that token ids stand for, as three tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    /// In rising order.
    pub ids: Vec<u32>,
    /// Where each id's text ends in `bytes`; it begins where the one before ends.
    pub ends: Vec<u32>,
    pub bytes: Vec<u8>,
}

/// The ids of a trace's tokens and candidates.
pub(super) fn occurring(tokens: &[u32], predictions: &[Prediction]) -> BTreeSet<u32> {
    let candidates = predictions.iter().flat_map(|prediction| &prediction.top);
    let candidates = candidates.map(|candidate| candidate.id);
    let own = tokens.iter().copied().filter(|id| *id != BEFORE);
    own.chain(candidates).collect()
}

impl Texts {
    /// Of the ids that occur. Those that stand for nothing, as the end of a text, have an empty text.
    pub fn of(vocabulary: &Vocabulary, occurring: BTreeSet<u32>) -> Self {
        let mut texts = Self {
            ids: occurring.into_iter().collect(),
            ends: Vec::new(),
            bytes: Vec::new(),
        };
        for &id in &texts.ids {
            texts.bytes.extend(vocabulary.bytes(id).unwrap_or_default());
            // A vocabulary has far fewer bytes than 2³².
            texts.ends.push(texts.bytes.len() as u32);
        }
        texts
    }

    /// Ids and their bytes, if the three parts agree and every id that occurs is there.
    pub fn list(
        &self,
        occurring: &BTreeSet<u32>,
        vocab: usize,
    ) -> Result<Vec<(u32, Vec<u8>)>, String> {
        if !self.ids.is_sorted_by(|a, b| a < b) {
            return Err("text_ids do not rise".to_owned());
        }
        if let Some(id) = self.ids.iter().find(|id| **id as usize >= vocab) {
            return Err(format!(
                "text_ids has the id {id}, and the vocabulary has {vocab} entries"
            ));
        }
        let last = self.ends.last().map_or(0, |end| *end as usize);
        if !self.ends.is_sorted() || last != self.bytes.len() {
            return Err(format!(
                "text_ends do not rise to the {} bytes of text_bytes",
                self.bytes.len()
            ));
        }
        let known = |id: &&u32| self.ids.binary_search(id).is_ok();
        if let Some(id) = occurring.iter().find(|id| !known(id)) {
            return Err(format!("the id {id} occurs and has no text"));
        }
        let starts = std::iter::once(&0).chain(&self.ends);
        let list = self.ids.iter().zip(starts.zip(&self.ends));
        Ok(list
            .map(|(id, (start, end))| (*id, self.bytes[*start as usize..*end as usize].to_vec()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        Texts {
            ids: vec![0, 3, 7],
            ends: vec![0, 2, 5],
            bytes: b"abcde".to_vec(),
        }
    }

    fn refusal(texts: &Texts) -> String {
        texts.list(&BTreeSet::from([3]), 8).expect_err("accepted")
    }

    #[test]
    fn texts_are_cut_at_their_ends() {
        let list = texts()
            .list(&BTreeSet::from([0, 7]), 8)
            .expect("they agree");
        assert_eq!(
            list,
            [(0, vec![]), (3, b"ab".to_vec()), (7, b"cde".to_vec())]
        );
        let vocabulary = Vocabulary::new(list, "a test", 8).expect("no id comes twice");
        assert_eq!(Texts::of(&vocabulary, BTreeSet::from([0, 3, 7])), texts());
        assert!(vocabulary.is_end(0));
    }

    #[test]
    fn parts_that_disagree_are_refused() {
        let with = |change: fn(&mut Texts)| {
            let mut texts = texts();
            change(&mut texts);
            refusal(&texts)
        };
        assert!(with(|texts| texts.ids.swap(0, 1)).contains("do not rise"));
        assert!(with(|texts| texts.ids[1] = 0).contains("do not rise"));
        assert!(with(|texts| texts.ids[2] = 8).contains("the id 8"));
        assert!(with(|texts| texts.ends[1] = 6).contains("do not rise to the 5 bytes"));
        assert!(with(|texts| texts.ends[2] = 4).contains("do not rise to the 5 bytes"));
        assert!(with(|texts| texts.ends[2] = u32::MAX).contains("do not rise to the 5 bytes"));
        assert!(with(|texts| texts.ids[1] = 4).contains("the id 3 occurs and has no text"));
    }
}
