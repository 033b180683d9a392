//! What the models compute on the device, against the float64 forward pass.

use arclight::trace::Precision;

use crate::{
    reference::{Version, demo, forward},
    support::{assert_close, close, device},
};

/// Single tokens, and one and two boundaries between chunks, with long and short rests behind them.
const LENGTHS: [usize; 3] = [1, 62, 134];
const VOCABULARY: u32 = 8192;

fn logits_agree(version: Version, precision: Precision, lengths: &[usize], tolerance: f64) {
    let longest = lengths[lengths.len() - 1];
    let tokens = demo::random_tokens(7, longest, VOCABULARY);
    // A later token changes nothing for the earlier ones, so one pass serves all lengths.
    let expected = forward(demo::weights(version), &tokens).logits;
    let mut device = device();
    let model = device.demo(version, precision);
    let mut worst = 0.0_f64;
    for &length in lengths {
        let found = model.logits(&tokens[..length]).expect("the model runs");
        let what = format!("{version:?}, {precision:?}, {length} tokens");
        assert_eq!(found.len(), length, "{what}: positions");
        let expected = expected[..length].concat();
        worst = worst.max(assert_close(&found.concat(), &expected, tolerance, what));
    }
    println!("{version:?}, {precision:?}: logits off by {worst:.1e} of the largest");
}

#[test]
fn logits_agree_with_float64_v6_f32() {
    logits_agree(Version::V6, Precision::F32, &LENGTHS, 1e-3);
}

#[test]
fn logits_agree_with_float64_v7_f32() {
    logits_agree(Version::V7, Precision::F32, &LENGTHS, 1e-3);
}

#[test]
fn logits_agree_with_float64_v6_f16() {
    logits_agree(Version::V6, Precision::F16, &LENGTHS[..2], 5e-3);
}

#[test]
fn logits_agree_with_float64_v7_f16() {
    logits_agree(Version::V7, Precision::F16, &LENGTHS[..2], 5e-3);
}

/// The tolerance tells a right run from one that has gone slightly astray.
#[test]
fn another_first_token_does_not_pass() {
    let tokens = demo::random_tokens(7, 33, VOCABULARY);
    let mut other = tokens.clone();
    other[0] += 1;
    for version in [Version::V6, Version::V7] {
        let expected = forward(demo::weights(version), &other).logits;
        let mut device = device();
        let found = device
            .demo(version, Precision::F32)
            .logits(&tokens)
            .expect("the model runs");
        // Even after the other tokens have been equal for long.
        let off = close(&found[32], &expected[32], 5e-3);
        assert!(off.is_err(), "{version:?}: {off:?}");
    }
}

#[test]
fn a_run_starts_from_nothing() {
    let tokens = demo::random_tokens(8, 6, VOCABULARY);
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let model = device.demo(version, Precision::F32);
        let first = model.logits(&tokens).expect("the model runs");
        model.logits(&tokens[3..]).expect("the model runs");
        let again = model.logits(&tokens).expect("the model runs");
        assert_eq!(
            first, again,
            "{version:?}: what ran before is still remembered"
        );
    }
}
