//! One head's matrix: its pairs against those of all heads, and its picture against a plain one.

use std::sync::Arc;

use arclight::{
    gpu::{Gpu, Pending},
    model::Version,
    score::{Crop, HeadMatrix, Marks, MatrixKernels, Measure, Request, Scores, Shown, Tint},
    session::{Colours, bytes},
    trace::{Stored, Trace},
};

use super::{
    filled::{Filled, Shape},
    scans::with_largest_binding,
};
use crate::support::{close, device, matrices, read};

fn shape(version: Version, tokens: usize) -> Shape {
    Shape {
        version,
        layers: 3,
        heads: 2,
        head_size: 32,
        stored: Stored::F32,
        tokens,
    }
}

fn computed(gpu: &Gpu, scores: &Scores, head: (usize, usize), measure: Measure) -> HeadMatrix {
    let kernels = MatrixKernels::new(gpu);
    let mut matrix = HeadMatrix::new(scores, &kernels, head, measure).expect("there is room");
    matrix.wait().expect("it is computed");
    matrix
}

/// Every head's, to the bit: the same kernels.
fn all_agree(gpu: &Gpu, trace: &Arc<Trace>) {
    let dimensions = trace.dimensions;
    let scores = Scores::new(gpu, trace).expect("there is room");
    for &measure in Measure::all(dimensions.version) {
        let all = matrices(gpu, trace, measure);
        for (row, expected) in all.iter().enumerate() {
            let head = (row / dimensions.heads, row % dimensions.heads);
            let matrix = computed(gpu, &scores, head, measure);
            let found = matrix.read().expect("it is read back");
            assert!(found == *expected, "{measure:?} of {head:?} is another");
            for (other, values) in all.iter().enumerate() {
                let same = found == *values;
                assert_eq!(
                    same,
                    other == row,
                    "{measure:?}: {head:?} against head {other}"
                );
            }
            let off = |(t, row): (usize, &Vec<f32>)| {
                let others = row.iter().enumerate().filter(move |(s, _)| *s != t);
                others.fold(0.0f32, |most, (_, value)| most.max(value.abs()))
            };
            let largest = expected.iter().enumerate().map(off).fold(0.0, f32::max);
            assert_eq!(matrix.largest(), largest, "{measure:?} of {head:?}");
        }
    }
}

#[test]
fn the_matrix_of_a_head_is_that_of_all_lines() {
    let device = device();
    for version in [Version::V4, Version::V5, Version::V6, Version::V7] {
        let filled = Filled::random(shape(version, 41), 61);
        all_agree(&device.gpu, &filled.upload(&device.gpu));
    }
}

#[test]
fn so_it_is_in_a_trace_of_several_groups() {
    let device = device();
    for (version, sets) in [(Version::V6, 5), (Version::V7, 7)] {
        let shape = shape(version, 41);
        let binding = (2 * sets * shape.tokens * shape.heads * shape.head_size * 4) as u64;
        let gpu = with_largest_binding(&device.gpu, binding);
        let trace = Filled::random(shape, 62).upload(&gpu);
        assert_eq!(trace.groups.len(), 2);
        all_agree(&gpu, &trace);
    }
}

/// Small heads, so that a driver on the CPU is soon through.
fn long(version: Version, tokens: usize) -> Filled {
    let shape = Shape {
        layers: 1,
        heads: 1,
        head_size: 4,
        ..shape(version, tokens)
    };
    Filled::random(shape, 63)
}

/// 1,500 tokens are several batches, whatever the device.
#[test]
fn a_matrix_goes_on_over_several_batches() {
    let device = device();
    let gpu = &device.gpu;
    let trace = long(Version::V7, 1500).upload(gpu);
    let scores = Scores::new(gpu, &trace).expect("there is room");
    for measure in [Measure::Share, Measure::Wk] {
        let kernels = MatrixKernels::new(gpu);
        let mut matrix = HeadMatrix::new(&scores, &kernels, (0, 0), measure).expect("room");
        let mut steps = Vec::new();
        while !matrix.is_complete() {
            matrix.advance().expect("the device works");
            if steps.last() != Some(&matrix.done()) {
                steps.push(matrix.done());
            }
            arclight::gpu::wait_idle(gpu);
        }
        assert!(steps.len() > 2, "{steps:?}");
        assert!(
            steps.is_sorted() && steps.last() == Some(&1500),
            "{steps:?}"
        );
        let found = matrix.read().expect("it is read back");
        assert!(found == matrices(gpu, &trace, measure)[0], "{measure:?}");
    }
}

