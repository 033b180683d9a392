//! The most probable tokens picked on the device, against sorting all logits.

use std::sync::Arc;

use arclight::{
    inference::{Chunk, Model, RunOptions},
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
    if found.came != expected.came {
        return Err(format!("{:?} came, not {:?}", found.came, expected.came));
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

/// −ln p in double precision.
fn surprise(logits: &[f32], id: u32) -> f64 {
    let logit = |x: f32| f64::from(x);
    let largest = logits.iter().copied().map(logit).fold(f64::MIN, f64::max);
    let sum: f64 = logits.iter().map(|x| (logit(*x) - largest).exp()).sum();
    largest + sum.ln() - logit(logits[id as usize])
}

/// Every token but the first against its twin in double precision.
fn surprises_agree(
    found: &[Option<f32>],
    tokens: &[u32],
    logits: &[Vec<f32>],
) -> Result<(), String> {
    let twin = logits.iter().zip(&tokens[1..]);
    let expected: Vec<_> = twin.map(|(logits, id)| surprise(logits, *id)).collect();
    if found.len() != tokens.len() || found[0].is_some() {
        return Err(format!("{found:?} for {} tokens", tokens.len()));
    }
    for (at, (found, expected)) in found[1..].iter().zip(&expected).enumerate() {
        let off = found.map(|nats| (f64::from(nats) - expected).abs());
        if off.is_none_or(|off| off.is_nan() || off > 1e-4) {
            return Err(format!("token {}: {found:?} nats, not {expected}", at + 1));
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
        let expected = Prediction::from_logits(logits, TOP, tokens.get(at + 1).copied());
        assert_eq!(found.top.len(), TOP.min(logits.len()), "candidates");
        same(&found, &expected).unwrap_or_else(|reason| panic!("position {at}: {reason}"));
    }
    assert!(
        trace.prediction(tokens.len()).is_none(),
        "one more than there are tokens"
    );
    surprises_agree(&trace.surprises(), tokens, &logits)
        .unwrap_or_else(|reason| panic!("{reason}"));
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
    let right = Prediction::from_logits(&[1.0, 3.0, 2.0, 3.0], 3, Some(0));
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
    let off = Prediction {
        came: None,
        ..right.clone()
    };
    assert!(same(&off, &right).is_err(), "the token that came is lost");
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

#[test]
fn a_wrong_surprise_is_noticed() {
    let logits = vec![vec![0.0, 1.0], vec![3.0, 3.0], vec![0.0, 0.0]];
    let tokens = [1, 0, 1];
    let right = [None, Some(1.313_262), Some(std::f32::consts::LN_2)];
    surprises_agree(&right, &tokens, &logits).expect("they are right");
    let late = [None, right[2], right[1]];
    assert!(surprises_agree(&late, &tokens, &logits).is_err());
    let off = [None, right[1], Some(0.694)];
    assert!(surprises_agree(&off, &tokens, &logits).is_err());
    let nothing = [None, right[1], None];
    assert!(surprises_agree(&nothing, &tokens, &logits).is_err());
}

#[test]
fn surprise_is_not_below_zero_and_has_no_bounds_above() {
    let of = |logits: &[f32], next| Prediction::from_logits(logits, 1, next).surprise();
    assert_eq!(of(&[90.0, 0.0], Some(0)), Some(0.0));
    // Outside the one candidate that is kept.
    assert_eq!(of(&[90.0, 0.0], Some(1)), Some(90.0));
    assert_eq!(of(&[90.0, 0.0], None), None);
    assert_eq!(of(&[90.0, 0.0], Some(7)), None, "no such token");
    let rounded = Prediction {
        came: Some(2.000_000_2),
        log_sum_exp: 2.0,
        top: Vec::new(),
    };
    assert_eq!(rounded.surprise(), Some(0.0));
}

/// As many tokens as have been run, though the text goes on.
#[test]
fn a_run_that_was_ended_early_has_the_surprises_so_far() {
    let tokens = demo::random_tokens(47, 9, 8192);
    let mut device = device();
    let model = device.demo(Version::V7, Precision::F32);
    let trace = model.trace(tokens.clone()).expect("there is room");
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let options = RunOptions {
        chunk: Chunk::Of(4),
        ..RunOptions::default()
    };
    let ended = model.run(&trace, &options, &cancel, |done| {
        cancel.store(done == 8, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(ended.is_err(), "it ran to the end");
    let logits = model.logits(&tokens).expect("the model runs");
    surprises_agree(&trace.surprises(), &tokens[..8], &logits).expect("they agree");
}
