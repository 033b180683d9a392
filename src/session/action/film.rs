//! The film about what is on show.

use super::{Group, Table};
use crate::session::{
    Chord, Intent, Key,
    film::{Film, Playback, Track},
};

pub(super) fn list(table: &mut Table) {
    let group = Group::Film;
    let k = Chord::letter('k');
    table.add(group, "timeline", &[k], |now| {
        now.shape.map(|_| Intent::Timeline)
    });
    for (at, track) in (1..).zip(Track::ALL) {
        let key = Chord::of(Key::Digit(at)).ctrl().alt();
        let name = format!("film: {}", track.name());
        table.add(group, name, &[key], move |now| {
            now.shape.map(|_| Intent::Track(track))
        });
    }
    let space = Chord::of(Key::Space);
    table.add(group, "play or pause", &[space], |now| {
        let film = now.session.film.as_ref();
        film.map(|_| Intent::Play(Playback::Toggle))
    });
    table.add(group, "play again and again", &[space.shift()], |now| {
        let film = now.session.film.as_ref();
        film.map(|_| Intent::Play(Playback::Loop(!now.play.loops)))
    });
    table.add(group, "end the film", &[k.alt()], |now| {
        (now.play.on || now.play.at > 0.0).then_some(Intent::Play(Playback::Stop))
    });
    table.add(group, "keep this moment", &[k.shift()], |now| {
        now.shape?;
        let none = Film::default();
        let film = now.session.film.as_ref().unwrap_or(&none);
        let (film, _) = film.with_here(now.play, now.session, now.pose);
        Some(Intent::Film(Some(film)))
    });
    // The same key puts a message away where none is chosen.
    let delete = Chord::of(Key::Delete);
    let name = "delete the moment, or a message";
    table.add(group, name, &[delete], |now| {
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
    let even = k.alt().shift();
    table.add(group, "camera at even speed", &[even], |now| {
        let film = now.session.film.as_ref()?;
        Some(Intent::Film(Some(film.with_other_speed())))
    });
    table.add(group, "throw the film away", &[delete.shift()], |now| {
        now.session.film.as_ref().map(|_| Intent::Film(None))
    });
}
