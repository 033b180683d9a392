//! Rows, columns, outputs and the conservation check.

use std::{collections::HashMap, sync::Arc};

use arclight::{
    gpu::Gpu,
    model::Version,
    score::{self, Marks, Measure, Request, Scores, Shown, Statistic, twin},
    trace::{Stored, Trace},
};
use web_rwkv::context::ContextBuilder;

use super::filled::{Filled, Shape};
use crate::support::{assert_close, close, device, matrices, read};

const VERSIONS: [Version; 4] = [Version::V4, Version::V5, Version::V6, Version::V7];
/// Of the largest value of the head.
const TOLERANCE: f64 = 1e-4;

/// What the twins say of one head.
struct Expected {
    matrices: HashMap<Measure, Vec<Vec<f64>>>,
    conservation: Vec<f64>,
}

impl Expected {
    fn of(filled: &Filled) -> Vec<Self> {
        let measures = Measure::all(filled.shape.version);
        let heads = filled.vectors.iter();
        heads
            .map(|vectors| Self {
                matrices: measures
                    .iter()
                    .map(|measure| (*measure, vectors.matrix(*measure)))
                    .collect(),
                conservation: vectors.conservation(),
            })
            .collect()
    }

    fn matrix(&self, measure: Measure) -> &[Vec<f64>] {
        &self.matrices[&measure]
    }

    /// Of one token with every other: the earlier ones as writers, the later ones as readers.
    fn selection(&self, measure: Measure, token: usize, tokens: usize) -> Vec<f64> {
        let matrix = self.matrix(measure);
        let pair = |other: usize| matrix[other.max(token)][other.min(token)];
        (0..tokens).map(pair).collect()
    }
}

fn request(token: usize, tokens: usize, heads: usize) -> Request {
    Request::new(token, Arc::new(Shown::all(tokens, heads, Some(token))), 50)
}

/// y of every head, against the twins. Returns the largest error.
fn outputs_agree(gpu: &Gpu, filled: &Filled, trace: &Trace) -> f64 {
    let Shape {
        heads,
        head_size,
        tokens,
        ..
    } = filled.shape;
    let mut worst = 0.0_f64;
    for group in &trace.groups {
        let y = read(gpu, &group.outputs);
        for (layer, y) in group
            .layers
            .clone()
            .zip(y.chunks_exact(tokens * heads * head_size))
        {
            for head in 0..heads {
                let twin = &filled.vectors[layer * heads + head];
                let expected: Vec<f64> = (0..tokens).flat_map(|t| twin.output(t)).collect();
                let rows = y.chunks_exact(heads * head_size);
                let found: Vec<f32> = rows
                    .flat_map(|row| &row[head * head_size..][..head_size])
                    .copied()
                    .collect();
                let what = format!("{:?}: y of L{layer} H{head}", filled.shape);
                worst = worst.max(assert_close(&found, &expected, TOLERANCE, what));
            }
        }
    }
    worst
}

/// Every pair of every head. Returns the largest error.
fn matrices_agree(gpu: &Gpu, filled: &Filled, trace: &Arc<Trace>, expected: &[Expected]) -> f64 {
    let mut worst = 0.0_f64;
    for &measure in Measure::all(filled.shape.version) {
        let found = matrices(gpu, trace, measure);
        for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
            let (found, expected) = (found.concat(), expected.matrix(measure).concat());
            let what = format!("{:?}: {measure:?} of head {row} by lines", filled.shape);
            worst = worst.max(assert_close(&found, &expected, TOLERANCE, what));
        }
    }
    worst
}

/// One token's scores over the first `tokens` tokens, its scales and its conservation errors.
fn selection_agrees(
    gpu: &Gpu,
    filled: &Filled,
    scores: &mut Scores,
    expected: &[Expected],
    token: usize,
) -> f64 {
    let tokens = scores.tokens();
    let mut worst = 0.0_f64;
    let shown = Shown::all(tokens, expected.len(), Some(token));
    for &measure in Measure::all(filled.shape.version) {
        let pending = scores.select(&Request {
            measure,
            ..request(token, tokens, expected.len())
        });
        let marks = Marks::read(&pending.wait(gpu).expect("marks"), expected.len(), tokens);
        let found = read(gpu, scores.values(measure));
        for (row, expected) in expected.iter().enumerate() {
            let what = format!(
                "{:?}, token {token}: {measure:?} of head {row}",
                filled.shape
            );
            let values = expected.selection(measure, token, tokens);
            let found = &found[row * tokens..][..tokens];
            worst = worst.max(assert_close(found, &values, TOLERANCE, &what));

            let largest = values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let off = f64::from(marks.scales[row]) - twin::scale(&values, &shown);
            assert!(
                off.abs() <= TOLERANCE * largest,
                "{what}: full colour is off by {off:e}"
            );

            let numbers = twin::statistics(&values, &shown, Some(token));
            statistics_agree(&marks.statistics[row], &numbers, &what);

            let off = f64::from(marks.conservation[row]) - expected.conservation[token];
            assert!(
                off.abs() <= TOLERANCE,
                "{what}: conservation error is off by {off:e}"
            );
        }
    }
    worst
}

