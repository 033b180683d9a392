//! `trace`, and what takes its file in place of a model.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{assert_keys, complains, exits, prints, prints_json};
use crate::support::{checkpoint::fixture, python};

const TEXT: &str = "The small grey cat climbed. The small grey cat slept.";

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A trace of a demo model over [`TEXT`].
fn trace(model: &str, precision: &str, folder: &TempDir) -> PathBuf {
    let path = folder
        .path()
        .join(format!("{model}-{precision}.safetensors"));
    let args = [
        "trace",
        model,
        "--precision",
        precision,
        "--prompt",
        TEXT,
        "-o",
        text(&path),
    ];
    assert_eq!(prints(args), "", "what is written to a file is not printed");
    path
}

#[test]
fn check_and_scores_say_the_same_of_a_trace() {
    let folder = folder();
    let (one, other) = (folder.path().join("1.npz"), folder.path().join("2.npz"));
    for (model, precision) in [("demo-v6", "f32"), ("demo-v7", "f32"), ("demo-v7", "f16")] {
        let trace = trace(model, precision, &folder);
        let run = [model, "--precision", precision, "--prompt", TEXT];
        let of_run = prints([&["check", "--json"][..], &run].concat());
        assert_eq!(
            prints(["check", "--json", text(&trace)]),
            of_run,
            "{model}, {precision}"
        );
        let scores = ["scores", "--measure", "share", "--layer", "5"];
        prints([&scores[..], &run, &["-o", text(&one)]].concat());
        prints([&scores[..], &[text(&trace), "-o", text(&other)]].concat());
        let same = fs::read(&one).expect("written") == fs::read(&other).expect("written");
        assert!(same, "{model}, {precision}: the scores differ");
    }
}

#[test]
fn a_trace_is_drawn_as_its_run_is() {
    let folder = folder();
    let trace = trace("demo-v7", "f16", &folder);
    let (one, other) = (folder.path().join("1.png"), folder.path().join("2.png"));
    let how = [
        "--select",
        "-2",
        "--measure",
        "share",
        "--size",
        "320x180",
        "--no-overlay",
        "-o",
    ];
    prints(
        [
            &["render", "demo-v7", "--prompt", TEXT][..],
            &how,
            &[text(&one)],
        ]
        .concat(),
    );
    prints([&["render", text(&trace)][..], &how, &[text(&other)]].concat());
    let same = fs::read(&one).expect("drawn") == fs::read(&other).expect("drawn");
    assert!(same, "the pictures differ");

    let line = complains(["render", text(&trace), "--select", "900", "-o", text(&one)]);
    assert!(line.contains("--select 900 is out of range"), "{line}");
    let far = ["--layer", "8", "--head", "0", "-o", text(&one)];
    let line = complains([&["render", text(&trace)][..], &far].concat());
    assert!(line.contains("demo-v7 has layers 0 to 7"), "{line}");
}

#[test]
fn info_says_what_a_trace_holds() {
    let folder = folder();
    let trace = trace("demo-v6", "f16", &folder);
    let info = prints_json(["info", text(&trace), "--json"]);
    let keys = [
        "name",
        "version",
        "unit",
        "layers",
        "heads",
        "head_size",
        "width",
        "hidden",
        "vocab",
        "parameters",
        "tokens",
        "candidates",
        "texts",
        "stored",
        "precision",
        "int8",
        "nf4",
        "kept_layers",
        "before",
        "lora",
        "sha256",
        "arclight",
        "bytes",
    ];
    assert_keys(&info, &keys);
    let model = prints_json(["info", "demo-v6", "--json"]);
    let of_model = model.as_object().expect("an object");
    // What the matrices take is the model's alone.
    for (key, value) in of_model
        .iter()
        .filter(|(key, _)| !key.starts_with("matrix") && *key != "memory")
    {
        assert_eq!(info[key], *value, "{key}");
    }
    let tokens = prints_json(["tokens", "demo-v6", "--prompt", TEXT, "--json"]);
    let tokens = tokens["tokens"].as_array().expect("a list").len();
    assert_eq!(info["tokens"], tokens);
    assert_eq!(info["candidates"], 16);
    assert_eq!(info["texts"], true);
    assert_eq!(
        (&info["stored"], &info["precision"]),
        (&"f16".into(), &"f16".into())
    );
    assert!(info["kept_layers"].is_null() && info["before"].is_null());
    assert_eq!(info["bytes"], trace.metadata().expect("it is there").len());
    let said = prints(["info", text(&trace)]);
    let sha256 = info["sha256"].as_str().expect("a text");
    for part in [
        "trace of demo-v6: RWKV-6",
        sha256,
        &format!("tokens      {tokens}\n"),
    ] {
        assert!(said.contains(part), "{part:?} is not said: {said}");
    }
}

