//! Every measure, the contribution norms and the conservation check.

use std::sync::Arc;

use arclight::{
    gpu::{self, Gpu},
    score::{self, Marks, Measure, Request, Scores, Shown, tolerance},
    trace::{Precision, Set, Trace, sets},
};

use super::{load, tokens, weights};
use crate::{
    reference::{forward, scores as reference},
    support::{
        assert_close, close, device, matrices, read, run,
        small::{KINDS, Kind},
    },
};

/// Of the largest value of the head or group, with frames in single floats.
const TOLERANCE: f64 = 2e-4;

#[test]
fn every_measure_agrees_with_float64() {
    let tokens = tokens();
    for kind in KINDS {
        let forward = forward(&weights(kind), &tokens);
        let device = device();
        let trace = run(&load(&device.gpu, kind, Precision::F32), &tokens, 32);
        let measures = Measure::all(trace.dimensions.version);
        assert_eq!(measures.len(), 4, "nothing is erased in {kind:?}");
        for &measure in measures {
            let found = matrices(&device.gpu, &trace, measure);
            assert_eq!(found.len(), forward.layers.len() * forward.heads);
            let mut worst = 0.0_f64;
            for (row, found) in found.iter().enumerate() {
                let (layer, head) = (row / forward.heads, row % forward.heads);
                let expected = reference::matrix(&forward, measure, layer, head).concat();
                let what = format!("{kind:?}: {measure:?} of L{layer}, {head}");
                worst = worst.max(assert_close(&found.concat(), &expected, TOLERANCE, what));
            }
            println!("{kind:?}: {measure:?} off by {worst:.1e} of a head's largest");
            let neighbour = reference::matrix(&forward, measure, 0, 1).concat();
            let other = close(&found[0].concat(), &neighbour, TOLERANCE);
            assert!(other.is_err(), "{kind:?}, {measure:?}: 0 passes for 1");
        }
    }
}

/// A selected token's numbers come from other kernels than the lines.
#[test]
fn a_selection_shows_the_same_numbers() {
    let tokens = tokens();
    let (count, token) = (tokens.len(), 20);
    for kind in KINDS {
        let device = device();
        let gpu = &device.gpu;
        let trace = run(&load(gpu, kind, Precision::F32), &tokens, 32);
        let heads = trace.dimensions.layers * trace.dimensions.heads;
        let mut scores = Scores::new(gpu, &trace).expect("there is room");
        let shown = Arc::new(Shown::all(count, heads, Some(token)));
        let pending = scores.select(&Request::new(token, shown, 50));
        let marks = Marks::read(&pending.wait(gpu).expect("marks"), heads, count);
        let (_, worst) = marks.worst_conservation().expect("there are heads");
        assert!(worst <= tolerance(Precision::F32), "{kind:?}: {worst}");
        // W-K norms of earlier tokens are made when a cell asks for them.
        scores.cell(0).wait(gpu).expect("a cell");
        for &measure in Measure::all(trace.dimensions.version) {
            let all = matrices(gpu, &trace, measure);
            let found = read(gpu, scores.values(measure));
            for (row, all) in all.iter().enumerate() {
                let pair = |other: usize| f64::from(all[other.max(token)][other.min(token)]);
                let expected: Vec<f64> = (0..count).map(pair).collect();
                let found = &found[row * count..][..count];
                let what = format!("{kind:?}: {measure:?} of head {row}");
                assert_close(found, &expected, 1e-5, what);
            }
        }
    }
}

fn conservation(gpu: &Gpu, trace: &Arc<Trace>) -> Vec<f32> {
    let rows: Vec<usize> = (0..trace.filled()).collect();
    score::conservation(gpu, trace, &rows).expect("the errors are read back")
}

#[test]
fn scores_give_the_output_back() {
    let tokens = tokens();
    for kind in KINDS {
        for precision in [Precision::F32, Precision::F16] {
            let device = device();
            let trace = run(&load(&device.gpu, kind, precision), &tokens, 32);
            let errors = conservation(&device.gpu, &trace);
            let worst = errors.iter().copied().fold(0.0, f32::max);
            println!("{kind:?}, {precision:?}: largest conservation error {worst:.1e}");
            // RWKV-5's vectors are rounded to half floats after the model has used them as single ones; and of random
            // weights there may be a head whose terms all but cancel, where that shows most.
            let rounds = precision == Precision::F16 && kind != Kind::V4;
            let allowed = tolerance(precision) * if rounds { 4.0 } else { 1.0 };
            let fits = |error: &f32| (0.0..=allowed).contains(error);
            let most = errors.iter().filter(|error| **error > tolerance(precision));
            assert!(
                most.count() <= errors.len() / 10,
                "{kind:?}, {precision:?}: {errors:?}"
            );
            assert!(
                errors.iter().all(fits),
                "{kind:?}, {precision:?}: {errors:?}"
            );
            assert!(
                worst > 0.0,
                "{kind:?}, {precision:?}: nothing was looked at"
            );
        }
    }
}

/// One key that is not what the model wrote fails the check, there only.
#[test]
fn a_key_that_was_not_the_models_fails_the_check() {
    let tokens = tokens();
    for kind in KINDS {
        let device = device();
        let gpu = &device.gpu;
        let trace = run(&load(gpu, kind, Precision::F32), &tokens, 32);
        let width = trace.dimensions.width;
        let set = sets(trace.dimensions.version) * 3 + Set::K.index(trace.dimensions.version);
        let group = &trace.groups[0];
        let at = ((set * tokens.len() + 9) * width) as u64 * 4;
        // The first head or group of layer 3, at token 9.
        let spoilt = vec![3.0f32; trace.dimensions.head_size];
        gpu.queue()
            .write_buffer(group.buffer(), at, bytemuck::cast_slice(&spoilt));
        let errors = conservation(gpu, &trace);
        for (row, error) in errors.iter().enumerate() {
            let failed = *error > tolerance(Precision::F32);
            let spoilt = row == 3 * trace.dimensions.heads;
            assert_eq!(failed, spoilt, "{kind:?}: head {row} is off by {error}");
        }
        let bytes = gpu::read(gpu, group.buffer(), at, 4).expect("it is there");
        assert_eq!(bytes, 3.0f32.to_le_bytes());
    }
}

/// In the file's own scale, whatever web-rwkv does to the residual stream after six layers.
#[test]
fn contribution_norms_agree_with_float64() {
    let tokens = tokens();
    for kind in KINDS {
        let weights = weights(kind);
        let forward = forward(&weights, &tokens);
        let device = device();
        let trace = run(&load(&device.gpu, kind, Precision::F32), &tokens, 32);
        let norms = read(&device.gpu, &trace.contribution);
        for (row, found) in norms.chunks_exact(tokens.len()).enumerate() {
            let (layer, head) = (row / forward.heads, row % forward.heads);
            let output = weights.block(layer).tensor("att.output.weight");
            let expected = reference::contribution_norm(
                output,
                &forward.layers[layer],
                forward.heads,
                forward.head_size,
                head,
            );
            let what = format!("{kind:?}: norm of L{layer}, {head}");
            assert_close(found, &expected, TOLERANCE, what);
        }
        assert_eq!(
            norms.len(),
            forward.layers.len() * forward.heads * tokens.len()
        );
    }
}
