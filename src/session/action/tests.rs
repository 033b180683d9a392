use std::fmt::Write;

use super::*;
use crate::{
    camera::Side,
    score::{Filter, Measure, Scale},
    session::{Key, Sheet},
};

const SHAPE: Shape = Shape {
    tokens: 10,
    layers: 4,
    heads: 3,
};

fn situation(session: &Session) -> Situation<'_> {
    Situation {
        session,
        shape: Some(SHAPE),
        version: Version::V7,
        can_run: true,
        is_busy: false,
        has_error: false,
        moment: None,
        remembers: false,
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
    token.film = Some(crate::session::film::Film::default());
    let others = Session {
        exposure: 4.0,
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
    let sessions = [Session::default(), passage, token, others];
    for action in actions() {
        let asks = sessions.iter().any(|session| {
            let calm = situation(session);
            let busy = Situation {
                is_busy: true,
                has_error: true,
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
    let count = Measure::all(Version::V7).len();
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

/// The table of the README: a line a group.
fn table() -> String {
    let mut table = String::from("| | keys |\n|---|---|\n");
    for group in Group::ALL {
        let all = actions().iter().filter(|action| action.group == group);
        let keyed = all.filter(|action| !action.keys.is_empty());
        let words = keyed.map(|action| {
            let keys: Vec<_> = action.keys.iter().map(|key| format!("`{key}`")).collect();
            format!("{} {}", keys.join(" "), action.name)
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
    use crate::session::film::{Film, Keyframe};
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
