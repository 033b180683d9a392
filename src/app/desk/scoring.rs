//! What the session asks of the score kernels, and what comes back.

use std::sync::Arc;

use super::Desk;
use crate::{
    draw::ARC_VERTICES,
    gpu::Pending,
    lattice::{Cell, HeadSet},
    model::{TokenText, token_text},
    overlay::{Hover, Lamp, Pointed},
    score::{Contributions, Marks, Measure, Request, Shown, tolerance},
    session::Intent,
    trace::{Prediction, Trace},
};

impl Desk {
    /// Works out which tokens and heads are on show.
    pub(super) fn show(&mut self) {
        let (Some(shape), session) = (self.facts.shape(), &self.facts.session) else {
            self.shown = Arc::default();
            return;
        };
        let tokens = &self.facts.tokens;
        let is_line_break = |token: usize| {
            tokens.get(token).is_some_and(|token| {
                let breaks = |byte: &u8| matches!(byte, b'\n' | b'\r');
                token.bytes.iter().any(breaks) && token.bytes.iter().all(u8::is_ascii_whitespace)
            })
        };
        let shown = Shown::new(
            shape.tokens,
            shape.rows(),
            session.token,
            session.exclude,
            |token| session.shows_token(token),
            is_line_break,
            |row| session.heads.has(shape.head(row)),
        );
        if *self.shown != shown {
            self.shown = Arc::new(shown);
        }
    }

    /// Asks what heads add at the tokens on show.
    pub(super) fn contribute(&mut self) {
        let (Some(trace), None) = (&self.trace, &self.contributions) else {
            return;
        };
        let wanted = (
            trace.filled(),
            self.facts.shows_difference(),
            self.shown.clone(),
        );
        if self.contributed.as_ref() == Some(&wanted) {
            return;
        }
        let Some(norms) = self.norms() else { return };
        self.contributions = Some(self.marker.contributions(trace, norms, &self.shown));
        self.contributed = Some(wanted);
    }

    /// The scores that the session asks for.
    fn request(&self) -> Option<Request> {
        let session = &self.facts.session;
        let scores = self.scores.as_ref()?;
        let token = session.token.filter(|token| *token < scores.tokens())?;
        // Until its parts are there nothing is shown of a logit.
        if session.measure == Measure::Logit && !self.has_parts(token) {
            return None;
        }
        Some(Request {
            token,
            measure: session.measure,
            scale: session.scale,
            exposure: session.exposure,
            filter: session.filter,
            pool: session.pool,
            shown: self.shown.clone(),
            arc_vertices: ARC_VERTICES,
        })
    }

    pub(super) fn score(&mut self) {
        let with = self.request_beside();
        // With nothing to take the difference from, none is shown.
        let request = self
            .request()
            .filter(|_| with.is_some() || !self.shows_apart());
        if request == self.requested && with == self.requested_beside {
            return;
        }
        let token = |request: &Option<Request>| request.as_ref().map(|request| request.token);
        let moved = token(&request) != token(&self.requested);
        self.marks = None;
        self.forget_arcs();
        match (&request, &mut self.scores) {
            (Some(request), Some(scores)) => {
                let beside = &mut self.beside;
                self.marks = Some(Self::select_with(beside, scores, request, with.as_ref()));
            }
            _ => {
                self.facts.summary.clear();
                self.facts.scales.clear();
                self.facts.statistics.clear();
                self.facts.arcs = 0;
            }
        }
        self.requested = request;
        self.requested_beside = with;
        if moved && !self.end_walk() {
            self.score_hovered();
        }
    }

    pub(super) fn take_readbacks(&mut self) {
        self.take_state();
        let error = &mut self.facts.error;
        if let Some(bytes) = taken(&mut self.contributions, |pending| pending, error) {
            self.facts.contributions = Contributions::read(&bytes);
            self.followed = None;
        }
        if let Some(bytes) = taken(&mut self.marks, |pending| pending, error) {
            self.take_marks(&bytes);
            self.followed = None;
        }
        if let Some((cell, _)) = self.cell
            && let Some(bytes) = taken(
                &mut self.cell,
                |(_, pending)| pending,
                &mut self.facts.error,
            )
            && let Some(hover) = &mut self.facts.hover
            && hover.cell == cell
        {
            let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            bevy::log::debug!("scores {numbers:?} of {cell:?}");
            hover.scores = Some(numbers);
        }
    }

    fn take_marks(&mut self, bytes: &[u8]) {
        let (Some(request), Some(shape)) = (&self.requested, self.facts.shape()) else {
            return;
        };
        let token = request.token;
        let marks = Marks::read(bytes, shape.rows(), shape.tokens);
        let row_lamp = self.lamp(&marks.conservation, 1);
        self.facts.lamp = [self.run_lamp, row_lamp]
            .into_iter()
            .flatten()
            .max_by(|a, b| a.error.total_cmp(&b.error));
        bevy::log::info!("token {token} scored, {} arcs", marks.arcs);
        self.facts.summary = marks.summary;
        self.facts.scales = marks.scales;
        self.facts.statistics = marks.statistics;
        self.facts.arcs = marks.arcs;
    }