#[test]
fn rows_and_columns_are_those_of_a_selection() {
    let device = device();
    let gpu = &device.gpu;
    for version in [Version::V6, Version::V7] {
        let shape = shape(version, 41);
        let heads = shape.layers * shape.heads;
        let trace = Filled::random(shape, 64).upload(gpu);
        let mut scores = Scores::new(gpu, &trace).expect("there is room");
        for &measure in Measure::all(version) {
            let found = computed(gpu, &scores, (1, 1), measure);
            let found = found.read().expect("it is read back");
            for token in [0, 20, 40] {
                let shown = Arc::new(Shown::all(41, heads, Some(token)));
                let request = Request {
                    measure,
                    ..Request::new(token, shown, 50)
                };
                let bytes = scores.select(&request).wait(gpu).expect("marks");
                assert_eq!(Marks::read(&bytes, heads, 41).summary.len(), 41);
                let selected = read(gpu, scores.values(measure));
                let selected = &selected[3 * 41..4 * 41];
                let pairs = |of: usize| -> Vec<f64> {
                    let pair = |other: usize| found[other.max(of)][other.min(of)];
                    (0..41).map(|other| f64::from(pair(other))).collect()
                };
                let right = close(selected, &pairs(token), 1e-4);
                assert!(right.is_ok(), "{version}, {measure:?}, {token}: {right:?}");
                assert!(
                    close(selected, &pairs(30), 1e-4).is_err(),
                    "{measure:?}: any token will do"
                );
            }
        }
    }
}

