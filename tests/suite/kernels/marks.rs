//! Full colour, arcs and the summary, against the same arithmetic on the scores that were read back.

use std::collections::BTreeSet;

use arclight::{
    gpu::{self, Gpu},
    model::Version,
    score::{Filter, Marks, Measure, Request, Scale, Scores},
    trace::Stored,
};

use super::filled::{Filled, Shape};
use crate::support::{assert_close, device, read};

/// More heads and more tokens than a workgroup has threads.
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

/// Full colour of each head, then the largest.
fn scales(values: &[f32], tokens: usize, selected: usize) -> Vec<f32> {
    let head = |values: &[f32]| {
        let others = values
            .iter()
            .enumerate()
            .filter(|(token, _)| *token != selected);
        others.fold(0.0_f32, |most, (_, value)| most.max(value.abs()))
    };
    let mut scales: Vec<f32> = values.chunks_exact(tokens).map(head).collect();
    scales.push(scales.iter().copied().fold(0.0, f32::max));
    scales
}

fn full_colour(scales: &[f32], scale: Scale, head: usize) -> f32 {
    match scale {
        Scale::PerHead => scales[head],
        Scale::Global => scales[HEADS],
    }
}

/// The cells of one head that pass the filter.
fn strongest(values: &[f32], selected: usize, filter: Filter, full: f32) -> BTreeSet<usize> {
    let mut others: Vec<usize> = (0..values.len())
        .filter(|token| *token != selected)
        .collect();
    match filter {
        Filter::Threshold(part) => others.retain(|&token| values[token].abs() >= part * full),
        Filter::TopK(count) => {
            others.sort_by(|&a, &b| values[b].abs().total_cmp(&values[a].abs()));
            others.truncate(count as usize);
        }
    }
    others.into_iter().collect()
}

fn marks_agree(gpu: &Gpu, scores: &mut Scores, request: &Request) {
    let tokens = scores.tokens();
    let selected = request.token;
    let found = select(gpu, scores, request);
    let expected = scales(&found.values, tokens, selected);
    assert_eq!(found.marks.scales, expected, "full colours of {request:?}");
    assert!(expected[HEADS] > 0.0, "{request:?} has nothing to show");

    let mut arcs = BTreeSet::new();
    let mut summary = vec![0.0; tokens];
    let mut shown = 0;
    for (head, values) in found.values.chunks_exact(tokens).enumerate() {
        if request.solo.is_some_and(|solo| solo != head) {
            continue;
        }
        shown += 1;
        let full = full_colour(&expected, request.scale, head);
        let own = strongest(values, selected, request.filter, full);
        arcs.extend(own.iter().map(|token| head * tokens + token));
        for (summary, value) in summary.iter_mut().zip(values) {
            *summary += f64::from((value / full).clamp(-1.0, 1.0));
        }
    }
    assert!(!arcs.is_empty(), "{request:?} has no arcs to find");
    summary
        .iter_mut()
        .for_each(|total| *total /= f64::from(shown));

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

fn request(token: usize) -> Request {
    Request {
        token,
        measure: Measure::Rwk,
        scale: Scale::PerHead,
        filter: Filter::Threshold(0.3),
        solo: None,
        arc_vertices: VERTICES,
    }
}

#[test]
fn every_filter_scale_and_solo_marks_what_it_says() {
    let filled = Filled::random(SHAPE, 31);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu));
    for measure in Measure::ALL {
        for scale in Scale::ALL {
            for filter in [
                Filter::Threshold(0.3),
                Filter::Threshold(1.0),
                Filter::TopK(3),
            ] {
                for (token, solo) in [(0, None), (35, None), (69, Some(71)), (35, Some(0))] {
                    // Alone, a head may have nothing that comes near the largest of all heads.
                    if solo.is_some() && scale == Scale::Global {
                        continue;
                    }
                    let request = Request {
                        measure,
                        scale,
                        filter,
                        solo,
                        ..request(token)
                    };
                    marks_agree(gpu, &mut scores, &request);
                }
            }
        }
    }
}

#[test]
fn top_k_gives_each_head_exactly_k_arcs() {
    let filled = Filled::random(SHAPE, 32);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu));
    for (k, each) in [(1, 1), (3, 3), (64, 64), (69, 69), (70, 69), (1000, 69)] {
        let filter = Filter::TopK(k);
        let found = select(
            gpu,
            &mut scores,
            &Request {
                filter,
                ..request(40)
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
    let mut scores = Scores::new(gpu, &filled.upload(gpu));
    for filter in [Filter::Threshold(0.0), Filter::TopK(3)] {
        for scale in Scale::ALL {
            let found = select(
                gpu,
                &mut scores,
                &Request {
                    filter,
                    scale,
                    ..request(0)
                },
            );
            assert_eq!(found.marks.arcs, 0, "{filter:?}");
            assert_eq!(found.marks.scales, [0.0; HEADS + 1]);
            assert_eq!(found.marks.summary, [0.0]);
        }
    }
}

#[test]
fn selecting_again_marks_as_the_first_time() {
    let filled = Filled::random(SHAPE, 34);
    let device = device();
    let gpu = &device.gpu;
    let mut scores = Scores::new(gpu, &filled.upload(gpu));
    let first = select(gpu, &mut scores, &request(50));
    let other = select(gpu, &mut scores, &request(10));
    let again = select(gpu, &mut scores, &request(50));
    assert_eq!(first.values, again.values);
    assert_eq!(first.marks, again.marks);
    assert_eq!(first.arcs, again.arcs);
    assert_ne!(first.values, other.values);
    assert_ne!(first.arcs, other.arcs);
}
