use std::ops::Range;

/// Where tokens stand along the text, counted in places. Each token takes one; a folded passage takes
/// one as a whole, and its tokens are hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    at: Vec<f32>,
    hidden: Vec<bool>,
    count: f32,
}

impl Places {
    /// Of `tokens` tokens; `folds` may overlap and come in any order.
    #[must_use]
    pub fn new(tokens: usize, folds: &[Range<usize>]) -> Self {
        let mut hidden = vec![false; tokens];
        for fold in folds {
            let end = fold.end.min(tokens);
            hidden[fold.start.min(end)..end].fill(true);
        }
        let mut at = Vec::with_capacity(tokens);
        let mut next = 0.0;
        for token in 0..tokens {
            let goes_on = token > 0 && hidden[token] && hidden[token - 1];
            if token > 0 && !goes_on {
                next += 1.0;
            }
            at.push(next);
        }
        let count = if tokens == 0 { 0.0 } else { next + 1.0 };
        Self { at, hidden, count }
    }

    /// Places in all.
    #[must_use]
    pub fn count(&self) -> f32 {
        self.count
    }

    /// A token's place.
    #[must_use]
    pub fn of(&self, token: usize) -> f32 {
        self.at.get(token).copied().unwrap_or(self.count)
    }

    /// Whether a token is folded away.
    #[must_use]
    pub fn is_hidden(&self, token: usize) -> bool {
        self.hidden.get(token).copied().unwrap_or(true)
    }

    /// Tokens whose place lies within, hidden ones included.
    #[must_use]
    pub fn between(&self, from: f32, to: f32) -> Range<usize> {
        let first = self.at.partition_point(|at| *at < from);
        let end = self.at.partition_point(|at| *at <= to);
        first..end.max(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_passage_takes_one_place() {
        let places = Places::new(8, &[4..6, 2..5]);
        let at: Vec<_> = (0..8).map(|token| places.of(token)).collect();
        assert_eq!(at, [0.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 4.0]);
        assert_eq!(places.count(), 5.0);
        let hidden: Vec<_> = (0..8).filter(|token| places.is_hidden(*token)).collect();
        assert_eq!(hidden, [2, 3, 4, 5]);
    }

    #[test]
    fn folds_outside_the_text_do_no_harm() {
        assert_eq!(Places::new(3, &[5..9, 2..99]).count(), 3.0);
        assert_eq!(Places::new(0, std::slice::from_ref(&(0..1))).count(), 0.0);
    }

    #[test]
    fn tokens_are_found_by_place() {
        let places = Places::new(6, std::slice::from_ref(&(1..4)));
        assert_eq!(places.between(1.0, 2.0), 1..5);
        assert_eq!(places.between(0.5, 0.9), 1..1);
        assert_eq!(places.between(-3.0, 99.0), 0..6);
    }
}
