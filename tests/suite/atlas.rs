//! What every head does over a text, against sums in double precision over all pairs.

use std::{ops::Range, sync::Arc};

use arclight::{
    gpu::Gpu,
    model::Version,
    score::{Atlas, Measure, Profile, Profiles},
    trace::{Precision, Stored, Trace, Window},
};

use crate::{
    kernels::filled::{Filled, Shape},
    reference::{self, demo},
    support::{device, matrices, read, run},
};

/// All at once, and as a window does it.
fn profiles(gpu: &Gpu, trace: &Arc<Trace>, readers: Range<usize>) -> Profiles {
    let new = || Atlas::new(gpu, trace, readers.clone()).expect("there is room");
    let (mut atlas, mut last) = (new(), 0);
    let found = atlas.wait(|done| {
        assert!(done > last);
        last = done;
    });
    let found = found.expect("it is read");
    assert_eq!(atlas.progress(), (last, last));
    let mut atlas = new();
    let ticked = loop {
        if let Some(ticked) = atlas.tick().expect("it is read") {
            break ticked;
        }
        arclight::gpu::wait_idle(gpu);
    };
    assert_eq!(ticked, found);
    found
}

/// One head's numbers from all its pairs.
fn expected(
    share: &[Vec<f32>],
    wk: &[Vec<f32>],
    norms: &[f32],
    ids: &[u32],
    (first, readers): (usize, Range<usize>),
) -> Profile {
    let readers = readers.start.max(first + 1)..readers.end.min(ids.len());
    let count = readers.len() as f64;
    let v = |t: usize, s: usize| f64::from(share[t][s]);
    let mean = |of: &dyn Fn(usize) -> f64| (readers.clone().map(of).sum::<f64>() / count) as f32;
    let size = |t: usize| (first..t).map(|s| v(t, s).abs()).sum::<f64>();
    let some = |which: &dyn Fn(usize) -> Option<f64>| {
        let all: Vec<f64> = readers.clone().filter_map(which).collect();
        (!all.is_empty()).then(|| (all.iter().sum::<f64>() / all.len() as f64) as f32)
    };
    let same = |t: usize| (first..t).rev().find(|s| ids[*s] == ids[t]);
    let after = |t: usize, offset: usize| {
        let before = same(t).filter(|s| s + 2 < t)?;
        Some(v(t, before + offset))
    };
    let hit = |t: usize| {
        let next = *ids.get(t + 1)?;
        (first..=t).find(|s| ids[*s] == next)?;
        let mut strongest = first;
        for s in first..t {
            if share[t][s].abs() > share[t][strongest].abs() {
                strongest = s;
            }
        }
        let is_hit = ids[strongest] == next || ids[strongest + 1] == next;
        Some(f64::from(u8::from(is_hit)))
    };
    Profile {
        mean_distance: mean(&|t| {
            (first..t)
                .map(|s| v(t, s).abs() * (t - s) as f64)
                .sum::<f64>()
                / size(t)
        }),
        half_life: half_life(wk, first),
        entropy: mean(&|t| {
            let parts = (first..t).map(|s| v(t, s).abs() / size(t));
            parts.filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum()
        }),
        itself: mean(&|t| v(t, t)),
        previous: mean(&|t| v(t, t - 1)),
        first: mean(&|t| v(t, first)),
        same: some(&|t| after(t, 0)),
        induction: some(&|t| after(t, 1)),
        second: some(&|t| after(t, 2)),
        duplicate: some(&|t| {
            same(t)?;
            let all = (first..t).filter(|s| ids[*s] == ids[t]);
            Some(all.map(|s| v(t, s)).sum())
        }),
        retrieval: some(&hit),
        norm: mean(&|t| f64::from(norms[t])),
    }
}

/// The least distance at which half of the writers are below half, each counted as long as the text goes on after it.
fn half_life(wk: &[Vec<f32>], first: usize) -> Option<u32> {
    let tokens = wk.len();
    let falls: Vec<(usize, bool)> = (first..tokens)
        .map(|s| {
            let below = (s + 1..tokens).find(|t| wk[*t][s] < 0.5 * wk[s][s]);
            below.map_or((tokens - 1 - s, false), |t| (t - s, true))
        })
        .collect();
    let mut lasting = 1.0;
    for distance in 1..tokens {
        let at_risk = falls.iter().filter(|(end, _)| *end >= distance).count();
        let fallen = falls
            .iter()
            .filter(|fall| **fall == (distance, true))
            .count();
        if at_risk == 0 {
            return None;
        }
        lasting *= 1.0 - fallen as f64 / at_risk as f64;
        if lasting <= 0.5 {
            return Some(distance as u32);
        }
    }
    None
}

