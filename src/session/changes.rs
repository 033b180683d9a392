//! Interventions that the user has made, each with a switch.

use serde::{Deserialize, Serialize};

use super::Session;
use crate::change::Change;

/// An intervention and its switch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switched {
    /// What is changed.
    pub change: Change,
    /// Whether it is.
    #[serde(default = "on", skip_serializing_if = "is_on")]
    pub on: bool,
}

fn on() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_on(on: &bool) -> bool {
    *on
}

impl Session {
    /// Those that are switched on.
    #[must_use]
    pub fn active_changes(&self) -> Vec<Change> {
        let active = self.changes.iter().filter(|own| own.on);
        active.map(|own| own.change).collect()
    }

    /// The list with some more, switched on, or without them where all are there and on already: what was done by a key
    /// is undone by the same key.
    #[must_use]
    pub fn changes_toggled(&self, more: &[Change]) -> Vec<Switched> {
        let is_there = |change: &Change| {
            let on = Switched {
                change: *change,
                on: true,
            };
            self.changes.contains(&on)
        };
        let rest = self
            .changes
            .iter()
            .filter(|own| !more.contains(&own.change));
        let mut list: Vec<_> = rest.copied().collect();
        if !more.iter().all(is_there) {
            let new = more.iter().map(|change| Switched {
                change: *change,
                on: true,
            });
            list.extend(new);
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_again_takes_it_back() {
        let of = |text: &str| text.parse::<Change>().expect("a change");
        let mut session = Session::default();
        let heads = [of("ablate L1H2"), of("ablate L1H3")];
        session.changes = session.changes_toggled(&heads);
        assert_eq!(session.active_changes(), heads);
        session.changes = session.changes_toggled(&[of("cut 3:1@L0H0")]);
        // One of the two is off: both are on again.
        session.changes[0].on = false;
        assert_eq!(session.active_changes().len(), 2);
        session.changes = session.changes_toggled(&heads);
        assert_eq!(session.active_changes().len(), 3);
        session.changes = session.changes_toggled(&heads);
        assert_eq!(session.active_changes(), [of("cut 3:1@L0H0")]);
    }
}
