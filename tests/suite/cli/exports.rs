//! `export` writes what other programs read.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{complains, exits, prints};
use crate::support::python;

const PROMPT: &str = "Once, \"twice\" and\na third time.";

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Writes a part of a view of the prompt in demo-v7.
fn export(folder: &TempDir, name: &str, more: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let args = ["export", "demo-v7", "--prompt", PROMPT, "-o", text(&path)];
    let said = prints([&args[..], more].concat());
    assert_eq!(said, "", "what is written to a file is not printed");
    path
}

const HEAD: [&str; 4] = ["--layer", "7", "--head", "1"];

#[test]
fn every_part_is_written_in_every_format_and_python_reads_the_same() {
    const SCRIPT: &str = "
import csv, json, sys, numpy
folder = sys.argv[1]
def rows(name):
    with open(folder + name, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))
def same(a, b):
    return bool((numpy.array(a, dtype='float32') == b).all())
text = rows('/text.csv')
found = {'tokens': len(text), 'text': ''.join(row['text'] for row in text)}
for name in ['row', 'column']:
    table, file = rows(f'/{name}.csv'), numpy.load(f'{folder}/{name}.npz')
    scores, heads = file['scores'], file['heads']
    measure = str(file['measure'])
    found[name] = {
        'measure': measure,
        'shape': scores.shape,
        'same': same([row[measure] for row in table], scores.ravel()),
        'heads': [[int(row['layer']), int(row['head'])] for row in table[::scores.shape[1]]] == heads.tolist(),
        'readers': [int(row['reader']) for row in table[:scores.shape[1]]] == file['readers'].tolist(),
        'writers': [int(row['writer']) for row in table[:scores.shape[1]]] == file['writers'].tolist(),
        'texts': file['texts'].tolist(),
        'sum': float(scores.sum(axis=1).max()),
    }
file = numpy.load(folder + '/matrix.npz')
table = rows('/matrix.csv')
found['matrix'] = {
    'shape': file['scores'].shape,
    'same': same([[row[str(writer)] for writer in file['index']] for row in table], file['scores']),
    'head': file['head'].tolist(),
    'texts': file['texts'].tolist(),
    'upper': float(abs(numpy.triu(file['scores'], 1)).max()),
}
print(json.dumps(found))
";
    let folder = tempfile::tempdir().expect("a folder");
    let select = ["--select", "5", "--measure", "share"];
    for what in ["row", "column", "matrix", "text"] {
        for format in ["csv", "npz", "svg"] {
            let there = match what {
                "matrix" => true,
                "text" => format != "npz",
                _ => format != "svg",
            };
            let name = format!("{what}.{format}");
            let head = if what == "matrix" { &HEAD[..] } else { &[] };
            let more = [&["--what", what], &select[..], head].concat();
            if there {
                let path = export(&folder, &name, &more);
                assert!(
                    fs::metadata(&path).expect("it is there").len() > 100,
                    "{name}"
                );
            }
        }
    }
    for name in ["text.svg", "matrix.svg"] {
        let svg = fs::read_to_string(folder.path().join(name)).expect("UTF-8");
        let page = roxmltree::Document::parse(&svg).expect("well-formed");
        assert!(page.root_element().has_tag_name("svg"), "{name}");
    }
    let Some(python) = python("numpy") else {
        return;
    };
    let output = Command::new(&python)
        .args(["-c", SCRIPT, text(folder.path())])
        .output()
        .expect("Python starts");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{python}: {messages}");
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON is printed");
    let tokens = found["tokens"].as_u64().expect("a number");
    assert_eq!(found["text"], PROMPT);
    for (name, count) in [("row", 6), ("column", tokens - 5)] {
        let part = &found[name];
        assert_eq!(part["measure"], "share");
        assert_eq!(part["shape"], serde_json::json!([64, count]), "{name}");
        for key in ["same", "heads", "readers", "writers"] {
            assert_eq!(part[key], true, "{key} of the {name} differ: {found}");
        }
    }
    // What a token reads adds up to all of it.
    let sum = found["row"]["sum"].as_f64().expect("a number");
    assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    let matrix = &found["matrix"];
    assert_eq!(matrix["shape"], serde_json::json!([tokens, tokens]));
    assert_eq!(matrix["head"], serde_json::json!([7, 1]));
    assert_eq!(
        (&matrix["same"], &matrix["upper"]),
        (&true.into(), &0.0.into())
    );
    let texts: Vec<&str> = matrix["texts"]
        .as_array()
        .expect("texts")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(texts.concat(), PROMPT);
    let row: Vec<&str> = found["row"]["texts"]
        .as_array()
        .expect("texts")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(row, texts[..6]);
}

