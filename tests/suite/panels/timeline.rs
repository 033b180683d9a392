//! The timeline: ready-made films, keys, what they hold, cards; and what a film says over its picture.

use arclight::{
    camera::Pose,
    overlay::{Clip, ClipCard, Facts},
    score::{Measure, Statistic},
    session::{
        Intent,
        film::{Card, Ease, Film, Keyframe, PlayHead, Playback, Track},
    },
};
use egui::{Pos2, accesskit::Role, epaint::TextShape, pos2};

use super::stage::{Stage, TEXT, opened, ran, selected};

const HERE: Pose = Pose {
    focus: bevy::math::Vec3::ZERO,
    yaw: 0.25,
    pitch: 0.5,
    radius: 40.0,
};

fn opening(facts: Facts, size: [f32; 2]) -> Stage {
    let mut stage = Stage::sized(facts, "", size);
    stage.scene().drafts.timeline.toggle();
    stage.rest();
    stage
}

pub fn open(facts: Facts) -> Stage {
    opening(facts, [1280.0, 720.0])
}

/// Three keys at 2, 4 and 6 of 8 seconds, each with a token.
pub fn film() -> Film {
    let key = |at: f64, token| Keyframe {
        token: Some(token),
        ..Keyframe::at(at)
    };
    Film {
        keys: vec![key(2.0, 3), key(4.0, 4), key(6.0, 5)],
        ..Film::default()
    }
}

pub fn with_film(film: Film) -> Facts {
    let mut facts = selected(TEXT, 5);
    facts.session.film = Some(film);
    facts.pose = Some(HERE);
    facts
}

/// Where a moment is in the lane of tokens; without cards.
pub fn token_at(stage: &Stage, seconds: f32) -> Pos2 {
    let lanes = stage.place("timeline of 3 keys");
    let (from, to) = (lanes.left() + 55.0, lanes.right() - 5.0);
    pos2(
        from + (to - from) * seconds / 8.0,
        lanes.top() + lanes.height() * 0.3,
    )
}

/// The film that was asked for, and nothing else.
fn asked_film(asked: &[Intent]) -> &Film {
    match asked {
        [Intent::Film(Some(film))] => film,
        _ => panic!("not one film: {asked:?}"),
    }
}

#[test]
fn it_is_opened_from_the_toolbar_and_needs_a_text() {
    let mut stage = Stage::new(ran(TEXT));
    assert!(!stage.sees("A film about this"));
    assert_eq!(stage.click_button("film"), [Intent::Timeline]);
    open(ran(TEXT)).assert_sees(&["A film about this", "Once around everything"]);
    assert!(!open(opened()).sees("A film about this"));
    // With panels hidden it is there as long as a film is shown.
    let mut facts = with_film(film());
    facts.session.bare = true;
    assert!(!open(facts.clone()).sees("timeline of"));
    facts.play.on = true;
    open(facts).assert_sees(&["timeline of 3 keys"]);
}

/// What comes of a ready-made film that was asked for.
fn made(stage: &mut Stage, track: Track) -> Vec<Intent> {
    stage.scene().drafts.timeline.want(track);
    stage.rest();
    stage.asked()
}

#[test]
fn every_ready_made_film_is_one_click() {
    for track in Track::ALL {
        let mut stage = open(with_film(film()));
        stage.scene().facts.session.film = None;
        stage.rest();
        assert_eq!(stage.click_button(track.name()), [Intent::Track(track)]);
        let asked = made(&mut stage, track);
        let [Intent::Film(Some(made)), Intent::Play(Playback::Start)] = &asked[..] else {
            panic!("{track:?}: {asked:?}");
        };
        assert!(
            made.keys.len() > 2 && made.duration == Film::USUAL,
            "{track:?}"
        );
        assert!(
            made.keys.iter().any(|key| key.camera.is_some()),
            "{track:?}"
        );
    }
}

#[test]
fn a_ready_made_film_keeps_the_cards_and_the_time_of_the_one_before() {
    let title = Some(Card {
        text: "A cat".into(),
        seconds: 1.0,
    });
    let mut stage = open(with_film(Film {
        duration: 5.0,
        title: title.clone(),
        ..film()
    }));
    let combo = stage.place_of_value("ready-made");
    stage.click_at(combo);
    let asked = stage.click_button("turntable");
    assert_eq!(asked, [Intent::Track(Track::Turntable)]);
    let asked = made(&mut stage, Track::Turntable);
    let [Intent::Film(Some(made)), Intent::Play(Playback::Start)] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!((made.duration, &made.title), (5.0, &title));
    assert_eq!(made.keys.last().map(|key| key.at), Some(5.0));
}

