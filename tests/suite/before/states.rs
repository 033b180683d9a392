//! States that a model starts from.

use std::{path::PathBuf, sync::Arc};

use arclight::{
    gpu::Gpu,
    inference::Model,
    model::{BEFORE, ModelFile, Source},
    trace::{Part, Precision},
};
use half::f16;
use tempfile::TempDir;

use super::{everything_agrees, run_part};
use crate::{
    reference::{Version, demo, forward_from},
    support::{
        Random, assert_close, captured_tokens,
        checkpoint::{Checkpoint, Tensor},
        device,
        small::Kind,
    },
};

/// Random states of some layers, as their file holds them, and as numbers.
pub(super) fn states(layers: usize, heads: usize, size: usize) -> (Checkpoint, Vec<Vec<f64>>) {
    let mut random = Random::new(77);
    let mut tensors = Vec::new();
    let mut numbers = Vec::new();
    for layer in 0..layers {
        let count = heads * size * size;
        let values: Vec<_> = (0..count)
            .map(|_| f16::from_f64(random.between(-0.3, 0.3)))
            .collect();
        numbers.push(values.iter().map(|value| value.to_f64()).collect());
        tensors.push(Tensor {
            name: format!("blocks.{layer}.att.time_state"),
            shape: vec![heads, size, size],
            values,
        });
    }
    (Checkpoint::new(tensors), numbers)
}

pub(super) fn load(gpu: &Gpu, source: &Source, state: &(TempDir, PathBuf)) -> Model {
    let file = ModelFile::open(source).expect("the model opens");
    let file = file.starting_from(Some(&state.1)).expect("the state fits");
    Model::load(gpu, &Arc::new(file), Precision::F32).expect("it loads")
}

/// The state of a layer's head.
fn of_heads(numbers: &[Vec<f64>], size: usize) -> impl Fn(usize, usize) -> Vec<f64> {
    move |layer, head| numbers[layer][head * size * size..(head + 1) * size * size].to_vec()
}

/// Logits, scores, and the token that stands for the state.
#[test]
fn a_model_starts_from_its_state() {
    let tokens = captured_tokens();
    for (version, source) in [(Version::V6, Source::DemoV6), (Version::V7, Source::DemoV7)] {
        let device = device();
        let weights = demo::weights(version);
        let size = weights.width() / weights.heads();
        let (checkpoint, numbers) = states(weights.layer_count(), weights.heads(), size);
        let model = load(&device.gpu, &source, &checkpoint.write_as("tuned.st"));
        let trace = run_part(&model, &tokens, Part::default());
        assert_eq!(trace.tokens[0], BEFORE);
        assert_eq!(trace.tokens[1..], tokens);
        assert_eq!(trace.origin.before().as_deref(), Some("the state tuned"));
        // Nothing is known of what comes first.
        let first = trace.prediction(0).expect("an empty one");
        assert!(first.top.is_empty() && first.surprise().is_none());
        assert_eq!(&trace.surprises()[..2], [None, None]);

        let forward = forward_from(weights, &tokens, &numbers);
        let logits = model.logits_of(&trace, &[]).expect("it runs");
        assert_close(
            &logits.concat(),
            &forward.logits.concat(),
            2e-3,
            format!("logits of {version:?}"),
        );
        let start = of_heads(&numbers, size);
        everything_agrees(&device.gpu, &trace, &forward, 0, start, 2e-3);
        // And again, from the same.
        let again = model.logits_of(&trace, &[]).expect("it runs");
        assert!(logits == again);
    }
}

#[test]
fn so_does_rwkv_5() {
    let tokens = crate::older::tokens();
    for kind in [Kind::V51, Kind::V52] {
        let device = device();
        let weights = crate::older::weights(kind);
        let size = weights.width() / weights.heads();
        let (checkpoint, numbers) = states(weights.layer_count(), weights.heads(), size);
        let source = Source::File(crate::older::path(kind).to_owned());
        let model = load(&device.gpu, &source, &checkpoint.write_as("tuned.st"));
        let trace = run_part(&model, &tokens, Part::default());
        let forward = forward_from(&weights, &tokens, &numbers);
        let start = of_heads(&numbers, size);
        everything_agrees(&device.gpu, &trace, &forward, 0, start, 2e-4);
    }
}

/// Tokens that were read from a state, and then left out.
#[test]
fn a_window_of_a_run_from_a_state_has_both_before() {
    let tokens = captured_tokens();
    let device = device();
    let weights = demo::weights(Version::V7);
    let size = weights.width() / weights.heads();
    let (checkpoint, numbers) = states(weights.layer_count(), weights.heads(), size);
    let model = load(
        &device.gpu,
        &Source::DemoV7,
        &checkpoint.write_as("tuned.st"),
    );
    let window = "18:".parse::<arclight::trace::Window>().expect("a window");
    let trace = run_part(&model, &tokens, Some(window));
    assert_eq!(
        trace.origin.before().as_deref(),
        Some("the state tuned and 18 tokens")
    );
    let forward = forward_from(weights, &tokens, &numbers);
    let start = of_heads(&numbers, size);
    everything_agrees(&device.gpu, &trace, &forward, 18, start, 4e-3);
}

/// A model that brings its own starts from that, unless another is given.
#[test]
fn a_models_own_state_is_the_same_as_one_beside_it() {
    let device = device();
    let mut model = Checkpoint::of_fixture("tiny-v7-f32.pth");
    let (layers, heads, size) = (2, 2, 32);
    let (state, _) = states(layers, heads, size);
    let beside = state.write_as("tuned.st");
    let plain = model.write();
    let one = load(&device.gpu, &Source::File(plain.1.clone()), &beside);
    model.tensors.extend(state.tensors);
    let own = model.write();
    let file = ModelFile::open(&Source::File(own.1.clone())).expect("it opens");
    let two = Model::load(&device.gpu, &Arc::new(file), Precision::F32).expect("it loads");
    let tokens = [3, 1, 4, 1, 5];
    assert!(one.logits(&tokens).expect("it runs") == two.logits(&tokens).expect("it runs"));
    let file = ModelFile::open(&Source::File(plain.1.clone())).expect("it opens");
    let none = Model::load(&device.gpu, &Arc::new(file), Precision::F32).expect("it loads");
    assert!(none.logits(&tokens).expect("it runs") != two.logits(&tokens).expect("it runs"));
}
