//! What every head does over the text on show, while its sheet is open.

use std::sync::Arc;

use super::Desk;
use crate::{overlay::AtlasFacts, score::Atlas, session::Sheet};

impl Desk {
    /// Goes on with it, a batch at a time; what has been computed stays until there is another text.
    pub(super) fn follow_atlas(&mut self) {
        let Some(trace) = self.trace.as_ref().filter(|_| self.wants_atlas()) else {
            return;
        };
        if self.facts.atlas.is_none() {
            let mut facts = AtlasFacts::default();
            match Atlas::new(&self.gpu, trace, 0..usize::MAX) {
                Ok(atlas) => self.atlas = Some(atlas),
                Err(error) => facts.refused = Some(error.to_string()),
            }
            self.facts.atlas = Some(facts);
        }
        let (Some(atlas), Some(facts)) = (&mut self.atlas, &mut self.facts.atlas) else {
            return;
        };
        match atlas.tick() {
            Ok(None) => facts.progress = atlas.progress(),
            Ok(Some(profiles)) => {
                bevy::log::info!(
                    "{} heads over {} readers",
                    profiles.heads.len(),
                    profiles.readers
                );
                facts.profiles = Some(Arc::new(profiles));
                self.atlas = None;
            }
            Err(error) => {
                facts.refused = Some(error.to_string());
                self.atlas = None;
            }
        }
    }

    fn wants_atlas(&self) -> bool {
        self.drafts.sheets.open() == Some(Sheet::Heads) && self.scores.is_some() && !self.writes()
    }

    /// Nothing of it is being computed.
    pub(super) fn has_atlas(&self) -> bool {
        !self.wants_atlas() || (self.facts.atlas.is_some() && self.atlas.is_none())
    }
}
