use std::fmt::Write;

use super::*;
use crate::{
    camera::{Pose, Side},
    change::{Change, Place},
    score::{Filter, Measure, Scale},
    session::{
        Against, Compare, Key, Sheet,
        film::{Film, Keyframe, Playback, Track},
    },
    trace::Window,
};

const SHAPE: Shape = Shape {
    tokens: 10,
    layers: 4,
    first_layer: 0,
    heads: 3,
    unit: crate::model::Unit::Head,
};

fn situation(session: &Session) -> Situation<'_> {
    Situation {
        session,
        hover: None,
        shape: Some(SHAPE),
        pose: Some(Pose::default()),
        version: Version::V7,
        writing: Some(Written {
            first: 1,
            from: None,
            goes_on: false,
        }),
        can_run: true,
        is_busy: false,
        has_error: false,
        moment: None,
        play: PlayHead::default(),
        wanted: Quantisation { int8: 1, nf4: 1 },
        fitting: Layers::of(&(2..4)),
        fitting_window: Some(Window::last(5)),
        kept: Some((Quantisation::default(), SHAPE.layers)),
        remembers: false,
        text_size: TextSize::default(),
        largest: 2.0,
    }
}

fn named(name: &str) -> &'static Action {
    let all: Vec<_> = actions().iter().filter(|it| it.name == name).collect();
    assert_eq!(all.len(), 1, "{name:?}");
    all[0]
}

/// A session after some actions.
fn after(names: &[&str]) -> Session {
    let mut session = Session::default();
    for name in names {
        let intent = named(name).ask(&situation(&session)).expect(name);
        session.apply(&intent, Some(SHAPE));
    }
    session
}

#[test]
fn no_two_actions_share_a_key_or_a_name() {
    let mut seen: Vec<(Chord, &str)> = Vec::new();
    for action in actions() {
        for key in &action.keys {
            let sign = matches!(key.key, Key::Sign(_));
            assert!(!(sign && key.shift), "{key}: a sign may need Shift anyway");
            for (other, name) in &seen {
                assert!(!other.is(*key), "{key}: {name:?} and {:?}", action.name);
            }
            seen.push((*key, &action.name));
            assert_eq!(
                find(*key, Reach::Picture).map(|it| &*it.name),
                Some(&*action.name)
            );
        }
        named(&action.name);
    }
}

#[test]
fn letters_reach_the_picture_alone_and_the_palette_opens_from_anywhere() {
    let m = Chord::letter('m');
    assert!(find(m, Reach::Picture).is_some());
    assert!(find(m, Reach::Sheet).is_none() && find(m, Reach::Field).is_none());
    let question = Chord::sign('?');
    assert!(find(question, Reach::Sheet).is_some() && find(question, Reach::Field).is_none());
    for key in [
        Chord::letter('p').ctrl(),
        Chord::of(Key::F1),
        Chord::letter('q').ctrl(),
    ] {
        assert!(find(key, Reach::Field).is_some(), "{key}");
    }
}

#[test]
fn every_group_has_actions_and_they_stand_together() {
    let mut groups: Vec<_> = actions().iter().map(|action| action.group).collect();
    groups.dedup();
    assert_eq!(groups, Group::ALL);
}

