//! States that a model starts from.

use std::fs;

use super::{
    loras::f32s,
    pth_file::pth,
    tiny::{Tensor, Tiny},
};
use crate::model::{ModelError, ModelFile, Source, is_state};

fn state(layer: usize, shape: &[usize], values: &[f32]) -> Tensor {
    f32s(&format!("blocks.{layer}.att.time_state"), shape, values)
}

/// Layers, heads and head size of the model.
fn sizes(model: &ModelFile) -> (usize, usize, usize) {
    let card = model.card();
    (card.layers, card.heads, card.head_size)
}

fn model() -> (tempfile::TempDir, ModelFile) {
    let (folder, path) = Tiny::v7().file();
    (folder, ModelFile::open(&Source::File(path)).expect("opens"))
}

/// Every value another.
fn values(count: usize, layer: usize) -> Vec<f32> {
    (0..count).map(|at| (layer * count + at) as f32).collect()
}

#[test]
fn what_pytorch_saved_is_turned() {
    let (folder, one) = model();
    let (layers, heads, size) = sizes(&one);
    let shape = [heads, size, size];
    let count = heads * size * size;
    let tensors: Vec<_> = (0..layers)
        .map(|layer| state(layer, &shape, &values(count, layer)))
        .collect();
    let (st, pt) = (folder.path().join("a.st"), folder.path().join("a.pth"));
    let converted = Tiny {
        tensors: tensors.clone(),
    };
    fs::write(&st, converted.bytes()).expect("written");
    fs::write(&pt, pth(&tensors)).expect("written");
    assert!(is_state(&st) && is_state(&pt));
    assert!(!is_state(&folder.path().join("model.st")));

    let one = one.starting_from(Some(&st)).expect("it fits");
    let one = one.state().expect("it is read").expect("it is there");
    let all: Vec<f32> = (0..layers).flat_map(|layer| values(count, layer)).collect();
    assert_eq!(one.values, all);
    assert_eq!(one.tuned.name, "a");
    let (_folder, two) = model();
    let two = two.starting_from(Some(&pt)).expect("it fits");
    let two = two.state().expect("it is read").expect("it is there");
    for (matrix, turned) in one
        .values
        .chunks(size * size)
        .zip(two.values.chunks(size * size))
    {
        for at in 0..size * size {
            assert_eq!(matrix[at], turned[at % size * size + at / size]);
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (folder, plain) = model();
    let (layers, heads, size) = sizes(&plain);
    assert!(plain.state().expect("none is read").is_none());
    let shape = [heads, size, size];
    let count = heads * size * size;
    let right = |layer| state(layer, &shape, &values(count, layer));
    let mut infinite = values(count, 0);
    infinite[7] = f32::INFINITY;
    for (tensors, says) in [
        (vec![right(0)], "it has no blocks.1.att.time_state"),
        ((0..=layers).map(right).collect(), "the model has"),
        (
            vec![state(0, &[heads, size], &values(heads * size, 0))],
            "and the model needs",
        ),
        (vec![state(0, &shape, &infinite), right(1)], "holds inf"),
        (Vec::new(), "it has no blocks.0.att.time_state"),
    ] {
        let path = folder.path().join("wrong.st");
        fs::write(&path, Tiny { tensors }.bytes()).expect("written");
        let (_folder, model) = model();
        let error = model.starting_from(Some(&path)).expect_err("refused");
        let text = error.to_string();
        assert!(matches!(error, ModelError::State { .. }), "{text}");
        assert!(text.contains(says) && text.contains("wrong.st"), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }
    let gone = folder.path().join("gone.st");
    let (_folder, model) = model();
    let error = model.starting_from(Some(&gone)).expect_err("refused");
    assert!(matches!(error, ModelError::Read { .. }), "{error}");
}

/// A conversion keeps a model's own state.
#[test]
fn a_models_own_state_is_found() {
    let (_folder, plain) = model();
    let (layers, heads, size) = sizes(&plain);
    let shape = [heads, size, size];
    let count = heads * size * size;
    let mut tiny = Tiny::v7();
    for layer in 0..layers {
        tiny.tensors.push(state(layer, &shape, &vec![0.5; count]));
    }
    let (_folder, path) = tiny.file();
    let model = ModelFile::open(&Source::File(path)).expect("opens");
    let own = model.state().expect("it is read").expect("it is there");
    assert_eq!(own.values, vec![0.5; layers * count]);
    assert!(
        model
            .tensor_names()
            .any(|name| name.ends_with("time_state"))
    );
}
