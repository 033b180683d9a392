//! Trace files of such runs.

use arclight::{
    files::unwatched,
    inference::open_trace,
    model::{BEFORE, Source},
    score::Measure,
    trace::{Part, Precision, Trace, TraceFile, Window, save},
};

use super::{
    run_part,
    states::{load, states},
};
use crate::{
    reference::{Version, demo},
    support::{captured_tokens, device, matrices, read},
};

fn comes_back(gpu: &arclight::gpu::Gpu, trace: &std::sync::Arc<Trace>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    unwatched(|watch| save(gpu, trace, None, &path, watch)).expect("it is saved");
    let file = TraceFile::open(&path).expect("it opens");
    assert_eq!(file.tokens(), trace.tokens);
    assert_eq!(file.origin().before(), trace.origin.before());
    let again = unwatched(|watch| open_trace(gpu, &file, watch)).expect("it is read");
    for &measure in Measure::all(trace.dimensions.version) {
        let same = matrices(gpu, &again, measure) == matrices(gpu, trace, measure);
        assert!(same, "{measure:?}");
    }
    let norms = |trace: &Trace| read(gpu, &trace.before.as_ref().expect("it is there").norms);
    assert!(norms(&again) == norms(trace));
    for at in 0..trace.tokens.len() {
        let (found, expected) = (again.prediction(at), trace.prediction(at));
        let (found, expected) = (found.expect("there"), expected.expect("there"));
        assert_eq!(found.top, expected.top, "{at}");
        assert_eq!(found.surprise(), expected.surprise(), "{at}");
    }

    // A token that is not the first cannot stand for what came before it, nor the first for anything else.
    let bytes = std::fs::read(&path).expect("it is read");
    let at = bytes
        .windows(4)
        .position(|word| word == BEFORE.to_le_bytes())
        .expect("the token is there");
    let mut spoilt = bytes.clone();
    spoilt[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    std::fs::write(&path, &spoilt).expect("it is written");
    let error = TraceFile::open(&path).err().expect("it is refused");
    assert!(error.to_string().contains("should stand for"), "{error}");
}

#[test]
fn a_window_comes_back_from_its_file() {
    let window: Window = "-12:".parse().expect("a window");
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F16);
        comes_back(&gpu, &run_part(model, &captured_tokens(), Some(window)));
    }
}

#[test]
fn a_run_from_a_state_comes_back_from_its_file() {
    let device = device();
    let weights = demo::weights(Version::V7);
    let size = weights.width() / weights.heads();
    let (checkpoint, _) = states(weights.layer_count(), weights.heads(), size);
    let model = load(
        &device.gpu,
        &Source::DemoV7,
        &checkpoint.write_as("tuned.st"),
    );
    comes_back(
        &device.gpu,
        &run_part(&model, &captured_tokens(), Part::default()),
    );
}
