//! `scores` writes what numpy reads.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
    process::Command,
};

use npyz::NpyFile;
use serde_json::Value;
use zip::ZipArchive;

use super::prints;
use crate::{
    reference::{Version, demo, forward, scores},
    support::{assert_close, close, python},
};

const IDS: [u32; 5] = [5, 900, 17, 4242, 900];
const TOKENS: usize = IDS.len();

/// What the file is said to hold.
struct Contents {
    shape: Vec<u64>,
    scores: Vec<f32>,
    tokens: Vec<u32>,
}

fn write(model: &str, measure: &str, more: &[&str], path: &Path) {
    let ids = IDS.map(|id| id.to_string()).join(",");
    let path = path.to_str().expect("a plain path");
    let args = [
        "scores",
        model,
        "--precision",
        "f32",
        "--ids",
        &ids,
        "--measure",
        measure,
    ];
    let said = prints([&args[..], &["-o", path], more].concat());
    assert_eq!(said, "", "what is written to a file is not printed");
}

fn read(path: &Path) -> Contents {
    let file = BufReader::new(File::open(path).expect("the file is there"));
    let mut archive = ZipArchive::new(file).expect("it is a zip archive");
    let mut names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    names.sort();
    assert_eq!(
        names,
        ["layers.npy", "scores.npy", "tokens.npy", "unit.npy"]
    );
    let mut bytes = |name| {
        let mut bytes = Vec::new();
        let mut entry = archive.by_name(name).expect("the entry is there");
        entry.read_to_end(&mut bytes).expect("the entry is read");
        bytes
    };
    let (pairs, ids) = (bytes("scores.npy"), bytes("tokens.npy"));
    let pairs = NpyFile::new(&pairs[..]).expect("scores.npy has a header");
    assert_eq!(pairs.order(), npyz::Order::C);
    let ids = NpyFile::new(&ids[..]).expect("tokens.npy has a header");
    assert_eq!(ids.shape(), [TOKENS as u64]);
    Contents {
        shape: pairs.shape().to_vec(),
        scores: pairs.into_vec().expect("float32"),
        tokens: ids.into_vec().expect("uint32"),
    }
}

#[test]
fn scores_of_one_layer_are_those_of_float64() {
    let folder = tempfile::tempdir().expect("a folder");
    for (version, model) in [(Version::V6, "demo-v6"), (Version::V7, "demo-v7")] {
        let forward = forward(demo::weights(version), &IDS);
        for measure in ["rwk", "share", "wk"] {
            let of = match measure {
                "rwk" => scores::attention,
                "share" => scores::share,
                _ => scores::wk_norm,
            };
            let path = folder.path().join(format!("{measure}.npz"));
            write(model, measure, &["--layer", "1"], &path);
            let found = read(&path);
            assert_eq!(found.shape, [1, 8, TOKENS as u64, TOKENS as u64]);
            assert_eq!(found.tokens, IDS);
            for (head, found) in found.scores.chunks_exact(TOKENS * TOKENS).enumerate() {
                let expected = of(&forward.layers[1], 8, 32, version, head);
                let what = format!("{model}, {measure}: L1 H{head}");
                assert_close(found, &expected.concat(), 2e-3, &what);
                for (t, row) in found.chunks_exact(TOKENS).enumerate() {
                    let later = row[t + 1..].iter().all(|score| score.to_bits() == 0);
                    assert!(later, "{what}: token {t} reads a later one");
                }
                let turned: Vec<f64> = (0..TOKENS)
                    .flat_map(|s| expected.iter().map(move |row| row[s]))
                    .collect();
                assert!(
                    close(found, &turned, 2e-3).is_err(),
                    "{what}: reader and writer swapped"
                );
            }
        }
    }
}

#[test]
fn one_layer_and_one_head_keep_their_axes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    write("demo-v7", "rwk", &[], &path("all.npz"));
    write("demo-v7", "rwk", &["--head", "6"], &path("head.npz"));
    write(
        "demo-v7",
        "rwk",
        &["--layer", "3", "--head", "6"],
        &path("both.npz"),
    );
    let all = read(&path("all.npz"));
    let tokens = TOKENS as u64;
    assert_eq!(all.shape, [8, 8, tokens, tokens]);
    let of = |layer: usize, head: usize| {
        let pairs = TOKENS * TOKENS;
        all.scores[(layer * 8 + head) * pairs..][..pairs].to_vec()
    };
    let head = read(&path("head.npz"));
    assert_eq!(head.shape, [8, 1, tokens, tokens]);
    assert_eq!(
        head.scores,
        (0..8).flat_map(|layer| of(layer, 6)).collect::<Vec<_>>()
    );
    let both = read(&path("both.npz"));
    assert_eq!(both.shape, [1, 1, tokens, tokens]);
    assert_eq!(both.scores, of(3, 6));
    assert_ne!(both.scores, of(6, 3));
}

#[test]
fn numpy_reads_the_same() {
    const SCRIPT: &str = "
import json, sys, numpy
with numpy.load(sys.argv[1], allow_pickle=False) as file:
    print(json.dumps({
        name: [str(file[name].dtype), list(file[name].shape), file[name].tolist()]
        for name in file.files
    }))
";
    let Some(python) = python("numpy") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scores.npz");
    write("demo-v6", "share", &["--head", "2"], &path);
    let output = Command::new(&python)
        .args(["-c", SCRIPT])
        .arg(&path)
        .output();
    let output = output.expect("Python starts");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{python}: {messages}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON is printed");
    super::assert_keys(&found, &["layers", "scores", "tokens", "unit"]);
    assert_eq!(found["unit"][2], "head");
    assert_eq!(
        found["tokens"],
        serde_json::json!(["uint32", [TOKENS], IDS])
    );
    assert_eq!(found["scores"][0], "float32");
    assert_eq!(
        found["scores"][1],
        serde_json::json!([8, 1, TOKENS, TOKENS])
    );

    let same = read(&path);
    let layers = found["scores"][2].as_array().expect("layers");
    for (layer, expected) in layers.iter().zip(same.scores.chunks_exact(TOKENS * TOKENS)) {
        let rows: Vec<Vec<f32>> = serde_json::from_value(layer[0].clone()).expect("numbers");
        assert_eq!(rows.concat(), expected);
        for (t, row) in rows.iter().enumerate() {
            let sum: f32 = row.iter().sum();
            assert!(
                (sum - 1.0).abs() < 1e-3,
                "the shares of token {t} sum to {sum}"
            );
        }
    }
}

/// Whoever may read other new files may read this one.
#[cfg(unix)]
#[test]
fn a_written_file_is_as_open_as_any_other() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("plain");
    File::create(&plain).expect("a file");
    let path = folder.path().join("scores.npz");
    write("demo-v7", "wk", &["--layer", "0", "--head", "0"], &path);
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(
        mode(&path),
        mode(&plain),
        "{:o}, not {:o}",
        mode(&path),
        mode(&plain)
    );
    let left: Vec<_> = folder.path().read_dir().expect("it is listed").collect();
    assert_eq!(left.len(), 2, "something is left beside it: {left:?}");
}
