use std::ops::Range;

use super::Session;

impl Session {
    /// Whether a token is on show: inside the passage, if there is one, and not folded away.
    #[must_use]
    pub fn shows_token(&self, token: usize) -> bool {
        self.is_written(token)
            && self.in_passage(token)
            && !self.folds.iter().any(|fold| fold.contains(&token))
    }

    /// Whether a token is there already.
    #[must_use]
    pub fn is_written(&self, token: usize) -> bool {
        self.written.is_none_or(|written| token < written)
    }

    /// Whether all of some neighbouring tokens are there already.
    #[must_use]
    pub fn has_written(&self, tokens: &Range<usize>) -> bool {
        self.written.is_none_or(|written| tokens.end <= written)
    }

    /// Whether a token is inside the passage, or there is none.
    #[must_use]
    pub fn in_passage(&self, token: usize) -> bool {
        self.passage
            .as_ref()
            .is_none_or(|passage| passage.contains(&token))
    }

    /// Folds a passage away, together with folds that it touches.
    pub(super) fn fold(&mut self, passage: Range<usize>) {
        let mut merged = passage;
        self.folds.retain(|fold| {
            let touches = fold.start <= merged.end && merged.start <= fold.end;
            if touches {
                merged = merged.start.min(fold.start)..merged.end.max(fold.end);
            }
            !touches
        });
        if self.token.is_some_and(|token| merged.contains(&token)) {
            self.token = None;
        }
        if self
            .passage
            .as_ref()
            .is_some_and(|passage| merged.start < passage.end && passage.start < merged.end)
        {
            self.passage = None;
        }
        self.folds.push(merged);
        self.folds.sort_by_key(|fold| fold.start);
    }

    pub(super) fn forget_passages(&mut self) {
        self.passage = None;
        self.written = None;
        self.folds.clear();
    }

    pub(super) fn keep_passages_inside(&mut self, tokens: usize) {
        self.passage = self
            .passage
            .take()
            .and_then(|passage| inside(&passage, tokens));
        self.folds = self
            .folds
            .iter()
            .filter_map(|fold| inside(fold, tokens))
            .collect();
    }
}

fn inside(passage: &Range<usize>, tokens: usize) -> Option<Range<usize>> {
    let end = passage.end.min(tokens);
    (passage.start < end).then_some(passage.start..end)
}
