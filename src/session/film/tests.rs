use bevy::math::{Vec2, Vec3};
use proptest::prelude::*;

use super::*;
use crate::{
    camera::Pose,
    lattice::{HeadId, HeadSet, Lattice, Shape},
    score::Measure,
    session::Session,
};

const SHAPE: Shape = Shape {
    tokens: 30,
    layers: 4,
    first_layer: 0,
    heads: 3,
    unit: crate::model::Unit::Head,
};

fn pose(yaw: f32, radius: f32) -> Pose {
    Pose {
        focus: Vec3::new(yaw, 0.0, 1.0),
        yaw,
        pitch: 0.3,
        radius,
    }
}

fn through(keys: &[(f64, Pose)], ease: Ease, constant_speed: bool) -> CameraPath {
    let keys = keys.iter().map(|(at, pose)| Keyframe {
        ease,
        camera: Some(*pose),
        ..Keyframe::at(*at)
    });
    let film = Film {
        constant_speed,
        keys: keys.collect(),
        ..Film::default()
    };
    CameraPath::of(&film).expect("there are cameras")
}

fn near(a: Pose, b: Pose) -> bool {
    let numbers = |pose: Pose| {
        [
            pose.focus.x,
            pose.focus.y,
            pose.focus.z,
            pose.yaw,
            pose.pitch,
            pose.radius,
        ]
    };
    numbers(a)
        .iter()
        .zip(numbers(b))
        .all(|(a, b)| (a - b).abs() < 1e-3)
}

proptest! {
    #[test]
    fn the_camera_passes_every_key_and_never_jumps(
        yaws in prop::collection::vec(-3.0f32..3.0, 2..6),
        radius in 1.0f32..200.0,
        ease in prop::sample::select(&[Ease::Smooth, Ease::Linear][..]),
        constant_speed: bool,
    ) {
        let keys: Vec<_> = yaws
            .iter()
            .enumerate()
            .map(|(at, yaw)| (at as f64 * 1.5, pose(*yaw, radius + at as f32)))
            .collect();
        let path = through(&keys, ease, constant_speed);
        if constant_speed {
            for end in [&keys[0], &keys[keys.len() - 1]] {
                prop_assert!(near(path.at(end.0), end.1));
            }
        } else {
            for (at, pose) in &keys {
                prop_assert!(near(path.at(*at), *pose), "{at}: {:?}", path.at(*at));
            }
        }
        let step = 1e-4;
        for part in 0..200 {
            let at = part as f64 * 1.5 * (keys.len() - 1) as f64 / 200.0;
            let (a, b) = (path.at(at), path.at(at + step));
            prop_assert!((a.yaw - b.yaw).abs() < 0.02, "{at}: {a:?} {b:?}");
            prop_assert!(a.radius > 0.0 && a.radius.is_finite());
        }
    }
}

#[test]
fn at_one_speed_equal_times_are_equal_ways() {
    // A short way, then one five times as long, in the same time.
    let keys = [
        (0.0, pose(0.0, 10.0)),
        (1.0, pose(0.2, 10.0)),
        (2.0, pose(1.2, 10.0)),
    ];
    let turned = |constant_speed| {
        let path = through(&keys, Ease::Linear, constant_speed);
        let at = |seconds| path.at(seconds).yaw;
        (at(1.0) - at(0.5), at(1.5) - at(1.0))
    };
    let (first, second) = turned(true);
    assert!((first / second - 1.0).abs() < 0.06, "{first} {second}");
    let (first, second) = turned(false);
    assert!(second / first > 2.0, "{first} {second}");
}

#[test]
fn a_held_camera_waits_for_the_next_key() {
    let keys = [(0.0, pose(0.0, 10.0)), (1.0, pose(1.0, 20.0))];
    let path = through(&keys, Ease::Hold, false);
    assert!(near(path.at(0.99), keys[0].1) && near(path.at(1.0), keys[1].1));
}

#[test]
fn of_keys_at_one_time_the_last_holds() {
    let keys = [
        (0.0, pose(0.0, 10.0)),
        (1.0, pose(1.0, 20.0)),
        (1.0, pose(2.0, 30.0)),
        (2.0, pose(0.5, 10.0)),
    ];
    let path = through(&keys, Ease::Smooth, false);
    assert!(near(path.at(1.0), keys[2].1));
    assert!(path.at(1.5).yaw.is_finite());
}

