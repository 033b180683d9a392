//! Full colour, arcs and the summary, against the same arithmetic on the scores that were read back.

use std::{collections::BTreeSet, sync::Arc};

use arclight::{
    gpu::{self, Gpu},
    model::Version,
    score::{Exclude, Filter, Marks, Measure, Pool, Request, Scale, Scores, Shown},
    trace::Stored,
};

use super::filled::{Filled, Shape};
use crate::support::{assert_close, device, read};

/// Three layers of many heads.
const SHAPE: Shape = Shape {
    version: Version::V7,
    layers: 3,
    heads: 24,
    head_size: 32,
    stored: Stored::F32,
    tokens: 70,
};
const HEADS: usize = SHAPE.layers * SHAPE.heads;
const VERTICES: u32 = 50;

/// What a selection left on the device.
struct Found {
    marks: Marks,
    values: Vec<f32>,
    arcs: Vec<usize>,
    indirect: Vec<u32>,
}

fn select(gpu: &Gpu, scores: &mut Scores, request: &Request) -> Found {
    let tokens = scores.tokens();
    let pending = scores.select(request);
    let marks = Marks::read(&pending.wait(gpu).expect("marks"), HEADS, tokens);
    let words = |buffer: &wgpu::Buffer| -> Vec<u32> {
        let bytes = gpu::read(gpu, buffer, 0, buffer.size()).expect("it is read back");
        bytemuck::pod_collect_to_vec(&bytes)
    };
    let mut arcs: Vec<usize> = words(&scores.arcs)
        .iter()
        .map(|&cell| cell as usize)
        .collect();
    arcs.truncate(marks.arcs as usize);
    arcs.sort_unstable();
    let values = read(gpu, scores.values(request.measure));
    Found {
        marks,
        values,
        arcs,
        indirect: words(&scores.indirect),
    }
}

/// The largest |value| of each head that counts, then the largest of all.
fn peaks(values: &[f32], tokens: usize, shown: &Shown) -> Vec<f32> {
    let head = |values: &[f32]| {
        let counted = values
            .iter()
            .enumerate()
            .filter(|(token, _)| shown.is_scaling(*token));
        counted.fold(0.0_f32, |most, (_, value)| most.max(value.abs()))
    };
    let mut peaks: Vec<f32> = values.chunks_exact(tokens).map(head).collect();
    peaks.push(peaks.iter().copied().fold(0.0, f32::max));
    peaks
}

fn full_colour(peaks: &[f32], scale: Scale, head: usize) -> f32 {
    let layer = head / SHAPE.heads * SHAPE.heads;
    match scale {
        Scale::PerHead => peaks[head],
        Scale::PerLayer => peaks[layer..layer + SHAPE.heads]
            .iter()
            .copied()
            .fold(0.0, f32::max),
        Scale::Global => peaks[HEADS],
        Scale::Fixed(full) => full,
    }
}

/// The cells of one head that pass the filter.
fn strongest(values: &[f32], selected: usize, shown: &Shown, filter: Filter) -> BTreeSet<usize> {
    let mut others: Vec<usize> = (0..values.len())
        .filter(|token| *token != selected && shown.is_listed(*token))
        .collect();
    others.sort_by(|&a, &b| values[b].abs().total_cmp(&values[a].abs()));
    match filter {
        Filter::Threshold(least) => others.retain(|&token| values[token].abs() >= least),
        Filter::TopK(count) => others.truncate(count as usize),
        Filter::Mass(part) => {
            let size = |token: &usize| f64::from(values[*token].abs());
            let wanted = others.iter().map(size).sum::<f64>() * f64::from(part);
            let mut held = 0.0;
            let fewest = others.iter().position(|token| {
                held += size(token);
                held >= wanted
            });
            others.truncate(fewest.map_or(others.len(), |last| last + 1));
        }
    }
    others.into_iter().collect()
}

/// One value a token of those of several heads.
fn pooled(pool: Pool, values: &[f64]) -> f64 {
    match pool {
        Pool::Mean => values.iter().sum::<f64>() / values.len() as f64,
        Pool::Sum => values.iter().sum(),
        Pool::Max => values.iter().fold(0.0, |most: f64, value| {
            if value.abs() > most.abs() {
                *value
            } else {
                most
            }
        }),
    }
}

