//! What was changed in a film: many values of one thing in a row are one change.

use super::{Film, Keyframe};

/// The one thing that a change was about.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// How long it takes.
    Duration,
    /// Its title card.
    Title,
    /// Its end card.
    End,
    /// When something is: the key, whenever it is.
    Time(Box<Keyframe>),
    /// What is said at a time.
    Caption(f64),
}

impl Film {
    /// What has changed from this film to another, if it is one of the things that are changed in many small steps.
    #[must_use]
    pub fn edit(&self, new: &Self) -> Option<Edit> {
        if self.duration != new.duration {
            return Some(Edit::Duration);
        }
        for (old, new, edit) in [
            (&self.title, &new.title, Edit::Title),
            (&self.end, &new.end, Edit::End),
        ] {
            if old != new {
                return Some(edit);
            }
        }
        let gone = only(&self.keys, &new.keys)?;
        let come = only(&new.keys, &self.keys)?;
        let untimed = |key: &Keyframe| Keyframe {
            at: 0.0,
            ..key.clone()
        };
        let untitled = |key: &Keyframe| Keyframe {
            caption: None,
            ..key.clone()
        };
        if untimed(gone) == untimed(come) {
            Some(Edit::Time(Box::new(untimed(come))))
        } else if untitled(gone) == untitled(come) {
            Some(Edit::Caption(come.at))
        } else {
            None
        }
    }
}

/// The one key that others do not have.
fn only<'a>(keys: &'a [Keyframe], others: &[Keyframe]) -> Option<&'a Keyframe> {
    let mut own = keys.iter().filter(|key| !others.contains(key));
    let first = own.next()?;
    own.next().is_none().then_some(first)
}