fn numbers(profile: &Profile) -> Vec<Option<f32>> {
    vec![
        Some(profile.mean_distance),
        profile.half_life.map(|tokens| tokens as f32),
        Some(profile.entropy),
        Some(profile.itself),
        Some(profile.previous),
        Some(profile.first),
        profile.same,
        profile.induction,
        profile.second,
        profile.duplicate,
        profile.retrieval,
        Some(profile.norm),
    ]
}

fn all_agree(gpu: &Gpu, trace: &Arc<Trace>, readers: Range<usize>) {
    let found = profiles(gpu, trace, readers.clone());
    let share = matrices(gpu, trace, Measure::Share);
    let wk = matrices(gpu, trace, Measure::Wk);
    let norms = read(gpu, &trace.contribution);
    let tokens = trace.tokens.len();
    for (row, found) in found.heads.iter().enumerate() {
        let norms = &norms[row * tokens..][..tokens];
        let part = (trace.first(), readers.clone());
        let expected = expected(&share[row], &wk[row], norms, &trace.tokens, part);
        let (found, expected) = (numbers(found), numbers(&expected));
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let close = match (found, expected) {
                (Some(found), Some(expected)) => {
                    (found - expected).abs() <= 1e-4 * expected.abs().max(1.0)
                }
                (found, expected) => found == expected,
            };
            assert!(
                close,
                "head {row}, number {at}: {found:?}, not {expected:?}"
            );
        }
    }
}

#[test]
fn numbers_of_random_vectors_agree() {
    let device = device();
    for version in [Version::V4, Version::V5, Version::V6, Version::V7] {
        let shape = Shape {
            version,
            layers: 2,
            heads: 3,
            head_size: if version == Version::V4 { 64 } else { 32 },
            stored: Stored::F32,
            tokens: 150,
        };
        let filled = Filled::random(shape, 31);
        for gpu in [device.gpu.clone(), device.gpu.portable()] {
            let trace = filled.upload(&gpu);
            all_agree(&gpu, &trace, 0..150);
            all_agree(&gpu, &trace, 70..140);
        }
    }
}

/// What stands for a state is no token of the text.
#[test]
fn what_came_before_does_not_count() {
    let tokens = demo::random_tokens(3, 60, 400);
    for version in [reference::Version::V6, reference::Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F32);
        let window: Window = "10:".parse().expect("a window");
        let trace = crate::before::run_part(model, &tokens, Some(window));
        all_agree(&gpu, &trace, 0..usize::MAX);
    }
}

/// Random tokens that are repeated: the heads of the models' card, in its order, on its tokens.
#[test]
fn heads_that_look_back_are_found() {
    const COUNT: usize = 48;
    for (version, best) in [
        (reference::Version::V7, [(7, 1), (7, 2), (7, 5)]),
        (reference::Version::V6, [(6, 5), (5, 5), (2, 4)]),
    ] {
        let mut tokens = demo::random_tokens(3, COUNT, 8192);
        tokens.extend_from_within(..);
        let mut device = device();
        let gpu = device.gpu.clone();
        let trace = run(device.demo(version, Precision::F16), &tokens, 128);
        let found = profiles(&gpu, &trace, COUNT..2 * COUNT);
        assert_eq!((found.readers, found.counts[0]), (COUNT, COUNT));
        let mut heads: Vec<_> = found.heads.iter().enumerate().collect();
        heads.sort_by(|a, b| b.1.induction.partial_cmp(&a.1.induction).expect("numbers"));
        let width = trace.dimensions.heads;
        let places: Vec<_> = heads
            .iter()
            .map(|(row, _)| (row / width, row % width))
            .collect();
        assert_eq!(places[..3], best, "{version:?}");
        let share = heads[0].1.induction.expect("there are repeats");
        assert!((0.25..0.36).contains(&share), "{version:?}: {share}");
        let labels = heads[0].1.labels();
        let is = |label: &arclight::score::Labelled| {
            label.label == arclight::score::Label::Induction && label.offset == Some(1)
        };
        assert!(labels.iter().any(is), "{labels:?}");
    }
}
