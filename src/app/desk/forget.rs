//! What is let go of when another run, or a longer one, takes the place of the one on show.

use std::sync::Arc;

use super::{Desk, walk::Walk};
use crate::{camera::Drive, score::Contributions};

impl Desk {
    /// Lets go of what was worked out about the tokens of a run.
    pub(super) fn forget_measured(&mut self) {
        self.requested = None;
        self.marks = None;
        self.contributed = None;
        self.contributions = None;
        self.cell = None;
        self.end_walk();
        self.walk = Walk::default();
        self.matrix.forget();
        self.atlas = None;
        self.forget_changes();
        self.forget_beside();
        self.forget_looking();
        self.forget_state();
        self.view.tables = None;
        let facts = &mut self.facts;
        facts.saved = None;
        facts.atlas = None;
        facts.trial = None;
        facts.estimate = None;
        facts.prediction = None;
        facts.pointed = None;
        facts.matrix = None;
    }

    /// Lets go of everything about the last run.
    pub(super) fn forget(&mut self) {
        self.end_preview();
        self.forget_writing();
        self.forget_measured();
        self.trace = None;
        self.scores = None;
        self.run_lamp = None;
        self.view.forget();
        self.drafts.matrix.zoomed = None;
        let facts = &mut self.facts;
        facts.opened = None;
        facts.before = None;
        facts.tokens = Arc::default();
        facts.lattice = None;
        facts.drive = Drive::Rest;
        facts.hover = None;
        facts.surprises = Arc::default();
        facts.lamp = None;
        facts.summary.clear();
        facts.scales.clear();
        facts.statistics.clear();
        facts.arcs = 0;
        facts.contributions = Contributions::default();
    }
}