#[test]
fn a_session_and_a_trace_are_exported_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let select = ["--select", "3", "--passage", "1:4"];
    let one = export(
        &folder,
        "one.csv",
        &[&["--what", "row"], &select[..]].concat(),
    );

    let trace = path("run.safetensors");
    prints(["trace", "demo-v7", "--prompt", PROMPT, "-o", text(&trace)]);
    let two = path("two.csv");
    let args = ["export", text(&trace), "--what", "row", "-o", text(&two)];
    prints([&args[..], &select].concat());

    let session = "version = 1\n[session]\nmodel = \"run.safetensors\"\ntoken = 3\n\
                   passage = { start = 1, end = 5 }\n";
    fs::write(path("run.toml"), session).expect("it is written");
    let (session, three) = (path("run.toml"), path("three.csv"));
    prints([
        "export",
        "--session",
        text(&session),
        "--what",
        "row",
        "-o",
        text(&three),
    ]);

    let read = |path: &Path| fs::read_to_string(path).expect("UTF-8");
    assert_eq!(read(&one), read(&two));
    assert_eq!(read(&one), read(&three));
    // Tokens 1 to 3 of 64 heads.
    assert_eq!(read(&one).lines().count(), 1 + 64 * 3);
}

#[test]
fn colours_follow_palette_and_theme() {
    let folder = tempfile::tempdir().expect("a folder");
    let how = [
        "--what",
        "text",
        "--select",
        "-1",
        "--text",
        "words,surprise,whitespace",
    ];
    let dark = export(&folder, "dark.svg", &how);
    let light = ["--theme", "light", "--palette", "purple-green"];
    let light = export(&folder, "light.svg", &[&how[..], &light].concat());
    let read = |path: &Path| fs::read_to_string(path).expect("UTF-8");
    let (dark, light) = (read(&dark), read(&light));
    assert!(dark.contains("#0b0e13") && !dark.contains("#fafbfc"));
    assert!(light.contains("#fafbfc") && !light.contains("#0b0e13"));
    // The negative end of each palette.
    assert!(dark.contains("#d6ecff") && light.contains("#3d0a57"));
}

#[test]
fn what_is_missing_is_said_before_anything_is_loaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    let session = path("none.toml");
    fs::write(&session, "version = 1\n[session]\nmodel = \"no/such.st\"\n").expect("written");
    for (what, name, part) in [
        ("row", "a.svg", "does not end in .csv or .npz"),
        ("text", "a.npz", "does not end in .csv or .svg"),
        ("matrix", "a.png", "does not end in .csv, .npz or .svg"),
        ("matrix", "a", "does not end in"),
        ("row", "a.csv", "select one first (--select)"),
        ("column", "a.npz", "select one first (--select)"),
        (
            "matrix",
            "a.csv",
            "show one alone first (--layer and --head)",
        ),
    ] {
        let output = path(name);
        let line = complains([
            "export",
            "--session",
            &session,
            "--what",
            what,
            "-o",
            &output,
        ]);
        assert!(line.contains(part), "{what} {name}: {line}");
    }
    let gone = [
        "export",
        "no/such.st",
        "--what",
        "text",
        "-o",
        &path("a.svg"),
    ]
    .map(str::to_owned);
    assert!(complains(gone).contains("no/such.st"));
    let nothing = [
        "export",
        "--session",
        &session,
        "--what",
        "text",
        "-o",
        &path("a.csv"),
    ]
    .map(str::to_owned);
    assert!(complains(nothing).contains("no/such.st"));

    let csv = path("a.csv");
    let start = [
        "export", "demo-v6", "--ids", "1,2", "--what", "row", "-o", &csv,
    ];
    for (more, part) in [
        (["--select", "2"], "--select 2 is out of range"),
        (["--measure", "erase"], "RWKV-6 has no erase part"),
    ] {
        assert!(complains([&start[..], &more].concat()).contains(part));
    }
    let empty = ["--select", "0", "--passage", "1:1"];
    let line = complains([&start[..], &empty].concat());
    assert!(line.contains("no token of the row is on show"), "{line}");
    let left = folder.path().read_dir().expect("listed").count();
    assert_eq!(left, 1, "something was written");

    for args in [
        &["export", "demo-v6", "--what", "row"][..],
        &["export", "demo-v6", "-o", "a.csv"],
        &["export", "demo-v6", "--what", "picture", "-o", "a.csv"],
        &["export", "--what", "row", "-o", "a.csv"],
        &[
            "export",
            "demo-v6",
            "--session",
            "a.toml",
            "--what",
            "row",
            "-o",
            "a.csv",
        ],
    ] {
        exits(2, args);
    }
}