    pub(super) fn lamp(&self, conservation: &[f32], rows: usize) -> Option<Lamp> {
        let shape = self.facts.shape()?;
        // A NaN must not hide.
        let size = |error: &f32| {
            if error.is_nan() {
                f32::INFINITY
            } else {
                *error
            }
        };
        let (row, error) = conservation
            .iter()
            .map(size)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let tolerance = tolerance(self.trace.as_ref()?.origin.precision);
        Some(Lamp {
            error,
            tolerance,
            head: shape.head(row),
            rows,
        })
    }

    pub(super) fn predict(&mut self) {
        let hovered = self.facts.hover.as_ref().map(|hover| hover.cell.token);
        let position = hovered.or(self.facts.session.token);
        if self
            .facts
            .prediction
            .as_ref()
            .map(|(position, ..)| *position)
            == position
        {
            return;
        }
        self.facts.prediction = position.and_then(|position| {
            let (prediction, texts) = self.prediction_after(self.trace.as_ref()?, position)?;
            Some((position, prediction, texts))
        });
    }

    /// What a run expected after a token.
    pub(super) fn prediction_after(
        &self,
        trace: &Trace,
        position: usize,
    ) -> Option<(Prediction, Vec<TokenText>)> {
        let prediction = trace.prediction(position)?;
        // After a state that was given nothing is expected.
        if prediction.top.is_empty() {
            return None;
        }
        let ids = prediction.top.iter().map(|candidate| candidate.id);
        let texts = ids
            .map(|id| token_text(self.vocabulary.as_ref(), id))
            .collect();
        Some((prediction, texts))
    }

    /// What was expected in place of the token that the pointer rests on in the text.
    pub(super) fn expect(&mut self) {
        let last = self.facts.pointed.as_ref();
        // It may be pointed at before the run has come so far.
        let known = last.filter(|pointed| pointed.expected.is_some());
        if known.map(|pointed| pointed.token) == self.drafts.pointed && known.is_some() {
            return;
        }
        if last.map(|pointed| pointed.token) != self.drafts.pointed {
            bevy::log::debug!("pointing at token {:?} of the text", self.drafts.pointed);
        }
        self.facts.pointed = self.drafts.pointed.map(|token| Pointed {
            token,
            expected: token
                .checked_sub(1)
                .and_then(|before| self.prediction_after(self.trace.as_ref()?, before)),
        });
    }

    /// Points at a cell, or at none.
    pub(in crate::app) fn hover(&mut self, cell: Option<Cell>) {
        if self.facts.hover.as_ref().map(|hover| hover.cell) == cell {
            return;
        }
        bevy::log::debug!("pointing at {cell:?}");
        self.walk.cell = None;
        self.facts.hover = cell.map(|cell| Hover {
            cell,
            scores: None,
            arc: None,
        });
        self.score_hovered();
    }

    /// Asks for the hovered cell's scores with the selected token; those with another one are put away.
    fn score_hovered(&mut self) {
        self.cell = None;
        let shape = self.facts.shape();
        let Some(hover) = &mut self.facts.hover else {
            return;
        };
        hover.scores = None;
        if let (Some(scores), Some(_), Some(shape)) = (&self.scores, &self.requested, shape) {
            self.cell = Some((hover.cell, scores.cell(shape.index(hover.cell))));
        }
    }

    /// A click on a cell selects its token; on a cell of the selected token, shows that head alone, or
    /// all again. With Ctrl or Shift (`more`) its head joins those shown, or leaves them.
    pub(in crate::app) fn click(&mut self, cell: Cell, more: bool) {
        let session = &self.facts.session;
        self.ask(if more {
            Intent::ToggleHead(cell.head)
        } else if session.token != Some(cell.token) {
            Intent::SelectToken(Some(cell.token))
        } else if session.heads.single() == Some(cell.head) {
            Intent::Heads(HeadSet::default())
        } else {
            Intent::Heads(cell.head.into())
        });
    }

    /// A double click on a cell shows its head alone.
    pub(in crate::app) fn solo(&mut self, cell: Cell) {
        self.ask(Intent::Heads(cell.head.into()));
    }
}

/// The bytes of a pending read-back, once they are there; then the slot is empty again.
pub(super) fn taken<T>(
    slot: &mut Option<T>,
    pending: impl Fn(&T) -> &Pending,
    error: &mut Option<String>,
) -> Option<Vec<u8>> {
    let result = pending(slot.as_ref()?).take();
    match result {
        Ok(None) => None,
        Ok(Some(bytes)) => {
            *slot = None;
            Some(bytes)
        }
        Err(reason) => {
            *slot = None;
            *error = Some(reason.to_string());
            None
        }
    }
}
