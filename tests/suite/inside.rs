//! What a model holds at a token: the parts of a logit and the logit lens, against the float64 model.

use std::sync::{Arc, atomic::AtomicBool};

use arclight::{
    gpu::Gpu,
    inference::{Attribution, Inside, Model, RunOptions},
    score::{self, Measure},
    trace::{Part, Precision, Trace, Window},
};

use crate::{
    before::run_part,
    older,
    reference::{Forward, Version, demo, forward, ops, scores, weights::Weights},
    support::{assert_close, captured_tokens, close, device, small::Kind},
};

fn inside(model: &Model, trace: &Trace, token: usize) -> Inside {
    let (options, never) = (RunOptions::default(), AtomicBool::new(false));
    model
        .inside(trace, token, &options, &never)
        .expect("it is read")
}

/// Parts of the logit by writer, `[layers × heads][tokens]`.
fn parts(gpu: &Gpu, trace: &Arc<Trace>, found: &Attribution) -> Vec<Vec<f64>> {
    let pulled = (found.pull.as_slice(), found.own.as_slice());
    let all = score::parts_of_logit(gpu, trace, found.token, pulled).expect("they are read");
    assert_eq!(all.len(), trace.dimensions.cells(1));
    let line = |line: Vec<f32>| line.into_iter().map(f64::from).collect();
    all.into_iter().map(line).collect()
}

/// What the final normalisation makes of a change of the residual stream, and the rest of the logit.
fn toward(weights: &Weights, stream: &[f64], target: u32) -> (Vec<f64>, f64) {
    let width = weights.width();
    let row = &weights.tensor("head.weight")[target as usize * width..][..width];
    let (gamma, beta) = (
        weights.tensor("ln_out.weight"),
        weights.tensor("ln_out.bias"),
    );
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let middle = mean(stream);
    let square: Vec<f64> = stream.iter().map(|x| (x - middle).powi(2)).collect();
    let size = (mean(&square) + 1e-5).sqrt();
    let scaled: Vec<f64> = row.iter().zip(gamma).map(|(e, g)| e * g / size).collect();
    let off = mean(&scaled);
    (
        scaled.iter().map(|x| x - off).collect(),
        ops::dot(row, beta),
    )
}

/// W_oᵀ `toward` of a layer.
fn through(weights: &Weights, layer: usize, toward: &[f64]) -> Vec<f64> {
    let width = weights.width();
    let matrix = weights.tensor(&format!("blocks.{layer}.att.output.weight"));
    let mut through = vec![0.0; width];
    for (row, toward) in matrix.chunks(width).zip(toward) {
        for (through, weight) in through.iter_mut().zip(row) {
            *through += weight * toward;
        }
    }
    through
}

/// Of one head at one token: what each writer adds through its arcs, what nothing but β adds, and all of it.
struct Expected {
    writers: Option<Vec<f64>>,
    fixed: f64,
    direct: f64,
}

fn expected(
    whole: &Forward,
    through: &[f64],
    (layer, head): (usize, usize),
    token: usize,
) -> Expected {
    let own = &whole.layers[layer];
    let size = whole.head_size;
    let start = token * whole.width + head * size;
    let at = |all: &[f64]| all[start..start + size].to_vec();
    let through = &through[head * size..][..size];
    let direct = ops::dot(through, &at(&own.z));
    if whole.version == Version::V4 {
        return Expected {
            writers: None,
            fixed: 0.0,
            direct,
        };
    }
    let channels = |all: &[f64]| all[head * size..][..size].to_vec();
    let (x, z, y) = (at(&own.x), at(&own.z), at(&own.y));
    let gated: Vec<f64> = through
        .iter()
        .zip(z.iter().zip(&x))
        .map(|(d, (z, x))| d * z / x)
        .collect();
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let middle = mean(&y);
    let square: Vec<f64> = y.iter().map(|y| (y - middle).powi(2)).collect();
    let sigma = (mean(&square) + 64e-5).sqrt();
    let (gamma, beta) = (channels(&own.gamma), channels(&own.beta));
    let scaled: Vec<f64> = gated
        .iter()
        .zip(&gamma)
        .map(|(d, g)| d * g / sigma)
        .collect();
    let off = mean(&scaled);
    let pull: Vec<f64> = scaled.iter().map(|x| x - off).collect();
    let scores = scores::matrix(whole, Measure::Rwk, layer, head);
    let value = |s: usize| &own.v[s * whole.width + head * size..][..size];
    let mut writers: Vec<f64> = (0..=token)
        .map(|s| scores[token][s] * ops::dot(&pull, value(s)))
        .collect();
    // What is after GroupNorm and not from it: the bonus.
    for c in 0..size {
        let normed = gamma[c] * (y[c] - middle) / sigma + beta[c];
        writers[token] += gated[c] * (x[c] - normed);
    }
    Expected {
        writers: Some(writers),
        fixed: ops::dot(&gated, &beta),
        direct,
    }
}

