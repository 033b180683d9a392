//! A run in a file, and back.

use std::fs;

use arclight::{
    gpu,
    score::{self, Measure},
    trace::{Precision, Stored, TraceFile},
};
use safetensors::{SafeTensors, tensor::TensorView};

use super::{load, tokens};
use crate::{
    support::{
        device, matrices, read, run,
        small::{KINDS, Kind},
    },
    traces::{open, write},
};

#[test]
fn a_run_comes_back_to_the_bit() {
    let device = device();
    let gpu = &device.gpu;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, again) = (folder.path().join("a.safetensors"), folder.path().join("b"));
    for kind in KINDS {
        for precision in [Precision::F16, Precision::F32] {
            let trace = run(&load(gpu, kind, precision), &tokens(), 32);
            write(gpu, &trace, None, &path);
            let (file, opened) = open(gpu, &path);
            assert_eq!(file.origin().card, trace.origin.card);
            assert_eq!(opened.stored(), trace.stored());
            let is_half = trace.stored() == Stored::F16;
            assert_eq!(is_half, precision == Precision::F16 && kind != Kind::V4);
            for (found, expected) in opened.groups.iter().zip(&trace.groups) {
                // As bytes: halves that are read as floats may be NaN, which equals nothing.
                let bytes = |buffer: &wgpu::Buffer| gpu::read(gpu, buffer, 0, buffer.size());
                let [found_bytes, expected_bytes] =
                    [found, expected].map(|group| bytes(group.buffer()).expect("it is read back"));
                let same = found_bytes == expected_bytes;
                assert!(same, "{kind:?}: vectors");
                let same = read(gpu, &found.outputs) == read(gpu, &expected.outputs);
                assert!(same, "{kind:?}: y");
            }
            for &measure in Measure::all(trace.dimensions.version) {
                let same = matrices(gpu, &opened, measure) == matrices(gpu, &trace, measure);
                assert!(same, "{kind:?}: {measure:?}");
            }
            let rows: Vec<usize> = (0..trace.tokens.len()).collect();
            let errors = |trace| score::conservation(gpu, trace, &rows).expect("errors");
            assert_eq!(errors(&opened), errors(&trace), "{kind:?}");
            write(gpu, &opened, None, &again);
            let (first, second) = (fs::read(&path), fs::read(&again));
            assert!(first.expect("read") == second.expect("read"), "{kind:?}");
        }
    }
}

/// A decay that no token changes stands there once, and what there is not does not stand there.
#[test]
fn the_file_is_as_it_is_described() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let description = include_str!("../../../docs/TRACE.md");
    for kind in KINDS {
        let trace = run(&load(&device.gpu, kind, Precision::F16), &tokens(), 32);
        write(&device.gpu, &trace, None, &path);
        let bytes = fs::read(&path).expect("it is there");
        let file = SafeTensors::deserialize(&bytes).expect("a whole file");
        for name in file.names() {
            let named = description.contains(&format!("`{name}`"));
            assert!(named, "{name} is not described");
        }
        let has = |name| file.tensor(name).is_ok();
        assert!(!has("w") && has("decay") && has("bonus"), "{kind:?}");
        assert_eq!(has("gamma") && has("beta"), kind != Kind::V4, "{kind:?}");
        let heads = if kind == Kind::V4 { [2, 64] } else { [4, 32] };
        let shape = file.tensor("decay").expect("it is there").shape().to_vec();
        assert_eq!(shape, [7, heads[0], heads[1]]);
    }
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let trace = run(&load(&device.gpu, Kind::V4, Precision::F32), &tokens(), 32);
    write(&device.gpu, &trace, None, &path);
    let bytes = fs::read(&path).expect("it is there");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let file = SafeTensors::deserialize(&bytes).expect("a whole file");
    let metadata = header.metadata().clone();
    let refusal = |tensors: Vec<(String, TensorView<'_>)>, changes: &[(&str, &str)]| {
        let mut metadata = metadata.clone().expect("metadata");
        for (key, text) in changes {
            metadata.insert((*key).to_owned(), (*text).to_owned());
        }
        let bytes = safetensors::serialize(tensors, Some(metadata)).expect("a file");
        fs::write(&path, bytes).expect("it is written");
        let error = TraceFile::open(&path).err().expect("it is refused");
        error.to_string()
    };
    let without = |name: &str| {
        let kept = file.tensors().into_iter();
        kept.filter(|(other, _)| other != name).collect::<Vec<_>>()
    };
    assert!(refusal(without("decay"), &[]).contains("no tensor decay"));
    let text = refusal(file.tensors(), &[("heads", "4"), ("head_size", "32")]);
    assert!(text.contains("head_size"), "{text}");
    let halves = vec![0_u8; 7 * 45 * 128 * 2];
    let mut tensors = without("r");
    let shape = vec![7, 45, 2, 64];
    let r = TensorView::new(safetensors::Dtype::F16, shape, &halves).expect("it fits");
    tensors.push(("r".to_owned(), r));
    let text = refusal(tensors, &[]);
    assert!(text.contains("r is F16") && text.contains("F32"), "{text}");
}
