//! A session that is saved and opened draws the same picture again.

use arclight::{
    app::{Picture, Stage},
    camera::Pose,
    model::Lora,
    session::{Intent, Session},
};
use bevy::math::Vec3;

use crate::support::{
    checkpoint::{Checkpoint, fixture},
    device, stage,
};

fn drawn(stage: &Stage) -> Picture {
    stage.drawn().expect("it is drawn")
}

#[test]
fn the_camera_is_where_it_was() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("view.toml");
    let first = Session {
        model: "demo-v7".into(),
        prompt: "A cat sat on a mat, and a cat slept.".into(),
        token: Some(6),
        ..Session::default()
    };
    let mut moved = stage(&gpu, first.clone());
    let before = drawn(&moved);
    let pose = Pose {
        focus: Vec3::new(1.0, 0.5, 0.0),
        yaw: 0.7,
        pitch: 0.9,
        radius: 30.0,
    };
    moved.desk().ask(Intent::Camera(Some(pose)));
    moved.settle().expect("it moves");
    let there = drawn(&moved);
    assert!(there != before, "the camera did not move");
    moved.desk().ask(Intent::SaveSession(path.clone()));
    moved.settle().expect("it is saved");

    let session = Session::open(&path).expect("it opens");
    assert_eq!(session.camera, Some(pose));
    let again = stage(&gpu, session);
    assert!(drawn(&again) == there, "the pictures differ");

    // In a window that showed another thing, whose glyphs stand elsewhere in their texture: the edge of one
    // may be rounded the other way.
    let mut other = stage(
        &gpu,
        Session {
            token: None,
            ..first
        },
    );
    other.desk().ask(Intent::OpenSession(path));
    other.settle().expect("it opens");
    // What was saved is named beside the model in one of the two.
    other.desk().facts.saved = moved.desk().facts.saved.clone();
    moved.settle().expect("it stays");
    other.settle().expect("it stays");
    let (other, moved) = (drawn(&other).pixels, drawn(&moved).pixels);
    let off: Vec<u8> = other
        .iter()
        .zip(&moved)
        .map(|(a, b)| a.abs_diff(*b))
        .collect();
    assert!(off.iter().all(|off| *off <= 1), "the pictures differ");
    let rounded = off.iter().filter(|off| **off > 0).count();
    assert!(rounded <= 20, "{rounded} values differ");
}

#[test]
fn a_lora_is_taken_out_and_put_back_by_undo() {
    let device = device();
    let (_folder, lora) = Checkpoint::lora().write_as("tuned.safetensors");
    let model = fixture("tiny-v7-f32.pth").to_string_lossy().into_owned();
    let first = Session {
        model: model.clone(),
        prompt: "abc".into(),
        lora: vec![Lora {
            file: lora,
            alpha: Some(8.0),
        }],
        ..Session::default()
    };
    let mut stage = stage(&device.gpu.clone(), first);
    let seen = |stage: &mut Stage| {
        let desk = stage.desk();
        let model = desk.facts.model.clone().expect("a model");
        let logits = desk.trace().and_then(|trace| trace.prediction(2));
        (model.lora, logits.expect("it has run").top)
    };
    let (lora, tuned) = seen(&mut stage);
    assert_eq!(lora, ["tuned (alpha 8)"]);
    stage.desk().ask(Intent::Lora(Vec::new()));
    stage.desk().ask(Intent::Open(model));
    stage.settle().expect("it opens");
    let (lora, plain) = seen(&mut stage);
    assert!(lora.is_empty(), "{lora:?}");
    assert_ne!(plain, tuned, "the LoRA changed nothing");
    stage.desk().ask(Intent::Undo);
    stage.desk().ask(Intent::Undo);
    stage.settle().expect("it is back");
    assert_eq!(
        seen(&mut stage),
        (vec!["tuned (alpha 8)".to_owned()], tuned)
    );
}

/// Those of the tutorial, and the numbers that its text gives.
#[test]
fn the_tutorials_sessions_tell_what_the_readme_says() {
    let device = device();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial");
    let readme = std::fs::read_to_string(folder.join("../../README.md")).expect("it is there");
    for (name, told) in [("head", "76.6 %"), ("ablated", "7.9 %"), ("push", "76.6 %")] {
        let session = Session::open(&folder.join(name).with_extension("toml")).expect("it opens");
        let mut stage = stage(&device.gpu, session);
        let facts = stage.desk().facts.clone();
        let changed = facts.changed.and_then(|changed| changed.expected);
        let (position, prediction, texts) = changed.or(facts.prediction).expect("it is expected");
        assert_eq!((position, texts[0].text.as_str()), (16, " W"));
        let percent = prediction.top[0].probability * 100.0;
        let said: f32 = told.trim_end_matches(" %").parse().expect("a number");
        assert!(
            (percent - said).abs() < 0.6,
            "{name}: {percent}, not {said}"
        );
        assert!(readme.contains(told), "{told}");
    }
}