#[test]
fn a_trace_is_not_run_again() {
    let folder = folder();
    let trace = trace("demo-v7", "f16", &folder);
    let trace = text(&trace);
    let (npz, png) = (folder.path().join("a.npz"), folder.path().join("a.png"));
    let scores = ["scores", trace, "--measure", "rwk", "-o", text(&npz)];
    let render = ["render", trace, "-o", text(&png)];
    for start in [&["check", trace][..], &scores, &render, &[trace]] {
        for more in [
            &["--prompt", "a"][..],
            &["--prompt-file", "a"],
            &["--ids", "1"],
            &["--precision", "f32"],
            &["--window", "1:"],
            &["--state", "a.st"],
        ] {
            // The window has no --ids.
            if start.len() == 1 && more[0] == "--ids" {
                continue;
            }
            let output = exits(2, [start, more].concat());
            let line = String::from_utf8_lossy(&output.stderr);
            assert!(
                line.contains("a trace holds one run") && line.contains(more[0]),
                "{line}"
            );
        }
    }
    assert!(!npz.exists() && !png.exists());
    for args in [
        &["predict", trace, "--ids", "1"][..],
        &["tokens", trace, "--ids", "1"],
        &["bench", trace],
        &["trace", trace, "--ids", "1", "-o", "b.safetensors"],
    ] {
        let line = complains(args);
        assert!(
            line.contains("is a trace") && line.contains("give a model"),
            "{line}"
        );
    }
}

#[test]
fn a_trace_that_cannot_be_written_says_why() {
    let folder = folder();
    let model = fixture("tiny-v7-f32.pth");
    let to = |path: &Path| complains(["trace", text(&model), "--ids", "1,2", "-o", text(path)]);
    for name in ["a.st", "a", "safetensors"] {
        let line = to(&folder.path().join(name));
        assert!(line.contains("does not end in .safetensors"), "{line}");
    }
    let line = to(&folder.path().join("no/such/a.safetensors"));
    assert!(
        line.contains("cannot be written") && line.contains("choose a place"),
        "{line}"
    );
    assert!(!line.contains(".arclight-"), "{line}");
    let taken = folder.path().join("taken.safetensors");
    fs::create_dir(&taken).expect("a folder");
    assert!(to(&taken).contains("is a folder"));
    let left = folder.path().read_dir().expect("it is listed").count();
    assert_eq!(left, 1, "something was written");
}

#[cfg(target_os = "linux")]
#[test]
fn a_damaged_trace_is_named() {
    let folder = folder();
    let whole = trace("demo-v7", "f16", &folder);
    let bytes = fs::read(&whole).expect("it is there");
    let cut = folder.path().join("cut.safetensors");
    fs::write(&cut, &bytes[..bytes.len() - 100]).expect("it is written");
    let (npz, png) = (folder.path().join("a.npz"), folder.path().join("a.png"));
    for args in [
        &["info", text(&cut)][..],
        &["check", text(&cut)],
        &["scores", text(&cut), "--measure", "rwk", "-o", text(&npz)],
        &["render", text(&cut), "-o", text(&png)],
        &[text(&cut)],
    ] {
        let line = complains(args);
        for part in [text(&cut), "damaged or incomplete", "write it again"] {
            assert!(line.contains(part), "{part:?} is not said: {line}");
        }
    }
}

/// What stands in `docs/trace_example.py` is so, and would be seen if it were not.
#[test]
fn python_recomputes_a_score_from_a_trace() {
    let Some(python) = python("numpy, safetensors.numpy") else {
        return;
    };
    let folder = folder();
    let npz = folder.path().join("scores.npz");
    for (model, precision) in [("demo-v6", "f16"), ("demo-v7", "f16"), ("demo-v7", "f32")] {
        let path = trace(model, precision, &folder);
        prints(["scores", text(&path), "--measure", "rwk", "-o", text(&npz)]);
        let said = example(&python, &[text(&path), text(&npz)]);
        let words = String::from_utf8_lossy(&said.stdout);
        assert!(
            said.status.success(),
            "{words}{}",
            String::from_utf8_lossy(&said.stderr)
        );
        assert!(words.contains("agree") && words.contains(model), "{words}");
        let chosen = example(&python, &[text(&path), text(&npz), "3", "5", "9"]);
        let words = String::from_utf8_lossy(&chosen.stdout);
        assert!(
            chosen.status.success() && words.contains("L3 H5, token 9"),
            "{words}"
        );

        let whole = fs::read(&path).expect("it is there");
        let sets = match model {
            "demo-v6" => &["r", "w", "k", "bonus"][..],
            _ => &["r", "w", "k", "a", "kappa"],
        };
        for set in sets {
            let spoiled = folder.path().join("spoiled.safetensors");
            fs::write(&spoiled, with_another_number(&whole, set)).expect("it is written");
            let said = example(&python, &[text(&spoiled), text(&npz), "3", "5", "9"]);
            let words = String::from_utf8_lossy(&said.stdout);
            assert_eq!(
                said.status.code(),
                Some(1),
                "another {set} is not seen: {words}"
            );
            assert!(words.contains("DIFFER"), "{words}");
        }
    }
}

