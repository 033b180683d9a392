//! What is saved comes back to the bit.

use std::{
    collections::BTreeSet,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arclight::{
    gpu::{self, Gpu},
    inference::{Chunk, Model, RunOptions, head_outputs},
    model::{Card, Digest, ModelFile, Source, Version, Vocabulary},
    score::{self, Measure},
    trace::{Candidate, Layers, Origin, Precision, Prediction, Set, Stored, TOP, Trace},
};
use safetensors::SafeTensors;
use sha2::Digest as _;

use super::{open, write};
use crate::{
    kernels::{Filled, Shape},
    reference,
    support::{captured_tokens, checkpoint::fixture, device, matrices, run},
};

fn bytes(gpu: &Gpu, buffer: &wgpu::Buffer) -> Vec<u8> {
    gpu::read(gpu, buffer, 0, buffer.size()).expect("the buffer is read back")
}

/// Everything that is on the device is the same, to the bit.
fn assert_same(gpu: &Gpu, found: &Trace, expected: &Trace) {
    assert_eq!(found.dimensions, expected.dimensions);
    assert_eq!(found.tokens, expected.tokens);
    assert_eq!(found.stored(), expected.stored());
    assert!(found.is_complete(), "{} tokens are there", found.filled());
    assert_eq!(found.groups.len(), expected.groups.len());
    for (found, expected) in found.groups.iter().zip(&expected.groups) {
        assert_eq!(found.layers, expected.layers);
        let layers = &found.layers;
        let same = bytes(gpu, found.buffer()) == bytes(gpu, expected.buffer());
        assert!(same, "vectors of layers {layers:?}");
        let same = bytes(gpu, &found.outputs) == bytes(gpu, &expected.outputs);
        assert!(same, "y of layers {layers:?}");
    }
    let same = bytes(gpu, &found.contribution) == bytes(gpu, &expected.contribution);
    assert!(same, "contribution norms");
    for position in 0..=found.tokens.len() {
        let expected = expected.prediction(position);
        assert_eq!(found.prediction(position), expected, "at {position}");
    }
}

#[test]
fn a_run_comes_back_to_the_bit() {
    let mut device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, again) = (folder.path().join("a.safetensors"), folder.path().join("b"));
    for (version, name) in [
        (reference::Version::V6, "demo-v6"),
        (reference::Version::V7, "demo-v7"),
    ] {
        for precision in [Precision::F16, Precision::F32] {
            let trace = device.captured(version, precision);
            let gpu = &device.gpu;
            let vocabulary = Vocabulary::for_model(&trace.origin.card, None).expect("built in");
            write(gpu, &trace, vocabulary.as_ref(), &path);
            let (file, opened) = open(gpu, &path);
            assert_same(gpu, &opened, &trace);

            let origin = file.origin();
            assert_eq!(origin.model, name);
            assert_eq!(origin.card, trace.origin.card);
            assert_eq!(origin.precision, precision);
            assert_eq!(file.tokens(), captured_tokens());
            assert_eq!(file.stored(), trace.stored());
            assert_eq!(file.writer(), env!("CARGO_PKG_VERSION"));
            assert_eq!(file.bytes(), path.metadata().expect("it is there").len());

            let whole = vocabulary.expect("8,192 is its size");
            let own = file.vocabulary(None).expect("it opens").expect("texts");
            let predictions = (0..file.tokens().len()).filter_map(|at| trace.prediction(at));
            let candidates: Vec<u32> = predictions
                .flat_map(|prediction| prediction.top)
                .map(|candidate| candidate.id)
                .collect();
            let occurring: BTreeSet<_> = file.tokens().iter().chain(&candidates).collect();
            for id in 0..8192 {
                let text = occurring.contains(&id).then(|| whole.bytes(id)).flatten();
                let found = own.bytes(id).filter(|bytes| !bytes.is_empty());
                assert_eq!(found, text, "the text of {id}");
            }

            // Nothing is left out that a second file would lack.
            write(gpu, &opened, Some(&own), &again);
            let (first, second) = (fs::read(&path), fs::read(&again));
            assert!(first.expect("read") == second.expect("read"), "{name}");
        }
    }
}

#[test]
fn scores_and_errors_are_those_of_the_run() {
    let mut device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    for version in [reference::Version::V6, reference::Version::V7] {
        let trace = device.captured(version, Precision::F16);
        let gpu = &device.gpu;
        write(gpu, &trace, None, &path);
        let (_, opened) = open(gpu, &path);
        for &measure in Measure::all(trace.dimensions.version) {
            let same = matrices(gpu, &opened, measure) == matrices(gpu, &trace, measure);
            assert!(same, "{version:?}, {measure:?}");
        }
        let rows: Vec<_> = (0..trace.tokens.len()).collect();
        let errors = |trace| score::conservation(gpu, trace, &rows).expect("they are read back");
        assert_eq!(errors(&opened), errors(&trace), "{version:?}");
    }
}

