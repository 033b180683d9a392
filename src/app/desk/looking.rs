//! What the model holds at the selected token: the parts of a logit, and what would be expected after each layer.

use std::sync::Arc;

use super::Desk;
use crate::{
    inference::{Command, Look, Looked},
    model::token_text,
    overlay::{InsideFacts, PushFacts},
    score::Measure,
};

/// What is on its way, of which run, what will not come, and what came last.
#[derive(Default)]
pub(super) struct Looking {
    asked: Option<(u64, Look)>,
    refused: Option<(u64, Look)>,
    /// What is on its way is to end.
    ended: bool,
    found: Option<(u64, Look, Arc<Looked>)>,
}

impl Desk {
    /// Asks for what the session wants to see. One reading at a time: what nobody wants any more is ended.
    pub(super) fn follow_looking(&mut self) {
        let wanted = self.look_wanted();
        if self.looking.asked.is_some() {
            let is_stale = wanted.is_some() && self.looking.asked != wanted;
            // Once: what is asked for after that is not meant.
            let is_alone = self.has_changes() && !self.makes_beside();
            if is_stale && is_alone && !std::mem::replace(&mut self.looking.ended, true) {
                self.worker.cancel();
            }
            return;
        }
        let Some((id, look)) = wanted else {
            if self.facts.inside.is_some() && !self.writes() {
                self.facts.inside = None;
            }
            return;
        };
        if self.has_seen((id, look)) || self.facts.is_busy() {
            return;
        }
        let Some(trace) = self.trace.clone() else {
            return;
        };
        let mut facts = self.looked_at(look);
        if !self.facts.has_model() {
            facts.refused = Some(
                "only a model tells this: open it and run the text, in place of a trace".into(),
            );
            self.looking.refused = wanted;
        } else if self.worker.ask(Command::Look(trace, look)) {
            self.looking.asked = wanted;
            self.looking.ended = false;
        }
        self.facts.inside = Some(facts);
        self.followed = None;
    }

    /// Whether it is there, or will not be.
    fn has_seen(&self, wanted: (u64, Look)) -> bool {
        let found = self.looking.found.as_ref();
        let is_found = found.is_some_and(|(id, look, _)| (*id, *look) == wanted);
        is_found || self.looking.refused == Some(wanted)
    }

    /// The worker reads a text for something else than a run.
    pub(super) fn is_reading_again(&self) -> bool {
        self.looking.asked.is_some() || !self.has_changes() || self.makes_beside()
    }

    /// What is shown before anything has come.
    fn looked_at(&self, look: Look) -> InsideFacts {
        let push = look.target.map(|target| PushFacts {
            target,
            text: token_text(self.vocabulary.as_ref(), target).text,
            heads: None,
        });
        InsideFacts {
            token: look.token,
            push,
            ..InsideFacts::default()
        }
    }

    /// What the session wants to see of the run on show.
    fn look_wanted(&self) -> Option<(u64, Look)> {
        let session = &self.facts.session;
        let trace = self.trace.as_ref().filter(|_| !self.writes())?;
        let scores = self.scores.as_ref()?;
        let token = session.token.filter(|token| *token < scores.tokens())?;
        // Of a state that a model starts from there is nothing to read.
        if token < trace.first() {
            return None;
        }
        let target = session.target.or_else(|| trace.next_or_likely(token));
        let look = Look {
            token,
            target: target.filter(|_| session.measure == Measure::Logit),
            lens: session.lens,
        };
        (look.target.is_some() || look.lens).then_some((trace.id, look))
    }

    /// What was seen.
    pub(super) fn take_look(&mut self, id: u64, look: Look, came: Result<Box<Looked>, String>) {
        if self.looking.asked == Some((id, look)) {
            self.looking.asked = None;
        }
        // Another one may be wanted by now.
        if self.look_wanted() != Some((id, look)) {
            return;
        }
        match came {
            Err(reason) => {
                self.looking.refused = Some((id, look));
                if let Some(facts) = &mut self.facts.inside {
                    facts.refused = Some(reason);
                }
            }
            Ok(looked) => {
                bevy::log::info!("looked inside at token {}", look.token);
                self.show_look(id, look, Arc::new(*looked));
            }
        }
    }

    fn show_look(&mut self, id: u64, look: Look, looked: Arc<Looked>) {
        let mut facts = self.looked_at(look);
        if let (Some(parts), Some(push)) = (&looked.attribution, &mut facts.push) {
            push.heads = Some(parts.direct.iter().sum());
            if let Some(scores) = &mut self.scores {
                scores.push(parts.token, &parts.pull, &parts.own);
                self.requested = None;
            }
        }
        if let Some(lens) = &looked.lens {
            let vocabulary = self.vocabulary.as_ref();
            let texts = lens.iter().map(|glimpse| {
                let best = glimpse.expected.top.first();
                best.map_or_else(String::new, |best| token_text(vocabulary, best.id).text)
            });
            facts.lens = Some((lens.clone(), texts.collect()));
        }
        self.facts.inside = Some(facts);
        self.looking.found = Some((id, look, looked));
        self.followed = None;
    }

    /// Whether the parts of the logit are there that the session shows.
    pub(super) fn has_parts(&self, token: usize) -> bool {
        let (Some((id, found, _)), Some((wanted_id, wanted))) =
            (&self.looking.found, self.look_wanted())
        else {
            return false;
        };
        *id == wanted_id && (found.token, found.target) == (token, wanted.target)
    }

    /// Nothing of it is on its way.
    pub(super) fn has_looked(&self) -> bool {
        let wanted = self.look_wanted();
        self.looking.asked.is_none() && wanted.is_none_or(|wanted| self.has_seen(wanted))
    }

    /// Another desk on the same run shows the same.
    pub(super) fn looked(&self) -> Option<(Look, Arc<Looked>)> {
        let (id, look, looked) = self.looking.found.clone()?;
        let own = self.trace.as_ref().is_some_and(|trace| trace.id == id);
        own.then_some((look, looked))
    }

    /// Takes what another desk had seen of the same run.
    pub(super) fn take_looked(&mut self, looked: Option<(Look, Arc<Looked>)>) {
        if let (Some((look, looked)), Some(trace)) = (looked, &self.trace) {
            self.show_look(trace.id, look, looked);
        }
    }

    /// Lets go of it. What is on its way still is.
    pub(super) fn forget_looking(&mut self) {
        self.looking.refused = None;
        self.looking.found = None;
        self.facts.inside = None;
    }
}
