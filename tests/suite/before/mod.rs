//! Traces that begin with what came before them: a state that the model starts from, or tokens that are left out.

mod files;
mod states;
mod windows;

use std::{
    iter::zip,
    sync::{Arc, atomic::AtomicBool},
};

use arclight::{
    gpu::Gpu,
    inference::{Model, RunOptions},
    score::{self, Measure, Request, Scores, Shown},
    trace::{Part, Trace},
};

use crate::{
    reference::{Activations, Forward, Version, ops, scores as reference},
    support::{assert_close, matrices, read},
};

/// A part of a run.
pub fn run_part(model: &Model, tokens: &[u32], part: impl Into<Part>) -> Arc<Trace> {
    let trace = model
        .trace_of(tokens.to_vec(), part)
        .expect("there is room");
    let never = AtomicBool::new(false);
    let options = RunOptions::default();
    model
        .run(&trace, &options, &never, |_| {})
        .expect("it runs");
    assert!(trace.is_complete());
    trace
}

/// What is left of a head's state without anything new, after each of the tokens from `first` on, and what they read of
/// it; before that it starts from `start` and goes on as ever.
struct Rest {
    /// ‖ ‖_F of all of it, then after each token.
    norms: Vec<f64>,
    /// `[head size]` of each token.
    read: Vec<Vec<f64>>,
}

impl Rest {
    fn of(forward: &Forward, layer: usize, head: usize, first: usize, start: &[f64]) -> Self {
        let size = forward.head_size;
        let activations = &forward.layers[layer];
        let tokens = activations.r.len() / forward.width;
        let mut state = start.to_vec();
        state.resize(size * size, 0.0);
        let (mut norms, mut read) = (Vec::new(), Vec::new());
        for t in 0..tokens {
            let rows = Vectors::of(activations, forward, t, head);
            if t == first {
                norms.push(ops::norm(&state));
            }
            if t < first {
                step(&mut state, &rows, forward.version, true);
            } else {
                let before = reads(&state, rows.r);
                step(&mut state, &rows, forward.version, false);
                read.push(match forward.version {
                    Version::V7 => reads(&state, rows.r),
                    _ => before,
                });
                norms.push(ops::norm(&state));
            }
        }
        Self { norms, read }
    }
}

/// One token's vectors in one head.
struct Vectors<'a> {
    r: &'a [f64],
    w: &'a [f64],
    k: &'a [f64],
    v: &'a [f64],
    a: &'a [f64],
    kappa: &'a [f64],
}

impl<'a> Vectors<'a> {
    fn of(all: &'a Activations, forward: &Forward, t: usize, head: usize) -> Self {
        let at = t * forward.width + head * forward.head_size;
        let part = |all: &'a [f64]| all.get(at..at + forward.head_size).unwrap_or_default();
        Self {
            r: part(&all.r),
            w: part(&all.w),
            k: part(&all.k),
            v: part(&all.v),
            a: part(&all.a),
            kappa: part(&all.kappa),
        }
    }
}

fn reads(state: &[f64], r: &[f64]) -> Vec<f64> {
    let mut read = vec![0.0; r.len()];
    for (row, r) in zip(state.chunks(r.len()), r) {
        for (read, value) in zip(&mut read, row) {
            *read += r * value;
        }
    }
    read
}

fn step(state: &mut [f64], at: &Vectors<'_>, version: Version, writes: bool) {
    let size = at.r.len();
    let stored = match version {
        Version::V7 => reads(state, at.kappa),
        _ => vec![0.0; size],
    };
    for (j, row) in state.chunks_mut(size).enumerate() {
        let removed = match version {
            Version::V7 => at.a[j] * at.kappa[j],
            _ => 0.0,
        };
        for (i, value) in row.iter_mut().enumerate() {
            *value = at.w[j] * *value - removed * stored[i];
            if writes {
                *value += at.k[j] * at.v[i];
            }
        }
    }
}

/// `[reader][writer]` of one head as a trace has them that begins with what came before token `first` of the text.
fn expected(
    forward: &Forward,
    measure: Measure,
    (layer, head): (usize, usize),
    first: usize,
    start: &[f64],
) -> Vec<Vec<f64>> {
    let activations = &forward.layers[layer];
    let head_size = forward.head_size;
    let all = reference::matrix(forward, measure, layer, head);
    let rest = Rest::of(forward, layer, head, first, start);
    let tokens = all.len() - first;
    let mut matrix = vec![vec![0.0; tokens + 1]; tokens + 1];
    if measure == Measure::Wk {
        matrix[0][0] = rest.norms[0];
    }
    for (t, read) in rest.read.iter().enumerate() {
        let at = (first + t) * forward.width + head * head_size;
        let y = &activations.y[at..at + head_size];
        let along = ops::dot(read, y);
        matrix[t + 1][0] = match measure {
            Measure::Rwk => ops::norm(read).copysign(along) / rest.norms[0],
            Measure::Share => along / ops::dot(y, y),
            Measure::Weighted => ops::norm(read),
            Measure::Erase => 0.0,
            Measure::Logit => panic!("of one reader alone"),
            Measure::Wk => rest.norms[t + 1],
        };
        matrix[t + 1][1..].copy_from_slice(&all[first + t][first..]);
    }
    matrix
}

/// Every pair of every head, and a selection's, in every measure; and the conservation check.
pub fn everything_agrees(
    gpu: &Gpu,
    trace: &Arc<Trace>,
    forward: &Forward,
    first: usize,
    start: impl Fn(usize, usize) -> Vec<f64>,
    tolerance: f64,
) {
    let tokens = trace.tokens.len();
    let heads = trace.dimensions.layers * trace.dimensions.heads;
    for &measure in Measure::all(trace.dimensions.version) {
        let found = matrices(gpu, trace, measure);
        for (row, found) in found.iter().enumerate() {
            let (layer, head) = (row / forward.heads, row % forward.heads);
            let expected = expected(forward, measure, (layer, head), first, &start(layer, head));
            for (t, expected) in expected
                .iter()
                .enumerate()
                .filter(|_| measure == Measure::Share)
            {
                let sum: f64 = expected.iter().sum();
                assert!(t == 0 || (sum - 1.0).abs() < 1e-6, "shares of {t}: {sum}");
            }
            let what = format!("{:?}: {measure:?} of L{layer} H{head}", forward.version);
            assert_close(&found.concat(), &expected.concat(), tolerance, what);
        }
        let mut scores = Scores::new(gpu, trace).expect("there is room");
        for token in [0, 1, tokens / 2, tokens - 1] {
            let shown = Arc::new(Shown::all(tokens, heads, Some(token)));
            let request = Request {
                measure,
                ..Request::new(token, shown, 50)
            };
            scores.select(&request).wait(gpu).expect("marks");
            let all = read(gpu, scores.values(measure));
            for (row, matrix) in found.iter().enumerate() {
                let pair = |other: usize| f64::from(matrix[other.max(token)][other.min(token)]);
                let expected: Vec<f64> = (0..tokens).map(pair).collect();
                let what = format!("{measure:?} of head {row} with {token} selected");
                assert_close(&all[row * tokens..][..tokens], &expected, 1e-5, what);
            }
        }
    }
    let rows: Vec<usize> = (0..tokens).collect();
    let errors = score::conservation(gpu, trace, &rows).expect("errors");
    for (row, error) in errors.iter().enumerate() {
        assert!(*error <= 1e-3 && *error > 0.0, "head {row}: {error}");
    }
}