fn marks_agree(gpu: &Gpu, scores: &mut Scores, request: &Request) {
    let tokens = scores.tokens();
    let selected = request.token;
    let shown = &request.shown;
    let found = select(gpu, scores, request);
    let peaks = peaks(&found.values, tokens, shown);
    assert!(peaks[HEADS] > 0.0, "{request:?} has nothing to show");

    let mut arcs = BTreeSet::new();
    let mut parts = vec![Vec::new(); tokens];
    for (head, values) in found.values.chunks_exact(tokens).enumerate() {
        let full = full_colour(&peaks, request.scale, head) / request.exposure;
        let off = (found.marks.scales[head] - full).abs();
        assert!(
            off <= 1e-6 * full,
            "full colour of head {head}, {request:?}"
        );
        if !shown.has_head(head) {
            continue;
        }
        let own = strongest(values, selected, shown, request.filter);
        arcs.extend(own.iter().map(|token| head * tokens + token));
        for (parts, value) in parts.iter_mut().zip(values) {
            parts.push(f64::from((value / full).clamp(-1.0, 1.0)));
        }
    }
    assert_eq!(
        found.marks.scales[HEADS], peaks[HEADS],
        "the largest of {request:?}"
    );
    assert!(!arcs.is_empty(), "{request:?} has no arcs to find");
    let summary: Vec<f64> = parts
        .iter()
        .map(|parts| pooled(request.pool, parts))
        .collect();

    let arcs: Vec<usize> = arcs.into_iter().collect();
    assert_eq!(found.arcs, arcs, "arcs of {request:?}");
    assert_eq!(found.marks.arcs as usize, arcs.len());
    assert_eq!(
        found.indirect,
        [VERTICES, arcs.len() as u32, 0, 0],
        "the draw of {request:?}"
    );
    assert_close(
        &found.marks.summary,
        &summary,
        1e-5,
        format!("summary of {request:?}"),
    );
}

/// Everything on show but what is said otherwise.
fn request(token: usize, tokens: usize) -> Request {
    let shown = Shown::all(tokens, HEADS, Some(token));
    Request {
        filter: Filter::Threshold(0.3),
        ..Request::new(token, Arc::new(shown), VERTICES)
    }
}

#[test]
fn every_filter_and_scale_marks_what_it_says() {
    let filled = Filled::random(SHAPE, 31);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    let scales = [
        Scale::PerHead,
        Scale::PerLayer,
        Scale::Global,
        Scale::Fixed(0.25),
    ];
    let filters = [
        Filter::Threshold(1e-3),
        Filter::TopK(3),
        Filter::Mass(0.5),
        Filter::Mass(0.95),
    ];
    let rest = [
        (0, Pool::Mean, 1.0),
        (35, Pool::Max, 8.0),
        (69, Pool::Sum, 0.125),
    ];
    // In an erase part the first token has nothing.
    for &measure in Measure::all(SHAPE.version) {
        for scale in scales {
            for filter in filters {
                for (token, pool, exposure) in rest {
                    let request = Request {
                        measure,
                        scale,
                        filter,
                        pool,
                        exposure,
                        ..request(token, SHAPE.tokens)
                    };
                    marks_agree(gpu, &mut scores, &request);
                }
            }
        }
    }
}

#[test]
fn a_passage_some_heads_and_what_does_not_scale_are_marked_alone() {
    let filled = Filled::random(SHAPE, 35);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    let exclude = Exclude {
        first: true,
        itself: true,
        line_breaks: true,
    };
    for (token, heads) in [(40, 0..HEADS), (5, 17..18), (69, 30..49)] {
        let shown = Shown::new(
            SHAPE.tokens,
            HEADS,
            Some(token),
            exclude,
            |token| !(20..33).contains(&token),
            |token| token % 7 == 3,
            |head| heads.contains(&head),
        );
        for filter in [Filter::TopK(5), Filter::Mass(0.8), Filter::Threshold(1e-3)] {
            let request = Request {
                filter,
                ..Request::new(token, Arc::new(shown.clone()), VERTICES)
            };
            marks_agree(gpu, &mut scores, &request);
        }
    }
}

/// The fewest that hold the mass: without the weakest of them it would be too little.
#[test]
fn mass_is_held_by_the_fewest() {
    let filled = Filled::random(SHAPE, 36);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    for part in [0.1, 0.5, 0.9, 1.0] {
        let filter = Filter::Mass(part);
        let found = select(
            gpu,
            &mut scores,
            &Request {
                filter,
                ..request(50, SHAPE.tokens)
            },
        );
        for (head, values) in found.values.chunks_exact(SHAPE.tokens).enumerate() {
            let size = |token: usize| f64::from(values[token].abs());
            let all: f64 = (0..SHAPE.tokens)
                .filter(|token| *token != 50)
                .map(size)
                .sum();
            let own: Vec<f64> = found
                .arcs
                .iter()
                .filter(|cell| **cell / SHAPE.tokens == head)
                .map(|cell| size(cell % SHAPE.tokens))
                .collect();
            let held: f64 = own.iter().sum();
            let least = own.iter().copied().fold(f64::MAX, f64::min);
            let wanted = all * f64::from(part);
            assert!(
                held >= wanted * (1.0 - 1e-5),
                "head {head} holds {held} of {wanted}"
            );
            assert!(
                held - least < wanted * (1.0 + 1e-5),
                "head {head} holds more than it needs"
            );
        }
    }
}

