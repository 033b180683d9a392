//! The most probable tokens picked on the device, against sorting all logits.

use std::sync::Arc;

use arclight::{
    inference::Model,
    model::{ModelFile, Source},
    trace::{Candidate, Precision, Prediction, TOP},
};

use crate::{
    reference::{Version, demo},
    support::{checkpoint::Checkpoint, device, run},
};

/// Ids and logits exactly; what is summed up in another order within rounding.
fn same(found: &Prediction, expected: &Prediction) -> Result<(), String> {
    let exact = |prediction: &Prediction| -> Vec<(u32, f32)> {
        prediction
            .top
            .iter()
            .map(|candidate| (candidate.id, candidate.logit))
            .collect()
    };
    let (ids, wanted) = (exact(found), exact(expected));
    if ids != wanted {
        return Err(format!("{ids:?}, not {wanted:?}"));
    }
    let off = (found.log_sum_exp - expected.log_sum_exp).abs();
    if off.is_nan() || off > 1e-4 {
        return Err(format!(
            "log-sum-exp {}, not {}",
            found.log_sum_exp, expected.log_sum_exp
        ));
    }
    for (found, expected) in found.top.iter().zip(&expected.top) {
        let off = (found.probability / expected.probability - 1.0).abs();
        if off.is_nan() || off > 1e-3 {
            return Err(format!("{found:?}, not {expected:?}"));
        }
    }
    Ok(())
}

/// Runs a model and compares every position. Returns all logits.
fn top_tokens_agree(model: &Model, tokens: &[u32], chunk: usize) -> Vec<Vec<f32>> {
    let trace = run(model, tokens, chunk);
    let logits = model.logits(tokens).expect("the model runs");
    for (at, logits) in logits.iter().enumerate() {
        let found = trace
            .prediction(at)
            .expect("every position has a prediction");
        let expected = Prediction::from_logits(logits, TOP);
        assert_eq!(found.top.len(), TOP.min(logits.len()), "candidates");
        same(&found, &expected).unwrap_or_else(|reason| panic!("position {at}: {reason}"));
    }
    assert!(
        trace.prediction(tokens.len()).is_none(),
        "one more than there are tokens"
    );
    logits
}

#[test]
fn the_most_probable_tokens_are_those_of_all_logits() {
    let tokens = demo::random_tokens(41, 33, 8192);
    for version in [Version::V6, Version::V7] {
        for precision in [Precision::F32, Precision::F16] {
            let mut device = device();
            top_tokens_agree(device.demo(version, precision), &tokens, 128);
        }
    }
}

fn tiny(checkpoint: &Checkpoint) -> Model {
    let (_folder, path) = checkpoint.write();
    let file = Arc::new(ModelFile::open(&Source::File(path)).expect("the model opens"));
    Model::load(&device().gpu, &file, Precision::F32).expect("the model loads")
}

/// Rows of the head in equal pairs give equal logits, and the lower id stands first.
#[test]
fn equal_logits_stand_in_the_order_of_their_ids() {
    let mut checkpoint = Checkpoint::of_fixture("tiny-v7-f32.pth");
    let head = checkpoint.tensor("head.weight");
    let width = head.shape[1];
    for pair in head.values.chunks_exact_mut(2 * width) {
        let (first, second) = pair.split_at_mut(width);
        second.copy_from_slice(first);
    }
    let model = tiny(&checkpoint);
    let _turn = device();
    for logits in top_tokens_agree(&model, &[1, 200, 3, 77], 128) {
        let equal = logits
            .chunks_exact(2)
            .filter(|pair| pair[0] == pair[1])
            .count();
        assert_eq!(equal, 128, "the logits are not equal in pairs");
    }
}

#[test]
fn all_logits_equal_give_the_first_ids() {
    let mut checkpoint = Checkpoint::of_fixture("tiny-v6-bf16.pth");
    checkpoint
        .tensor("head.weight")
        .values
        .fill(half::f16::ZERO);
    let model = tiny(&checkpoint);
    let _turn = device();
    let trace = run(&model, &[5, 6], 128);
    for at in 0..2 {
        let prediction = trace.prediction(at).expect("it is there");
        let ids: Vec<u32> = prediction
            .top
            .iter()
            .map(|candidate| candidate.id)
            .collect();
        assert_eq!(ids, (0..TOP as u32).collect::<Vec<_>>());
        assert!(
            (prediction.log_sum_exp - 256_f32.ln()).abs() < 1e-4,
            "{prediction:?}"
        );
    }
}

/// web-rwkv pads the vocabulary to a multiple of 8; what it pads with is no token.
#[test]
fn padding_is_never_predicted() {
    for vocab in [250, 10] {
        for name in ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"] {
            let model = tiny(&Checkpoint::of_fixture(name).with_vocabulary(vocab));
            let _turn = device();
            let logits = top_tokens_agree(&model, &[1, 9, 3], 2);
            assert!(logits.iter().all(|logits| logits.len() == vocab));
        }
    }
}

#[test]
fn a_wrong_prediction_is_noticed() {
    let right = Prediction::from_logits(&[1.0, 3.0, 2.0, 3.0], 3);
    assert_eq!(
        right
            .top
            .iter()
            .map(|candidate| candidate.id)
            .collect::<Vec<_>>(),
        [1, 3, 2]
    );
    same(&right, &right).expect("it is the same as itself");
    let mut swapped = right.clone();
    swapped.top.swap(0, 1);
    assert!(same(&swapped, &right).is_err(), "two ids are swapped");
    let mut missing = right.clone();
    missing.top.pop();
    assert!(same(&missing, &right).is_err(), "one is missing");
    let off = Prediction {
        log_sum_exp: right.log_sum_exp * 1.01,
        ..right.clone()
    };
    assert!(same(&off, &right).is_err(), "the sum is 1 % off");
    let mut off = right.clone();
    let Candidate {
        id,
        logit,
        probability,
    } = off.top[0];
    off.top[0] = Candidate {
        id,
        logit,
        probability: probability * 1.01,
    };
    assert!(same(&off, &right).is_err(), "a probability is 1 % off");
}
