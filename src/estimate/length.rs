use std::ops::Range;

use crate::trace::Origin;

/// How long a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Tokens that are kept.
    pub tokens: usize,
    /// The first of them stands for a state that the model starts from.
    pub has_before: bool,
}

impl Length {
    /// Of a run that keeps these of a text's tokens: with tokens left out before them, or a state, one more stands for
    /// that.
    #[must_use]
    pub fn keeping(tokens: &Range<usize>, has_state: bool) -> Self {
        let has_before = has_state || tokens.start > 0;
        Self {
            tokens: tokens.len() + usize::from(has_before),
            has_before,
        }
    }

    /// Of a run that leaves some out, and keeps the last `tokens`.
    #[must_use]
    pub fn last(tokens: usize) -> Self {
        Self {
            tokens: tokens + 1,
            has_before: true,
        }
    }

    /// Of a trace with so many tokens in all.
    #[must_use]
    pub fn of(origin: &Origin, tokens: usize) -> Self {
        Self {
            tokens,
            has_before: origin.has_before(),
        }
    }
}

impl From<usize> for Length {
    fn from(tokens: usize) -> Self {
        Self {
            tokens,
            has_before: false,
        }
    }
}
