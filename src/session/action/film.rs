//! The film about what is on show.

use super::{Group, Table};
use crate::session::{
    Chord, Intent, Key,
    film::{Film, Playback},
};

pub(super) fn list(table: &mut Table) {
    let group = Group::Film;
    table.add(group, "timeline", &[Chord::letter('k')], |now| {
        now.shape.map(|_| Intent::Timeline)
    });
    let space = [Chord::of(Key::Space)];
    table.add(group, "play or pause", &space, |now| {
        let film = now.session.film.as_ref();
        film.map(|_| Intent::Play(Playback::Toggle))
    });
    // The same key puts a message away where none is chosen.
    let delete = [Chord::of(Key::Delete)];
    let name = "delete the chosen moment, or put the message away";
    table.add(group, name, &delete, |now| {
        let film = now.session.film.as_ref();
        let chosen = film.zip(now.moment);
        match chosen.filter(|(film, moment)| *moment < film.keys.len()) {
            Some((film, moment)) => {
                let mut film: Film = film.clone();
                film.keys.remove(moment);
                Some(Intent::Film(Some(film)))
            }
            None => now.has_error.then_some(Intent::DismissError),
        }
    });
    table.add(group, "throw the film away", &[], |now| {
        now.session.film.as_ref().map(|_| Intent::Film(None))
    });
}