/// In one of these some choice is another than the action's.
#[test]
fn every_action_asks_for_something_somewhere() {
    let passage = after(&["next token", "passage to here", "next head"]);
    let mut token = after(&["next token", "ten tokens on"]);
    token.folds.push(1..3);
    for number in Bookmarks::numbers() {
        token.bookmarks.set(number, Pose::default());
    }
    token.film = Some(crate::session::film::Film::default());
    let others = Session {
        exposure: 4.0,
        layers: Layers::of(&(0..2)),
        window: Some(Window::last(3)),
        ..after(&[
            "next measure",
            "next scale",
            "next filter",
            "next statistic",
            "mean, max or sum",
            "next layout",
            "next colours",
            "next mouse preset",
        ])
    };
    let mut changed = after(&["next token", "next head"]);
    let no_erasing = Change::NoErasing(Place::default());
    changed.changes = changed.changes_toggled(&[no_erasing]);
    changed.compare = Some(Compare::with(Against::Text("another".into())));
    let fixed = Session {
        scale: Scale::Fixed(1.0),
        ..Session::default()
    };
    let sessions = [Session::default(), passage, token, others, changed, fixed];
    for action in actions() {
        let asks = sessions.iter().any(|session| {
            let calm = situation(session);
            let busy = Situation {
                is_busy: true,
                hover: Some(Cell {
                    token: 1,
                    head: HeadId { layer: 1, head: 0 },
                }),
                has_error: true,
                play: PlayHead {
                    at: 1.0,
                    ..PlayHead::default()
                },
                ..calm
            };
            action.ask(&calm).is_some() || action.ask(&busy).is_some()
        });
        assert!(asks, "{:?}", action.name);
    }
}

#[test]
fn what_is_chosen_already_and_what_a_model_has_not_asks_for_nothing() {
    let session = Session::default();
    let now = situation(&session);
    assert_eq!(named("R-WK score").ask(&now), None);
    assert_eq!(
        named("erase part").ask(&now),
        Some(Intent::Measure(Measure::Erase))
    );
    let old = Situation {
        version: Version::V6,
        ..now
    };
    assert_eq!(named("erase part").ask(&old), None);
    let empty = Situation { shape: None, ..now };
    for name in [
        "next token",
        "last token",
        "next head",
        "show everything",
        "focus the token",
    ] {
        assert_eq!(named(name).ask(&empty), None, "{name}");
    }
}

#[test]
fn steps_go_round() {
    // And the push on the logit.
    let count = Measure::all(Version::V7).len() + 1;
    assert_eq!(after(&vec!["next measure"; count]), Session::default());
    let both = after(&[
        "next scale",
        "previous scale",
        "next layout",
        "previous layout",
    ]);
    assert_eq!(both, Session::default());
    assert_eq!(after(&["previous scale"]).scale, Scale::Fixed(2.0));
    assert_eq!(after(&["next filter"]).filter, Filter::Threshold(0.5));
    assert_eq!(
        after(&["previous head"]).heads.single(),
        Some(SHAPE.head(0))
    );
    assert_eq!(
        after(&["next head", "previous head"]).heads.single(),
        Some(SHAPE.head(11))
    );
}

#[test]
fn a_passage_is_marked_at_both_ends_folded_and_unfolded() {
    let session = after(&[
        "first token",
        "ten tokens on",
        "previous token",
        "passage to here",
    ]);
    assert_eq!(session.passage, Some(0..9));
    let names = [
        "first token",
        "next token",
        "passage from here",
        "next token",
        "passage to here",
    ];
    let session = after(&names);
    assert_eq!(session.passage, Some(1..3));
    let session = after(&[&names[..], &["fold the passage"]].concat());
    assert_eq!((session.passage, session.folds.len()), (None, 1));
    assert_eq!(session.folds.first(), Some(&(1..3)));
    let session = after(&[&names[..], &["fold the passage", "unfold the nearest"]].concat());
    assert!(session.folds.is_empty());
}

#[test]
fn keys_of_the_brief_do_what_they_are_known_for() {
    let session = Session::default();
    let now = situation(&session);
    for (key, intent) in [
        (Chord::letter('p').ctrl(), Intent::Show(Sheet::Commands)),
        (Chord::letter('k').ctrl(), Intent::Show(Sheet::Commands)),
        (Chord::sign('?'), Intent::Show(Sheet::Keys)),
        (Chord::of(Key::F1), Intent::Show(Sheet::Help)),
        (Chord::of(Key::Tab), Intent::ToggleOverlay),
        (Chord::of(Key::Numpad('7')), Intent::Look(Side::Top)),
        (Chord::sign('1').alt(), Intent::Look(Side::Front)),
        (Chord::letter('z').ctrl().shift(), Intent::Redo),
    ] {
        let action = find(key, Reach::Picture).expect("it has one");
        assert_eq!(action.ask(&now), Some(intent), "{key}");
    }
}