#[test]
fn a_film_about_a_token_waits_for_its_numbers() {
    let mut stage = open(ran(TEXT));
    let last = stage.scene().facts.tokens.len() - 1;
    assert_eq!(made(&mut stage, Track::HeadTour), []);
    let play = stage.scene().facts.play;
    stage.scene().facts = Facts {
        play,
        ..selected(TEXT, last)
    };
    let asked = stage.asked();
    let Some(Intent::Film(Some(made))) = asked.first() else {
        panic!("no film: {asked:?}");
    };
    // Numbers rise with the rows: the last head has the largest.
    let said = made
        .keys
        .iter()
        .find_map(|key| key.caption.clone().filter(|it| !it.is_empty()));
    let numbers = &stage.scene().facts.statistics;
    let largest = arclight::score::number(numbers[numbers.len() - 1][0]);
    assert_eq!(said, Some(format!("L7 H3 · strongest {largest}")));
}

#[test]
fn a_tour_goes_first_to_heads_that_read_more_than_their_neighbour() {
    let mut facts = selected(TEXT, 5);
    let numbers = |row: usize| {
        let mut all = [0.1; Statistic::COUNT];
        all[Statistic::Peak.index()] = row as f32;
        // The last head has the largest number and reads what is beside it.
        all[Statistic::Previous.index()] = if row == 31 { 0.7 } else { 0.2 };
        all
    };
    facts.statistics = (0..32).map(numbers).collect();
    let mut stage = open(facts);
    let asked = made(&mut stage, Track::HeadTour);
    let Some(Intent::Film(Some(tour))) = asked.first() else {
        panic!("no film: {asked:?}");
    };
    let captions = tour.keys.iter().filter_map(|key| key.caption.as_deref());
    let said: Vec<_> = captions.filter(|it| !it.is_empty()).collect();
    assert_eq!(said[0], "L7 H2 · strongest 30.000");
    assert!(said.iter().all(|it| !it.starts_with("L7 H3")), "{said:?}");
}

#[test]
fn a_film_is_played_stopped_looped_and_scrubbed() {
    let mut stage = open(with_film(film()));
    assert_eq!(stage.click_button("play"), [Intent::Play(Playback::Toggle)]);
    assert_eq!(stage.click_button("stop"), []);
    assert_eq!(
        stage.click_button("loop"),
        [Intent::Play(Playback::Loop(true))]
    );
    stage.scene().facts.play = PlayHead {
        at: 3.25,
        on: true,
        playing: true,
        loops: true,
    };
    stage.rest();
    stage.assert_sees(&["3.25"]);
    assert_eq!(
        stage.click_button("pause"),
        [Intent::Play(Playback::Toggle)]
    );
    assert_eq!(stage.click_button("stop"), [Intent::Play(Playback::Stop)]);
    assert_eq!(
        stage.click_button("loop"),
        [Intent::Play(Playback::Loop(false))]
    );
    // The ruler is right above the lanes.
    let above = |at: Pos2| pos2(at.x, stage_top(&stage) - 6.0);
    let (from, to) = (above(token_at(&stage, 1.0)), above(token_at(&stage, 5.0)));
    let asked = stage.drag(from, to);
    let Some(Intent::Play(Playback::Seek(at))) = asked.last() else {
        panic!("{asked:?}");
    };
    assert!((at - 5.0).abs() < 0.03, "{at}");
}

fn stage_top(stage: &Stage) -> f32 {
    stage.place("timeline of 3 keys").top()
}

