//! What was chosen about the model and the run on show, until another model or run is there in their place.

use super::Desk;
use crate::{
    model::Source,
    session::{Intent, Session},
};

/// It.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    session: Option<Session>,
    /// What is being opened.
    opening: Option<Source>,
}

impl Chosen {
    /// Takes note of what is asked for, and of the session as it was.
    pub(super) fn note(&mut self, intent: &Intent, session: &Session) {
        if matches!(
            intent,
            Intent::Open(_) | Intent::OpenSession(_) | Intent::Run
        ) {
            self.session.get_or_insert_with(|| session.clone());
        }
    }

    /// Something is being opened.
    pub(super) fn opens(&mut self, source: Source) {
        self.opening = Some(source);
    }
}

impl Desk {
    /// Another model or run is there: nothing is gone back to.
    pub(super) fn has_come(&mut self) {
        self.chosen = Chosen::default();
    }

    /// What was asked for has failed, and what was on show before still is, or is again: what was chosen about it holds.
    pub(super) fn go_back(&mut self) {
        let opening = self.chosen.opening.take();
        // Something else has been asked for meanwhile.
        if opening.is_some_and(|source| source != Source::from(self.facts.session.model.as_str())) {
            return;
        }
        if self.scores.is_some()
            && let Some(before) = self.chosen.session.take()
        {
            self.facts.session.go_back_to(before);
            let shape = self.facts.shape();
            self.facts.session.fit(shape);
        }
    }
}