#[test]
fn in_flight_letters_move_and_escape_ends_it() {
    let found = |key| find_in_flight(key).map(|action| &*action.name);
    for letter in "wasdqe".chars() {
        for key in [
            Chord::letter(letter),
            Chord::letter(letter).shift(),
            Chord::letter(letter).alt(),
        ] {
            assert_eq!(found(key), None, "{key}");
        }
    }
    assert_eq!(found(Chord::of(Key::Escape)), Some(FLY));
    assert_eq!(found(Chord::letter('f').shift()), Some(FLY));
    assert_eq!(found(Chord::letter('m')), None);
    for (key, name) in [
        (Chord::of(Key::Tab), "hide or show panels"),
        (Chord::of(Key::Home), "show everything"),
        (Chord::letter('s').ctrl(), "save the session"),
        (Chord::sign('2'), "contribution share"),
        (Chord::of(Key::Digit(3)).ctrl(), "go to bookmark 3"),
    ] {
        assert_eq!(found(key), Some(name), "{key}");
    }
}

#[test]
fn bookmarks_are_stored_gone_to_and_only_where_there_is_something() {
    let mut session = Session::default();
    let here = Pose {
        yaw: 1.5,
        ..Pose::default()
    };
    let go = named("go to bookmark 4");
    assert_eq!(go.ask(&situation(&session)), None);
    let store = find(Chord::of(Key::Digit(4)).ctrl().shift(), Reach::Picture).expect("a key");
    let now = Situation {
        pose: Some(here),
        ..situation(&session)
    };
    let intent = store.ask(&now).expect("there is a camera");
    for missing in [
        Situation { pose: None, ..now },
        Situation { shape: None, ..now },
    ] {
        assert_eq!(store.ask(&missing), None);
    }
    session.apply(&intent, Some(SHAPE));
    assert_eq!(session.bookmarks.get(4), Some(here));
    assert_eq!(session.bookmarks.get(5), None);
    assert_eq!(go.ask(&situation(&session)), Some(Intent::GoToBookmark(4)));
    let empty = Situation {
        shape: None,
        ..situation(&session)
    };
    assert_eq!(go.ask(&empty), None);
}

#[test]
fn a_fixed_number_goes_up_and_down_and_stays_within_its_bounds() {
    let mut session = Session {
        scale: Scale::Fixed(2.0),
        ..Session::default()
    };
    let asks = |session: &Session, name: &str| named(name).ask(&situation(session));
    assert_eq!(
        asks(&session, "fixed scale up"),
        Some(Intent::Scale(Scale::Fixed(2.5)))
    );
    assert_eq!(
        asks(&session, "fixed scale down"),
        Some(Intent::Scale(Scale::Fixed(1.6)))
    );
    session.scale = Scale::Fixed(1e6);
    assert_eq!(
        asks(&session, "fixed scale up"),
        Some(Intent::Scale(Scale::Fixed(1e6)))
    );
    assert_eq!(asks(&Session::default(), "fixed scale up"), None);
}

#[test]
fn layers_in_fewer_bits_are_counted_within_the_model() {
    let session = Session::default();
    let with = |int8, nf4| Situation {
        wanted: Quantisation { int8, nf4 },
        ..situation(&session)
    };
    let count = |int8, nf4| Some(Intent::Count(Quantisation { int8, nf4 }));
    assert_eq!(named("more int8 layers").ask(&with(1, 1)), count(2, 1));
    assert_eq!(named("fewer NF4 layers").ask(&with(1, 1)), count(1, 0));
    assert_eq!(named("fewer NF4 layers").ask(&with(1, 0)), None);
    assert_eq!(named("more NF4 layers").ask(&with(3, 1)), None, "of four");
    let open = named("open the model so");
    assert_eq!(open.ask(&with(1, 0)), Some(Intent::Reload));
    assert_eq!(open.ask(&with(0, 0)), None, "as it is");
}

