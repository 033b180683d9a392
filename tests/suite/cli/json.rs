use std::{fs, process::Stdio};

use serde_json::{Value, json};

use super::{arclight, assert_keys, exits, prints, prints_json};
use crate::{
    reference::{Version, demo, forward},
    support::checkpoint::fixture,
};

const IDS: [u32; 3] = [5, 900, 4242];

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("{key} is no list: {value}"))
}

fn ids() -> String {
    IDS.map(|id| id.to_string()).join(",")
}

#[test]
fn info_says_what_the_model_is() {
    for (name, version, hidden) in [("demo-v6", "v6", 896), ("demo-v7", "v7", 1024)] {
        let info = prints_json(["info", name, "--json"]);
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
        ];
        assert_keys(
            &info,
            &[
                &keys[..],
                &[
                    "parameters",
                    "lora",
                    "matrix_bytes_f16",
                    "matrix_bytes",
                    "memory",
                ],
            ]
            .concat(),
        );
        let sizes = ["layers", "heads", "head_size", "width", "hidden", "vocab"];
        assert_eq!(info["name"], name);
        assert_eq!(info["version"], version);
        assert_eq!(
            sizes.map(|key| info[key].as_u64()),
            [8, 8, 32, 256, hidden, 8192].map(Some)
        );
        let text = prints(["info", name]);
        assert!(text.contains(name) && text.contains("8192"), "{text}");
    }
}

#[test]
fn info_says_what_a_run_takes() {
    let memory = |args: &[&str]| {
        let all = [&["info", "demo-v7", "--json"], args].concat();
        prints_json(all)["memory"].clone()
    };
    let keys = [
        "tokens", "model", "trace", "scores", "picture", "sum", "total", "free",
    ];
    let whole = memory(&["--tokens", "1000"]);
    assert_keys(&whole, &keys);
    let of = |memory: &Value, key: &str| memory[key].as_u64().expect("bytes");
    // 8 layers of 256 channels: seven f16 sets and y; norms of 8 heads, and their states.
    let trace = 8 * (256 * 1000 * (14 + 4) + 4 * (8 * 1000 + 256 * 32));
    assert_eq!((of(&whole, "tokens"), of(&whole, "trace")), (1000, trace));
    let parts = ["model", "trace", "scores", "picture"].map(|key| of(&whole, key));
    assert_eq!(of(&whole, "sum"), parts.iter().sum::<u64>());
    assert!(of(&whole, "free") < of(&whole, "total"));
    let half = memory(&["--tokens", "1000", "--layers", "4-7"]);
    assert_eq!(of(&half, "trace") * 2, trace);
    let single = memory(&["--tokens", "1000", "--precision", "f32"]);
    assert!(of(&single, "trace") > trace * 3 / 2);
    let packed = memory(&["--tokens", "1000", "--nf4", "8"]);
    assert!(of(&packed, "model") < of(&whole, "model"));
    let text = prints(["info", "demo-v7", "--tokens", "1000"]);
    for line in ["model", "trace", "scores", "picture", "sum", "free"] {
        assert!(text.contains(&format!("\n{line:11} ")), "{line}: {text}");
    }
}

#[test]
fn doctor_says_what_the_adapter_is() {
    let report = prints_json(["doctor", "--json"]);
    let keys = [
        "adapter",
        "kind",
        "backend",
        "driver",
        "limits",
        "timestamps",
        "shader_f16",
    ];
    assert_keys(&report, &[&keys[..], &["memory", "fits"]].concat());
    let memory = |key| report["memory"][key].as_u64();
    assert!(
        memory("free") > Some(0) && memory("free") < memory("total"),
        "{report}"
    );
    assert!(
        report["limits"]["max_binding"].as_u64() > Some(1 << 20),
        "{report}"
    );
    assert!(
        list(&report, "fits")
            .iter()
            .all(|fit| fit["model"].is_string()),
        "{report}"
    );
    let name = report["adapter"].as_str().expect("a name");
    assert!(prints(["doctor"]).contains(name));
}