#[test]
fn a_key_holds_what_is_there_and_gives_way_to_a_new_one() {
    let mut facts = with_film(film());
    facts.play.at = 3.0;
    facts.session.measure = Measure::Share;
    let mut stage = open(facts);
    let asked = stage.click_button("+ key");
    let made = asked_film(&asked);
    assert_eq!(made.keys.len(), 4);
    assert_eq!(stage.scene().drafts.timeline.chosen(), Some(1));
    let key = &made.keys[1];
    assert_eq!((key.at, key.camera, key.token), (3.0, Some(HERE), Some(5)));
    assert_eq!(key.measure, Some(Measure::Share));
    // At the time of another it takes its place, but for its ease.
    let mut film = film();
    film.keys[1].ease = Ease::Linear;
    let mut facts = with_film(film);
    facts.play.at = 4.0;
    let asked = open(facts).click_button("+ key");
    let made = asked_film(&asked);
    assert_eq!(made.keys.len(), 3);
    assert_eq!(
        (made.keys[1].ease, made.keys[1].token),
        (Ease::Linear, Some(5))
    );
}

#[test]
fn a_key_is_chosen_by_a_click_and_deleted() {
    let mut stage = open(with_film(film()));
    let at = token_at(&stage, 4.0);
    assert_eq!(stage.click_at(at), [Intent::Play(Playback::Seek(4.0))]);
    assert_eq!(stage.scene().drafts.timeline.chosen(), Some(1));
    let asked = stage.click_button("delete");
    let tokens: Vec<_> = asked_film(&asked)
        .keys
        .iter()
        .map(|key| key.token)
        .collect();
    assert_eq!(tokens, [Some(3), Some(5)]);
    assert_eq!(stage.scene().drafts.timeline.chosen(), None);
    // A click beside all keys chooses none and moves the play head.
    let at = token_at(&stage, 5.0);
    let asked = stage.click_at(at);
    let [Intent::Play(Playback::Seek(at))] = asked[..] else {
        panic!("{asked:?}");
    };
    assert!((at - 5.0).abs() < 0.03, "{at}");
}

#[test]
fn a_key_is_retimed_by_a_drag_past_others() {
    let mut stage = open(with_film(film()));
    let (from, to) = (token_at(&stage, 2.0), token_at(&stage, 5.0));
    let asked = stage.drag_live(from, to);
    assert!(
        asked.len() > 1 && asked.iter().all(|it| matches!(it, Intent::Film(Some(_)))),
        "{asked:?}"
    );
    let film = stage
        .scene()
        .facts
        .session
        .film
        .clone()
        .expect("it is there");
    let keys: Vec<_> = film.keys.iter().map(|key| key.token).collect();
    assert_eq!(keys, [Some(4), Some(3), Some(5)]);
    assert!((film.keys[1].at - 5.0).abs() < 0.05, "{}", film.keys[1].at);
    assert_eq!(stage.scene().drafts.timeline.chosen(), Some(1));
    // Not past the end.
    let from = token_at(&stage, 6.0);
    stage.drag_live(from, from + egui::vec2(400.0, 0.0));
    let film = stage
        .scene()
        .facts
        .session
        .film
        .clone()
        .expect("it is there");
    assert_eq!(film.keys.last().map(|key| key.at), Some(8.0));
}

#[test]
fn a_chosen_key_says_how_it_goes_on_what_it_holds_and_what_is_said() {
    let mut stage = open(with_film(film()));
    let at = token_at(&stage, 4.0);
    stage.click_at(at);
    let asked = stage.click_button("linear");
    assert_eq!(asked_film(&asked).keys[1].ease, Ease::Linear);
    let asked = stage.click_button("token");
    assert_eq!(asked_film(&asked).keys[1].token, None);
    let asked = stage.click_button("camera");
    assert_eq!(asked_film(&asked).keys[1].camera, Some(HERE));
    let asked = stage.click_button("set from view");
    assert_eq!(asked_film(&asked).keys[1].camera, Some(HERE));
    let asked = stage.click_button("panels");
    assert_eq!(asked_film(&asked).keys[1].overlay, Some(false));
    let asked = stage.click_button("measure");
    assert_eq!(asked_film(&asked).keys[1].measure, Some(Measure::Rwk));
    let asked = stage.click_button("even speed");
    assert!(asked_film(&asked).constant_speed);
    assert_eq!(stage.click_button("clear"), [Intent::Film(None)]);
}