#[test]
fn one_number_is_that_of_the_matrix() {
    let device = device();
    let gpu = &device.gpu;
    let trace = Filled::random(shape(Version::V7, 41), 65).upload(gpu);
    let scores = Scores::new(gpu, &trace).expect("there is room");
    for measure in [Measure::Rwk, Measure::Wk] {
        let matrix = computed(gpu, &scores, (2, 0), measure);
        let all = matrix.read().expect("it is read back");
        for (reader, writer) in [(0, 0), (40, 0), (40, 39), (17, 5), (5, 17)] {
            let bytes = matrix.number(reader, writer).wait(gpu).expect("a number");
            let number: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            assert_eq!(
                number,
                [all[reader][writer]],
                "{measure:?} of {reader}, {writer}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_in_one_line() {
    let device = device();
    let gpu = with_largest_binding(&device.gpu, 200_000);
    let trace = long(Version::V6, 300).upload(&gpu);
    let kernels = MatrixKernels::new(&gpu);
    let refused = HeadMatrix::new(
        &Scores::new(&gpu, &trace).expect("there is room"),
        &kernels,
        (0, 0),
        Measure::Rwk,
    );
    let reason = refused.err().expect("90,000 pairs do not fit").to_string();
    assert!(
        reason.contains("300 tokens") && reason.contains("223"),
        "{reason}"
    );
    assert!(!reason.contains('\n'), "{reason}");
}

/// The cells that a pixel stands for: reader from … to, writer from … to.
fn cells(crop: Crop, side: usize, pixel: usize) -> [usize; 4] {
    let edge = |start: f32, at: usize| {
        (f64::from(start) + f64::from(crop.span) * at as f64 / side as f64).floor() as usize
    };
    let span = |start, at| {
        let first = edge(start, at);
        [first, edge(start, at + 1).max(first + 1)]
    };
    let ([top, bottom], [left, right]) =
        (span(crop.top, pixel / side), span(crop.left, pixel % side));
    [top, bottom, left, right]
}

/// What a pixel shows, by a rule over the values of its cells.
fn plain(
    matrix: &[Vec<f32>],
    crop: Crop,
    side: usize,
    rule: impl Fn(&[f32]) -> f32,
) -> Vec<Option<f32>> {
    let pixel = |pixel: usize| {
        let [top, bottom, left, right] = cells(crop, side, pixel);
        let readers = top..bottom.min(matrix.len());
        let values: Vec<f32> = readers
            .flat_map(|t| (left..right.min(t + 1)).map(move |s| (t, s)))
            .map(|(t, s)| matrix[t][s])
            .collect();
        (!values.is_empty()).then(|| rule(&values))
    };
    (0..side * side).map(pixel).collect()
}

fn largest(values: &[f32]) -> f32 {
    let by_size = |a: &&f32, b: &&f32| a.abs().total_cmp(&b.abs());
    values.iter().max_by(by_size).copied().unwrap_or_default()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

fn tint(full: f32, signless: bool) -> Tint {
    let colours = Colours::default();
    let rgba = |[red, green, blue]: [u8; 3]| [red, green, blue, 255];
    let part = |step: usize| step as f32 / 255.0;
    let diverging = (0..256).map(|step| rgba(bytes(colours.diverging(part(step) * 2.0 - 1.0))));
    let sequential = (0..256).map(|step| rgba(bytes(colours.sequential(part(step)))));
    Tint {
        full,
        signless,
        palette: diverging.chain(sequential).collect(),
    }
}

fn pixels(gpu: &Gpu, pending: &Pending) -> Vec<[u8; 4]> {
    let bytes = pending.wait(gpu).expect("it is painted");
    bytemuck::pod_collect_to_vec(&bytes)
}

/// Pixels that do not have the colour of their value. One place in the palette may be rounded either way.
fn wrong(found: &[[u8; 4]], expected: &[Option<f32>], tint: &Tint) -> usize {
    let is_wrong = |(found, value): (&[u8; 4], &Option<f32>)| {
        let Some(value) = value else {
            return *found != [0; 4];
        };
        let part = (value / tint.full).clamp(-1.0, 1.0);
        let (first, at) = match tint.signless {
            true => (256, part.abs() * 255.0),
            false => (0, (part * 0.5 + 0.5) * 255.0),
        };
        let nearest =
            [at - 0.01, at, at + 0.01].map(|at| first + at.clamp(0.0, 255.0).round() as usize);
        nearest.iter().all(|place| tint.palette[*place] != *found)
    };
    assert_eq!(found.len(), expected.len());
    found
        .iter()
        .zip(expected)
        .filter(|pair| is_wrong(*pair))
        .count()
}

#[test]
fn a_pixel_has_the_colour_of_the_largest_of_its_cells() {
    let device = device();
    let gpu = &device.gpu;
    let scores = Scores::new(gpu, &long(Version::V7, 150).upload(gpu)).expect("there is room");
    for measure in [Measure::Rwk, Measure::Wk] {
        let matrix = computed(gpu, &scores, (0, 0), measure);
        let values = matrix.read().expect("it is read back");
        let part = |left, top, span| Crop { left, top, span };
        for (crop, side) in [
            (Crop::of(0..150), 150),
            (Crop::of(0..150), 37),
            (Crop::of(0..150), 320),
            (part(20.25, 90.5, 33.75), 64),
            (part(0.0, 146.0, 4.0), 50),
            (part(100.0, 0.0, 50.0), 20),
        ] {
            for signless in [false, true] {
                let tint = tint(matrix.largest() * 0.7, signless);
                let found = pixels(gpu, &matrix.paint(crop, side, &tint));
                let what = format!("{measure:?}, {crop:?} in {side} pixels");
                let expected = plain(&values, crop, side, largest);
                assert_eq!(wrong(&found, &expected, &tint), 0, "{what}");
                // Above the diagonal there is nothing to tell apart.
                let several = crop.span > 1.5 * side as f32 && expected.iter().any(Option::is_some);
                let means = wrong(&found, &plain(&values, crop, side, mean), &tint);
                assert_eq!(
                    means > 0,
                    several,
                    "{what}: a mean gives {means} other pixels"
                );
            }
        }
    }
}

/// Where cells are smaller than pixels, every one of them is seen in exactly one.
#[test]
fn no_cell_is_lost_between_pixels() {
    for (crop, side) in [
        (Crop::of(0..150), 37),
        (Crop::of(0..4096), 273),
        (
            Crop {
                left: 3.5,
                top: 0.25,
                span: 100.5,
            },
            99,
        ),
    ] {
        let first = crop.left as usize;
        let mut seen = Vec::new();
        for column in 0..side {
            let [.., left, right] = cells(crop, side, column);
            seen.extend(left..right);
        }
        let all: Vec<usize> = (first..first + seen.len()).collect();
        assert_eq!(seen, all);
        assert!(seen.len() as f32 >= crop.span.floor());
    }
}
