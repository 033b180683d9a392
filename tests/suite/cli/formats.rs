//! Models in the forms that people have them in, LoRAs, and `convert`.

use std::{ffi::OsStr, fs, path::Path};

use serde_json::{Value, json};

use super::{complains, exits, prints, prints_json};
use crate::support::checkpoint::{Checkpoint, fixture};

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// What a model expects, by all its numbers.
fn predicted<S: AsRef<OsStr>>(model: &Path, more: impl IntoIterator<Item = S>) -> Value {
    let args = [
        "predict",
        text(model),
        "--ids",
        "104,101,255,7",
        "--precision",
        "f32",
        "--json",
        "--top",
        "16",
    ];
    let args = args.map(|arg| AsRef::<OsStr>::as_ref(arg).to_owned());
    let more = more.into_iter().map(|arg| arg.as_ref().to_owned());
    prints_json(args.into_iter().chain(more))
}

fn predicts(model: &Path) -> Value {
    predicted(model, [""; 0])
}

#[test]
fn a_hugging_face_folder_is_the_model_it_was_made_from() {
    let original = fixture("tiny-v7-f16-legacy.pth");
    let checkpoint = Checkpoint::of_fixture("tiny-v7-f16-legacy.pth").into_fla7();
    let (folder, path) = checkpoint.write_as("model.safetensors");
    let expected = predicts(&original);
    assert_eq!(predicts(folder.path()), expected);
    assert_eq!(predicts(&path), expected);
    let info = prints_json(["info", text(folder.path()), "--json"]);
    let name = folder.path().file_name().and_then(|name| name.to_str());
    assert_eq!(info["name"].as_str(), name);
    let check = prints(["check", text(folder.path()), "--ids", "1,2,3"]);
    assert!(check.contains("passed"), "{check}");
    fs::write(folder.path().join("config.json"), r#"{"norm_eps": 1e-6}"#).expect("written");
    let line = complains(["info", text(folder.path())]);
    assert!(
        line.contains("config.json") && line.contains("1e-6"),
        "{line}"
    );
}

#[test]
fn a_converted_model_gives_the_same_logits() {
    for name in ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"] {
        let original = fixture(name);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.st");
        assert_eq!(prints(["convert", text(&original), text(&path)]), "");
        assert_eq!(predicts(&path), predicts(&original), "{name}");
        // Onto itself, too.
        let before = fs::read(&path).expect("it is there");
        prints(["convert", text(&path), text(&path)]);
        assert!(fs::read(&path).expect("it is there") == before);
    }
}

#[test]
fn what_cannot_be_converted_leaves_nothing() {
    let original = fixture("tiny-v7-f32.pth");
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("none/model.st");
    let other = folder.path().join("model.pth");
    for (output, says) in [(&nowhere, "cannot be written"), (&other, ".st")] {
        let line = complains(["convert", text(&original), text(output)]);
        assert!(line.contains(says), "{line}");
    }
    let line = complains(["convert", "none.pth", text(&folder.path().join("a.st"))]);
    assert!(line.contains("none.pth"), "{line}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_lora_is_merged_wherever_a_model_is_run() {
    let original = fixture("tiny-v7-f32.pth");
    let (folder, lora) = Checkpoint::lora().write_as("tuned.safetensors");
    let with = format!("{}=8", text(&lora));
    let tuned = predicted(&original, ["--lora", &with]);
    assert_ne!(tuned, predicts(&original), "it changes nothing");
    let half = format!("{}=4", text(&lora));
    assert_ne!(predicted(&original, ["--lora", &half]), tuned);
    let twice = predicted(&original, ["--lora", &half, "--lora", &half]);
    let logit = |value: &Value| value["positions"][3]["top"][0]["logit"].as_f64();
    let (twice, once) = (logit(&twice), logit(&tuned));
    let off = twice.zip(once).map(|(twice, once)| (twice - once).abs());
    assert!(off < Some(1e-2), "{twice:?} and {once:?}");

    let merged = folder.path().join("merged.st");
    prints(["convert", text(&original), text(&merged), "--lora", &with]);
    assert_eq!(predicts(&merged), tuned);

    let info = prints_json(["info", text(&original), "--lora", &with, "--json"]);
    assert_eq!(info["lora"], json!([{"name": "tuned", "alpha": 8.0}]));
    let said = prints(["info", text(&original), "--lora", &with]);
    assert!(said.contains("tuned (alpha 8)"), "{said}");

    let trace = folder.path().join("trace.safetensors");
    let args = [
        "trace",
        text(&original),
        "--ids",
        "1,2,3",
        "-o",
        text(&trace),
    ];
    prints([&args[..], &["--lora", &with, "--lora", text(&lora)]].concat());
    let info = prints_json(["info", text(&trace), "--json"]);
    let expected = json!([{"name": "tuned", "alpha": 8.0}, {"name": "tuned", "alpha": null}]);
    assert_eq!(info["lora"], expected);
    let output = exits(2, ["info", text(&trace), "--lora", &with]);
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(line.contains("--lora"), "{line}");
}

#[test]
fn a_lora_of_another_model_is_told() {
    let (_folder, lora) = Checkpoint::lora().write_as("tuned.safetensors");
    let line = complains(["info", "demo-v7", "--lora", text(&lora)]);
    assert!(
        line.contains("tuned.safetensors cannot be merged into demo-v7"),
        "{line}"
    );
    let line = complains(["info", text(&lora)]);
    assert!(line.contains("--lora"), "{line}");
    let line = complains(["info", "demo-v7", "--lora", "none.pth=3"]);
    assert!(line.contains("none.pth") && !line.contains("=3"), "{line}");
}
