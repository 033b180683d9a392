//! Characters that egui's own faces lack, and faces of the system for them.

use std::{collections::BTreeSet, time::Duration};

use arclight::overlay::{Face, Search};
use egui::{FontDefinitions, FontId};
use fontdb::Database;

use super::stage::{Stage, TEXT, opened, ran, tokens};

/// What is asked of the system.
fn wanted(stage: &mut Stage) -> Option<Vec<char>> {
    let ctx = stage.ctx();
    stage.scene().drafts.faces.wanted(&ctx)
}

fn answer(stage: &mut Stage, face: Option<Face>) {
    let ctx = stage.ctx();
    stage.scene().drafts.faces.answer(&ctx, face);
    stage.rest();
}

fn bytes(face: &str) -> Vec<u8> {
    FontDefinitions::default().font_data[face].font.to_vec()
}

/// A face that is said to have some characters.
fn face(covers: &str) -> Face {
    Face {
        name: "A face".into(),
        bytes: bytes("Hack").leak(),
        index: 0,
        covers: covers.chars().collect(),
    }
}

#[test]
fn a_text_that_the_own_faces_have_asks_for_none() {
    let mut stage = Stage::new(ran(&format!("{TEXT}\n\tÜber мир λόγος → ⟨x⟩ ❤\u{FE0F} 🐋")));
    assert_eq!(wanted(&mut stage), None);
    assert!(stage.scene().drafts.faces.is_settled());
}

#[test]
fn a_text_in_chinese_asks_for_a_face_once() {
    let mut stage = Stage::new(ran("The word 世界\u{3000}世。"));
    assert!(!stage.scene().drafts.faces.is_settled());
    assert_eq!(wanted(&mut stage).as_deref(), Some(&['。', '世', '界'][..]));
    stage.rest();
    assert_eq!(wanted(&mut stage), None, "while the search goes on");
    assert!(!stage.scene().drafts.faces.is_settled());
}

#[test]
fn prompts_predictions_and_names_ask_too() {
    let mut stage = Stage::with_prompt(opened(), "こ");
    assert_eq!(wanted(&mut stage).as_deref(), Some(&['こ'][..]));
    answer(&mut stage, Some(face("こ")));
    stage.scene().facts.error = Some("模 cannot be read".into());
    stage.rest();
    assert_eq!(wanted(&mut stage).as_deref(), Some(&['模'][..]));
    answer(&mut stage, Some(face("模")));

    let mut facts = ran(TEXT);
    let mut text = tokens(" a");
    text[0].text = "안".into();
    let prediction = arclight::trace::Prediction::from_logits(&[0.0], 1, None);
    facts.prediction = Some((3, prediction, text));
    stage.scene().facts = facts;
    stage.rest();
    assert_eq!(wanted(&mut stage).as_deref(), Some(&['안'][..]));
}

#[test]
fn a_face_is_used_and_what_it_lacks_is_asked_for_anew() {
    let mut stage = Stage::new(ran("世界 안녕"));
    assert_eq!(wanted(&mut stage).map(|wanted| wanted.len()), Some(4));
    answer(&mut stage, Some(face("世界")));
    let names = stage.ctx().fonts(|fonts| {
        let names = fonts.definitions().font_data.keys();
        names.cloned().collect::<Vec<_>>()
    });
    assert!(
        names.iter().any(|name| name.ends_with("A face")),
        "{names:?}"
    );
    assert_eq!(wanted(&mut stage).as_deref(), Some(&['녕', '안'][..]));
    answer(&mut stage, Some(face("안녕")));
    assert_eq!(wanted(&mut stage), None);
    assert!(stage.scene().drafts.faces.is_settled());
    assert!(!stage.sees("No font here"));
}

#[test]
fn that_no_face_was_found_is_said_until_it_is_put_away() {
    let mut stage = Stage::new(ran("世界"));
    assert!(!stage.sees("No font here"));
    assert!(wanted(&mut stage).is_some());
    answer(&mut stage, None);
    assert!(stage.scene().drafts.faces.is_settled());
    stage.assert_sees(&["No font here has 2 characters of this text"]);
    if cfg!(target_os = "linux") {
        stage.assert_sees(&["fonts-noto-cjk"]);
    }
    assert_eq!(wanted(&mut stage), None, "it is remembered");
    assert_eq!(stage.click("×"), []);
    stage.rest();
    assert!(!stage.sees("No font here"));
}

#[test]
fn faces_are_not_taken_without_end() {
    let mut stage = Stage::new(ran("世界安녕天下"));
    let mut taken = 0;
    while let Some(wanted) = wanted(&mut stage) {
        answer(&mut stage, Some(face(&wanted[0].to_string())));
        taken += 1;
    }
    assert_eq!(taken, 4);
    stage.rest();
    stage.assert_sees(&["No font here has 2 characters"]);
}

#[test]
fn of_several_faces_that_with_most_characters_is_found() {
    let mut system = Database::new();
    for name in ["Hack", "NotoEmoji-Regular", "Ubuntu-Light"] {
        system.load_font_data(bytes(name));
    }
    system.load_font_data(b"this is no face".to_vec());
    let find = |wanted: &[char]| Face::find(&system, wanted);
    let covers = |wanted: &str| wanted.chars().collect::<BTreeSet<_>>();

    // Arrows and brackets are those of the monospaced one.
    let found = find(&['→', '⟨', '🐋']).expect("one of them");
    assert_eq!(
        (found.name.as_str(), found.covers),
        ("Hack-Regular", covers("→⟨"))
    );
    let found = find(&['🐋']).expect("the emoji");
    assert!(found.name.contains("Emoji"), "{}", found.name);
    assert_eq!(found.covers, covers("🐋"));
    assert_eq!(find(&['世']), None);
    assert_eq!(find(&[]), None);
}

/// What a search of this system finds.
pub fn found_here(wanted: &[char]) -> Option<Face> {
    let search = Search::start(wanted.to_vec()).expect("a thread");
    loop {
        if let Some(found) = search.take() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether this system has a face for Chinese. Continuous integration must have one.
pub fn has_chinese() -> bool {
    let found = found_here(&['世', '界']).is_some();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "no face for Chinese: install fonts-droid-fallback"
    );
    if !found {
        println!("skipped: no face for Chinese");
    }
    found
}

#[test]
fn a_face_of_this_system_draws_chinese() {
    if !has_chinese() {
        return;
    }
    let mut stage = Stage::new(ran("世界"));
    let wanted = wanted(&mut stage).expect("they are missing");
    answer(&mut stage, found_here(&wanted));
    let body = FontId::proportional(13.5);
    let drawn = stage
        .ctx()
        .fonts_mut(|fonts| fonts.has_glyphs(&body, "世界"));
    assert!(drawn);
    assert!(!stage.sees("No font here"));
}