/// Everything about one token's logit.
fn agrees(
    gpu: &Gpu,
    model: &Model,
    weights: &Weights,
    trace: &Arc<Trace>,
    whole: &Forward,
    target: u32,
    tolerance: f64,
) {
    let (token, before) = (trace.filled() - 1, trace.prefix.len());
    let at = before + token - trace.first();
    let version = whole.version;
    let found = model
        .attribution(trace, &inside(model, trace, token), target)
        .expect("it is taken apart");
    let writers = parts(gpu, trace, &found);

    let stream = &whole.residuals.last().expect("a last")[at * whole.width..][..whole.width];
    let (toward, rest) = toward(weights, stream, target);
    let logit = whole.logits[at][target as usize];
    // All that is linear adds up to the logit, or the formula is wrong.
    assert!((ops::dot(&toward, stream) + rest - logit).abs() < 1e-6 * logit.abs().max(1.0));

    let largest = found.direct.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    let largest = f64::from(largest);
    for (row, found_writers) in writers.iter().enumerate() {
        let (layer, head) = (row / whole.heads, row % whole.heads);
        let through = through(weights, layer, &toward);
        let expected = expected(whole, &through, (layer, head), at);
        let near = |found: f64, expected: f64, what: &str| {
            let off = (found - expected).abs() / largest;
            assert!(
                off < tolerance,
                "{version:?} L{layer} H{head}: {what} {found}, not {expected}"
            );
        };
        near(f64::from(found.direct[row]), expected.direct, "all");
        near(f64::from(found.fixed[row]), expected.fixed, "of β");
        let sum = found_writers.iter().sum::<f64>() + f64::from(found.fixed[row]);
        near(sum, expected.direct, "sum of the parts");
        // Of what came before a window there is one sum.
        if let Some(all) = expected.writers {
            let (old, own) = all.split_at(before);
            let own: Vec<f64> = match trace.first() {
                0 => own.to_vec(),
                _ => [&[old.iter().sum::<f64>()], own].concat(),
            };
            assert_eq!(own.len(), found_writers.len());
            for (found, expected) in found_writers.iter().zip(own) {
                near(*found, expected, "a writer adds");
            }
        }
    }
}

#[test]
fn the_parts_of_a_logit_agree_with_float64_and_sum_up() {
    let tokens = &captured_tokens()[..24];
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let whole = forward(demo::weights(version), tokens);
        let best = best(&whole.logits[23]);
        let model = device.demo(version, Precision::F32);
        for window in [None, Some("-9:")] {
            let window = window.map(|window| window.parse::<Window>().expect("a window"));
            let trace = run_part(model, tokens, window);
            for target in [best, 17] {
                let weights = demo::weights(version);
                agrees(&gpu, model, weights, &trace, &whole, target, 1e-3);
            }
        }
    }
}

#[test]
fn so_they_do_in_older_models() {
    let device = device();
    let gpu = &device.gpu;
    let tokens = &older::tokens()[..20];
    for kind in [Kind::V4, Kind::V51, Kind::V52] {
        let weights = older::weights(kind);
        let whole = forward(&weights, tokens);
        let model = older::load(gpu, kind, Precision::F32);
        let trace = run_part(&model, tokens, Part::default());
        agrees(gpu, &model, &weights, &trace, &whole, 42, 1e-3);
    }
}

/// With half floats, and of a part of the layers.
#[test]
fn half_floats_are_near_enough() {
    let tokens = &captured_tokens()[..24];
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let whole = forward(demo::weights(version), tokens);
        let model = device.demo(version, Precision::F16);
        let trace = run_part(model, tokens, Part::default());
        agrees(&gpu, model, demo::weights(version), &trace, &whole, 5, 2e-2);
        let all = model
            .attribution(&trace, &inside(model, &trace, 23), 5)
            .expect("it is taken apart");
        let part = Part {
            layers: Some("2-3".parse().expect("layers")),
            window: None,
        };
        let some = run_part(model, tokens, part);
        let some = model
            .attribution(&some, &inside(model, &some, 23), 5)
            .expect("it is taken apart");
        assert_eq!(some.direct, all.direct[16..32]);
        let width = whole.width;
        assert_eq!(some.pull, all.pull[2 * width..4 * width]);
    }
}

