//! Files made to break the reader: each is refused in one line that names it, or is no trace at all.

use std::{fs, path::PathBuf, sync::LazyLock};

use arclight::trace::{TraceError, TraceFile};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::tiny;
use crate::support::checkpoint::fixture;

/// With texts.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let [with_texts, _] = tiny("tiny-v7-f32.pth");
    with_texts
});

/// A trace file taken apart.
#[derive(Clone)]
struct Parts {
    header: Value,
    data: Vec<u8>,
}

impl Parts {
    fn new() -> Self {
        let (length, rest) = WHOLE.split_first_chunk().expect("a length");
        let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
        Self {
            header: serde_json::from_slice(header).expect("JSON"),
            data: data.to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        raw(&self.header.to_string(), &self.data)
    }

    fn says(mut self, key: &str, text: &str) -> Self {
        self.header["__metadata__"][key] = text.into();
        self
    }

    fn without(mut self, tensor: &str) -> Self {
        let entries = self.header.as_object_mut().expect("an object");
        entries.remove(tensor).expect("it is there");
        self
    }

    fn with(mut self, tensor: &str, key: &str, value: Value) -> Self {
        self.header[tensor][key] = value;
        self
    }

    /// Puts a number in place of one of a tensor's.
    fn number(mut self, tensor: &str, index: usize, number: u32) -> Self {
        let start = self.header[tensor]["data_offsets"][0].as_u64();
        let at = start.expect("an offset") as usize + 4 * index;
        self.data[at..at + 4].copy_from_slice(&number.to_le_bytes());
        self
    }
}

fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hostile.safetensors");
    fs::write(&path, bytes).expect("it is written");
    (folder, path)
}

/// Why a trace is refused, which is one line with the file's name.
#[track_caller]
fn refusal(bytes: &[u8]) -> TraceError {
    let (_folder, path) = file(bytes);
    let error = TraceFile::recognise(&path)
        .err()
        .expect("it opened, or is no trace");
    let text = error.to_string();
    assert!(!text.contains(char::is_control), "more than a line: {text}");
    assert!(text.contains("hostile.safetensors"), "which file? {text}");
    assert!(text.len() < 1000, "too long: {text}");
    error
}