#[test]
fn tokens_spell_the_text_again() {
    let text = "The Ümlaut,\tthe 汉字 and\nthe 🦀.";
    let found = prints_json(["tokens", "demo-v7", "--prompt", text, "--json"]);
    assert_keys(&found, &["tokens"]);
    let mut bytes = Vec::new();
    for token in list(&found, "tokens") {
        assert_keys(token, &["id", "text", "bytes"]);
        assert!(token["id"].as_u64() < Some(8192), "{token}");
        assert!(token["text"].is_string(), "{token}");
        let own = list(token, "bytes")
            .iter()
            .map(|byte| byte.as_u64().expect("a byte") as u8);
        bytes.extend(own);
    }
    assert_eq!(String::from_utf8(bytes).as_deref(), Ok(text));

    // The ids are those that give the same tokens back.
    let ids: Vec<String> = list(&found, "tokens")
        .iter()
        .map(|token| token["id"].to_string())
        .collect();
    let again = prints_json(["tokens", "demo-v7", "--ids", &ids.join(","), "--json"]);
    assert_eq!(again, found);
}

#[test]
fn a_prompt_file_may_hold_any_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prompt.bin");
    fs::write(&file, [0xff, 0x00, 0xfe, b'\n']).expect("it is written");
    let model = fixture("tiny-v6-bf16.pth");
    let args = [
        model.as_os_str(),
        "--prompt-file".as_ref(),
        file.as_os_str(),
        "--json".as_ref(),
    ];
    let found = prints_json([&["tokens".as_ref()][..], &args].concat());
    let ids: Vec<&Value> = list(&found, "tokens")
        .iter()
        .map(|token| &token["id"])
        .collect();
    assert_eq!(ids, [0xff, 0x00, 0xfe, 0x0a]);
}

#[test]
fn predict_gives_the_models_own_logits() {
    let args = [
        "predict",
        "demo-v7",
        "--precision",
        "f32",
        "--top",
        "4",
        "--json",
        "--ids",
    ];
    let found = prints_json([&args[..], &[&ids()]].concat());
    assert_keys(&found, &["positions"]);
    let positions = list(&found, "positions");
    assert_eq!(positions.len(), IDS.len());
    let expected = forward(demo::weights(Version::V7), &IDS).logits;
    for ((position, id), logits) in positions.iter().zip(IDS).zip(&expected) {
        assert_keys(position, &["id", "text", "surprise", "top"]);
        assert_eq!(position["id"], id);
        let top = list(position, "top");
        assert_eq!(top.len(), 4, "{position}");
        let largest = logits.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
        let mut before = f64::INFINITY;
        for candidate in top {
            assert_keys(candidate, &["id", "text", "logit", "prob"]);
            assert!(candidate["text"].is_string());
            let id = candidate["id"].as_u64().expect("an id") as usize;
            let number = |key: &str| candidate[key].as_f64().expect("a number");
            let off = (number("logit") - logits[id]).abs() / largest;
            assert!(off < 1e-3, "{candidate}, not {}", logits[id]);
            let off = (number("prob") / (logits[id].exp() / sum) - 1.0).abs();
            assert!(off < 1e-2, "{candidate}: its probability is off by {off}");
            assert!(number("logit") <= before, "not in order: {position}");
            before = number("logit");
        }
    }
    // Of each token but the first, after the logits before it.
    assert!(positions[0]["surprise"].is_null(), "{}", positions[0]);
    for ((position, id), logits) in positions[1..].iter().zip(&IDS[1..]).zip(&expected) {
        let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
        let nats = sum.ln() - logits[*id as usize];
        let found = position["surprise"].as_f64().expect("a number");
        assert!((found - nats).abs() < 1e-2, "{found} nats, not {nats}");
    }
}

