//! What stands beside the run on show: a run on a desk of its own that does as this one does.

use std::sync::Arc;

use bevy::math::{Rect, Vec2};

use super::Desk;
use crate::{
    app::{Run, Start},
    camera::Eye,
    draw::Split,
    gpu::Pending,
    inference::{Aside, Command, Other},
    lattice::Cell,
    model::{Source, TokenText},
    overlay::{BesideFacts, ModelFacts, OtherFacts},
    score::{Beside as Marking, Measure, Partners, Request, Scores, difference},
    session::{Against, CompareView, Intent, Session},
    trace::Alignment,
};

/// What was asked for last, of which trace, and what came.
#[derive(Default)]
pub(super) struct Beside {
    asked: Option<(u64, Against)>,
    side: Option<Side>,
}

/// The other run.
struct Side {
    desk: Box<Desk>,
    alignment: Arc<Alignment>,
    partners: Partners,
    /// How far contribution norms are from each other.
    norms: wgpu::Buffer,
}

/// What the other run has selected, and how that is shown.
#[derive(PartialEq)]
pub(super) struct Theirs {
    request: Request,
    view: CompareView,
    shares_colours: bool,
}

/// A cell under the pointer, in both runs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::app) struct Picked {
    pub here: Option<Cell>,
    pub there: Option<Cell>,
}

impl Desk {
    /// Asks for what is to stand beside the run on show, and has it do as this one does.
    pub(super) fn follow_beside(&mut self) {
        let compare = self.facts.session.compare.as_ref();
        let with = compare.map(|compare| compare.with.clone());
        match with.filter(|_| self.scores.is_some()) {
            None => {
                if self.facts.beside.is_some() {
                    self.forget_beside();
                }
                return;
            }
            Some(Against::Interventions) => self.follow_changed_run(),
            Some(with) => self.ask_beside(with),
        }
        self.lead();
    }

    fn ask_beside(&mut self, with: Against) {
        let Some(trace) = self.trace.clone() else {
            return;
        };
        let asked = Some((trace.id, with.clone()));
        if self.beside.asked == asked || self.facts.is_busy() || self.writes() {
            return;
        }
        self.forget_beside();
        let mut facts = BesideFacts::default();
        if matches!(with, Against::Text(_)) && !self.facts.has_model() {
            facts.refused =
                Some("only a model reads another text: open it in place of a trace".into());
        } else if let Some(other) = other(&with)
            && !self.worker.ask(Command::Beside(trace, other, self.kept))
        {
            // It is asked again in the next frame.
            return;
        }
        self.beside.asked = asked;
        self.facts.beside = Some(facts);
    }

    /// The run with interventions, which is read anyway.
    fn follow_changed_run(&mut self) {
        if self.beside.asked.take().is_some() {
            self.forget_beside();
        }
        let there = self.changed_trace().cloned();
        let id = there.as_ref().map(|trace| trace.id);
        let own = self.beside.side.as_ref().and_then(|side| side.desk.trace());
        if own.map(|trace| trace.id) != id {
            self.forget_beside();
        }
        if self.beside.side.is_none() {
            let mut facts = BesideFacts::default();
            let changed = self.facts.changed.as_ref();
            if self.facts.session.active_changes().is_empty() {
                facts.refused = Some("no intervention is switched on".into());
            } else if let Some(reason) = changed.and_then(|changed| changed.refused.clone()) {
                facts.refused = Some(reason);
            }
            self.facts.beside = Some(facts);
        }
        if let Some(trace) = there.filter(|_| self.beside.side.is_none()) {
            self.stand(Run::of(trace, self.vocabulary.clone()));
        }
    }

    /// The other run is there, or will not be. Another one may be wanted by now.
    pub(super) fn take_aside(
        &mut self,
        id: u64,
        came_of: &Other,
        came: Result<(Aside, Vec<f32>, usize), String>,
    ) {
        let asked = self.beside.asked.as_ref();
        let is_asked = asked
            .is_some_and(|(trace, with)| *trace == id && other(with).as_ref() == Some(came_of));
        let Some(facts) = self.facts.beside.as_mut().filter(|_| is_asked) else {
            return;
        };
        let (aside, conservation, rows) = match came {
            Ok(came) => came,
            Err(reason) => {
                facts.refused = Some(reason);
                return;
            }
        };
        let model = &aside.trace.origin.model;
        bevy::log::info!(
            "{} tokens of {model} stand beside",
            aside.trace.tokens.len()
        );
        self.stand(Run::of(aside.trace, aside.vocabulary));
        if let Some(side) = &mut self.beside.side {
            side.desk.run_lamp = side.desk.lamp(&conservation, rows);
            side.desk.facts.lamp = side.desk.run_lamp;
        }
    }