#[track_caller]
fn damaged(parts: &Parts, says: &str) {
    let error = refusal(&parts.bytes());
    assert!(matches!(error, TraceError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(says), "{says:?} is not said: {text}");
    assert!(text.contains("write it again"), "no cure: {text}");
}

#[test]
fn the_file_that_is_spoiled_is_whole() {
    let (_folder, path) = file(&Parts::new().bytes());
    let trace = TraceFile::open(&path).expect("it opens");
    assert_eq!(trace.tokens(), [104, 101, 255]);
    assert!(trace.has_texts());
}

#[test]
fn other_files_are_no_traces() {
    let folder = tempfile::tempdir().expect("a folder");
    let no = |path: &std::path::Path| {
        assert!(TraceFile::recognise(path).is_ok_and(|trace| trace.is_none()));
        TraceFile::open(path).err().expect("it opened").to_string()
    };
    for bytes in [
        &b""[..],
        b"text",
        b"\x08\0\0\0\0\0\0\0{\"a\": 5}",
        &raw("{}", &[]),
        &raw(r#"{"__metadata__":{"format":"pt"}}"#, &[]),
        &raw(r#"{"__metadata__":5}"#, &[]),
        &u64::MAX.to_le_bytes(),
        &WHOLE[..200],
    ] {
        let (_folder, path) = file(bytes);
        let text = no(&path);
        assert!(text.contains("is no trace"), "{text}");
    }
    assert!(no(folder.path()).contains("is no trace"));
    let absent = no(&folder.path().join("absent"));
    assert!(absent.contains("check the path"), "{absent}");
    no(&fixture("tiny-v7-f32.pth"));
}

#[cfg(unix)]
#[test]
fn a_device_is_not_waited_for() {
    let path = std::path::Path::new("/dev/zero");
    assert!(TraceFile::recognise(path).is_ok_and(|trace| trace.is_none()));
}

#[test]
fn a_file_that_was_cut_off_is_incomplete() {
    let header = u64::from_le_bytes(*WHOLE.first_chunk().expect("a length")) as usize;
    for length in [8 + header, 9 + header, WHOLE.len() / 2, WHOLE.len() - 1] {
        let text = refusal(&WHOLE[..length]).to_string();
        assert!(text.contains("incomplete"), "{length} bytes: {text}");
    }
}

#[test]
fn another_layout_is_named() {
    // Version 1 kept RWKV-6's decay after its activation.
    for layout in ["1", "3"] {
        let parts = Parts::new().says("layout", layout).says("arclight", "9.9");
        let text = refusal(&parts.bytes()).to_string();
        let named = text.contains(&format!("layout {layout:?}")) && text.contains("arclight 9.9");
        assert!(named, "{text}");
        assert!(text.contains("write it again"), "no cure: {text}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for tensor in [
        "r",
        "w",
        "k",
        "v",
        "a",
        "kappa",
        "x",
        "gamma",
        "beta",
        "bonus",
        "contribution",
        "top_ids",
        "top_logits",
        "log_sum_exp",
        "next_logit",
        "text_ids",
        "text_ends",
        "text_bytes",
    ] {
        damaged(
            &Parts::new().without(tensor),
            &format!("no tensor {tensor}"),
        );
    }
    damaged(&Parts::new().without("tokens"), "no list of tokens");
    for key in [
        "model",
        "sha256",
        "version",
        "layers",
        "heads",
        "head_size",
        "width",
        "hidden",
        "vocab",
        "parameters",
        "precision",
    ] {
        let mut parts = Parts::new();
        let metadata = parts.header["__metadata__"].as_object_mut();
        metadata
            .expect("an object")
            .remove(key)
            .expect("it is there");
        damaged(&parts, &format!("no {key}"));
    }
}

#[test]
fn metadata_that_cannot_be_is_refused() {
    for (key, texts) in [
        ("version", &["v3", "v8", "V7", ""][..]),
        ("kept_layers", &["", "0-2", "2", "1-0", "a"]),
        ("precision", &["bf16", ""]),
        ("sha256", &["", "abc", &"g".repeat(64)]),
        (
            "layers",
            &[
                "0",
                "-1",
                "+2",
                " 2",
                "2.0",
                "1e3",
                "70000",
                "99999999999999999999",
            ],
        ),
        ("heads", &["0", "70000"]),
        ("head_size", &["0", "2", "48", "256"]),
        ("width", &["65", "18446744073709551615"]),
        ("vocab", &["0", "4294967296"]),
        ("hidden", &["many"]),
        ("parameters", &["-5", "1\n2"]),
    ] {
        for text in texts {
            damaged(&Parts::new().says(key, text), key);
        }
    }
    // Sizes that fit each other and not the tensors.
    damaged(&Parts::new().says("layers", "3"), "r is F16");
    damaged(&Parts::new().says("vocab", "255"), "the id 255 occurs");
    damaged(&Parts::new().says("vocab", "9"), "top_ids is U32");
}

#[test]
fn shapes_and_types_that_do_not_fit_are_refused() {
    let parts = Parts::new;
    damaged(
        &parts().with("r", "shape", json!([2, 2, 3, 32])),
        "r is F16 [2, 2, 3, 32]",
    );
    damaged(&parts().with("w", "dtype", json!("BF16")), "w is BF16");
    damaged(&parts().with("x", "shape", json!([384])), "x is F16 [384]");
    damaged(
        &parts().with("contribution", "dtype", json!("U32")),
        "contribution is U32",
    );
    damaged(
        &parts().with("tokens", "shape", json!([3, 1])),
        "no list of tokens",
    );
    damaged(
        &parts().with("tokens", "dtype", json!("F32")),
        "tokens is F32",
    );
    damaged(
        &parts().with("top_ids", "shape", json!([16, 3])),
        "top_ids is U32 [16, 3]",
    );
    damaged(
        &parts().with("text_ends", "dtype", json!("F32")),
        "text_ends is F32",
    );
    let empty =
        parts()
            .with("tokens", "shape", json!([0]))
            .with("tokens", "data_offsets", json!([0, 0]));
    damaged(&empty, "no tokens");
}

#[test]
fn headers_that_lie_are_refused() {
    let parts = Parts::new;
    let huge = json!([4_294_967_296_u64, 4_294_967_296_u64, 4]);
    damaged(&parts().with("r", "shape", huge), "r has shape");
    damaged(
        &parts().with("r", "data_offsets", json!([0, u64::MAX])),
        "r stands at bytes",
    );
    damaged(
        &parts().with("r", "data_offsets", json!([768, 0])),
        "r stands at bytes",
    );
    damaged(
        &parts().with("r", "dtype", json!("F17")),
        "header entry of r",
    );
    let same = parts().header["r"]["data_offsets"].clone();
    damaged(
        &parts().with("w", "data_offsets", same),
        "overlaps another tensor",
    );

    let text = parts().header.to_string();
    let twice = text.replacen(
        "\"k\":",
        "\"k\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"k\":",
        1,
    );
    let error = refusal(&raw(&twice, &parts().data)).to_string();
    assert!(error.contains("holds k twice"), "{error}");

    let name = format!("\n\u{1b}[2J{}", "x".repeat(5000));
    let mut long = parts().says("model", &name);
    long.header[&name] = json!({"dtype": "U8", "shape": [9], "data_offsets": [0, 0]});
    damaged(&long, "\\u{1b}[2J");
}

#[test]
fn ids_that_cannot_be_are_refused() {
    let parts = Parts::new;
    damaged(&parts().number("tokens", 1, 256), "the id 256 occurs");
    damaged(
        &parts().number("tokens", 0, u32::MAX),
        "the id 4294967295 occurs",
    );
    damaged(&parts().number("top_ids", 47, 300), "the id 300 occurs");
    damaged(&parts().number("text_ids", 0, 254), "text_ids do not rise");
    damaged(
        &parts().number("text_ends", 0, 1000),
        "text_ends do not rise",
    );

    // An id that no text is there for.
    let listed = parts().header["text_ids"]["shape"][0]
        .as_u64()
        .expect("a length");
    assert!(listed < 256, "every id occurs");
    let (_folder, path) = file(&parts().bytes());
    let own = TraceFile::open(&path).expect("it opens");
    let own = own.vocabulary(None).expect("it opens").expect("texts");
    let absent = (0..256)
        .find(|id| own.bytes(*id).is_none())
        .expect("few occur");
    damaged(
        &parts().number("tokens", 2, absent),
        &format!("the id {absent} occurs and has no text"),
    );
}

#[test]
fn what_other_programs_add_is_let_be() {
    let mut parts = Parts::new().says("note", "mine");
    let end = parts.data.len();
    parts.data.extend([0; 8]);
    parts.header["mine"] = json!({"dtype": "F64", "shape": [1], "data_offsets": [end, end + 8]});
    let (_folder, path) = file(&parts.bytes());
    TraceFile::open(&path).expect("it opens");
}