fn example(python: &str, args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/trace_example.py");
    let mut command = Command::new(python);
    let command = command.arg(script).args(args);
    command.output().expect("Python starts")
}

/// One number of a set that the scores of L3 H5 at token 9 need, altered.
fn with_another_number(whole: &[u8], set: &str) -> Vec<u8> {
    let (length, rest) = whole.split_first_chunk().expect("a length");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: Value = serde_json::from_slice(header).expect("JSON");
    let size = |value: &Value| value.as_u64().expect("a number") as usize;
    let shape: Vec<usize> = header[set]["shape"]
        .as_array()
        .expect("a shape")
        .iter()
        .map(size)
        .collect();
    let row = match shape[..] {
        [_, tokens, heads, _] => {
            // The reader's own receptance; of all else what a writer before it left.
            let token = if set == "r" { 9 } else { 7 };
            (3 * tokens + token) * heads + 5
        }
        [_, heads, _] => 3 * heads + 5,
        _ => panic!("{set} has shape {shape:?}"),
    };
    let first = size(&header[set]["data_offsets"][0]);
    let at = row * shape.last().expect("a channel");
    let mut data = data.to_vec();
    if header[set]["dtype"] == "F16" {
        let place = &mut data[first + 2 * at..][..2];
        let old = half::f16::from_le_bytes([place[0], place[1]]);
        place.copy_from_slice(&half::f16::from_f32(old.to_f32() + 3.0).to_le_bytes());
    } else {
        let place = &mut data[first + 4 * at..][..4];
        let old = f32::from_le_bytes([place[0], place[1], place[2], place[3]]);
        place.copy_from_slice(&(old + 3.0).to_le_bytes());
    }
    [&whole[..whole.len() - data.len()], &data].concat()
}

/// A file of some layers is like one of all, and every command counts them as the model does.
#[test]
fn some_layers_alone_are_kept() {
    let folder = folder();
    let path = folder.path().join("part.safetensors");
    let of = |name: &str| folder.path().join(name);
    let run = ["demo-v7", "--prompt", TEXT];
    prints(
        [
            &["trace"][..],
            &run,
            &["--layers", "3-5", "-o", text(&path)],
        ]
        .concat(),
    );
    let check = prints_json(["check", "--json", text(&path)]);
    let heads = check["heads"].as_array().expect("a list");
    let layers: std::collections::BTreeSet<_> =
        heads.iter().map(|head| head["layer"].as_u64()).collect();
    assert_eq!(layers.into_iter().flatten().collect::<Vec<_>>(), [3, 4, 5]);
    assert!(prints(["info", text(&path)]).contains("layers 3–5"));
    assert_eq!(
        prints_json(["info", "--json", text(&path)])["kept_layers"],
        "3-5"
    );

    // The scores of one layer are those of a run that keeps all.
    let scores = ["scores", "--measure", "rwk", "--layer", "4"];
    let (one, other, third) = (of("1.npz"), of("2.npz"), of("3.npz"));
    prints([&scores[..], &run, &["-o", text(&one)]].concat());
    prints([&scores[..], &[text(&path), "-o", text(&other)]].concat());
    prints([&scores[..], &run, &["--layers", "4", "-o", text(&third)]].concat());
    let [one, other, third] = [one, other, third].map(|path| fs::read(path).expect("written"));
    assert!(one == other && one == third);
    let picture = of("a.png");
    let select = [
        "--layer", "4", "--head", "2", "--select", "3", "--size", "320x180",
    ];
    prints(
        [
            &["render", text(&path)][..],
            &select,
            &["-o", text(&picture)],
        ]
        .concat(),
    );

    let absent = of("b.npz");
    let out = ["-o", text(&absent)];
    let error = complains([&scores[..4], &["1", text(&path)], &out].concat());
    assert!(
        error.contains("layer 1") && error.contains("3 to 5"),
        "{error}"
    );
    let error = complains([&scores[..], &run, &["--layers", "6-8"], &out].concat());
    assert!(
        error.contains("layers 6-8") && error.contains("0 to 7"),
        "{error}"
    );
}
