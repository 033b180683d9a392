use crate::model::{ModelError, Vocabulary};

/// The demo text.
pub(super) const TEXT: &str = include_str!("../../assets/demo_prompt.txt");

/// The demo text as far as it goes, then ids at random: always the same for the same model and length.
///
/// # Errors
/// When the vocabulary cannot tokenise the text.
pub fn ids(
    vocabulary: Option<&Vocabulary>,
    vocab: usize,
    tokens: usize,
) -> Result<Vec<u32>, ModelError> {
    let mut ids = match vocabulary {
        Some(vocabulary) => vocabulary.encode(TEXT.as_bytes())?,
        None => Vec::new(),
    };
    ids.truncate(tokens);
    let missing = tokens - ids.len();
    ids.extend(random_ids(vocab).take(missing));
    Ok(ids)
}

/// Ids from 1 to the last, evenly spread: Knuth's 64-bit linear congruential generator from a fixed seed.
pub fn random_ids(vocab: usize) -> impl Iterator<Item = u32> {
    let mut state = 1u64;
    let count = (vocab as u64).saturating_sub(1).max(1);
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // 0 ends a text.
        (1 + (state >> 33) % count) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_each_time_and_known_to_the_model() {
        let once = ids(None, 100, 500).expect("no vocabulary is needed");
        assert_eq!(once, ids(None, 100, 500).expect("likewise"));
        assert_eq!(once.len(), 500);
        assert!(once.iter().all(|id| (1..100).contains(id)));
    }

    #[test]
    fn a_short_text_is_cut() {
        assert_eq!(ids(None, 100, 3).expect("ids").len(), 3);
    }
}
