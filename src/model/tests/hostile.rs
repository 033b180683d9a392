//! Files made to break a reader. Each gives an error of one line, or a model that reads.

use std::{io::Write, path::Path};

use web_rwkv::runtime::loader::Reader;

use super::{
    refusal,
    tiny::{Tiny, fixture, raw, write},
};
use crate::model::{ModelError, ModelFile, Source};

fn refused(bytes: &[u8]) -> ModelError {
    let (_folder, path) = write(bytes);
    refusal(&path)
}

#[test]
fn what_is_no_file_of_a_model() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refusal(folder.path()).to_string().contains("is a folder"));
    assert!(matches!(
        refusal(&folder.path().join("absent.st")),
        ModelError::Read { .. }
    ));
    for (bytes, says) in [
        (&b""[..], "an empty file"),
        (b"GGUF\x03\0\0\0\0\0\0\0", "a GGUF file"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "a Git LFS pointer",
        ),
        (b"PK", "in no format"),
        (b"\x00\x01\x02\x03random bytes, no model", "in no format"),
    ] {
        let text = refused(bytes).to_string();
        assert!(text.contains(says), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_not_waited_for() {
    let text = refusal(Path::new("/dev/null")).to_string();
    assert!(text.contains("not a regular file"), "{text}");
}

#[test]
fn extensions_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    std::fs::copy(fixture("tiny-v7-f16-legacy.pth"), &path).unwrap();
    ModelFile::open(&Source::File(path)).expect("opens");
    let path = folder.path().join("model.pth");
    std::fs::write(&path, Tiny::v6().bytes()).unwrap();
    ModelFile::open(&Source::File(path)).expect("opens");
}

#[test]
fn truncated_safetensors() {
    let whole = Tiny::v6().bytes();
    for length in [1, 7, 8, 9, 100, 5000, whole.len() / 2, whole.len() - 1] {
        let error = refused(&whole[..length]);
        let expected = matches!(
            error,
            ModelError::Damaged { .. } | ModelError::NotAModel { .. }
        );
        assert!(expected, "{length} bytes: {error}");
    }
}

#[test]
fn headers_that_lie() {
    let at = |start: u64, end: u64| {
        format!(r#"{{"a":{{"dtype":"F16","shape":[2],"data_offsets":[{start},{end}]}}}}"#)
    };
    let huge = r#"{"a":{"dtype":"F16","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}"#;
    let mut too_long = raw("{}");
    too_long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut past_the_end = raw("{}");
    past_the_end[..8].copy_from_slice(&1000_u64.to_le_bytes());
    for (bytes, says) in [
        (too_long, "its header claims 18446744073709551615 bytes"),
        (past_the_end, "it ends within its header"),
        (raw("{not json}"), "its header is no JSON object"),
        (raw("{\"a\":5}"), "header entry of a"),
        (raw(&at(0, 4)), "stands at bytes 0 to 4"),
        (raw(&at(4, 0)), "stands at bytes 4 to 0"),
        (raw(&at(u64::MAX - 4, u64::MAX)), "stands at bytes"),
        (raw(&at(0, 0)), "has shape [2] of F16 in 0 bytes"),
        (raw(huge), "has shape [4294967296, 4294967296, 4]"),
        (
            raw(r#"{"a":{"dtype":"F17","shape":[],"data_offsets":[0,0]}}"#),
            "F17",
        ),
        (
            raw(r#"{"a":{"dtype":"F16","shape":[-1],"data_offsets":[0,0]}}"#),
            "-1",
        ),
        (raw(&"{\"a\":".repeat(5000)), "its header is no JSON object"),
    ] {
        let error = refused(&bytes);
        assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn tensors_over_the_same_bytes() {
    let tensor = r#"{"dtype":"F16","shape":[2],"data_offsets":[0,4]}"#;
    let mut bytes = raw(&format!(r#"{{"a":{tensor},"b":{tensor}}}"#));
    bytes.extend([0; 4]);
    assert!(
        refused(&bytes)
            .to_string()
            .contains("b overlaps another tensor")
    );
    let mut bytes = raw(&format!(r#"{{"a":{tensor},"a":{tensor}}}"#));
    bytes.extend([0; 8]);
    assert!(matches!(refused(&bytes), ModelError::Duplicate { .. }));
}

#[test]
fn names_with_line_breaks_stay_on_one_line() {
    let name = format!("blocks.\n\u{1b}[2J\r{}", "x".repeat(5000));
    let (_folder, path) = Tiny::v6().with(&name).file();
    assert!(refusal(&path).to_string().contains("\\u{1b}[2J"));
}

#[test]
fn dimensions_of_zero() {
    for name in [
        "emb.weight",
        "blocks.0.ffn.key.weight",
        "blocks.0.att.r_k",
        "ln_out.bias",
    ] {
        let mut tiny = Tiny::v7();
        let tensor = tiny.get(name);
        tensor.shape[0] = 0;
        tensor.bytes.clear();
        let (_folder, path) = tiny.file();
        let text = refusal(&path).to_string();
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn a_pickle_that_calls_is_not_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    // The call `posix.system("touch …/mark")`, bare, as the whole checkpoint, and inside it.
    let command = format!("touch {}", mark.display());
    let mut call = b"cposix\nsystem\nX".to_vec();
    call.extend((command.len() as u32).to_le_bytes());
    call.extend(command.as_bytes());
    call.extend(b"\x85R");
    let bare = [b"\x80\x02", &call[..], b"."].concat();
    let inside = [b"\x80\x02}X\x03\0\0\0key", &call[..], b"s."].concat();
    let zipped = |pickle: &[u8]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        zip.start_file("archive/data.pkl", stored).unwrap();
        zip.write_all(pickle).unwrap();
        zip.finish().unwrap().into_inner()
    };
    for bytes in [bare.clone(), inside.clone(), zipped(&bare), zipped(&inside)] {
        let error = refused(&bytes);
        let expected = matches!(
            error,
            ModelError::Pytorch { .. } | ModelError::UnknownModel { .. }
        );
        assert!(expected, "{error}");
    }
    assert!(!mark.exists());
}

#[test]
fn truncated_checkpoints() {
    for name in ["tiny-v6-bf16.pth", "tiny-v7-f16-legacy.pth"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        for length in [4, 20, 1000, whole.len() / 2, whole.len() - 100] {
            let error = refused(&whole[..length]);
            assert!(
                matches!(error, ModelError::Pytorch { .. }),
                "{name}, {length} bytes: {error}"
            );
        }
    }
}

#[test]
fn a_checkpoint_with_a_flipped_weight_is_found_out_when_it_is_read() {
    let mut bytes = std::fs::read(fixture("tiny-v6-bf16.pth")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let (_folder, path) = write(&bytes);
    let model = ModelFile::open(&Source::File(path)).expect("opens");
    let damaged = Reader::names(&model)
        .into_iter()
        .filter(|name| model.f16(name).is_err());
    assert_eq!(damaged.count(), 1);
}

#[test]
fn packed_files() {
    let packed = |bytes: &[u8]| {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    };
    let whole = packed(&Tiny::v6().bytes());
    let (_folder, path) = write(&whole);
    ModelFile::open(&Source::File(path)).expect("opens");
    for bytes in [&whole[..5], &whole[..whole.len() / 2], &packed(b"nothing")] {
        let error = refused(bytes);
        assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
    }
}