/// Another reader takes the file, and all that it finds stands in the description.
#[test]
fn the_file_is_as_it_is_described() {
    let mut device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let description = include_str!("../../../docs/TRACE.md");
    for version in [reference::Version::V6, reference::Version::V7] {
        let trace = device.captured(version, Precision::F16);
        let vocabulary = Vocabulary::for_model(&trace.origin.card, None).expect("built in");
        write(&device.gpu, &trace, vocabulary.as_ref(), &path);
        let bytes = fs::read(&path).expect("it is there");
        let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
        let file = SafeTensors::deserialize(&bytes).expect("a whole file");
        assert_eq!(
            file.names().len(),
            if version == reference::Version::V6 {
                17
            } else {
                19
            }
        );
        let keys = header.metadata().iter().flatten();
        for name in keys.map(|(key, _)| key.as_str()).chain(file.names()) {
            assert!(
                description.contains(&format!("`{name}`")),
                "{name} is not described"
            );
        }
        let shape = |name| file.tensor(name).expect("it is there").shape().to_vec();
        assert_eq!(shape("x"), [8, 40, 8, 32]);
        assert_eq!(shape("bonus"), [8, 8, 32]);
        assert_eq!(shape("contribution"), [8, 8, 40]);
        assert_eq!(shape("top_logits"), [40, 16]);
    }
}

#[test]
fn without_a_vocabulary_there_are_no_texts() {
    let mut device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let trace = device.captured(reference::Version::V7, Precision::F16);
    write(&device.gpu, &trace, None, &path);
    let (file, _) = open(&device.gpu, &path);
    assert!(!file.has_texts());
    // The size of the vocabulary tells which it is.
    let vocabulary = file.vocabulary(None).expect("it is built in");
    assert_eq!(vocabulary.expect("8,192 is its size").name(), "demo");
}

/// The file of a run that was ended early is the file of a run over the tokens that were run.
#[test]
fn a_run_that_was_cancelled_leaves_what_was_run() {
    const DONE: usize = 32;
    let mut device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    for version in [reference::Version::V6, reference::Version::V7] {
        let model = device.demo(version, Precision::F16);
        let tokens = captured_tokens();
        let partial = model.trace(tokens.clone()).expect("there is room");
        let cancel = AtomicBool::new(false);
        let options = RunOptions {
            chunk: Chunk::Of(DONE),
            ..RunOptions::default()
        };
        model
            .run(&partial, &options, &cancel, |_| {
                cancel.store(true, Ordering::Relaxed);
            })
            .expect_err("it is cancelled");
        assert_eq!(partial.filled(), DONE);
        let whole = run(model, &tokens[..DONE], DONE);
        let read = |trace: &Trace| {
            let path = folder.path().join("a.safetensors");
            write(&gpu, trace, None, &path);
            fs::read(path).expect("it is there")
        };
        assert!(read(&partial) == read(&whole), "{version:?}");
    }
}

#[test]
fn the_digest_is_that_of_the_models_file() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let source = fixture("tiny-v6-bf16.pth");
    let file = Arc::new(ModelFile::open(&Source::File(source.clone())).expect("it opens"));
    let model = Model::load(&device.gpu, &file, Precision::F32).expect("it loads");
    drop(file);
    write(&device.gpu, &run(&model, &[1, 2, 3], 32), None, &path);
    let hash = sha2::Sha256::digest(fs::read(source).expect("it is read"));
    let expected: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = fs::read(&path).expect("it is there");
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains(&format!("\"sha256\":\"{expected}\"")));
}

/// Small heads in either format, whatever version keeps them so.
#[test]
fn every_shape_comes_back() {
    let device = device();
    let gpu = &device.gpu;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    for (version, stored, head_size) in [
        (Version::V4, Stored::F32, 64),
        (Version::V5, Stored::F32, 16),
        (Version::V5, Stored::F16, 64),
        (Version::V6, Stored::F16, 4),
        (Version::V6, Stored::F32, 128),
        (Version::V7, Stored::F16, 8),
        (Version::V7, Stored::F32, 64),
    ] {
        let shape = Shape {
            version,
            layers: 3,
            heads: 5,
            head_size,
            stored,
            tokens: 7,
        };
        let trace = Filled::random(shape, 9).upload_without_tokens(gpu);
        trace.grow(7, predictions(8, 7));
        write(gpu, &trace, None, &path);
        let (_, opened) = open(gpu, &path);
        assert_same(gpu, &opened, &trace);
    }
}

