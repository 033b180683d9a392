//! A head is left out, to see what that does to the text, and another one of its layer by chance.

use super::Desk;
use crate::{
    inference::{Command, Trial},
    lattice::HeadId,
    overlay::TrialFacts,
    session::Sheet,
};

impl Desk {
    /// Asks for it, and opens the sheet that tells.
    pub(super) fn test(&mut self, head: HeadId) {
        let (Some(trace), Some(shape)) = (self.trace.clone(), self.facts.shape()) else {
            return;
        };
        if self
            .facts
            .trial
            .as_ref()
            .is_some_and(|trial| trial.came.is_none())
        {
            return;
        }
        self.tests += 1;
        let other = by_chance(head, shape.heads, self.tests);
        let places = std::iter::once(head).chain(other).map(Into::into).collect();
        if !self.is_taken(Command::Try(trace, places)) {
            return;
        }
        self.facts.trial = Some(TrialFacts {
            head,
            other,
            came: None,
        });
        if self.drafts.sheets.open() != Some(Sheet::Heads) {
            self.drafts.sheets.toggle(Sheet::Heads);
        }
    }

    /// What came of it, of the trace of that id.
    pub(super) fn take_trial(&mut self, trace: u64, trial: Trial) {
        let is_shown = self.trace.as_ref().is_some_and(|own| own.id == trace);
        if let Some(facts) = self.facts.trial.as_mut().filter(|_| is_shown) {
            bevy::log::info!("tested {}", facts.head);
            facts.came = Some(trial);
        }
    }

    /// Nothing will come of a test that is under way.
    pub(super) fn end_test(&mut self) {
        self.facts.trial = self.facts.trial.take().filter(|trial| trial.came.is_some());
    }
}

/// Another head of the layer; none where there is none.
fn by_chance(head: HeadId, heads: usize, turn: u64) -> Option<HeadId> {
    let others = heads.checked_sub(1).filter(|others| *others > 0)?;
    // Fibonacci hashing: turns that follow each other fall far apart.
    let spread = turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let step = 1 + spread as usize % others;
    Some(HeadId {
        head: (head.head + step) % heads,
        ..head
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_takes_every_other_head_and_never_the_same() {
        let head = HeadId { layer: 7, head: 2 };
        let mut seen = [0; 8];
        for turn in 0..200 {
            let other = by_chance(head, 8, turn).expect("there are others");
            assert_eq!(other.layer, 7);
            seen[other.head] += 1;
        }
        assert_eq!(seen[2], 0);
        assert!(
            seen.iter()
                .enumerate()
                .all(|(at, count)| at == 2 || *count > 10),
            "{seen:?}"
        );
        assert_eq!(by_chance(head, 1, 3), None);
    }
}