#[test]
fn predict_has_a_column_of_surprises() {
    let args = ["--ids", "5,900,4242", "--top", "2"];
    let found = prints_json([&["predict", "demo-v6", "--json"], &args[..]].concat());
    let text = prints([&["predict", "demo-v6"], &args[..]].concat());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].contains("nats"), "{text}");
    for (line, position) in lines[1..].iter().zip(list(&found, "positions")) {
        let (before, after) = line.split_once(" → ").expect("an arrow");
        let column = before.split_whitespace().last().expect("a token");
        match position["surprise"].as_f64() {
            Some(nats) => assert_eq!(column, format!("{nats:.2}"), "{line}"),
            None => assert!(column.parse::<f64>().is_err(), "{line}"),
        }
        assert_eq!(after.matches('%').count(), 2, "{line}");
    }
}

/// Above 16 candidates all logits are read back instead.
#[test]
fn many_candidates_begin_with_the_few() {
    let top = |count: &str| {
        let args = [
            "predict", "demo-v6", "--json", "--ids", "7,70", "--top", count,
        ];
        let found = prints_json(args);
        let positions = list(&found, "positions").iter();
        positions
            .map(|position| {
                (
                    position["surprise"].as_f64(),
                    list(position, "top").to_vec(),
                )
            })
            .collect::<Vec<_>>()
    };
    for ((surprise, few), (again, many)) in top("16").into_iter().zip(top("20")) {
        assert_eq!((few.len(), many.len()), (16, 20));
        let off = surprise.zip(again).map_or(0.0, |(a, b)| (a - b).abs());
        assert!(
            off < 1e-3 && surprise.is_some() == again.is_some(),
            "{surprise:?} {again:?}"
        );
        let id = |candidate: &Value| candidate["id"].as_u64();
        let few: Vec<_> = few.iter().map(id).collect();
        assert_eq!(few, many[..16].iter().map(id).collect::<Vec<_>>());
    }
}

#[test]
fn a_prompt_is_the_same_as_text_and_as_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prompt.txt");
    fs::write(&file, "to be or").expect("it is written");
    let file = file.to_str().expect("a plain path");
    let start = ["predict", "demo-v6", "--json"];
    let text = prints([&start[..], &["--prompt", "to be or"]].concat());
    let read = prints([&start[..], &["--prompt-file", file]].concat());
    let other = prints([&start[..], &["--prompt", "to be of"]].concat());
    assert_eq!(text, read);
    assert_ne!(text, other);
}

#[test]
fn check_ends_with_the_worst_head() {
    for (model, precision, tolerance) in [("demo-v6", "f32", 1e-4), ("demo-v7", "f16", 1e-2)] {
        let report = prints_json([
            "check",
            model,
            "--precision",
            precision,
            "--ids",
            &ids(),
            "--json",
        ]);
        assert_keys(&report, &["tolerance", "worst", "passed", "unit", "heads"]);
        let heads = list(&report, "heads");
        assert_eq!(heads.len(), 64);
        let mut seen = std::collections::BTreeSet::new();
        let mut before = 0.0;
        for head in heads {
            assert_keys(head, &["layer", "head", "error"]);
            seen.insert((head["layer"].as_u64(), head["head"].as_u64()));
            let error = head["error"].as_f64().expect("a number");
            assert!(error >= before, "not in order: {report}");
            before = error;
        }
        assert_eq!(seen.len(), 64, "a head comes twice");
        assert_eq!(report["worst"], json!(before));
        assert_eq!(report["passed"], true);
        let off = report["tolerance"].as_f64().expect("a number") / tolerance - 1.0;
        assert!(off.abs() < 1e-6, "{}", report["tolerance"]);
        assert!(before > 0.0 && before <= tolerance, "{before}");
    }
}

