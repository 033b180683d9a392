//! The menu of files, and what it asks for.

use std::path::PathBuf;

use arclight::{
    overlay::{Facts, PictureStatus, RecordingFacts},
    session::{Browse, Export, Intent, PictureOptions, Sheet},
};
use bevy::math::UVec2;

use super::stage::{Stage, TEXT, opened, ran, selected};

fn with_menu(facts: Facts) -> Stage {
    let mut stage = Stage::new(facts);
    assert_eq!(stage.click_button("File"), []);
    stage
}

#[test]
fn files_are_opened_and_saved_from_the_menu() {
    for (item, intent) in [
        ("Open a file", Intent::Browse(Browse::Open)),
        ("Read the clipboard", Intent::Paste),
        ("Open demo-v7", Intent::Open("demo-v7".into())),
        ("Save the session", Intent::Browse(Browse::SaveSession)),
        ("Save the run as a trace", Intent::Browse(Browse::SaveTrace)),
        ("Begin with the last session", Intent::Remember(true)),
        ("Quit", Intent::Quit),
    ] {
        let mut stage = with_menu(ran(TEXT));
        assert_eq!(stage.click_containing(item), [intent], "{item}");
    }
}

#[test]
fn what_is_remembered_can_be_forgotten() {
    let mut facts = opened();
    facts.remembers = true;
    let asked = with_menu(facts).click_containing("Begin with the last session");
    assert_eq!(asked, [Intent::Remember(false)]);
}

#[test]
fn without_a_run_there_is_no_trace_to_save() {
    let mut stage = with_menu(opened());
    assert_eq!(stage.click_containing("Save the run as a trace"), []);
}

#[test]
fn recent_files_are_a_click_away() {
    assert!(!with_menu(opened()).sees("Open recent"), "there are none");
    let recent = ["/models/big.st", "/views/one.toml"].map(PathBuf::from);
    for path in &recent {
        let mut facts = opened();
        facts.recent = recent.to_vec();
        let mut stage = with_menu(facts);
        stage.click_containing("Open recent");
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("plain");
        let asked = stage.click_containing(name);
        assert_eq!(asked, [Intent::OpenFile(path.clone())]);
    }
    let mut facts = opened();
    facts.recent = recent.to_vec();
    let mut stage = with_menu(facts);
    stage.click_containing("Open recent");
    assert_eq!(
        stage.click_containing("Forget these"),
        [Intent::ForgetRecent]
    );
}

#[test]
fn the_trace_on_show_and_what_was_saved_are_named() {
    let mut facts = ran(TEXT);
    facts.opened = Some("/runs/first.safetensors".into());
    facts.saved = Some("/views/second.toml".into());
    Stage::new(facts).assert_sees(&["trace: first.safetensors", "saved: second.toml"]);
}

#[test]
fn a_file_over_the_window_is_named() {
    let mut facts = opened();
    assert!(!Stage::new(facts.clone()).sees("Drop"));
    facts.dragged = Some("/models/big.st".into());
    Stage::new(facts).assert_sees(&["Drop to open big.st"]);
}

#[test]
fn parts_of_the_view_are_exported_and_copied_once_they_are_there() {
    for (facts, part, possible) in [
        (ran(TEXT), Export::Row, false),
        (selected(TEXT, 5), Export::Row, true),
        (selected(TEXT, 5), Export::Column, true),
        (selected(TEXT, 5), Export::Matrix, false),
        (ran(TEXT), Export::Text, true),
    ] {
        for (menu, verb, intent) in [
            ("Export", "Export", Intent::Browse(Browse::Export(part))),
            ("Copy", "Copy", Intent::Copy(part)),
        ] {
            let mut stage = with_menu(facts.clone());
            stage.click_containing(menu);
            let asked = stage.click_containing(&format!("{verb} the {}", part.name()));
            assert_eq!(
                asked,
                Vec::from_iter(possible.then_some(intent)),
                "{part:?}"
            );
        }
    }
}

#[test]
fn a_picture_is_saved_as_it_was_chosen() {
    let mut stage = Stage::new(ran(TEXT));
    stage.scene().drafts.sheets.toggle(Sheet::Picture);
    stage.rest();
    for choice in ["4K", "cut out", "left out", "2 ×"] {
        assert_eq!(stage.click(choice), []);
    }
    let options = PictureOptions {
        size: UVec2::new(3840, 2160),
        transparent: true,
        overlay: false,
        supersample: 2,
    };
    assert_eq!(
        stage.click_button("Save …"),
        [Intent::Browse(Browse::Picture(options))]
    );
    assert!(stage.scene().drafts.sheets.open().is_none(), "it stays");
    stage.scene().drafts.sheets.toggle(Sheet::Picture);
    stage.rest();
    let asked = stage.click_button("Copy");
    assert_eq!(asked, [Intent::CopyPicture(options)], "it forgot");
}

#[test]
fn with_nothing_to_draw_no_picture_is_saved() {
    let mut stage = Stage::new(opened());
    stage.scene().drafts.sheets.toggle(Sheet::Picture);
    stage.rest();
    stage.assert_sees(&["nothing to draw yet"]);
    assert!(!stage.is_enabled("Save …"));
}

#[test]
fn a_picture_and_an_export_show_how_far_they_are_and_end_on_request() {
    let mut drawing = ran(TEXT);
    drawing.picture = Some(PictureStatus::Drawing { done: 3, total: 12 });
    let mut exporting = ran(TEXT);
    exporting.exporting = Some((Export::Matrix, 0.5));
    let mut recording = ran(TEXT);
    recording.recording = Some(RecordingFacts {
        done: 20,
        total: 80,
        seconds: 2.0,
    });
    for (facts, label) in [
        (drawing, "picture: 3 / 12 parts"),
        (exporting, "the matrix: 50 %"),
        (recording, "clip: 20 / 80 frames · 6 s left"),
    ] {
        let mut stage = Stage::with_prompt(facts, TEXT);
        stage.assert_sees(&[label]);
        assert_eq!(stage.click("Cancel"), [Intent::Cancel]);
        // It goes on beside everything else.
        assert!(stage.is_enabled("Run"));
    }
}

#[test]
fn what_was_exported_or_copied_last_is_named() {
    let mut facts = ran(TEXT);
    facts.exported = Some((Export::Row, "/tables/row.csv".into()));
    facts.picture = Some(PictureStatus::Saved("/pictures/large.png".into()));
    Stage::new(facts.clone()).assert_sees(&["exported: row.csv", "picture: large.png"]);
    facts.copied = Some(Export::Column);
    Stage::new(facts).assert_sees(&["the column is on the clipboard"]);
}
