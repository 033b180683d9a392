//! Windows of a text and states.

use super::{complains, prints, prints_json};
use crate::support::checkpoint::{Checkpoint, fixture};

const TEXT: &str = "The small grey cat slept on the warm stone.";

#[test]
fn a_window_expects_what_the_whole_does() {
    let whole = prints_json(["predict", "demo-v7", "--prompt", TEXT, "--json"]);
    let part = prints_json([
        "predict", "demo-v7", "--prompt", TEXT, "--window", "-3:", "--json",
    ]);
    let (whole, part) = (&whole["positions"], &part["positions"]);
    let (whole, part) = (
        whole.as_array().expect("a list"),
        part.as_array().expect("a list"),
    );
    assert_eq!(part.len(), 3);
    for (part, whole) in part.iter().zip(&whole[whole.len() - 3..]) {
        assert_eq!(part["id"], whole["id"]);
        assert_eq!(part["top"][0]["id"], whole["top"][0]["id"]);
        let [part, whole] = [part, whole].map(|it| it["surprise"].as_f64().expect("known"));
        assert!((part - whole).abs() < 0.05, "{part}, {whole}");
    }
}

#[test]
fn a_window_is_checked_and_kept_in_a_trace() {
    let said = prints(["check", "demo-v6", "--prompt", TEXT, "--window", "4:"]);
    assert!(said.contains("passed"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("part.safetensors");
    let path = path.to_str().expect("UTF-8");
    prints([
        "trace", "demo-v6", "--prompt", TEXT, "--window", "4:", "-o", path,
    ]);
    let info = prints_json(["info", path, "--json"]);
    assert_eq!(info["before"]["tokens"], 4);
    assert!(info["before"]["state"].is_null());
    assert!(prints(["info", path]).contains("before      4 tokens"));
    assert!(prints(["check", path]).contains("passed"));
}

#[test]
fn what_cannot_be_a_state_or_a_window_is_said() {
    let model = fixture("tiny-v7-f32.pth");
    let model = model.to_str().expect("UTF-8");
    let line = complains(["predict", model, "--ids", "1,2", "--window", "5:"]);
    assert!(line.contains("--window 5: has no token"), "{line}");
    let line = complains(["predict", model, "--ids", "1,2", "--state", model]);
    assert!(
        line.contains("is no state") && line.contains("it has no blocks.0.att.time_state"),
        "{line}"
    );
    let (_folder, state) =
        Checkpoint::zeros(&[("blocks.0.att.time_state", &[2, 32, 32])]).write_as("state.st");
    let line = complains(["predict", state.to_str().expect("UTF-8"), "--ids", "1"]);
    assert!(line.contains("--state"), "{line}");
}
