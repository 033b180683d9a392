//! The desk shows an opened trace as a run that has just finished.

use std::{fs, path::Path};

use arclight::{
    app::{self, Stage, Start},
    model::Vocabulary,
    session::{Intent, Session},
    trace::Precision,
};
use bevy::math::UVec2;

use super::write;
use crate::{reference::Version, support::device};

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn an_opened_trace_is_shown_saved_and_not_run() {
    let mut device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let (v6, v7, copy) = (path("v6.safetensors"), path("v7.safetensors"), path("copy"));
    for (version, path) in [(Version::V6, &v6), (Version::V7, &v7)] {
        let trace = device.captured(version, Precision::F32);
        let vocabulary = Vocabulary::for_model(&trace.origin.card, None).expect("built in");
        write(&device.gpu, &trace, vocabulary.as_ref(), path);
    }
    let tokens = device.captured(Version::V7, Precision::F32).tokens.len();
    let start = Start {
        session: Session {
            model: text(&v7),
            token: Some(20),
            ..Session::default()
        },
        ..Start::default()
    };
    let gpu = device.gpu.clone();
    let mut stage =
        Stage::new(&gpu, start, UVec2::new(320, 180), app::samples(&gpu)).expect("a stage");
    stage.settle().expect("it is shown");
    {
        let facts = &stage.desk().facts;
        let model = facts.model.as_ref().expect("the metadata says which");
        assert_eq!((model.name.as_str(), model.card.vocab), ("demo-v7", 8192));
        assert_eq!(facts.opened.as_deref(), Some(v7.as_path()));
        assert_eq!(facts.tokens.len(), tokens);
        assert!(facts.tokens.iter().all(|token| !token.bytes.is_empty()));
        // As for frames of single floats, which is not what the session asks for.
        let lamp = facts.lamp.expect("it is checked");
        assert!(
            lamp.error <= lamp.tolerance && lamp.tolerance < 2e-3,
            "{lamp:?}"
        );
        assert!(facts.arcs > 0 && facts.summary.len() == tokens);
        let (position, prediction, texts) = facts.prediction.as_ref().expect("of the token");
        assert_eq!((*position, prediction.top.len(), texts.len()), (20, 16, 16));
        assert!(
            texts.iter().filter(|text| !text.bytes.is_empty()).count() > 12,
            "{texts:?}"
        );
        assert!(facts.contributions.largest > 0.0);
    }

    stage.desk().ask(Intent::SaveTrace(copy.clone()));
    stage.settle().expect("it is saved");
    assert_eq!(stage.desk().facts.saved.as_deref(), Some(copy.as_path()));
    assert!(fs::read(&copy).expect("a file") == fs::read(&v7).expect("a file"));

    stage.desk().ask(Intent::Run);
    let error = stage.settle().expect_err("there is no model").to_string();
    assert!(
        error.contains("only a trace is open") && error.contains("demo-v7"),
        "{error}"
    );

    stage.desk().ask(Intent::Open(text(&v6)));
    stage.settle().expect("it is shown");
    assert_eq!(stage.desk().facts.opened.as_deref(), Some(v6.as_path()));
    assert_eq!(stage.desk().facts.saved, None);

    // A model reads again, and what it read is no longer from a file.
    stage.desk().ask(Intent::Prompt("A cat.".into()));
    stage.desk().ask(Intent::Open("demo-v7".into()));
    stage.settle().expect("it is run");
    assert_eq!(stage.desk().facts.opened, None);
    stage
        .desk()
        .ask(Intent::SaveTrace(folder.path().to_owned()));
    let error = stage.settle().expect_err("a folder").to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[test]
fn without_a_run_there_is_nothing_to_save() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let gpu = device.gpu.clone();
    let start = Start {
        session: Session {
            model: "demo-v6".into(),
            ..Session::default()
        },
        ..Start::default()
    };
    let mut stage =
        Stage::new(&gpu, start, UVec2::new(320, 180), app::samples(&gpu)).expect("a stage");
    let path = folder.path().join("a.safetensors");
    stage.desk().ask(Intent::SaveTrace(path.clone()));
    let error = stage.settle().expect_err("nothing has run").to_string();
    assert!(error.contains("nothing to save"), "{error}");
    assert!(!path.exists());
}
