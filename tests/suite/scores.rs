//! Captured runs of the demo models: scores, conservation and contribution norms.

use std::sync::Arc;

use arclight::{
    gpu::{self, Gpu},
    model::Vocabulary,
    score::{self, Measure, tolerance},
    trace::{Precision, Set, Trace, sets},
};

use crate::{
    reference::{Forward, Version, demo, forward, scores as reference},
    support::{assert_close, captured_tokens, close, device, matrices, read, run},
};

/// Of the largest value of the head, with frames in single floats.
const TOLERANCE: f64 = 2e-3;
/// The same with frames, and so vectors, in half floats.
const HALF_TOLERANCE: f64 = 2e-2;

fn conservation(gpu: &Gpu, trace: &Arc<Trace>) -> Vec<f32> {
    let rows: Vec<usize> = (0..trace.filled()).collect();
    score::conservation(gpu, trace, &rows).expect("the errors are read back")
}

fn scores_agree(version: Version, precision: Precision, tolerance: f64) {
    let forward = forward(demo::weights(version), &captured_tokens());
    let found = {
        let mut device = device();
        let trace = device.captured(version, precision);
        let matrices = |measure| (measure, matrices(&device.gpu, &trace, measure));
        let measures = Measure::all(trace.dimensions.version).iter().copied();
        measures.map(matrices).collect::<Vec<_>>()
    };
    for (measure, found) in found {
        assert_eq!(found.len(), forward.layers.len() * forward.heads);
        let mut worst = 0.0_f64;
        for (row, found) in found.iter().enumerate() {
            let (layer, head) = (row / forward.heads, row % forward.heads);
            let expected = reference::matrix(&forward, measure, layer, head).concat();
            let what = format!("{version:?}, {precision:?}: {measure:?} of L{layer} H{head}");
            worst = worst.max(assert_close(&found.concat(), &expected, tolerance, what));
        }
        println!("{version:?}, {precision:?}: {measure:?} off by {worst:.1e} of a head's largest");
        // What is close to one head is far from its neighbour.
        let other = close(
            &found[0].concat(),
            &reference::matrix(&forward, measure, 0, 1).concat(),
            tolerance,
        );
        assert!(
            other.is_err(),
            "{version:?}, {measure:?}: L0 H0 passes for L0 H1"
        );
    }
}

#[test]
fn scores_of_every_head_agree_with_float64_v6() {
    scores_agree(Version::V6, Precision::F32, TOLERANCE);
}

#[test]
fn scores_of_every_head_agree_with_float64_v7() {
    scores_agree(Version::V7, Precision::F32, TOLERANCE);
}

#[test]
fn scores_of_half_floats_agree_with_float64_v6() {
    scores_agree(Version::V6, Precision::F16, HALF_TOLERANCE);
}

#[test]
fn scores_of_half_floats_agree_with_float64_v7() {
    scores_agree(Version::V7, Precision::F16, HALF_TOLERANCE);
}

fn scores_give_the_output_back(version: Version, precision: Precision) {
    let mut device = device();
    let trace = device.captured(version, precision);
    let errors = conservation(&device.gpu, &trace);
    let worst = errors.iter().copied().fold(0.0, f32::max);
    println!("{version:?}, {precision:?}: largest conservation error {worst:.1e}");
    let allowed = match precision {
        Precision::F32 => 1e-4,
        Precision::F16 => 1e-2,
    };
    assert_eq!(tolerance(precision), allowed);
    for (row, &error) in errors.iter().enumerate() {
        assert!(
            error <= allowed,
            "{version:?}, {precision:?}: head {row} is off by {error:e}"
        );
        assert!(
            error > 0.0,
            "{version:?}, {precision:?}: head {row} was not looked at"
        );
    }
}

#[test]
fn scores_give_the_output_back_v6_f32() {
    scores_give_the_output_back(Version::V6, Precision::F32);
}

#[test]
fn scores_give_the_output_back_v7_f32() {
    scores_give_the_output_back(Version::V7, Precision::F32);
}

#[test]
fn scores_give_the_output_back_v6_f16() {
    scores_give_the_output_back(Version::V6, Precision::F16);
}

#[test]
fn scores_give_the_output_back_v7_f16() {
    scores_give_the_output_back(Version::V7, Precision::F16);
}

/// In this text the terms of a head of the sixth layer all but cancel, so that rounding shows in what is left of them.
#[test]
fn a_head_whose_terms_cancel_passes_the_check() {
    let text = b"When Mary and John went to the store, John gave a drink to";
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(Version::V6, Precision::F16);
    let vocabulary = Vocabulary::for_model(model.card(), None).expect("it is built in");
    let tokens = vocabulary.expect("it is built in").encode(text);
    let trace = run(model, &tokens.expect("a text"), 128);
    let errors = conservation(&gpu, &trace);
    let worst = errors.iter().copied().fold(0.0, f32::max);
    assert!(worst <= tolerance(Precision::F16), "{worst:e}");
}

