//! The program on a small RWKV-4 and RWKV-5.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use npyz::{Deserialize, NpyFile};
use zip::ZipArchive;

use super::path;
use crate::{
    cli::{prints, prints_json},
    support::small::{KINDS, Kind, LAYERS},
};

const IDS: &str = "5,17,98,3,5,17";

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Heads or groups, channels of each, and what they are.
fn parts(kind: Kind) -> (usize, usize, &'static str) {
    match kind {
        Kind::V4 => (2, 64, "group of 64 channels"),
        Kind::V51 | Kind::V52 => (4, 32, "head"),
    }
}

#[test]
fn info_says_what_a_head_is() {
    for kind in KINDS {
        let (heads, size, unit) = parts(kind);
        let found = prints_json(["info", text(path(kind)), "--json"]);
        let version = if kind == Kind::V4 { "v4" } else { "v5" };
        assert_eq!(found["version"], version);
        assert_eq!(found["unit"], unit);
        assert_eq!(
            (found["heads"].as_u64(), found["head_size"].as_u64()),
            (Some(heads as u64), Some(size as u64))
        );
        let said = prints(["info", text(path(kind))]);
        let line = if kind == Kind::V4 {
            "groups      2\nchannels    64"
        } else {
            "heads       4\nhead size   32"
        };
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn the_check_passes_and_names_what_it_looked_at() {
    for kind in KINDS {
        let (heads, _, unit) = parts(kind);
        let args = ["check", text(path(kind)), "--ids", IDS];
        let found = prints_json(args.into_iter().chain(["--json"]));
        assert_eq!(
            (&found["passed"], &found["unit"]),
            (&true.into(), &unit.into()),
            "{found}"
        );
        assert_eq!(
            found["heads"].as_array().map(Vec::len),
            Some(heads * LAYERS)
        );
        let said = prints(args);
        assert!(said.contains(&format!("every {unit}'s output")), "{said}");
        let letter = if kind == Kind::V4 { "L0 G1 " } else { "L0 H1 " };
        assert!(said.contains(letter), "{said}");
    }
}

#[test]
fn predictions_are_listed() {
    for kind in KINDS {
        let found = prints_json(["predict", text(path(kind)), "--ids", IDS, "--json"]);
        let positions = found["positions"].as_array().expect("positions");
        assert_eq!(positions.len(), 6);
        let ids = positions
            .iter()
            .flat_map(|it| it["top"].as_array().expect("candidates"));
        assert!(
            ids.into_iter().all(|top| top["id"].as_u64() < Some(99)),
            "{found}"
        );
    }
}

/// An array of an archive: its shape and its values.
fn array<T: Deserialize>(path: &str, name: &str) -> (Vec<u64>, Vec<T>) {
    let file = File::open(path).expect("it is there");
    let mut archive = ZipArchive::new(file).expect("an archive");
    let mut entry = archive.by_name(&format!("{name}.npy")).expect("an array");
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).expect("it is read");
    let array = NpyFile::new(&bytes[..]).expect("a header");
    (
        array.shape().to_vec(),
        array.into_vec().expect("its values"),
    )
}

#[test]
fn scores_traces_and_pictures_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("plain").to_owned();
    for kind in KINDS {
        let (heads, _, unit) = parts(kind);
        let (scores, trace, again) = (at("s.npz"), at("t.safetensors"), at("again.npz"));
        let model = text(path(kind));
        let measure = ["--measure", "share", "-o"];
        prints(
            ["scores", model, "--ids", IDS]
                .into_iter()
                .chain(measure)
                .chain([scores.as_str()]),
        );
        let (shape, shares) = array::<f32>(&scores, "scores");
        assert_eq!(shape, [LAYERS as u64, heads as u64, 6, 6]);
        for row in shares.chunks_exact(6) {
            assert!(
                (row.iter().sum::<f32>() - 1.0).abs() < 1e-4,
                "{kind:?}: {row:?}"
            );
        }
        assert_eq!(array::<String>(&scores, "unit").1, [unit]);

        prints(["trace", model, "--ids", IDS, "-o", &trace]);
        let found = prints_json(["info", &trace, "--json"]);
        assert_eq!(
            (&found["unit"], &found["tokens"]),
            (&unit.into(), &6.into())
        );
        prints(
            ["scores", &trace]
                .into_iter()
                .chain(measure)
                .chain([again.as_str()]),
        );
        let (_, all) = array::<f32>(&again, "scores");
        assert_eq!(all, shares, "{kind:?}: a trace gives other scores");

        let picture = at("p.png");
        let size = ["--size", "320x200", "-o", &picture];
        prints(
            ["render", model, "--ids", IDS, "--select", "-1"]
                .into_iter()
                .chain(size),
        );
        let bytes = fs::read(&picture).expect("it is there");
        assert!(bytes.starts_with(b"\x89PNG"), "no picture");
        fs::remove_file(&picture).expect("it is there");
    }
}

/// A table says so in its first line, a drawing beside its formula.
#[test]
fn exports_name_the_group() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("row.csv");
    let model = text(path(Kind::V4));
    let out = text(&table);
    prints([
        "export", model, "--ids", IDS, "--select", "-1", "--what", "row", "-o", out,
    ]);
    let written = fs::read_to_string(&table).expect("it is there");
    let mut lines = written.lines();
    assert_eq!(
        lines.next(),
        Some("layer,group,reader,writer,reader_text,writer_text,rwk")
    );
    assert_eq!(lines.count(), LAYERS * 2 * 6);

    let drawing = folder.path().join("matrix.svg");
    let args = ["export", model, "--ids", IDS, "--layer", "2", "--head", "1"];
    let more = ["--what", "matrix", "-o", text(&drawing)];
    prints([&args[..], &more].concat());
    let written = fs::read_to_string(&drawing).expect("it is there");
    for words in ["R-WK score of L2 G1", "; G: group of 64 channels"] {
        assert!(written.contains(words), "{words} is not in the drawing");
    }
}