/// Each number, in parts of its own size or of 1, whichever is larger. A tie of two sizes may go to either.
fn statistics_agree(found: &[f32], expected: &[f64], what: &str) {
    for (statistic, (found, expected)) in Statistic::ALL.iter().zip(found.iter().zip(expected)) {
        let off = (f64::from(*found) - expected).abs();
        assert!(
            off <= 1e-3 * expected.abs().max(1.0),
            "{what}: {statistic:?} is {found}, not {expected}"
        );
    }
}

/// The last largest conservation error of each head over `rows`.
fn conservation_agrees(
    gpu: &Gpu,
    filled: &Filled,
    trace: &Arc<Trace>,
    expected: &[Expected],
    rows: &[usize],
) {
    let found = score::conservation(gpu, trace, rows).expect("the errors are read back");
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let worst = rows
            .iter()
            .map(|&t| expected.conservation[t])
            .fold(0.0, f64::max);
        let off = (f64::from(*found) - worst).abs();
        assert!(
            off <= TOLERANCE,
            "{:?}: head {row}: {found}, not {worst}",
            filled.shape
        );
    }
}

/// On the device as it is, and once more with the kernels for adapters whose subgroups are not known.
fn everything_agrees(version: Version, stored: Stored) {
    let mut worst = 0.0_f64;
    for (tokens, layers, heads) in [(1, 2, 3), (2, 2, 3), (33, 2, 3), (200, 1, 2)] {
        for head_size in [32, 64] {
            // Long texts take a driver on the CPU long: here one head size each will do.
            if tokens == 200 && (head_size == 64) != (stored == Stored::F32) {
                continue;
            }
            let shape = Shape {
                version,
                layers,
                heads,
                head_size,
                stored,
                tokens,
            };
            let filled = Filled::random(shape, 100 + tokens as u64);
            let expected = Expected::of(&filled);
            let device = device();
            assert!(
                device.gpu.subgroups().is_some(),
                "the kernels on subgroups are not tested"
            );
            worst = worst.max(all_agrees(&device.gpu, &filled, &expected));
            if tokens < 200 {
                all_agrees(&device.gpu.portable(), &filled, &expected);
            }
        }
    }
    println!("{version}, {stored:?}: largest error {worst:.1e} of a head's largest value");
}

/// Outputs, all pairs, selections and conservation errors. Returns the largest error.
fn all_agrees(gpu: &Gpu, filled: &Filled, expected: &[Expected]) -> f64 {
    let tokens = filled.shape.tokens;
    let trace = filled.upload(gpu);
    assert_eq!(trace.stored(), filled.shape.stored);
    let mut worst = outputs_agree(gpu, filled, &trace);
    worst = worst.max(matrices_agree(gpu, filled, &trace, expected));
    let mut scores = Scores::new(gpu, &trace).expect("there is room");
    for token in [0, 1, tokens / 2, tokens - 1] {
        if token < tokens {
            let error = selection_agrees(gpu, filled, &mut scores, expected, token);
            worst = worst.max(error);
        }
    }
    let rows: Vec<usize> = (0..tokens).collect();
    conservation_agrees(gpu, filled, &trace, expected, &rows);
    worst
}

#[test]
fn kernels_agree_with_their_twins_v6_f32() {
    everything_agrees(Version::V6, Stored::F32);
}

#[test]
fn kernels_agree_with_their_twins_v6_f16() {
    everything_agrees(Version::V6, Stored::F16);
}

#[test]
fn kernels_agree_with_their_twins_v7_f32() {
    everything_agrees(Version::V7, Stored::F32);
}

#[test]
fn kernels_agree_with_their_twins_v7_f16() {
    everything_agrees(Version::V7, Stored::F16);
}

#[test]
fn kernels_agree_with_their_twins_v5_f32() {
    everything_agrees(Version::V5, Stored::F32);
}

#[test]
fn kernels_agree_with_their_twins_v5_f16() {
    everything_agrees(Version::V5, Stored::F16);
}

#[test]
fn kernels_agree_with_their_twins_v4() {
    everything_agrees(Version::V4, Stored::F32);
}