    /// Puts a run beside the one on show.
    fn stand(&mut self, run: Run) {
        let Some(trace) = self.trace.clone() else {
            return;
        };
        let there = run.trace.clone();
        let start = Start {
            session: self.session_beside(&Alignment::default(), &run.model),
            still: self.facts.still,
            run: Some(run),
            ..Start::default()
        };
        let desk = match Desk::new(&self.gpu, start, || {}) {
            Ok(desk) => desk,
            Err(error) => {
                let reason =
                    format!("the other run cannot be shown ({error}): close other programs");
                self.facts.beside = Some(BesideFacts {
                    refused: Some(reason),
                    ..BesideFacts::default()
                });
                return;
            }
        };
        let words = |desk: &Desk| desk.facts.tokens.iter().map(word).collect::<Vec<_>>();
        let alignment = Arc::new(Alignment::of(&words(self), &words(&desk)));
        let partners = Partners::new(&self.gpu, &alignment);
        self.beside.side = Some(Side {
            norms: difference(&self.gpu, &partners, &trace, &there),
            desk: Box::new(desk),
            alignment,
            partners,
        });
        self.facts.beside = Some(BesideFacts::default());
        self.contributed = None;
        self.followed = None;
        if !self.view.is_given {
            self.wish_for(super::Wish::whole());
        }
    }

    /// Takes what another desk had beside the same run.
    pub(super) fn take_beside(&mut self, run: Option<Box<Run>>) {
        let compare = self.facts.session.compare.as_ref();
        if let (Some(run), Some(compare), Some(trace)) = (run, compare, &self.trace) {
            if compare.with != Against::Interventions {
                self.beside.asked = Some((trace.id, compare.with.clone()));
            }
            self.stand(*run);
        }
    }

    /// For another desk.
    pub(super) fn run_beside(&self) -> Option<Box<Run>> {
        let side = self.beside.side.as_ref()?;
        side.desk.run_on_show().map(Box::new)
    }

    /// Has the other run do as this one does.
    fn lead(&mut self) {
        let Some(mut side) = self.beside.side.take() else {
            return;
        };
        if let Some(model) = &side.desk.facts.model {
            side.desk.facts.session = self.session_beside(&side.alignment, model);
        }
        let slots = self.facts.lattice.as_ref().map(|own| own.slots.clone());
        if side.desk.view.slots != slots {
            side.desk.view.slots = slots;
            side.desk.followed = None;
        }
        side.desk.view.light = self.view.light;
        side.desk.view.between = self.view.between;
        if self.facts.session.takes_difference() {
            // Nobody sees it move.
            side.desk.view.arrive();
        }
        side.desk.hear();
        side.desk.decide();
        if let Some(reason) = side.desk.facts.error.take() {
            self.facts.beside = Some(BesideFacts {
                refused: Some(reason),
                ..BesideFacts::default()
            });
            return;
        }
        if let Some(facts) = &mut self.facts.beside {
            facts.other = Some(Arc::new(OtherFacts {
                facts: side.desk.facts.clone(),
                alignment: side.alignment.clone(),
            }));
        }
        self.beside.side = Some(side);
    }

    /// What is chosen, for the other run.
    fn session_beside(&self, alignment: &Alignment, model: &ModelFacts) -> Session {
        let own = &self.facts.session;
        let mut session = Session {
            changes: Vec::new(),
            compare: None,
            film: None,
            camera: None,
            target: None,
            matrix: false,
            lens: false,
            state_view: false,
            token: None,
            passage: None,
            folds: Vec::new(),
            written: own
                .written
                .map(|written| alignment.range(0..written).map_or(0, |range| range.end)),
            ..own.clone()
        };
        for fold in own
            .folds
            .iter()
            .filter_map(|fold| alignment.range(fold.clone()))
        {
            session.apply(&Intent::Fold(fold), None);
        }
        let has_measure = Measure::all(model.card.version).contains(&own.measure);
        let token = own.token.and_then(|token| alignment.there(token));
        session.token = token.filter(|_| has_measure);
        let passage = own.passage.clone();
        session.passage = passage.and_then(|passage| alignment.range(passage));
        session
    }

    /// What the other run has selected; none where nothing is.
    pub(super) fn request_beside(&self) -> Option<Theirs> {
        let compare = self.facts.session.compare.as_ref()?;
        let side = self.beside.side.as_ref()?;
        Some(Theirs {
            request: side.desk.requested.clone()?,
            view: compare.view,
            shares_colours: compare.with.shares_colours(),
        })
    }

    /// Whether a difference is shown.
    pub(super) fn shows_apart(&self) -> bool {
        self.facts.session.takes_difference() && self.beside.side.is_some()
    }

    /// How far contribution norms are from those of the other run, where that is shown.
    pub(super) fn norms_apart(&self) -> Option<&wgpu::Buffer> {
        let side = self.beside.side.as_ref().filter(|_| self.shows_apart())?;
        Some(&side.norms)
    }

