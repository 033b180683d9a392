use std::mem::{Discriminant, discriminant};

use super::{Intent, Session, film::Edit};

/// Choices that can be taken back.
const DEPTH: usize = 200;

/// What was chosen before, and what was taken back.
#[derive(Debug, Clone, Default)]
pub struct History {
    past: Vec<Session>,
    future: Vec<Session>,
    last: Option<Last>,
}

/// What the last choice was, and of what in a film.
type Last = (Discriminant<Intent>, Option<Edit>);

impl History {
    /// Takes note of a choice that changed `before`. A slider's many values, or letters typed one after
    /// another, are one choice.
    pub fn note(&mut self, before: Session, intent: &Intent) {
        self.future.clear();
        let edit = match (&before.film, intent) {
            (Some(old), Intent::Film(Some(new))) => old.edit(new),
            _ => None,
        };
        let goes_on = edit.is_some()
            || matches!(
                intent,
                Intent::Exposure(_)
                    | Intent::Filter(_)
                    | Intent::Scale(_)
                    | Intent::Prompt(_)
                    | Intent::Writing(_)
                    | Intent::Passage(Some(_))
            );
        let choice = Some((discriminant(intent), edit));
        if !(goes_on && self.last == choice) {
            self.past.push(before);
            if self.past.len() > DEPTH {
                self.past.remove(0);
            }
        }
        self.last = choice;
    }

    /// Takes the last choice back. Whether there was one.
    pub fn undo(&mut self, now: &mut Session) -> bool {
        Self::swap(&mut self.past, &mut self.future, now, &mut self.last)
    }

    /// Makes the choice that was taken back last once more. Whether there was one.
    pub fn redo(&mut self, now: &mut Session) -> bool {
        Self::swap(&mut self.future, &mut self.past, now, &mut self.last)
    }

    fn swap(
        from: &mut Vec<Session>,
        to: &mut Vec<Session>,
        now: &mut Session,
        last: &mut Option<Last>,
    ) -> bool {
        let Some(session) = from.pop() else {
            return false;
        };
        to.push(std::mem::replace(now, session));
        // What comes next is a choice of its own.
        *last = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        camera::Pose,
        score::Measure,
        session::film::{Film, Keyframe},
    };

    /// Applies intents as the desk does.
    fn live(intents: &[Intent]) -> (Session, History, Vec<Session>) {
        let (mut session, mut history) = (Session::default(), History::default());
        let mut seen = vec![session.clone()];
        for intent in intents {
            let before = session.clone();
            session.apply(intent, None);
            if session != before {
                history.note(before, intent);
                seen.push(session.clone());
            }
        }
        (session, history, seen)
    }

    #[test]
    fn choices_are_taken_back_one_by_one_and_made_again() {
        let intents = [
            Intent::SelectToken(Some(3)),
            Intent::Measure(Measure::Share),
            Intent::SelectToken(Some(5)),
        ];
        let (mut session, mut history, seen) = live(&intents);
        for before in seen.iter().rev().skip(1) {
            assert!(history.undo(&mut session));
            assert_eq!(session, *before);
        }
        assert!(!history.undo(&mut session));
        for after in &seen[1..] {
            assert!(history.redo(&mut session));
            assert_eq!(session, *after);
        }
        assert!(!history.redo(&mut session));
    }

    #[test]
    fn a_bookmark_that_was_stored_over_comes_back() {
        let at = |yaw| Pose {
            yaw,
            ..Pose::default()
        };
        let intents = [at(1.0), at(2.0)].map(|pose| Intent::StoreBookmark(2, pose));
        let (mut session, mut history, _) = live(&intents);
        assert_eq!(session.bookmarks.get(2), Some(at(2.0)));
        assert!(history.undo(&mut session));
        assert_eq!(session.bookmarks.get(2), Some(at(1.0)));
        assert!(history.undo(&mut session));
        assert!(session.bookmarks.is_empty());
    }

    #[test]
    fn a_slider_is_one_choice_and_so_is_typing() {
        let drag = [1.5, 2.0, 3.0].map(Intent::Exposure);
        let (mut session, mut history, _) = live(&drag);
        assert!(history.undo(&mut session));
        assert_eq!(session, Session::default());
        assert!(!history.undo(&mut session));
    }

    #[test]
    fn a_key_that_is_dragged_is_one_choice_and_the_next_key_another() {
        let key = |at, token| Keyframe {
            token: Some(token),
            ..Keyframe::at(at)
        };
        let film = |keys: &[Keyframe]| {
            Intent::Film(Some(Film {
                keys: keys.to_vec(),
                ..Film::default()
            }))
        };
        let (mut session, mut history, seen) = live(&[
            film(&[key(1.0, 5), key(2.0, 6)]),
            // The first is dragged, past the second.
            film(&[key(1.5, 5), key(2.0, 6)]),
            film(&[key(2.0, 6), key(3.0, 5)]),
            // Then the second, then the first once more, then it is deleted.
            film(&[key(2.5, 6), key(3.0, 5)]),
            film(&[key(2.5, 6), key(3.5, 5)]),
            film(&[key(2.5, 6)]),
        ]);
        for before in [5, 4, 3, 1, 0] {
            assert!(history.undo(&mut session));
            assert_eq!(session, seen[before], "{before}");
        }
        assert!(!history.undo(&mut session));
    }

    #[test]
    fn letters_of_a_caption_are_one_choice_and_so_is_a_duration() {
        let film = |duration, caption: &str| {
            Intent::Film(Some(Film {
                duration,
                keys: vec![Keyframe {
                    caption: Some(caption.into()),
                    ..Keyframe::at(1.0)
                }],
                ..Film::default()
            }))
        };
        let (mut session, mut history, seen) = live(&[
            film(8.0, ""),
            film(8.0, "a"),
            film(8.0, "a c"),
            film(9.0, "a c"),
            film(10.0, "a c"),
        ]);
        for before in [3, 1, 0] {
            assert!(history.undo(&mut session));
            assert_eq!(session, seen[before], "{before}");
        }
    }

    #[test]
    fn a_new_choice_leaves_nothing_to_make_again() {
        let (mut session, mut history, _) = live(&[Intent::SelectToken(Some(3))]);
        history.undo(&mut session);
        history.note(session.clone(), &Intent::SelectToken(Some(4)));
        assert!(!history.redo(&mut session));
    }

    #[test]
    fn old_choices_are_forgotten() {
        let many: Vec<_> = (0..2 * DEPTH)
            .map(|token| Intent::SelectToken(Some(token)))
            .collect();
        let (mut session, mut history, _) = live(&many);
        let mut undone = 0;
        while history.undo(&mut session) {
            undone += 1;
        }
        assert_eq!(undone, DEPTH);
    }
}