fn small(version: Version) -> Shape {
    Shape {
        version,
        layers: 2,
        heads: 2,
        head_size: 32,
        stored: Stored::F32,
        tokens: 40,
    }
}

#[test]
fn one_percent_off_is_noticed_in_every_measure() {
    let filled = Filled::random(small(Version::V7), 21);
    let expected = Expected::of(&filled);
    let device = device();
    let trace = filled.upload(&device.gpu);
    for &measure in Measure::all(Version::V7) {
        let mut found = matrices(&device.gpu, &trace, measure)[0].concat();
        let values = expected[0].matrix(measure).concat();
        close(&found, &values, TOLERANCE).expect("it is close before");
        let most = (0..found.len()).max_by(|&a, &b| found[a].abs().total_cmp(&found[b].abs()));
        found[most.expect("there are numbers")] *= 1.01;
        assert!(close(&found, &values, TOLERANCE).is_err(), "{measure:?}");
    }
}

/// The twins of one head are not those of another: the comparison sees which head it looks at.
#[test]
fn another_heads_vectors_do_not_pass() {
    let filled = Filled::random(small(Version::V6), 22);
    let expected = Expected::of(&filled);
    let device = device();
    let found = matrices(&device.gpu, &filled.upload(&device.gpu), Measure::Rwk);
    for (at, found) in found.iter().enumerate() {
        for (of, expected) in expected.iter().enumerate() {
            let close = close(
                &found.concat(),
                &expected.matrix(Measure::Rwk).concat(),
                TOLERANCE,
            );
            assert_eq!(
                close.is_ok(),
                at == of,
                "head {at} against twin {of}: {close:?}"
            );
        }
    }
}

#[test]
fn conservation_is_taken_over_the_rows_that_were_asked_for() {
    let filled = Filled::random(small(Version::V7), 23);
    let expected = Expected::of(&filled);
    let device = device();
    let trace = filled.upload(&device.gpu);
    for rows in [&[0][..], &[7, 8, 9], &[0, 5, 6, 39], &[39, 2]] {
        conservation_agrees(&device.gpu, &filled, &trace, &expected, rows);
    }
}

/// While a run goes on, its first tokens are scored as if there were no more.
#[test]
fn tokens_that_have_not_run_yet_do_not_count() {
    for version in VERSIONS {
        let filled = Filled::random(small(version), 24);
        let expected = Expected::of(&filled);
        let device = device();
        let trace = filled.upload_without_tokens(&device.gpu);
        trace.grow(23, Vec::new());
        let mut scores = Scores::new(&device.gpu, &trace).expect("there is room");
        assert_eq!(scores.tokens(), 23);
        for token in [0, 11, 22] {
            selection_agrees(&device.gpu, &filled, &mut scores, &expected, token);
        }
        let found = matrices(&device.gpu, &trace, Measure::Share);
        for (found, expected) in found.iter().zip(&expected) {
            let expected: Vec<f64> = expected.matrix(Measure::Share)[..23]
                .iter()
                .flat_map(|row| &row[..23])
                .copied()
                .collect();
            assert_close(
                &found.concat(),
                &expected,
                TOLERANCE,
                "share of the first 23",
            );
        }
    }
}

#[test]
fn one_cell_reads_as_every_measure_of_it() {
    for version in VERSIONS {
        let filled = Filled::random(small(version), 25);
        let device = device();
        let gpu = &device.gpu;
        let mut scores = Scores::new(gpu, &filled.upload(gpu)).expect("there is room");
        let pending = scores.select(&request(17, 40, 4));
        pending.wait(gpu).expect("marks");
        // W-K norms of earlier tokens are made when a cell asks for them.
        scores.cell(0).wait(gpu).expect("a cell");
        let measures = Measure::all(version).iter();
        let buffers: Vec<_> = measures
            .map(|measure| read(gpu, scores.values(*measure)))
            .collect();
        for cell in [0, 17, 2 * 40 + 39, 3 * 40 + 5] {
            let bytes = scores.cell(cell).wait(gpu).expect("a cell");
            let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            let expected: Vec<f32> = buffers.iter().map(|buffer| buffer[cell]).collect();
            assert_eq!(found, expected, "cell {cell}");
        }
    }
}

