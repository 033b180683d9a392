//! What the interventions that are switched on do to the text on show.

use std::sync::Arc;

use super::Desk;
use crate::{
    change::Change,
    gpu::Gpu,
    inference::{Command, Comparison},
    overlay::ChangedFacts,
    score::{Partners, difference},
    trace::Trace,
};

/// What was asked for last, of which trace, and what it made of the lattice.
#[derive(Default)]
pub(super) struct Changed {
    asked: Option<(u64, Vec<Change>)>,
    trace: Option<Arc<Trace>>,
    difference: Option<wgpu::Buffer>,
}

impl Desk {
    /// Has a finished text read again when other interventions are on.
    pub(super) fn follow_changes(&mut self) {
        let changes = self.facts.session.active_changes();
        let trace = self.trace.clone().filter(|_| self.scores.is_some());
        let wanted = trace.filter(|_| !changes.is_empty());
        let Some(trace) = wanted else {
            if self.changed.asked.is_some() || self.facts.changed.is_some() {
                self.forget_changes();
            }
            return;
        };
        let asked = Some((trace.id, changes));
        if self.changed.asked == asked || self.facts.is_busy() || self.writes() {
            return;
        }
        self.forget_changes();
        self.changed.asked = asked;
        let mut facts = ChangedFacts::default();
        if self.facts.opened.is_some() {
            facts.refused = Some("a trace is as it was run: open its model to change it".into());
        } else if let Some((_, changes)) = &self.changed.asked {
            let command = Command::Compare(trace, changes.clone());
            if !self.worker.ask(command) {
                // It is asked again in the next frame.
                self.changed.asked = None;
                return;
            }
        }
        self.facts.changed = Some(facts);
    }

    /// What is expected with them where it is told what is expected without.
    pub(super) fn predict_changed(&mut self) {
        let position = self.facts.prediction.as_ref().map(|(at, ..)| *at);
        let Some(facts) = &self.facts.changed else {
            return;
        };
        if facts.expected.as_ref().map(|(at, ..)| *at) == position {
            return;
        }
        let with = self.changed.trace.as_ref().zip(position);
        let expected = with.and_then(|(with, at)| {
            let (prediction, texts) = self.prediction_after(with, at)?;
            Some((at, prediction, texts))
        });
        if let Some(facts) = &mut self.facts.changed {
            facts.expected = expected;
        }
    }

    /// What came of some, of the trace of that id. Others may be on by now.
    pub(super) fn take_comparison(
        &mut self,
        id: u64,
        changes: Vec<Change>,
        came: Result<Box<Comparison>, String>,
    ) {
        let is_asked = self.changed.asked == Some((id, changes));
        let (Some(trace), Some(facts)) = (&self.trace, &mut self.facts.changed) else {
            return;
        };
        match came {
            _ if !is_asked => {}
            Ok(came) => {
                bevy::log::info!("what interventions do is there");
                self.changed.difference = Some(moved(&self.gpu, trace, &came.trace));
                self.changed.trace = Some(came.trace);
                facts.came = Some(Arc::new(came.moved));
                self.contributed = None;
            }
            Err(reason) => facts.refused = Some(reason),
        }
    }

    /// Takes what another desk had of the same trace and session.
    pub(super) fn take_changes(&mut self, changed: Option<(Arc<Trace>, ChangedFacts)>) {
        let (Some(trace), Some((with, facts))) = (&self.trace, changed) else {
            return;
        };
        self.changed = Changed {
            asked: Some((trace.id, self.facts.session.active_changes())),
            difference: Some(moved(&self.gpu, trace, &with)),
            trace: Some(with),
        };
        self.facts.changed = Some(facts);
    }

    /// The run with interventions, once it is there.
    pub(super) fn changed_trace(&self) -> Option<&Arc<Trace>> {
        self.changed.trace.as_ref()
    }

    /// For another desk.
    pub(super) fn changed_run(&self) -> Option<(Arc<Trace>, ChangedFacts)> {
        self.changed.trace.clone().zip(self.facts.changed.clone())
    }

    /// The numbers of the lattice with nothing selected: what heads add, or how far interventions change that.
    pub(super) fn norms(&self) -> Option<&wgpu::Buffer> {
        let trace = self.trace.as_ref()?;
        if self.facts.session.compare.is_some() {
            return Some(self.norms_apart().unwrap_or(&trace.contribution));
        }
        let difference = self.changed.difference.as_ref();
        let difference = difference.filter(|_| self.facts.session.difference);
        Some(difference.unwrap_or(&trace.contribution))
    }

    /// Nothing of it is on its way.
    pub(super) fn has_changes(&self) -> bool {
        let is_there = |facts: &ChangedFacts| facts.came.is_some() || facts.refused.is_some();
        self.facts.changed.as_ref().is_none_or(is_there)
    }

    /// Lets go of what came of the last ones.
    pub(super) fn forget_changes(&mut self) {
        if self.changed.difference.is_some() {
            self.contributed = None;
        }
        self.changed = Changed::default();
        self.facts.changed = None;
        self.followed = None;
    }
}

/// How far a run with interventions is from that without.
fn moved(gpu: &Gpu, without: &Trace, with: &Trace) -> wgpu::Buffer {
    let tokens = without.filled().min(with.filled());
    difference(gpu, &Partners::same(gpu, tokens), without, with)
}