#[test]
fn captions_and_cards_are_typed() {
    let mut stage = open(with_film(film()));
    stage.named(Role::TextInput, "title card").focus();
    stage.rest();
    stage.write("A cat | in RWKV");
    let asked = stage.asked();
    let Some(Intent::Film(Some(made))) = asked.last() else {
        panic!("{asked:?}");
    };
    let title = made.title.as_ref().map(|card| (&*card.text, card.seconds));
    assert_eq!(title, Some(("A cat\nin RWKV", 2.0)));

    let mut film = film();
    film.keys[1].caption = Some("here".into());
    let mut stage = open(with_film(film));
    let at = token_at(&stage, 4.0);
    stage.click_at(at);
    let field = stage.field_with("here");
    stage.click_at(field);
    stage.press(egui::Modifiers::NONE, egui::Key::End);
    stage.write(" it is");
    let asked = stage.asked();
    let Some(Intent::Film(Some(made))) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!(made.keys[1].caption.as_deref(), Some("here it is"));
}

#[test]
fn it_stays_between_the_panels_whatever_the_window() {
    for size in [[1280.0, 720.0], [880.0, 560.0]] {
        let right = size[0] - 256.0;
        for facts in [selected(TEXT, 5), with_film(film())] {
            let is_film = facts.session.film.is_some();
            let mut stage = opening(facts, size);
            if is_film {
                let lanes = stage.place("timeline of 3 keys");
                assert!(lanes.left() > 304.0 && lanes.right() < right, "{lanes:?}");
                let at = token_at(&stage, 4.0);
                stage.click_at(at);
                let last = stage.place("set from view");
                assert!(last.right() < right && last.bottom() < size[1], "{last:?}");
            } else {
                let last = stage.place("+ key");
                assert!(last.right() < right && last.bottom() < size[1], "{last:?}");
            }
            let height = stage.scene().drafts.timeline.height();
            assert!((80.0..size[1] * 0.62).contains(&height), "{height}");
        }
    }
}

#[test]
fn a_clip_says_its_caption_its_card_and_what_colours_mean() {
    let mut facts = selected(TEXT, 5);
    facts.session.bare = true;
    assert!(!Stage::new(facts.clone()).sees("R-WK score"));
    facts.clip = Some(Clip {
        caption: Some("A cat reads".into()),
        card: None,
        legend: true,
    });
    let stage = Stage::new(facts.clone());
    stage.assert_sees(&["R-WK score"]);
    assert!(!stage.sees("all heads"), "the map of heads is a panel");
    let painted = |stage: &Stage, text: &str| {
        let texts = stage.painted();
        let found = texts.iter().find(|shape| shape.galley.text() == text);
        found.map(TextShape::visual_bounding_rect)
    };
    let caption = painted(&stage, "A cat reads").expect("it is painted");
    assert!((caption.center().x - 640.0).abs() < 1.0 && caption.bottom() > 650.0);
    assert!(
        caption.bottom() < 720.0 && caption.height() > 15.0,
        "{caption:?}"
    );
    // Above the timeline, in the middle of what is free.
    facts.session.bare = false;
    facts.session.film = Some(film());
    let mut stage = open(facts.clone());
    stage.rest();
    let caption = painted(&stage, "A cat reads").expect("it is painted");
    let top = 720.0 - stage.scene().drafts.timeline.height();
    assert!(
        caption.bottom() < top && caption.left() > 304.0,
        "{caption:?}, {top}"
    );

    facts.clip = Some(Clip {
        caption: None,
        card: Some(ClipCard {
            text: "The cat\nRWKV-7".into(),
            veil: 1.0,
            ink: 1.0,
        }),
        legend: false,
    });
    facts.session.bare = true;
    let stage = Stage::new(facts);
    assert!(!stage.sees("R-WK score"));
    let card = painted(&stage, "The cat\nRWKV-7").expect("it is painted");
    assert!(
        (card.center() - pos2(640.0, 360.0)).length() < 12.0,
        "{card:?}"
    );
}

#[test]
fn a_text_that_is_being_written_grows() {
    let mut facts = selected(TEXT, 2);
    facts.session.written = Some(4);
    let there: String = facts.tokens[..4].iter().map(|token| &*token.text).collect();
    let mut stage = Stage::new(facts);
    let all = stage.count(TEXT);
    stage.assert_sees(&[there.trim_end()]);
    assert_eq!(all, 0, "all of it is there");
    stage.scene().facts.session.written = None;
    stage.rest();
    assert!(stage.count(TEXT) > 0);
}