/// As under `arclight … | head -1`.
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prompt.txt");
    // More than a pipe holds.
    fs::write(&file, "word ".repeat(50_000)).expect("it is written");
    let file = file.to_str().expect("a plain path");
    let mut child = arclight(["tokens", "demo-v7", "--prompt-file", file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), messages.as_ref()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the device is there");
    let output = arclight(["info", "demo-v6"])
        .stdout(full)
        .output()
        .expect("the program starts");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{messages}");
    assert!(messages.contains("standard output"), "{messages}");
    exits(0, ["info", "demo-v6"]);
}

#[test]
fn info_says_what_quantising_saves() {
    // 8 layers of 4 square matrices and 2 of the channel mix.
    let weights = 8 * (4 * 256 * 256 + 2 * 256 * 1024);
    for (more, bytes) in [
        (&[][..], 2 * weights),
        (&["--int8", "8"], weights + weights / 32),
        (&["--nf4", "8"], weights / 2 + weights / 32 + 8 * 6 * 64),
    ] {
        let info = prints_json([&["info", "demo-v7", "--json"][..], more].concat());
        assert_eq!(info["matrix_bytes_f16"], 2 * weights, "{more:?}");
        assert_eq!(info["matrix_bytes"], bytes, "{more:?}");
    }
    let text = prints(["info", "demo-v7", "--int8", "6", "--nf4", "2"]);
    assert!(text.contains("12.6 MB in f16"), "{text}");
    assert!(
        text.contains("MB with int8 in 6 layers, NF4 in 2"),
        "{text}"
    );
}

#[test]
fn a_shape_is_measured_and_labelled_random() {
    for (version, name, parts) in [
        ("6", "v6", &["row", "column", "marks"][..]),
        ("7", "v7", &["row", "column", "wk", "marks"]),
    ] {
        let shape = ["--shape", "2,3,32,40", "--version", version];
        let small = ["--size", "160x120", "--arcs", "20"];
        let figures = prints_json([&["bench", "--json"][..], &shape, &small].concat());
        assert_keys(
            &figures,
            &[
                "adapter",
                "backend",
                "driver",
                "values",
                "version",
                "layers",
                "heads",
                "head_size",
                "tokens",
                "bytes_per_s",
                "fma_per_s",
                "scores",
                "frames",
                "model",
                "process_peak_bytes",
                "reserved_peak_bytes",
            ],
        );
        assert_eq!(figures["values"], "random");
        assert_eq!(figures["version"], name);
        let scores = &figures["scores"];
        assert_keys(scores, &["trace_bytes", "select_ms", "parts", "growth"]);
        let found: Vec<_> = list(scores, "parts")
            .iter()
            .map(|part| &part["name"])
            .collect();
        assert_eq!(found, parts);
        for part in list(scores, "parts") {
            assert_keys(
                part,
                &[
                    "name",
                    "ms",
                    "bytes",
                    "bytes_ms",
                    "operations",
                    "operations_ms",
                ],
            );
            assert!(part["ms"].as_f64() > Some(0.0), "{part}");
        }
        let tokens = &list(scores, "growth")[0];
        assert_keys(tokens, &["with", "of", "sizes", "ms", "exponent"]);
        assert_eq!(tokens["sizes"], json!([5, 10, 20, 40]));

        let frames = &figures["frames"];
        assert_eq!(frames["arcs"], 20);
        let growth = list(frames, "growth").iter().map(|it| &it["with"]);
        assert_eq!(growth.collect::<Vec<_>>(), ["tokens", "heads", "arcs"]);
        let model = &figures["model"];
        assert_keys(model, &["load", "prefill", "running", "writing", "frames"]);
        assert_keys(&model["load"], &["bytes", "load_s", "web_rwkv_s"]);
        assert_eq!(model["running"]["tokens"], 40);
        for time in ["load_s", "web_rwkv_s"] {
            assert!(model["load"][time].as_f64() > Some(0.0), "{model}");
        }
    }
}