/// A cell or a head may ask for W-K norms of earlier tokens, which a selection in another measure leaves out, and
/// those of the selection before are not mistaken for them.
#[test]
fn wk_norms_come_when_they_are_asked_for() {
    for version in [Version::V6, Version::V7] {
        let filled = Filled::random(small(version), 28);
        let expected = Expected::of(&filled);
        let device = device();
        for gpu in [device.gpu.clone(), device.gpu.portable()] {
            let mut scores = Scores::new(&gpu, &filled.upload(&gpu)).expect("there is room");
            for (token, measure) in [
                (30, Measure::Wk),
                (10, Measure::Rwk),
                (30, Measure::Rwk),
                (30, Measure::Share),
                (12, Measure::Rwk),
            ] {
                let request = Request {
                    measure,
                    ..request(token, 40, 4)
                };
                scores.select(&request).wait(&gpu).expect("marks");
                let bytes = scores.heads_of(Measure::Wk, &[0, 3]).wait(&gpu);
                let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes.expect("norms"));
                for (head, found) in [0, 3].into_iter().zip(found.chunks_exact(40)) {
                    let norms = expected[head].selection(Measure::Wk, token, 40);
                    let what = format!("{version}: norms of head {head} at {token}");
                    assert_close(found, &norms, TOLERANCE, what);
                }
            }
        }
    }
}

/// More pairs than are computed between two read-backs, in heads as small as they can be.
#[test]
fn lines_go_on_over_several_batches() {
    let shape = Shape {
        version: Version::V7,
        layers: 1,
        heads: 64,
        head_size: 4,
        stored: Stored::F16,
        tokens: 400,
    };
    let filled = Filled::random(shape, 26);
    let device = device();
    let trace = filled.upload(&device.gpu);
    for measure in [Measure::Rwk, Measure::Wk] {
        let found = matrices(&device.gpu, &trace, measure);
        for head in [0, 63] {
            let expected = filled.vectors[head].matrix(measure).concat();
            let what = format!("{measure:?} of head {head}");
            assert_close(&found[head].concat(), &expected, TOLERANCE, what);
        }
    }
}

/// A device whose bindings hold little gets a trace in several groups of layers.
#[test]
fn layers_in_several_groups_are_scored_alike() {
    let device = device();
    for version in VERSIONS {
        let shape = Shape {
            layers: 5,
            ..small(version)
        };
        let filled = Filled::random(shape, 27);
        let expected = Expected::of(&filled);
        let sets = if version == Version::V7 { 7 } else { 5 };
        // Two layers to a group, and one that is left over.
        let binding = (2 * sets * shape.tokens * shape.heads * shape.head_size * 4) as u64;
        let gpu = with_largest_binding(&device.gpu, binding);
        assert!(gpu.subgroups().is_some());
        let trace = filled.upload(&gpu);
        let groups: Vec<_> = trace
            .groups
            .iter()
            .map(|group| group.layers.clone())
            .collect();
        assert_eq!(groups, [0..2, 2..4, 4..5]);

        outputs_agree(&gpu, &filled, &trace);
        matrices_agree(&gpu, &filled, &trace, &expected);
        for gpu in [gpu.clone(), gpu.portable()] {
            let mut scores = Scores::new(&gpu, &trace).expect("there is room");
            for token in [20, 3] {
                selection_agrees(&gpu, &filled, &mut scores, &expected, token);
            }
            conservation_agrees(&gpu, &filled, &trace, &expected, &[0, 20, 39]);
        }
    }
}

/// So little that one token's scores are all that there is room for at once.
#[test]
fn layers_in_several_groups_are_scored_alike_one_token_at_a_time() {
    let device = device();
    for version in [Version::V6, Version::V7] {
        let sets = if version == Version::V7 { 7 } else { 5 };
        // As many layers as make a line of scores as long as one layer's vectors.
        let shape = Shape {
            layers: 2 * sets,
            head_size: 4,
            stored: Stored::F16,
            ..small(version)
        };
        let filled = Filled::random(shape, 28);
        let expected = Expected::of(&filled);
        let line = shape.tokens * shape.heads * shape.layers * 4;
        let gpu = with_largest_binding(&device.gpu, line as u64);
        let trace = filled.upload(&gpu);
        assert_eq!(trace.groups.len(), shape.layers);
        matrices_agree(&gpu, &filled, &trace, &expected);
        conservation_agrees(&gpu, &filled, &trace, &expected, &[0, 20, 39]);
    }
}

pub fn with_largest_binding(gpu: &Gpu, bytes: u64) -> Gpu {
    let adapter = gpu.context.adapter.clone();
    let limits = wgpu::Limits {
        max_storage_buffer_binding_size: bytes,
        ..gpu.device().limits()
    };
    let builder = ContextBuilder::new(adapter).limits(limits);
    let context = bevy::tasks::block_on(builder.build()).expect("the adapter gives a device");
    let mut small = gpu.clone();
    small.context = context;
    small
}