#[test]
fn top_k_gives_each_head_exactly_k_arcs() {
    let filled = Filled::random(SHAPE, 32);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    for (k, each) in [(1, 1), (3, 3), (64, 64), (69, 69), (70, 69), (1000, 69)] {
        let filter = Filter::TopK(k);
        let found = select(
            gpu,
            &mut scores,
            &Request {
                filter,
                ..request(40, SHAPE.tokens)
            },
        );
        for head in 0..HEADS {
            let own = found
                .arcs
                .iter()
                .filter(|&&cell| cell / SHAPE.tokens == head)
                .count();
            assert_eq!(own, each, "top {k}: arcs of head {head}");
        }
        let selected = found
            .arcs
            .iter()
            .filter(|&&cell| cell % SHAPE.tokens == 40)
            .count();
        assert_eq!(
            selected, 0,
            "top {k}: an arc from the selected token to itself"
        );
    }
}

/// With a zero scale nothing is divided by it, and nothing is drawn.
#[test]
fn a_lone_token_has_no_arcs() {
    let filled = Filled::random(Shape { tokens: 1, ..SHAPE }, 33);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    for filter in [Filter::Threshold(0.0), Filter::TopK(3), Filter::Mass(0.5)] {
        for scale in [Scale::PerHead, Scale::PerLayer, Scale::Global] {
            let found = select(
                gpu,
                &mut scores,
                &Request {
                    filter,
                    scale,
                    ..request(0, 1)
                },
            );
            assert_eq!(found.marks.arcs, 0, "{filter:?}");
            assert_eq!(found.marks.scales, [0.0; HEADS + 1]);
            assert_eq!(found.marks.summary, [0.0]);
        }
    }
}

/// More tokens, and then more heads, than a workgroup has threads.
#[test]
fn long_texts_and_many_heads_are_marked_whole() {
    for (heads, tokens) in [(2, 600), (300, 9)] {
        let shape = Shape {
            layers: 2,
            heads: heads / 2,
            head_size: 4,
            tokens,
            ..SHAPE
        };
        let filled = Filled::random(shape, 37);
        let device = device();
        let gpu = &device.gpu;
        let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
        let token = tokens - 2;
        let shown = Arc::new(Shown::all(tokens, heads, Some(token)));
        for filter in [
            Filter::TopK(0),
            Filter::TopK(1),
            Filter::TopK(300),
            Filter::Mass(0.9),
            Filter::Threshold(1e-3),
        ] {
            let request = Request {
                filter,
                scale: Scale::Global,
                pool: Pool::Sum,
                ..Request::new(token, shown.clone(), VERTICES)
            };
            let bytes = scores.select(&request).wait(gpu).expect("marks");
            let marks = Marks::read(&bytes, heads, tokens);
            let values = read(gpu, scores.values(request.measure));
            let peak = values
                .iter()
                .enumerate()
                .filter(|(cell, _)| shown.is_scaling(cell % tokens))
                .fold(0.0_f32, |most, (_, value)| most.max(value.abs()));
            assert_eq!(marks.scales[heads], peak);

            let mut arcs = Vec::new();
            let mut summary = vec![0.0; tokens];
            for (head, values) in values.chunks_exact(tokens).enumerate() {
                let own = strongest(values, token, &shown, filter);
                arcs.extend(own.iter().map(|token| (head * tokens + token) as u32));
                for (sum, value) in summary.iter_mut().zip(values) {
                    *sum += f64::from((value / peak).clamp(-1.0, 1.0));
                }
            }
            let bytes = gpu::read(gpu, &scores.arcs, 0, scores.arcs.size()).expect("arcs");
            let found: Vec<u32> = bytemuck::pod_collect_to_vec(&bytes);
            // In the order of their cells.
            assert_eq!(found[..marks.arcs as usize], arcs, "{filter:?}");
            assert_close(&marks.summary, &summary, 1e-5, format!("{heads} heads"));
        }
    }
}

#[test]
fn selecting_again_marks_as_the_first_time() {
    let filled = Filled::random(SHAPE, 34);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
    let first = select(gpu, &mut scores, &request(50, SHAPE.tokens));
    let other = select(gpu, &mut scores, &request(10, SHAPE.tokens));
    let again = select(gpu, &mut scores, &request(50, SHAPE.tokens));
    assert_eq!(first.values, again.values);
    assert_eq!(first.marks, again.marks);
    assert_eq!(first.arcs, again.arcs);
    assert_ne!(first.values, other.values);
    assert_ne!(first.arcs, other.arcs);
}
