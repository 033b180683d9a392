//! A text that goes on.

use serde_json::{Value, json};

use super::{complains, exits, prints, prints_json};

const TEXT: &str = "Once there was a small grey";

fn generate<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["generate", "demo-v6", "--prompt", TEXT, "--tokens", "12"];
    all.extend(more);
    all
}

fn ids(value: &Value) -> Vec<u64> {
    let list = value.as_array().expect("a list").iter();
    list.map(|id| id.as_u64().expect("an id")).collect()
}

#[test]
fn the_most_probable_token_comes_again_and_again() {
    let came = prints_json(generate(&["--greedy", "--precision", "f32", "--json"]));
    assert_eq!(came["ended"], "tokens");
    let (prompt, tokens) = (ids(&came["prompt"]), ids(&came["tokens"]));
    assert_eq!(tokens.len(), 12);
    let all = [prompt.clone(), tokens.clone()].concat();
    let all: Vec<_> = all.iter().map(ToString::to_string).collect();
    let all = all.join(",");
    let predicted = prints_json([
        "predict",
        "demo-v6",
        "--ids",
        &all,
        "--precision",
        "f32",
        "--top",
        "1",
        "--json",
    ]);
    let positions = predicted["positions"].as_array().expect("a list");
    for (at, id) in tokens.iter().enumerate() {
        let before = &positions[prompt.len() + at - 1]["top"][0]["id"];
        assert_eq!(before, id, "token {at}");
    }
    let said = prints(generate(&["--greedy", "--precision", "f32"]));
    assert_eq!(said.trim_end_matches('\n'), came["text"]);
}

#[test]
fn a_seed_writes_the_same_text_again() {
    let text = |seed| prints(generate(&["--top-p", "1", "--seed", seed]));
    assert_eq!(text("3"), text("3"));
    assert_ne!(text("3"), text("4"));
}

#[test]
fn interventions_change_what_is_written() {
    let plain = prints(generate(&["--greedy"]));
    let changed = prints(generate(&["--greedy", "--ablate", "L0,L6"]));
    assert_ne!(plain, changed);
}

#[test]
fn it_ends_before_a_stop_and_leaves_a_trace() {
    let greedy = ["--greedy", "--precision", "f32"];
    let whole = prints(generate(&greedy));
    let whole = whole.trim_end_matches('\n');
    let middle = whole.len() / 2;
    let stop = &whole[middle..middle + 3];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.safetensors");
    let path = path.to_str().expect("plain");
    let more = [&greedy[..], &["--stop", stop, "--trace", path, "--json"]].concat();
    let came = prints_json(generate(&more));
    assert_eq!(came["ended"], "stop");
    assert_eq!(
        came["text"],
        whole[..whole.find(stop).expect("it is there")]
    );
    let read = ids(&came["prompt"]).len() + ids(&came["tokens"]).len();
    let info = prints_json(["info", path, "--json"]);
    assert_eq!(info["tokens"], json!(read));
}

#[test]
fn what_makes_no_sense_is_said() {
    for (more, cure) in [
        (&["--temperature", "-1"][..], "a number from 0 on"),
        (&["--top-p", "1.5"], "a number from 0 to 1"),
        (&["--window", "2:"], "leave them out"),
        (
            &["--trace", "t.safetensors", "--ablate", "L6"],
            "does not tell what was changed",
        ),
    ] {
        let said = exits(2, generate(more)).stderr;
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains(cure), "{said}");
    }
    let said = exits(2, ["generate", "demo-v6", "--ids", "1,2", "--chat"]).stderr;
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("--chat asks in words"), "{said}");
    let line = complains(generate(&["--ablate", "L9"]));
    assert!(line.contains("layers 0 to 7"), "{line}");
}
