//! Whether the text in the field has room on the device.

use super::Desk;
use crate::{
    estimate::{Length, layers_that_fit, run_bytes, tokens_that_fit},
    inference::Prompt,
    model::Version,
    overlay::{RoomFacts, Status},
    trace::{Layers, Part, Trace, Window},
};

/// What the figures follow from.
#[derive(PartialEq)]
pub(super) struct Asked {
    prompt: String,
    part: Part,
    /// The state that the model starts from.
    has_state: bool,
    /// The trace on show.
    trace: Option<u64>,
    model: String,
}

impl Desk {
    /// Tells what the prompt would take, once something about it has changed. Not in pictures, which are the same on
    /// every machine, nor while the device is at work.
    pub(super) fn follow_room(&mut self) {
        let facts = &self.facts;
        let model = facts.model.as_ref().filter(|_| facts.opened.is_none());
        if self.facts.still || facts.status != Status::Idle || self.writes() {
            return;
        }
        let asked = model.map(|model| Asked {
            prompt: facts.session.asked(),
            part: facts.session.part(),
            has_state: model.state.is_some(),
            trace: self.trace.as_ref().map(|trace| trace.id),
            model: format!("{}, {}", model.name, model.quantisation),
        });
        if asked != self.room {
            self.facts.room = self.room_of(&Prompt::Text(facts.session.asked()));
            self.room = asked;
        }
    }

    /// What a prompt would take; none where there is no model to run it or no word in it.
    fn room_of(&self, prompt: &Prompt) -> Option<RoomFacts> {
        let (facts, session) = (&self.facts, &self.facts.session);
        let model = facts.model.as_ref().filter(|_| facts.opened.is_none())?;
        let card = &model.card;
        let tokens = match prompt {
            Prompt::Ids(ids) => ids.len(),
            Prompt::Text(text) => self
                .vocabulary
                .as_ref()?
                .encode(text.as_bytes())
                .ok()?
                .len(),
        };
        if tokens == 0 {
            return None;
        }
        let binding = self.gpu.report().limits.max_binding;
        let kept = session.layers.map_or(0..card.layers, Layers::range);
        let window = session.window.unwrap_or_default().of(tokens)?;
        let wanted = Length::keeping(&window, model.state.is_some());
        let takes = |layers, length| run_bytes(card, session.precision, layers, length, binding);
        let given_back = |trace: &Trace| {
            let origin = &trace.origin;
            let length = Length::of(origin, trace.tokens.len());
            let layers = origin.layers.len();
            run_bytes(&origin.card, origin.precision, layers, length, binding)
        };
        let given_back = self.trace.as_deref().map_or(0, given_back);
        let free = self.gpu.memory().and_then(|memory| memory.free);
        let room = RoomFacts {
            tokens,
            kept: window.len(),
            needed: takes(kept.len(), wanted),
            free,
            given_back,
            layers: None,
            window: None,
        };
        let all = room.free.map(|free| free + given_back);
        let Some(free) = all.filter(|_| !room.fits()) else {
            return Some(room);
        };
        let layers = layers_that_fit(kept.clone(), free, |layers| takes(layers, wanted));
        let last = match card.version {
            Version::V4 => None,
            _ => tokens_that_fit(tokens, free, |last| takes(kept.len(), Length::last(last))),
        };
        Some(RoomFacts {
            layers: layers.as_ref().and_then(Layers::of),
            window: last.map(Window::last),
            ..room
        })
    }

    /// Lets go of the run on show, where the next one has room only in its place.
    pub(super) fn make_room(&mut self, prompt: &Prompt) {
        let room = self.room_of(prompt);
        if room.is_some_and(|room| room.fits() && !room.fits_beside()) {
            self.forget();
        }
    }
}
