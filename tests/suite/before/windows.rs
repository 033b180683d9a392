//! A window of a text.

use arclight::{
    gpu::Gpu,
    model::BEFORE,
    trace::{Layers, Part, Precision, Window},
};

use super::{everything_agrees, run_part};
use crate::{
    reference::{Version, demo, forward},
    support::{captured_tokens, close, device, matrices, small::Kind},
};

fn window(text: &str) -> Window {
    text.parse().expect("a window")
}

/// What is left out is in the first token, exactly.
#[test]
fn a_window_shows_the_same_and_what_came_before_as_one() {
    let tokens = captured_tokens();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F32);
        for (text, first, end) in [("-25:", 15, 40), ("1:30", 1, 30)] {
            let trace = run_part(model, &tokens, Some(window(text)));
            assert_eq!(trace.prefix, tokens[..first]);
            assert_eq!(trace.tokens[0], BEFORE);
            assert_eq!(trace.tokens[1..], tokens[first..end]);
            assert_eq!(trace.origin.read_before, first);
            let forward = forward(demo::weights(version), &tokens[..end]);
            everything_agrees(&gpu, &trace, &forward, first, |_, _| Vec::new(), 4e-3);
        }
    }
}

#[test]
fn so_it_is_in_rwkv_5() {
    let device = device();
    let gpu: &Gpu = &device.gpu;
    for kind in [Kind::V51, Kind::V52] {
        let tokens = crate::older::tokens();
        let model = crate::older::load(gpu, kind, Precision::F32);
        let trace = run_part(&model, &tokens, Some(window("20:")));
        let forward = forward(&crate::older::weights(kind), &tokens);
        everything_agrees(gpu, &trace, &forward, 20, |_, _| Vec::new(), 2e-4);
    }
}

/// Kernels for adapters whose subgroups are not known.
#[test]
fn other_kernels_find_the_same() {
    let tokens = captured_tokens();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let portable = device.gpu.portable();
        let model = device.demo(version, Precision::F32);
        let trace = run_part(model, &tokens, Some(window("15:")));
        let forward = forward(demo::weights(version), &tokens);
        everything_agrees(&portable, &trace, &forward, 15, |_, _| Vec::new(), 4e-3);
    }
}

#[test]
fn some_layers_are_the_same_as_among_all() {
    let tokens = captured_tokens();
    let layers: Layers = "3-5".parse().expect("layers");
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F16);
        let all = run_part(model, &tokens, Some(window("-12:")));
        let part = Part {
            layers: Some(layers),
            window: Some(window("-12:")),
        };
        let some = run_part(model, &tokens, part);
        let heads = some.dimensions.heads;
        for &measure in arclight::score::Measure::all(some.dimensions.version) {
            let (all, some) = (
                matrices(&gpu, &all, measure),
                matrices(&gpu, &some, measure),
            );
            assert!(
                some == all[3 * heads..6 * heads],
                "{version:?}, {measure:?}"
            );
        }
    }
}

/// A state that is one token off is not what came before.
#[test]
fn another_windows_state_does_not_pass() {
    let tokens = captured_tokens();
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(Version::V7, Precision::F32);
    let trace = run_part(model, &tokens, Some(window("15:")));
    let forward = forward(demo::weights(Version::V7), &tokens);
    let measure = arclight::score::Measure::Share;
    let found = matrices(&gpu, &trace, measure)[0].concat();
    let right = super::expected(&forward, measure, (0, 0), 15, &[]).concat();
    assert!(close(&found, &right, 2e-3).is_ok());
    let mut wrong = super::expected(&forward, measure, (0, 0), 15, &[]);
    let other = super::expected(&forward, measure, (0, 0), 14, &[]);
    for t in 1..wrong.len() {
        wrong[t][0] = other[t + 1][0];
    }
    assert!(close(&found, &wrong.concat(), 2e-3).is_err());
}

#[test]
fn predictions_are_those_of_the_whole() {
    let tokens = captured_tokens();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let whole = device.captured(version, Precision::F16);
        let model = device.demo(version, Precision::F16);
        let trace = run_part(model, &tokens, Some(window("-8:")));
        let first = tokens.len() - 8;
        for at in 0..trace.tokens.len() {
            // Chunks are others, so sums are rounded otherwise.
            let found = trace.prediction(at).expect("it was run");
            let expected = whole.prediction(first + at - 1).expect("it was run");
            assert!((found.log_sum_exp - expected.log_sum_exp).abs() < 0.05);
            assert_eq!(found.top[0].id, expected.top[0].id, "{version:?}, {at}");
            assert_eq!(found.came.is_some(), expected.came.is_some());
        }
        let surprises = trace.surprises();
        assert_eq!(surprises[0], None);
        assert!(surprises[1..].iter().all(Option::is_some));
    }
}

/// Nothing came before the first token.
#[test]
fn a_window_from_the_start_has_no_token_before() {
    let tokens = captured_tokens();
    let mut device = device();
    let model = device.demo(Version::V6, Precision::F16);
    let trace = run_part(model, &tokens, Some(window(":10")));
    assert!(trace.before.is_none() && trace.prefix.is_empty());
    assert_eq!(trace.tokens, tokens[..10]);
}

#[test]
fn windows_that_cannot_be_are_refused() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(Version::V6, Precision::F16);
    let error = model.trace_of(vec![1, 2, 3], Some(window("7:"))).err();
    let text = error.expect("it is refused").to_string();
    assert!(
        text.contains("--window 7:") && text.contains("0 to 2"),
        "{text}"
    );

    let model = crate::older::load(&gpu, Kind::V4, Precision::F32);
    let error = model.trace_of(vec![1, 2, 3], Some(window("1:"))).err();
    let text = error.expect("it is refused").to_string();
    assert!(
        text.contains("RWKV-4") && text.contains("--window"),
        "{text}"
    );
    assert!(model.trace_of(vec![1, 2, 3], Some(window(":2"))).is_ok());
}