#[test]
fn a_film_is_begun_kept_and_ended_by_keys() {
    let session = Session::default();
    let now = Situation {
        play: PlayHead {
            at: 3.0,
            ..PlayHead::default()
        },
        ..situation(&session)
    };
    let asks = |key| find(key, Reach::Picture).and_then(|action| action.ask(&now));
    let second = Chord::of(Key::Digit(2)).ctrl().alt();
    assert_eq!(asks(second), Some(Intent::Track(Track::ALL[1])));
    let k = Chord::letter('k');
    let Some(Intent::Film(Some(film))) = asks(k.shift()) else {
        panic!("no film is begun");
    };
    assert_eq!(film.keys, [Keyframe::of(3.0, &session, now.pose)]);
    assert_eq!(asks(k.alt()), Some(Intent::Play(Playback::Stop)));
}

#[test]
fn there_and_back_are_one_line() {
    for (one, other, told) in [
        ("next token", "previous token", "next, previous token"),
        ("ten tokens on", "ten tokens back", "ten tokens on, back"),
        ("brighter", "darker", "brighter, darker"),
        (
            "more int8 layers",
            "fewer int8 layers",
            "more, fewer int8 layers",
        ),
    ] {
        assert_eq!(both(one, other), told);
    }
    let line = lines(Group::Tokens).into_iter().next().expect("the first");
    assert_eq!(line.name, "next, previous token");
    assert_eq!(line.keys, ["→", "←"]);
}

#[test]
fn nine_digits_are_one_line() {
    let camera = lines(Group::Camera);
    let line = |name: &str| {
        let mut all = camera.iter().filter(|line| line.name.starts_with(name));
        let line = all.next().expect(name);
        assert_eq!(all.next(), None);
        (line.name.clone(), line.keys.join(" "))
    };
    let as_text = |(name, keys): (&str, &str)| (name.to_owned(), keys.to_owned());
    assert_eq!(line("go to"), as_text(("go to bookmark 1–9", "Ctrl+1…9")));
    assert_eq!(
        line("store"),
        as_text(("store bookmark 1–9", "Ctrl+Shift+1…9"))
    );
}

/// The table of the README: a line a group.
fn table() -> String {
    let mut table = String::from("| | keys |\n|---|---|\n");
    for group in Group::ALL {
        let words = lines(group).into_iter().map(|line| {
            let keys: Vec<_> = line.keys.iter().map(|key| format!("`{key}`")).collect();
            format!("{} {}", keys.join(" "), line.name)
        });
        let words: Vec<_> = words.collect();
        writeln!(table, "| {} | {} |", group.name(), words.join(" · ")).expect("memory");
    }
    table
}

#[test]
fn the_readme_has_every_key() {
    let readme = include_str!("../../../README.md");
    let table = table();
    assert!(
        readme.contains(&table),
        "the README's table has to be:\n{table}"
    );
}

#[test]
fn delete_is_for_the_chosen_moment_before_it_is_for_the_message() {
    let film = Film {
        keys: [1.0, 2.0].map(Keyframe::at).into(),
        ..Film::default()
    };
    let session = Session {
        film: Some(film.clone()),
        ..Session::default()
    };
    let action = find(Chord::of(Key::Delete), Reach::Picture).expect("it has one");
    let asks = |moment, has_error| {
        action.ask(&Situation {
            moment,
            has_error,
            ..situation(&session)
        })
    };
    let shorter = Film {
        keys: vec![Keyframe::at(1.0)],
        ..film
    };
    assert_eq!(asks(Some(1), true), Some(Intent::Film(Some(shorter))));
    assert_eq!(asks(Some(2), true), Some(Intent::DismissError));
    assert_eq!(asks(None, true), Some(Intent::DismissError));
    assert_eq!(asks(None, false), None);
}