/// Every value of a set of a layer, read back from a trace in single floats.
fn vectors(gpu: &Gpu, trace: &Trace, layer: usize, set: Set) -> Vec<f32> {
    let dimensions = &trace.dimensions;
    let group = trace
        .groups
        .iter()
        .find(|group| group.layers.contains(&layer))
        .expect("a layer");
    let count = (trace.tokens.len() * dimensions.width) as u64;
    let place = (layer - group.layers.start) * sets(dimensions.version);
    let place = (place + set.index(dimensions.version)) as u64;
    let bytes = gpu::read(gpu, group.buffer(), place * count * 4, count * 4).expect("vectors");
    bytemuck::pod_collect_to_vec(&bytes)
}

/// The check is worth something: one value vector that is not what the model wrote fails it, there only.
#[test]
fn a_value_that_was_not_the_models_fails_the_check() {
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let trace = device.captured(version, Precision::F32);
        let gpu = &device.gpu;
        let before = conservation(gpu, &trace);

        let (layer, head, token) = (3, 2, 17);
        let mut values = vectors(gpu, &trace, layer, Set::V);
        let size = trace.dimensions.head_size;
        let at = token * trace.dimensions.width + head * size;
        // A turn by one channel keeps its length.
        values[at..at + size].rotate_left(1);
        trace.upload(gpu, layer, Set::V, &values);
        let after = conservation(gpu, &trace);
        values[at..at + size].rotate_right(1);
        trace.upload(gpu, layer, Set::V, &values);
        assert_eq!(
            conservation(gpu, &trace),
            before,
            "the vector was not put right again"
        );

        let spoiled = layer * trace.dimensions.heads + head;
        for row in 0..after.len() {
            if row == spoiled {
                let error = after[row];
                assert!(
                    error > 10.0 * tolerance(Precision::F32),
                    "{version:?}: only {error:e}"
                );
            } else {
                assert_eq!(
                    after[row], before[row],
                    "{version:?}: head {row} has changed too"
                );
            }
        }
    }
}

fn contribution_norms_agree(version: Version) {
    let weights = demo::weights(version);
    let Forward {
        layers,
        heads,
        head_size,
        ..
    } = forward(weights, &captured_tokens());
    let norms = |row: usize| {
        let (layer, head) = (row / heads, row % heads);
        let output = weights.tensor(&format!("blocks.{layer}.att.output.weight"));
        reference::contribution_norm(output, &layers[layer], heads, head_size, head)
    };
    let expected: Vec<Vec<f64>> = (0..layers.len() * heads).map(norms).collect();
    for (precision, tolerance) in [(Precision::F32, TOLERANCE), (Precision::F16, 5e-3)] {
        let mut device = device();
        let trace = device.captured(version, precision);
        let found = read(&device.gpu, &trace.contribution);
        let tokens = trace.tokens.len();
        assert_eq!(found.len(), expected.len() * tokens);
        let mut worst = 0.0_f64;
        for (row, (found, expected)) in found.chunks_exact(tokens).zip(&expected).enumerate() {
            let what = format!("{version:?}, {precision:?}: norms of head {row}");
            worst = worst.max(assert_close(found, expected, tolerance, &what));
            let off: Vec<f64> = expected.iter().map(|norm| norm * 1.01).collect();
            assert!(
                close(found, &off, tolerance).is_err(),
                "{what}: 1 % off went unnoticed"
            );
        }
        println!("{version:?}, {precision:?}: norms off by {worst:.1e} of a head's largest");
    }
}

#[test]
fn contribution_norms_agree_with_float64_v6() {
    contribution_norms_agree(Version::V6);
}

#[test]
fn contribution_norms_agree_with_float64_v7() {
    contribution_norms_agree(Version::V7);
}

/// How a text is cut into chunks is nothing that a score may show.
#[test]
fn chunks_of_any_length_give_the_same_scores() {
    let tokens = &captured_tokens()[..12];
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F32);
        let scores = |chunk| matrices(&gpu, &run(model, tokens, chunk), Measure::Share);
        let whole = scores(12);
        for chunk in [1, 5] {
            for (row, (cut, whole)) in scores(chunk).iter().zip(&whole).enumerate() {
                let whole: Vec<f64> = whole.concat().into_iter().map(f64::from).collect();
                let what = format!("{version:?}, chunks of {chunk}: head {row}");
                assert_close(&cut.concat(), &whole, TOLERANCE, what);
            }
        }
    }
}
