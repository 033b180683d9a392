//! Films in the desk: played, scrubbed, edited, left; and their pictures.

use arclight::{
    app::{Picture, Stage},
    camera::Pose,
    lattice::{HeadId, Layout},
    score::Measure,
    session::{
        Intent, PictureOptions, Session,
        film::{CameraPath, Card, Film, Keyframe, Playback, Track},
    },
};
use bevy::math::Vec3;

use crate::{
    pictures::{SIZE, stage},
    support::device,
};

fn pose(yaw: f32, radius: f32) -> Pose {
    Pose {
        focus: Vec3::ZERO,
        yaw,
        pitch: 0.4,
        radius,
    }
}

/// A camera that turns, and tokens, heads and a layout that change; 2 s, with a title of 1 s.
fn film() -> Film {
    let key = |at, yaw, radius| Keyframe {
        camera: Some(pose(yaw, radius)),
        ..Keyframe::at(at)
    };
    Film {
        duration: 2.0,
        title: Some(Card {
            text: "A book".into(),
            seconds: 1.0,
        }),
        keys: vec![
            Keyframe {
                token: Some(3),
                ..key(0.0, -0.4, 40.0)
            },
            Keyframe {
                token: Some(6),
                heads: Some(HeadId { layer: 2, head: 1 }.into()),
                measure: Some(Measure::Share),
                ..key(1.0, 0.3, 30.0)
            },
            Keyframe {
                layout: Some(Layout::Rings),
                written: Some(7),
                ..key(1.5, 0.8, 50.0)
            },
        ],
        ..Film::default()
    }
}

fn session() -> Session {
    Session {
        model: "demo-v6".into(),
        prompt: "Tom gave Ann a book. Ann gave Tom a".into(),
        token: Some(5),
        film: Some(film()),
        ..Session::default()
    }
}

fn ask(stage: &mut Stage, intent: Intent) {
    stage.desk().ask(intent);
    stage.settle().expect("it is done");
}

fn seek(stage: &mut Stage, seconds: f64) {
    ask(stage, Intent::Play(Playback::Seek(seconds)));
}

fn picture(stage: &mut Stage) -> Picture {
    let options = PictureOptions::of(SIZE);
    stage.picture(&options).expect("it is drawn")
}

#[test]
fn a_moment_on_show_is_that_of_the_film_and_what_was_there_comes_back() {
    let device = device();
    let mut stage = stage(&device.gpu, session());
    let own = stage.desk().facts.session.clone();
    let stood = stage.desk().facts.pose.expect("it stands");
    let film = film();
    let path = CameraPath::of(&film).expect("it has a camera");
    for seconds in [1.2, 2.6, 0.5, 2.1, 3.0] {
        seek(&mut stage, seconds);
        let shot = film.at(seconds, &own, Some(&path));
        let facts = &stage.desk().facts;
        let shown = Session {
            film: None,
            ..facts.session.clone()
        };
        assert_eq!(shown, shot.session, "at {seconds}");
        assert_eq!(facts.session.film.as_ref(), Some(&film));
        assert_eq!(facts.pose, shot.pose, "at {seconds}");
        assert_eq!((facts.play.on, facts.play.at), (true, seconds));
        let clip = facts.clip.as_ref().expect("a film is on show");
        assert_eq!(clip.card.is_some(), seconds < 1.0);
    }
    ask(&mut stage, Intent::Back);
    let facts = stage.desk().facts.clone();
    assert_eq!((facts.session, facts.pose), (own.clone(), Some(stood)));
    assert!(!facts.play.on && facts.clip.is_none());
    // Nothing of it is in the history.
    ask(&mut stage, Intent::Undo);
    assert_eq!(stage.desk().facts.session, own);

    // Another choice is one about what was there before.
    seek(&mut stage, 2.4);
    ask(&mut stage, Intent::StepToken(1));
    assert_eq!(
        stage.desk().facts.session,
        Session {
            token: Some(6),
            ..own.clone()
        }
    );
    ask(&mut stage, Intent::Undo);
    assert_eq!(stage.desk().facts.session, own);
}