#[test]
fn what_a_key_names_holds_until_another_names_it() {
    let film = Film {
        duration: 4.0,
        title: Some(Card {
            text: "A film".into(),
            seconds: 2.0,
        }),
        end: Some(Card {
            text: "The end".into(),
            seconds: 1.0,
        }),
        keys: vec![
            Keyframe {
                token: Some(3),
                caption: Some("three".into()),
                ..Keyframe::at(1.0)
            },
            Keyframe {
                measure: Some(Measure::Share),
                overlay: Some(false),
                caption: Some(String::new()),
                ..Keyframe::at(2.0)
            },
        ],
        ..Film::default()
    };
    let session = Session {
        token: Some(1),
        ..Session::default()
    };
    assert_eq!(film.whole(), 7.0);
    assert_eq!(film.frames(30), 210);
    let at = |seconds| film.at(seconds, &session, None);
    assert_eq!(at(0.0).card.map(|card| &*card.text), Some("A film"));
    assert_eq!((at(0.0).session.token, at(0.0).caption), (Some(1), None));
    assert_eq!((at(2.0).card, at(2.9).session.token), (None, Some(1)));
    assert_eq!(
        (at(3.0).session.token, at(3.0).caption),
        (Some(3), Some("three"))
    );
    assert_eq!((at(0.0).veil, at(0.0).ink), (1.0, 1.0));
    assert_eq!((at(2.5).veil, at(6.0).veil, at(6.5).veil), (0.0, 0.0, 1.0));
    let leaving = at(1.8).veil;
    assert!(0.0 < leaving && leaving < 1.0, "{leaving}");
    let late = at(5.9);
    assert_eq!(
        (late.session.token, late.session.measure),
        (Some(3), Measure::Share)
    );
    assert_eq!((late.session.bare, late.caption), (true, None));
    assert_eq!(at(6.0).card.map(|card| &*card.text), Some("The end"));
    assert_eq!(at(99.0).seconds, 4.0);
}

fn ground<'a>(session: &'a Session, lattice: &'a Lattice) -> Ground<'a> {
    let heads =
        [(3, 1), (0, 2), (1, 0)].map(|(layer, head)| (HeadId { layer, head }, "0.5".to_owned()));
    Ground {
        session,
        lattice,
        heads: heads.into(),
        free: Vec2::new(720.0, 720.0),
        height: 720.0,
    }
}

#[test]
fn every_track_is_a_film_that_can_be_read_again() {
    let lattice = Lattice::new(SHAPE);
    let session = Session {
        token: Some(7),
        ..Session::default()
    };
    for track in Track::ALL {
        for seconds in [0.5, 8.0, 60.0] {
            let film = track.film(&ground(&session, &lattice), seconds);
            assert_eq!(film.duration, seconds);
            let text = film.text().expect("plain data");
            let again = Film::parse(&text, std::path::Path::new("a.toml")).expect("own output");
            assert_eq!(again, film, "{track:?}");
            assert!(CameraPath::of(&film).is_some(), "{track:?}");
        }
    }
}

#[test]
fn a_turntable_ends_where_it_began() {
    let (session, lattice) = (Session::default(), Lattice::new(SHAPE));
    let film = Track::Turntable.film(&ground(&session, &lattice), 10.0);
    let path = CameraPath::of(&film).expect("there is a camera");
    let (first, last) = (path.at(0.0), path.at(10.0));
    assert!((last.yaw - first.yaw - std::f32::consts::TAU).abs() < 1e-4);
    // At one speed, from one distance.
    let quarter = path.at(2.5);
    assert!((quarter.yaw - first.yaw - std::f32::consts::FRAC_PI_2).abs() < 1e-3);
    assert!((path.at(3.7).radius - first.radius).abs() < 1e-2);
}

#[test]
fn a_sweep_and_typing_end_with_the_last_token() {
    let (session, lattice) = (Session::default(), Lattice::new(SHAPE));
    for (track, seconds) in [
        (Track::TokenSweep, 8.0),
        (Track::TokenSweep, 1.0),
        (Track::Typing, 8.0),
        (Track::Typing, 1.0),
    ] {
        let film = track.film(&ground(&session, &lattice), seconds);
        let tokens: Vec<_> = film.keys.iter().filter_map(|key| key.token).collect();
        assert!(
            tokens.is_sorted() && tokens.len() > 4,
            "{track:?}: {tokens:?}"
        );
        assert_eq!(tokens.last(), Some(&29));
        let last = film.at(seconds - 0.01, &session, None).session;
        let written = (track == Track::Typing).then_some(30);
        assert_eq!((last.token, last.written), (Some(29), written));
    }
}

#[test]
fn a_tour_stops_at_the_heads_in_their_order_and_a_climb_at_every_layer() {
    let lattice = Lattice::new(SHAPE);
    let session = Session {
        token: Some(7),
        ..Session::default()
    };
    let heads = |track: Track| -> Vec<HeadSet> {
        let film = track.film(&ground(&session, &lattice), 8.0);
        assert_eq!(film.keys.iter().find_map(|key| key.token), Some(7));
        film.keys.into_iter().filter_map(|key| key.heads).collect()
    };
    let all = HeadSet::default;
    let one = |layer, head| HeadSet::from(HeadId { layer, head });
    assert_eq!(
        heads(Track::HeadTour),
        [all(), one(3, 1), one(0, 2), one(1, 0), all()]
    );
    let climb = heads(Track::LayerClimb);
    let layers = (0..4).map(|layer| HeadSet::layer(SHAPE, layer));
    assert_eq!(climb, layers.chain([all()]).collect::<Vec<_>>());
}
