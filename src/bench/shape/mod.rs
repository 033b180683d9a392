//! Scores at the size of a real model, over random numbers, beside what the adapter could do at most.

mod floors;
mod growth;
mod model;
mod random;
mod rates;
mod sizes;

pub use floors::{Part, Work};
pub use growth::Growth;
pub use model::measure_random_prefill;
pub use random::{random_trace, source};
pub use rates::Rates;
pub use sizes::{Shape, Sizes};

use std::{sync::Arc, time::Instant};

use serde::Serialize;

use super::{Prefill, Times};
use crate::{
    draw::ARC_VERTICES,
    gpu::{Clock, Gpu},
    score::{Filter, Measure, Request, Scores, Shown},
    trace::Trace,
};

const SELECTIONS: usize = 5;

/// What was measured. Every time is a median.
#[derive(Debug, Clone, Serialize)]
pub struct ShapeFigures {
    /// The adapter's name.
    pub adapter: String,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// Driver name and version.
    pub driver: String,
    /// Where the numbers in the trace come from: `random`.
    pub values: &'static str,
    /// What was asked for.
    #[serde(flatten)]
    pub shape: Shape,
    /// What the adapter does at most.
    #[serde(flatten)]
    pub rates: Rates,
    /// Bytes of the trace's buffers.
    pub trace_bytes: u64,
    /// Bytes that the driver has set aside for everything on the device; none where it does not tell.
    pub reserved_bytes: Option<u64>,
    /// Running random tokens through a model of that shape with random weights, when that was asked for.
    pub prefill: Option<Prefill>,
    /// Milliseconds from asking for the last token's scores to their summary on the CPU.
    pub select_ms: f64,
    /// The scans and the marks: GPU time, and the least that it could be.
    pub parts: Vec<Part>,
    /// How the times grow.
    pub growth: Vec<Growth>,
}

/// GPU milliseconds of the parts of a selection.
#[derive(Debug, Clone, Copy)]
struct Spent {
    row: f64,
    column: f64,
    /// None where the row brings them.
    wk: Option<f64>,
    marks: f64,
    select: f64,
}

/// Fills a trace of that shape with random numbers and selects in it; with `prefill`, runs a model of random weights
/// too. `note` hears what comes next.
///
/// # Errors
/// When the adapter does not tell the time, the trace is too large for it, or the device fails.
pub fn measure_shape(
    gpu: &Gpu,
    shape: &Shape,
    prefill: bool,
    note: impl Fn(&str),
) -> anyhow::Result<ShapeFigures> {
    let report = gpu.report();
    let clocks = Clock::new(gpu).zip(Clock::new(gpu));
    let (clock, rate_clock) = clocks.ok_or_else(|| {
        anyhow::anyhow!("{} does not tell how long its work takes", report.adapter)
    })?;
    note("measuring the adapter");
    let rates = Rates::measure(gpu, &rate_clock)?;

    let mut growth = Vec::new();
    note("filling a trace with random numbers");
    let trace = random_trace(gpu, shape)?;
    let trace_bytes = trace
        .groups
        .iter()
        .map(|group| group.buffer().size() + group.outputs.size());
    let trace_bytes = trace_bytes.sum::<u64>() + trace.contribution.size() + trace.states.size();
    let mut by_tokens = Vec::new();
    for tokens in eighths(shape.tokens) {
        note(&format!("selecting among {tokens} tokens"));
        trace.grow(tokens - trace.filled(), Vec::new());
        by_tokens.push((tokens, spent(gpu, &trace, &clock)?));
    }
    let Some(&(_, whole)) = by_tokens.last() else {
        anyhow::bail!("there are no tokens");
    };
    growth.extend(parts_of("tokens", &by_tokens));
    note("marking more arcs");
    growth.push(arcs(gpu, &trace, &clock)?);
    let reserved_bytes = gpu.device().generate_allocator_report();
    let reserved_bytes = reserved_bytes.map(|report| report.total_reserved_bytes);
    drop(trace);

    let mut by_heads = Vec::new();
    for layers in eighths(shape.layers) {
        let smaller = Shape { layers, ..*shape };
        note(&format!("selecting in {layers} layers"));
        let spent = if layers == shape.layers {
            whole
        } else {
            let trace = random_trace(gpu, &smaller)?;
            trace.grow(shape.tokens, Vec::new());
            spent(gpu, &trace, &clock)?
        };
        by_heads.push((layers * shape.heads, spent));
    }
    growth.extend(parts_of("heads", &by_heads));

    let prefill = match prefill {
        true => {
            note("running a model of random weights");
            Some(measure_random_prefill(gpu, shape)?)
        }
        false => None,
    };
    let work = Work::new(shape);
    let mut parts = vec![
        Part::new("row", whole.row, work.row, &rates),
        Part::new("column", whole.column, work.column, &rates),
    ];
    parts.extend(whole.wk.map(|ms| Part::new("wk", ms, work.wk, &rates)));
    parts.push(Part::new("marks", whole.marks, work.marks, &rates));
    Ok(ShapeFigures {
        adapter: report.adapter,
        backend: report.backend,
        driver: report.driver,
        values: "random",
        shape: *shape,
        rates,
        trace_bytes,
        reserved_bytes,
        prefill,
        select_ms: whole.select,
        parts,
        growth,
    })
}