#[test]
fn a_preview_draws_what_its_moment_draws_by_itself() {
    let device = device();
    let film = film();
    // Without motion the new layout is there at once.
    let own = Session {
        motion: false,
        ..session()
    };
    let mut preview = stage(&device.gpu, own.clone());
    // Where light stands in a picture that is no film's.
    let seconds = 1.0 + 1.7;
    seek(&mut preview, 2.1);
    seek(&mut preview, seconds);
    let path = CameraPath::of(&film).expect("it has a camera");
    let shot = film.at(seconds, &own, Some(&path));
    let mut alone = stage(
        &device.gpu,
        Session {
            camera: shot.pose,
            written: None,
            ..shot.session.clone()
        },
    );
    let Session { written, .. } = shot.session;
    alone.desk().facts.session.written = written;
    alone.settle().expect("it is shown");
    assert!(picture(&mut preview).pixels == picture(&mut alone).pixels);
    seek(&mut preview, 1.5);
    assert!(picture(&mut preview).pixels != picture(&mut alone).pixels);
}

#[test]
fn a_film_that_is_changed_while_it_is_on_show_stays_there() {
    let device = device();
    let mut stage = stage(&device.gpu, session());
    let own = stage.desk().facts.session.clone();
    seek(&mut stage, 1.2);
    assert_eq!(stage.desk().facts.session.token, Some(3));
    for at in [0.05, 0.1, 0.15] {
        let mut film = film();
        film.retime(1, at);
        stage.desk().ask(Intent::Film(Some(film)));
        stage.frame();
    }
    stage.settle().expect("it is shown");
    let facts = &stage.desk().facts;
    assert_eq!((facts.session.token, facts.play.on), (Some(6), true));
    // The drag is one choice, about the film alone.
    ask(&mut stage, Intent::Undo);
    assert_eq!(stage.desk().facts.session, own);
    assert!(!stage.desk().facts.play.on);

    seek(&mut stage, 1.2);
    ask(&mut stage, Intent::Film(None));
    let facts = &stage.desk().facts;
    assert_eq!(facts.session, Session { film: None, ..own });
    assert!(!facts.play.on);
}

#[test]
fn a_film_plays_to_its_end_or_begins_anew() {
    let device = device();
    let mut stage = stage(&device.gpu, session());
    let own = stage.desk().facts.session.clone();
    // Frames of a stage are 16 ms long.
    stage.desk().ask(Intent::Play(Playback::Start));
    let mut seen = Vec::new();
    for _ in 0..100 {
        stage.frame();
        seen.push(stage.desk().facts.play.at);
    }
    assert!(seen.is_sorted() && stage.desk().facts.play.playing);
    assert!((seen[99] - 99.0 * 0.016).abs() < 0.02, "{}", seen[99]);
    stage.desk().ask(Intent::Play(Playback::Toggle));
    stage.settle().expect("it rests");
    let rest = stage.desk().facts.play;
    assert!(!rest.playing && rest.on && (rest.at - seen[99]).abs() < 0.04);
    assert_eq!(stage.desk().facts.session.token, Some(3));

    stage.desk().ask(Intent::Play(Playback::Toggle));
    for _ in 0..120 {
        stage.frame();
    }
    stage.settle().expect("it rests");
    let end = stage.desk().facts.play;
    assert_eq!((end.at, end.playing, end.on), (3.0, false, true));
    assert_eq!(stage.desk().facts.session.layout, Layout::Rings);

    // From the end it begins again; in a loop it does so by itself.
    stage.desk().ask(Intent::Play(Playback::Loop(true)));
    stage.desk().ask(Intent::Play(Playback::Toggle));
    for _ in 0..220 {
        stage.frame();
    }
    let play = stage.desk().facts.play;
    assert!(play.playing && play.at < 1.0, "{play:?}");
    ask(&mut stage, Intent::Play(Playback::Stop));
    let facts = &stage.desk().facts;
    assert_eq!((facts.play.at, facts.play.on), (0.0, false));
    assert_eq!(facts.session, own);
}

#[test]
fn a_ready_made_film_about_a_token_selects_the_last_of_the_passage() {
    let device = device();
    let mut stage = stage(
        &device.gpu,
        Session {
            token: None,
            passage: Some(1..4),
            ..session()
        },
    );
    ask(&mut stage, Intent::Track(Track::HeadTour));
    let desk = stage.desk();
    assert_eq!(desk.facts.session.token, Some(3));
    assert!(desk.drafts.timeline.is_open());
}

#[test]
fn a_session_saved_during_a_film_is_the_users_own() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.toml");
    let mut stage = stage(&device.gpu, session());
    let own = stage.desk().facts.session.clone();
    let stood = stage.desk().facts.pose;
    seek(&mut stage, 2.7);
    ask(&mut stage, Intent::SaveSession(path.clone()));
    assert!(stage.desk().facts.play.on);
    let saved = Session::open(&path).expect("it is whole");
    assert_eq!(
        saved,
        Session {
            camera: stood,
            ..own
        }
    );
}
