//! The arcs on show are pointed at by key, from the strongest on.

use super::{Desk, Picked, scoring::taken};
use crate::{
    gpu::Pending,
    lattice::Cell,
    overlay::ArcPlace,
    score::{MarkedArc, Scores},
};

/// How far along the arcs on show, once these are known in their order.
#[derive(Default)]
pub(super) struct Walk {
    arcs: Option<Vec<MarkedArc>>,
    pending: Option<Pending>,
    /// Steps that are still to be made.
    steps: isize,
    at: Option<usize>,
    /// The cell that it has led to, for as long as that is pointed at.
    pub(super) cell: Option<Cell>,
}

impl Desk {
    /// Goes so many arcs on, or back.
    pub(super) fn step_arc(&mut self, steps: isize) {
        let walk = &mut self.walk;
        walk.steps = walk.steps.saturating_add(steps);
    }

    /// Makes the steps that were asked for, as soon as the arcs on show are known.
    pub(super) fn follow_walk(&mut self) {
        if self.walk.pending.is_some() {
            let error = &mut self.facts.error;
            match taken(&mut self.walk.pending, |pending| pending, error) {
                Some(bytes) => self.walk.arcs = Some(MarkedArc::strongest_first(&bytes)),
                // They cannot be read back, which has been said.
                None if self.walk.pending.is_none() => self.walk.steps = 0,
                None => {}
            }
        }
        // Until these have come back nobody knows how many arcs there are.
        if self.walk.steps == 0 || self.marks.is_some() || self.walk.pending.is_some() {
            return;
        }
        let Some(arcs) = &self.walk.arcs else {
            self.ask_for_arcs();
            return;
        };
        let steps = std::mem::take(&mut self.walk.steps);
        let count = arcs.len() as isize;
        // From nowhere the first step leads to the first or the last one.
        let from = self
            .walk
            .at
            .map_or(-isize::from(steps > 0), |at| at as isize);
        let place = from.saturating_add(steps).rem_euclid(count) as usize;
        let arc = arcs[place];
        self.walk.at = Some(place);
        let of = arcs.len();
        self.point_at_arc(
            arc,
            ArcPlace {
                place,
                of,
                number: arc.number,
            },
        );
    }

    fn ask_for_arcs(&mut self) {
        let count = self.facts.arcs;
        let refused = match (&self.scores, &self.requested) {
            (Some(scores), Some(request)) if (1..=Scores::MOST_ARCS).contains(&count) => {
                self.walk.pending = Some(scores.marked_arcs(request.measure, count));
                return;
            }
            (_, None) | (None, _) => None,
            _ if count == 0 => Some("no arc is on show: show more of them (+)".to_owned()),
            _ => Some(format!(
                "{count} arcs are on show, and {} can be put in order: show fewer of them (−)",
                Scores::MOST_ARCS
            )),
        };
        self.walk.steps = 0;
        if refused.is_some() {
            self.facts.error = refused;
        }
    }

    fn point_at_arc(&mut self, arc: MarkedArc, place: ArcPlace) {
        let Some(shape) = self.facts.shape().filter(|shape| shape.tokens > 0) else {
            return;
        };
        let cell = Cell {
            token: arc.cell % shape.tokens,
            head: shape.head(arc.cell / shape.tokens),
        };
        self.point(self.picked_here(cell));
        self.walk.cell = Some(cell);
        if let Some(hover) = &mut self.facts.hover {
            hover.arc = Some(place);
        }
    }

    /// The cell that is pointed at was found by key, and not by the pointer.
    pub(in crate::app) fn points_by_key(&self) -> bool {
        self.walk.cell.is_some()
    }

    /// Points at nothing any more if it was found by key. Whether it was.
    pub(super) fn end_walk(&mut self) -> bool {
        let points = self.points_by_key();
        if points {
            self.point(Picked::default());
        }
        points
    }

    /// Other arcs are on show: the cell has no place among these yet, and steps that are still to be made are made along them.
    pub(super) fn forget_arcs(&mut self) {
        let Walk { steps, cell, .. } = self.walk;
        self.walk = Walk {
            steps,
            cell,
            ..Walk::default()
        };
        if let Some(hover) = &mut self.facts.hover {
            hover.arc = None;
        }
    }

    /// No step is still to be made.
    pub(super) fn has_walked(&self) -> bool {
        self.walk.steps == 0
    }
}