/// An eighth, a quarter and a half of a size, and all of it; the same ones once.
fn eighths(size: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = [8, 4, 2, 1].map(|part| size.div_ceil(part)).to_vec();
    sizes.dedup();
    sizes
}

fn parts_of(with: &'static str, points: &[(usize, Spent)]) -> Vec<Growth> {
    let fit = |of, part: &dyn Fn(&Spent) -> Option<f64>| {
        let part = |(size, spent): &(usize, Spent)| part(spent).map(|ms| (*size, ms));
        let points: Option<Vec<_>> = points.iter().map(part).collect();
        points.map(|points| Growth::fit(with, of, &points))
    };
    [
        fit("row", &|spent| Some(spent.row)),
        fit("column", &|spent| Some(spent.column)),
        fit("wk", &|spent| spent.wk),
        fit("marks", &|spent| Some(spent.marks)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Rows are longest for the last tokens, columns for the first.
fn spent(gpu: &Gpu, trace: &Arc<Trace>, clock: &Clock<2>) -> anyhow::Result<Spent> {
    let tokens = trace.filled();
    let mut scores = Scores::new(gpu, trace)?;
    let mut timed = |token, measure| {
        let request = request(trace, token, measure, Filter::default());
        scores.select_timed(&request, clock).wait(gpu)?;
        clock.read(gpu)
    };
    let mut times = [(); 5].map(|()| Times::default());
    let [row, column, wk, marks, select] = &mut times;
    // The first turn warms up.
    for turn in 0..=SELECTIONS {
        let (late, early) = (tokens - 1 - turn % tokens, turn % tokens);
        let start = Instant::now();
        let [row_ms, marks_ms] = timed(late, Measure::Rwk)?;
        let select_ms = start.elapsed().as_secs_f64() * 1e3;
        let [wk_ms, _] = timed(late, Measure::Wk)?;
        let [column_ms, _] = timed(early, Measure::Rwk)?;
        if turn > 0 {
            row.push_ms(row_ms);
            marks.push_ms(marks_ms);
            select.push_ms(select_ms);
            wk.push_ms(wk_ms);
            column.push_ms(column_ms);
        }
    }
    let [row, column, wk, marks, select] = times.map(|times| times.median_ms());
    Ok(Spent {
        row,
        column,
        wk: scores.has_wk_scan().then_some(wk),
        marks,
        select,
    })
}

/// Time in the marks, for more and more arcs a head.
fn arcs(gpu: &Gpu, trace: &Arc<Trace>, clock: &Clock<2>) -> anyhow::Result<Growth> {
    let (tokens, heads) = (trace.filled(), trace.dimensions.cells(1));
    let mut scores = Scores::new(gpu, trace)?;
    let mut points = Vec::new();
    for each in eighths(tokens - 1) {
        let mut times = Times::default();
        for turn in 0..=SELECTIONS {
            let filter = Filter::TopK(each as u32);
            let request = request(trace, tokens - 1, Measure::Rwk, filter);
            scores.select_timed(&request, clock).wait(gpu)?;
            let [_, ms] = clock.read(gpu)?;
            if turn > 0 {
                times.push_ms(ms);
            }
        }
        points.push((each * heads, times.median_ms()));
    }
    Ok(Growth::fit("arcs", "marks", &points))
}

fn request(trace: &Trace, token: usize, measure: Measure, filter: Filter) -> Request {
    let heads = trace.dimensions.cells(1);
    let shown = Shown::all(trace.filled(), heads, Some(token));
    Request {
        measure,
        filter,
        ..Request::new(token, Arc::new(shown), ARC_VERTICES)
    }
}
