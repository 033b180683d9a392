//! The state of the head that is shown alone, while its panel is open.

use std::sync::Arc;

use super::{Desk, scoring::taken};
use crate::{gpu::Pending, lattice::HeadId, overlay::StateFacts, score::HeadState};

/// What is being worked out.
#[derive(Default)]
pub(super) struct Remembered {
    /// Of which head of which run.
    of: Option<(u64, HeadId)>,
    made: Option<HeadState>,
    track: Option<Pending>,
    at: Option<(usize, Pending)>,
}

impl Desk {
    /// Goes on with what the panel shows, a chunk of tokens a frame.
    pub(super) fn follow_state(&mut self) {
        let session = &self.facts.session;
        let rests = self.scores.is_some() && !self.writes();
        let head = session
            .heads
            .single()
            .filter(|_| session.state_view && rests);
        let trace = self.trace.clone();
        let wanted = head
            .zip(trace.as_ref())
            .map(|(head, trace)| (trace.id, head));
        if self.remembered.of != wanted {
            self.forget_state();
            self.remembered.of = wanted;
            if let (Some(head), Some(trace)) = (head, &trace) {
                let place = self.facts.shape().map_or((0, 0), |shape| shape.place(head));
                let mut facts = StateFacts {
                    head: Some(head),
                    ..StateFacts::default()
                };
                match HeadState::new(&self.gpu, trace, place.0, place.1) {
                    Ok(made) => self.remembered.made = Some(made),
                    Err(error) => facts.refused = Some(error.to_string()),
                }
                self.facts.state = Some(facts);
            }
        }
        let (Some(made), Some(facts)) = (&mut self.remembered.made, &mut self.facts.state) else {
            return;
        };
        if !made.is_complete() {
            self.remembered.track = made.advance();
            return;
        }
        let token = session_token(self.facts.session.token, made.tokens());
        let is_known = facts.at.as_ref().is_some_and(|at| at.token == token);
        let is_asked = self
            .remembered
            .at
            .as_ref()
            .is_some_and(|(at, _)| *at == token);
        let first = trace.map_or(0, |trace| trace.first());
        if !is_known && !is_asked && token >= first {
            self.remembered.at = Some((token, made.at(token)));
        }
    }

    /// Takes what has come of it.
    pub(super) fn take_state(&mut self) {
        let error = &mut self.facts.error;
        let track = taken(&mut self.remembered.track, |pending| pending, error);
        let token = self.remembered.at.as_ref().map(|(token, _)| *token);
        let at = taken(&mut self.remembered.at, |(_, pending)| pending, error);
        let Some(facts) = &mut self.facts.state else {
            return;
        };
        if let Some(bytes) = track {
            facts.track = Some(Arc::new(HeadState::read_track(&bytes)));
            bevy::log::info!("the state of {:?} along the text is there", facts.head);
        }
        if let (Some(bytes), Some(token)) = (at, token) {
            facts.at = Some(Arc::new(HeadState::read(&bytes, token)));
        }
    }

    /// Nothing of it is on its way.
    pub(super) fn has_state(&self) -> bool {
        let own = &self.remembered;
        own.made.as_ref().is_none_or(HeadState::is_complete)
            && own.track.is_none()
            && own.at.is_none()
    }

    /// Lets go of it.
    pub(super) fn forget_state(&mut self) {
        self.remembered = Remembered::default();
        self.facts.state = None;
    }
}

/// The selected token, or the last.
fn session_token(selected: Option<usize>, tokens: usize) -> usize {
    selected.unwrap_or(usize::MAX).min(tokens.saturating_sub(1))
}
