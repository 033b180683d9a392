//! The menu of files, and what it asks for.

use std::path::PathBuf;

use arclight::{
    overlay::Facts,
    session::{Browse, Intent},
};

use super::stage::{Stage, TEXT, opened, ran};

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
