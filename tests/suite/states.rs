//! The state of a head along the text, against the float64 model.

use std::sync::Arc;

use arclight::{
    gpu::Gpu,
    score::{HeadState, Moment, StateAt, StateError},
    trace::{Part, Precision, Trace, Window},
};

use crate::{
    before::run_part,
    older,
    reference::{Forward, Version, demo, forward, ops},
    support::{assert_close, close, device, small::Kind},
};

/// All of it.
fn found(gpu: &Gpu, trace: &Arc<Trace>, head: usize, at: &[usize]) -> (Vec<Moment>, Vec<StateAt>) {
    let heads = trace.dimensions.heads;
    let mut state = HeadState::new(gpu, trace, head / heads, head % heads).expect("there is room");
    let track = loop {
        if let Some(pending) = state.advance() {
            break pending.wait(gpu).expect("it is read back");
        }
    };
    assert!(state.is_complete() && state.advance().is_none());
    let read = |&token: &usize| {
        let bytes = state.at(token).wait(gpu).expect("it is read back");
        HeadState::read(&bytes, token)
    };
    (HeadState::read_track(&track), at.iter().map(read).collect())
}

/// State, written and erased parts after each token, `[head size]²` each.
fn expected(whole: &Forward, layer: usize, head: usize) -> Vec<[Vec<f64>; 3]> {
    let own = &whole.layers[layer];
    let size = whole.head_size;
    let tokens = own.k.len() / whole.width;
    let mut state = vec![0.0; size * size];
    let mut all = Vec::new();
    for t in 0..tokens {
        let part = |all: &[f64]| {
            let at = t * whole.width + head * size;
            all.get(at..at + size)
                .map_or(vec![0.0; size], <[f64]>::to_vec)
        };
        let [w, k, v] = [&own.w, &own.k, &own.v].map(|all| part(all));
        let (a, kappa) = (part(&own.a), part(&own.kappa));
        let stored: Vec<f64> = (0..size)
            .map(|i| (0..size).map(|j| kappa[j] * state[j * size + i]).sum())
            .collect();
        let outer = |x: &dyn Fn(usize) -> f64, y: &[f64]| -> Vec<f64> {
            (0..size * size)
                .map(|at| x(at / size) * y[at % size])
                .collect()
        };
        let added = outer(&|j| k[j], &v);
        let erased = outer(&|j| a[j] * kappa[j], &stored);
        for at in 0..size * size {
            state[at] = w[at / size] * state[at] + added[at] - erased[at];
        }
        all.push([state.clone(), added, erased]);
    }
    all
}

/// ‖S‖⁴ / ‖SᵀS‖².
fn rank(state: &[f64], size: usize) -> f64 {
    let mut square = 0.0;
    for i in 0..size {
        for j in 0..size {
            let product: f64 = (0..size)
                .map(|c| state[c * size + i] * state[c * size + j])
                .sum();
            square += product * product;
        }
    }
    ops::norm(state).powi(4) / square
}

fn agrees(gpu: &Gpu, trace: &Arc<Trace>, whole: &Forward, head: usize, tolerance: f64) {
    let (first, before) = (trace.first(), trace.prefix.len());
    let last = trace.filled() - 1;
    let (track, states) = found(gpu, trace, head, &[first, last / 2, last]);
    let expected = expected(whole, head / whole.heads, head % whole.heads);
    let of = |token: usize| &expected[before + token - first];
    assert_eq!(track.len(), trace.filled());
    let rows = |pick: fn(&Moment) -> f32| track[first..].iter().map(pick).collect::<Vec<_>>();
    let all = |pick: &dyn Fn(&[Vec<f64>; 3]) -> f64| {
        (first..=last)
            .map(|token| pick(of(token)))
            .collect::<Vec<_>>()
    };
    let what = |name: &str| format!("{:?}, head {head}: {name}", whole.version);
    let norm = |part: usize| move |it: &[Vec<f64>; 3]| ops::norm(&it[part]);
    assert_close(&rows(|it| it.norm), &all(&norm(0)), tolerance, what("norm"));
    assert_close(
        &rows(|it| it.added),
        &all(&norm(1)),
        tolerance,
        what("written"),
    );
    if whole.version == Version::V7 {
        assert_close(
            &rows(|it| it.erased),
            &all(&norm(2)),
            tolerance,
            what("erased"),
        );
    } else {
        assert!(track.iter().all(|it| it.erased == 0.0));
    }
    let ranks = all(&|it| rank(&it[0], whole.head_size));
    assert_close(&rows(|it| it.rank), &ranks, tolerance, what("rank"));
    for at in states {
        let [state, added, erased] = of(at.token);
        for (found, expected, name) in [
            (&at.state, state, "state"),
            (&at.added, added, "written matrix"),
            (&at.erased, erased, "erased matrix"),
        ] {
            let largest = expected.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
            if largest == 0.0 {
                assert!(found.iter().all(|x| *x == 0.0));
                continue;
            }
            let what = what(&format!("{name} after {}", at.token));
            assert_close(found, expected, tolerance, what);
        }
    }
}

/// Several chunks and a rest.
#[test]
fn states_agree_with_float64() {
    let tokens = demo::random_tokens(77, 140, 8192);
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let whole = forward(demo::weights(version), &tokens);
        let model = device.demo(version, Precision::F32);
        for window in [None, Some("-70:")] {
            let window = window.map(|window| window.parse::<Window>().expect("a window"));
            let trace = run_part(model, &tokens, window);
            for head in [0, 29, 63] {
                agrees(&gpu, &trace, &whole, head, 8e-3);
            }
        }
    }
}

#[test]
fn so_they_do_in_rwkv_5_and_rwkv_4_has_none() {
    let device = device();
    let gpu = &device.gpu;
    let tokens = older::tokens();
    for kind in [Kind::V51, Kind::V52] {
        let whole = forward(&older::weights(kind), &tokens);
        let model = older::load(gpu, kind, Precision::F32);
        let trace = run_part(&model, &tokens, Part::default());
        agrees(gpu, &trace, &whole, 5, 1e-3);
    }
    let model = older::load(gpu, Kind::V4, Precision::F32);
    let trace = run_part(&model, &tokens, Part::default());
    let refused = HeadState::new(gpu, &trace, 0, 0)
        .err()
        .expect("it is refused");
    assert!(matches!(refused, StateError::NoMatrix), "{refused}");
}

/// The tolerance tells one head's from another's.
#[test]
fn another_heads_state_does_not_pass() {
    let tokens = demo::random_tokens(77, 40, 8192);
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(Version::V7, Precision::F32);
    let trace = run_part(model, &tokens, Part::default());
    let whole = forward(demo::weights(Version::V7), &tokens);
    let (_, states) = found(&gpu, &trace, 11, &[39]);
    let [own, ..] = &expected(&whole, 1, 3)[39];
    let [other, ..] = &expected(&whole, 1, 4)[39];
    assert!(close(&states[0].state, own, 2e-3).is_ok());
    assert!(close(&states[0].state, other, 2e-1).is_err());
}