/// The tolerance tells one token's logit from another's, and one reader from the next.
#[test]
fn another_logit_does_not_pass() {
    let tokens = &captured_tokens()[..24];
    let mut device = device();
    let model = device.demo(Version::V7, Precision::F32);
    let trace = run_part(model, tokens, Part::default());
    let direct = |token, target| {
        let inside = inside(model, &trace, token);
        let found = model.attribution(&trace, &inside, target);
        found.expect("it is taken apart").direct
    };
    let expected: Vec<f64> = direct(23, 5).into_iter().map(f64::from).collect();
    assert!(close(&direct(23, 5), &expected, 1e-6).is_ok());
    assert!(close(&direct(23, 6), &expected, 5e-2).is_err());
    assert!(close(&direct(22, 5), &expected, 5e-2).is_err());
    assert!(
        model
            .attribution(&trace, &inside(model, &trace, 3), 8192)
            .is_err()
    );
}

fn best(logits: &[f64]) -> u32 {
    let best = (0..).zip(logits).max_by(|a, b| a.1.total_cmp(b.1));
    best.expect("a vocabulary").0
}

#[test]
fn the_lens_reads_every_layer_as_the_last_is_read() {
    let tokens = captured_tokens();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let weights = demo::weights(version);
        let whole = forward(weights, &tokens);
        let model = device.demo(version, Precision::F32);
        let trace = run_part(model, &tokens, Part::default());
        for token in [0, 21, 39] {
            let inside = inside(model, &trace, token);
            let came = tokens.get(token + 1).copied();
            let lens = model.lens(&inside, came).expect("it is read");
            assert_eq!(lens.len(), whole.residuals.len());
            let read_out = |stream: &[f64]| {
                let own = &stream[token * whole.width..][..whole.width];
                let (gamma, beta) = (
                    weights.tensor("ln_out.weight"),
                    weights.tensor("ln_out.bias"),
                );
                weights.linear("head.weight", &ops::layer_norm(own, gamma, beta))
            };
            let last = read_out(whole.residuals.last().expect("a last"));
            let ln = |logits: &[f64]| {
                let sum: f64 = logits.iter().map(|x| x.exp()).sum();
                logits.iter().map(|x| x - sum.ln()).collect::<Vec<_>>()
            };
            for (at, (glimpse, stream)) in lens.iter().zip(&whole.residuals).enumerate() {
                let logits = read_out(stream);
                let found: Vec<f32> = glimpse.expected.top.iter().map(|it| it.logit).collect();
                let ids = glimpse.expected.top.iter().map(|it| it.id as usize);
                let expected: Vec<f64> = ids.map(|id| logits[id]).collect();
                let what = format!("{version:?}, token {token}, place {at}");
                assert_close(&found, &expected, 2e-3, &what);
                let (p, q) = (ln(&last), ln(&logits));
                let kl: f64 = p.iter().zip(&q).map(|(p, q)| p.exp() * (p - q)).sum();
                assert!(
                    (glimpse.kl - kl).abs() < 2e-3 * kl.max(1.0),
                    "{what}: {} {kl}",
                    glimpse.kl
                );
                let came = came.map(|id| logits[id as usize] as f32);
                match (glimpse.expected.came, came) {
                    (Some(a), Some(b)) => assert!((a - b).abs() < 2e-2, "{what}: {a} {b}"),
                    (a, b) => assert_eq!(a, b),
                }
            }
            assert!(lens.last().expect("a last").kl < 1e-6);
            assert!(lens[0].kl > 0.1, "{}", lens[0].kl);
        }
    }
}

#[test]
fn so_it_is_in_older_models_that_halve_the_stream() {
    let device = device();
    let tokens = older::tokens();
    for kind in [Kind::V4, Kind::V51, Kind::V52] {
        let weights = older::weights(kind);
        let whole = forward(&weights, &tokens);
        let model = older::load(&device.gpu, kind, Precision::F32);
        let trace = run_part(&model, &tokens, Part::default());
        let inside = inside(&model, &trace, 30);
        // Larger by what has been halved since.
        let found = inside.residuals();
        let scale = 1.0 / f64::from(inside.discount());
        assert!(scale > 1.0, "{kind:?} is too shallow for this test");
        for (at, (found, stream)) in found.iter().zip(&whole.residuals).enumerate() {
            let expected: Vec<f64> = stream[30 * whole.width..][..whole.width]
                .iter()
                .map(|x| x / scale)
                .collect();
            assert_close(found, &expected, 1e-3, format!("{kind:?}, place {at}"));
        }
        let lens = model.lens(&inside, None).expect("it is read");
        let best = lens.last().expect("a last").expected.top[0];
        let expected = whole.logits[30][best.id as usize];
        assert!((f64::from(best.logit) - expected).abs() < 1e-2);
    }
}