    /// Selects a token here and there.
    pub(super) fn select_with(
        beside: &mut Beside,
        scores: &mut Scores,
        request: &Request,
        theirs: Option<&Theirs>,
    ) -> Pending {
        let Some((side, theirs)) = beside.side.as_mut().zip(theirs) else {
            return scores.select(request);
        };
        let desk = &mut *side.desk;
        let Some(other) = &mut desk.scores else {
            return scores.select(request);
        };
        if theirs.view == CompareView::Difference {
            return scores.select_beside(request, Marking::Difference(other, &side.partners));
        }
        // Full colours of its own, and then those of both.
        let own = other.select(&theirs.request);
        if !theirs.shares_colours {
            desk.marks = Some(own);
            return scores.select(request);
        }
        let marks = scores.select_beside(request, Marking::Shared(other));
        desk.marks = Some(other.select_beside(&theirs.request, Marking::Shared(scores)));
        marks
    }

    /// The other lattice as it is seen by an eye, in a part of the picture; none where it is not seen.
    pub(in crate::app) fn scene_beside(
        &mut self,
        sight: Option<(Eye, Rect)>,
        seconds: f32,
    ) -> Option<Split> {
        let largest = self.facts.largest();
        let facts = self.facts.beside.as_mut()?;
        (facts.eye, facts.part) = sight.unzip();
        let (eye, part) = sight?;
        let scene = self.beside.side.as_mut()?.desk.scene(eye, seconds)?;
        Some(Split::new(scene, part, largest))
    }

    /// The same with everything in its place, and light where it stands at `time`.
    pub(super) fn still_beside(&self, eye: Eye, part: Rect, time: f32) -> Option<Split> {
        let scene = self.beside.side.as_ref()?.desk.seen_from(eye, time)?;
        Some(Split::new(scene, part, self.facts.largest()))
    }

    /// The cell at a pixel of the window, in both runs.
    pub(in crate::app) fn pick(&self, at: Vec2) -> Picked {
        let of = |desk: &Desk| {
            let (eye, lattice) = (desk.facts.eye?, desk.facts.lattice.as_ref()?);
            Some(lattice.pick(eye.ray(at))?.cell)
        };
        let facts = self.facts.beside.as_ref();
        let part = facts.and_then(|facts| facts.part);
        let is_there = part.is_some_and(|part| part.contains(at));
        if let Some(side) = self.beside.side.as_ref().filter(|_| is_there) {
            let there = of(&side.desk);
            let here = there.and_then(|cell| moved(cell, side.alignment.back(cell.token)));
            return Picked { here, there };
        }
        of(self).map_or_else(Picked::default, |cell| self.picked_here(cell))
    }

    /// A cell of this run, and the one that stands for it in the other.
    pub(super) fn picked_here(&self, cell: Cell) -> Picked {
        let side = self.beside.side.as_ref();
        Picked {
            here: Some(cell),
            there: side.and_then(|side| moved(cell, side.alignment.there(cell.token))),
        }
    }

    /// Points at a cell in both runs, or at none.
    pub(in crate::app) fn point(&mut self, picked: Picked) {
        self.hover(picked.here);
        if let Some(side) = &mut self.beside.side {
            side.desk.hover(picked.there);
        }
    }

    /// Nothing of it is on its way.
    pub(super) fn has_beside(&self) -> bool {
        if self.facts.session.compare.is_none() || self.scores.is_none() {
            return true;
        }
        let slots = self.facts.lattice.as_ref().map(|own| &own.slots);
        let stands = self
            .beside
            .side
            .as_ref()
            .is_some_and(|side| side.desk.is_still() && side.desk.view.slots.as_ref() == slots);
        let facts = self.facts.beside.as_ref();
        stands || facts.is_some_and(|facts| facts.refused.is_some())
    }

    /// Whether the worker makes the other run.
    pub(super) fn makes_beside(&self) -> bool {
        let facts = self.facts.beside.as_ref();
        let is_open = facts.is_some_and(|facts| facts.refused.is_none() && facts.other.is_none());
        self.beside.asked.is_some() && self.beside.side.is_none() && is_open
    }

    /// Lets go of it.
    pub(super) fn forget_beside(&mut self) {
        self.beside = Beside::default();
        self.facts.beside = None;
        self.contributed = None;
        self.followed = None;
    }
}

/// The same head at the token that stands for a cell's in another run.
fn moved(cell: Cell, token: Option<usize>) -> Option<Cell> {
    token.map(|token| Cell { token, ..cell })
}

/// What the worker is asked for.
fn other(with: &Against) -> Option<Other> {
    match with {
        Against::Interventions => None,
        Against::Text(text) => Some(Other::Text(text.clone())),
        Against::Model(model) => Some(Other::Model(Source::from(model.as_str()))),
    }
}

/// What tokens are told apart by, whatever their ids: what they say, and of those that say nothing the id.
fn word(token: &TokenText) -> (Vec<u8>, u32) {
    let id = if token.bytes.is_empty() { token.id } else { 0 };
    (token.bytes.clone(), id)
}