/// A set of one layer is larger than the pieces that pass between file and device.
#[test]
fn a_long_run_passes_in_pieces() {
    const TOKENS: usize = 4_500;
    let device = device();
    let gpu = &device.gpu;
    let folder = tempfile::tempdir().expect("a folder");
    let (path, again) = (folder.path().join("a.safetensors"), folder.path().join("b"));
    let trace = long(gpu, TOKENS);
    let set = TOKENS * trace.dimensions.width * 4;
    assert!(
        set > 16 << 20 && !set.is_multiple_of(16 << 20),
        "{set} bytes"
    );
    write(gpu, &trace, None, &path);
    let (_, opened) = open(gpu, &path);
    assert_same(gpu, &opened, &trace);
    write(gpu, &opened, None, &again);
    let (first, second) = (fs::read(&path), fs::read(&again));
    assert!(first.expect("read") == second.expect("read"));
}

/// One a token; after the last nothing came.
fn predictions(vocab: usize, tokens: usize) -> Vec<Prediction> {
    let mut all = vec![prediction(vocab); tokens];
    all.last_mut().expect("a token").came = None;
    all
}

fn prediction(vocab: usize) -> Prediction {
    let candidate = |id: usize| Candidate {
        id: id as u32,
        logit: -(id as f32),
        probability: (-(id as f32) - 0.5).exp(),
    };
    Prediction {
        top: (0..vocab.min(TOP)).map(candidate).collect(),
        log_sum_exp: 0.5,
        came: Some(-0.25),
    }
}

/// One wide layer whose every number differs from its neighbours.
fn long(gpu: &Gpu, tokens: usize) -> Arc<Trace> {
    let card = Card {
        version: Version::V6,
        layers: 1,
        heads: 8,
        head_size: 128,
        width: 1024,
        hidden: 4096,
        vocab: 8,
        parameters: 0,
    };
    let count = tokens * card.width;
    let origin = Arc::new(Origin {
        model: "long".to_owned(),
        layers: 0..card.layers,
        digest: Arc::new(Digest::known("0".repeat(64))),
        precision: Precision::F32,
        quantisation: Default::default(),
        merged: Vec::new(),
        state: None,
        read_before: 0,
        card,
    });
    let shape = Shape {
        version: Version::V6,
        layers: 1,
        heads: 8,
        head_size: 128,
        stored: Stored::F32,
        tokens: 1,
    };
    let parameters = Filled::random(shape, 3).parameters(gpu);
    let trace = Trace::new(gpu, origin, Stored::F32, parameters, vec![0; tokens]);
    let trace = trace.expect("there is room");
    for (salt, set) in [Set::R, Set::W, Set::K, Set::V, Set::X]
        .into_iter()
        .enumerate()
    {
        let number = |at: usize| {
            let mixed = (at * 5 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (mixed >> 40) as f32 / (1 << 24) as f32
        };
        let numbers: Vec<f32> = (0..count).map(number).collect();
        trace.upload(gpu, 0, set, &numbers);
    }
    head_outputs(gpu, &trace);
    trace.grow(tokens, predictions(8, tokens));
    Arc::new(trace)
}

/// Some layers of a run, and what they are called.
#[test]
fn kept_layers_come_back() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    for version in [reference::Version::V6, reference::Version::V7] {
        let model = device.demo(version, Precision::F16);
        let kept: Layers = "2-3".parse().expect("layers");
        let trace = model.trace_of(captured_tokens(), Some(kept)).expect("room");
        let never = AtomicBool::new(false);
        let done = model.run(&trace, &RunOptions::default(), &never, |_| {});
        done.expect("the model runs");
        write(&gpu, &trace, None, &path);
        let (file, opened) = open(&gpu, &path);
        assert_same(&gpu, &opened, &trace);
        assert_eq!(file.origin().card.layers, 8);
        assert_eq!(opened.origin.layers, 2..4);
        let bytes = fs::read(&path).expect("it is there");
        let file = SafeTensors::deserialize(&bytes).expect("a whole file");
        for (name, shape) in [("r", &[2, 40, 8, 32][..]), ("bonus", &[2, 8, 32])] {
            assert_eq!(file.tensor(name).expect("it is there").shape(), shape);
        }
        let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
        let said = header
            .metadata()
            .as_ref()
            .and_then(|all| all.get("kept_layers"));
        assert_eq!(said.map(String::as_str), Some("2-3"));
        assert!(include_str!("../../../docs/TRACE.md").contains("`kept_layers`"));
        for measure in [Measure::Rwk, Measure::Share] {
            let same = matrices(&gpu, &opened, measure) == matrices(&gpu, &trace, measure);
            assert!(same, "{version:?}, {measure:?}");
        }
    }
}
