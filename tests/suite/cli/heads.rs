//! The heads that matter.

use serde_json::Value;

use super::{complains, exits, prints, prints_json};

const TEXT: &str = "The small grey cat saw the small grey dog, and the small grey dog saw the cat.";

fn places(report: &Value) -> Vec<(u64, u64)> {
    let heads = report["heads"].as_array().expect("a list");
    let place = |head: &Value| Some((head["layer"].as_u64()?, head["head"].as_u64()?));
    heads
        .iter()
        .map(|head| place(head).expect("a place"))
        .collect()
}

#[test]
fn heads_that_look_back_come_first() {
    for (model, best) in [
        ("demo-v7", [(7, 1), (7, 2), (7, 5)]),
        ("demo-v6", [(6, 5), (5, 5), (2, 4)]),
    ] {
        let report = prints_json(["heads", model, "--probe", "random-repeat", "--json"]);
        assert_eq!(places(&report)[..3], best, "{model}");
        assert_eq!(report["heads"].as_array().expect("a list").len(), 64);
        assert_eq!(report["probe"], "random-repeat");
        assert_eq!(
            (&report["tokens"], &report["readers"]),
            (&96.into(), &48.into())
        );
        let first = &report["heads"][0];
        let labels = first["labels"].as_array().expect("a list");
        let induction = labels.iter().find(|label| label["label"] == "induction");
        let induction = induction.expect("it is one");
        assert_eq!(induction["offset"], 1);
        assert_eq!(induction["value"], first["induction"]);
    }
    let table = prints(["heads", "demo-v7", "--probe", "random-repeat", "--top", "3"]);
    let lines: Vec<_> = table.lines().collect();
    assert!(table.contains("a label tells of a correlation"), "{table}");
    assert!(
        lines[3].starts_with("L7 H1") && lines[3].contains("induction +1"),
        "{table}"
    );
    assert!(table.ends_with("… and 61 more (--top)\n"), "{table}");
}

#[test]
fn a_text_and_its_trace_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let path = path.to_str().expect("UTF-8");
    prints(["trace", "demo-v6", "--prompt", TEXT, "-o", path]);
    let sorted = ["--sort", "distance", "--json"];
    let of = |start: &[&str]| prints_json([start, &sorted[..]].concat());
    let run = of(&["heads", "demo-v6", "--prompt", TEXT]);
    assert_eq!(run, of(&["heads", path]));
    let distances: Vec<_> = run["heads"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|head| head["mean_distance"].as_f64().expect("a number"))
        .collect();
    assert!(distances.is_sorted_by(|a, b| a >= b), "{distances:?}");
    let three = prints_json(["heads", path, "--sort", "distance", "--top", "3", "--json"]);
    assert_eq!(places(&three), places(&run)[..3]);
}

#[test]
fn what_cannot_be_is_said() {
    let repeat = ["heads", "demo-v7", "--probe", "random-repeat"];
    for more in [&["--prompt", "a"][..], &["--ids", "1"], &["--window", "1:"]] {
        let output = exits(2, [&repeat[..], more].concat());
        let line = String::from_utf8_lossy(&output.stderr);
        assert!(
            line.contains("random-repeat") && line.contains(more[0]),
            "{line}"
        );
    }
    let line = complains(["heads", "demo-v7", "--ids", "1"]);
    assert!(line.contains("two or more"), "{line}");
    exits(
        2,
        ["heads", "demo-v7", "--sort", "beauty", "--prompt", TEXT],
    );
}
