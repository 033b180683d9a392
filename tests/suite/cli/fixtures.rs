use std::iter::zip;

use super::{prints, prints_json};
use crate::support::checkpoint::{FIXTURES, fixture};

fn path(name: &str) -> String {
    fixture(name).to_str().expect("a plain path").to_owned()
}

#[test]
fn every_checkpoint_is_recognised() {
    for name in FIXTURES {
        let info = prints_json(["info", &path(name), "--json"]);
        let version = if name.contains("v6") { "v6" } else { "v7" };
        assert_eq!(info["version"], version, "{name}");
        assert_eq!(info["name"], name.trim_end_matches(".pth"), "{name}");
        let sizes = ["layers", "heads", "head_size", "width", "vocab"];
        assert_eq!(
            sizes.map(|key| info[key].as_u64()),
            [2, 2, 32, 64, 256].map(Some),
            "{name}"
        );
    }
}

#[test]
fn every_checkpoint_predicts() {
    for name in FIXTURES {
        let found = prints_json(["predict", &path(name), "--ids", "104,101,255", "--json"]);
        let positions = found["positions"].as_array().expect("positions");
        assert_eq!(positions.len(), 3, "{name}");
        for (position, id) in zip(positions, [104, 101, 255]) {
            assert_eq!(position["id"], id, "{name}");
            let top = position["top"].as_array().expect("candidates");
            assert_eq!(top.len(), 5, "{name}");
            let known = top
                .iter()
                .all(|candidate| candidate["id"].as_u64() < Some(256));
            assert!(known, "{name}: an id beyond the vocabulary: {position}");
            let sum: f64 = top
                .iter()
                .filter_map(|candidate| candidate["prob"].as_f64())
                .sum();
            assert!(sum > 5.0 / 256.0 && sum < 1.0, "{name}: {position}");
        }
        assert_eq!(positions[0]["text"], "h");
    }
}

#[test]
fn every_checkpoint_passes_the_check() {
    for name in FIXTURES {
        for precision in ["f32", "f16"] {
            let args = [
                "check",
                &path(name),
                "--ids",
                "1,2,3",
                "--precision",
                precision,
            ];
            let text = prints(args);
            assert!(text.contains("passed"), "{name}, {precision}: {text}");
            assert_eq!(
                text.lines().count(),
                5,
                "{name}: a line a head, and the verdict: {text}"
            );
        }
    }
}
