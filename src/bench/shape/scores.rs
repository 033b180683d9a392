use std::{sync::Arc, time::Instant};

use serde::Serialize;

use super::{Growth, Part, Rates, Shape, Work, eighths, random_trace};
use crate::{
    bench::{Peak, Times},
    draw::ARC_VERTICES,
    gpu::{Clock, Gpu},
    score::{Filter, Measure, Request, Scores, Shown},
    trace::Trace,
};

const SELECTIONS: usize = 5;

/// What scoring costs. Every time is a median.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreFigures {
    /// Bytes of the trace's buffers.
    pub trace_bytes: u64,
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

/// Fills a trace with random numbers and selects in it.
///
/// # Errors
/// When the trace is too large for the adapter, or the device fails.
pub fn measure_scores(
    gpu: &Gpu,
    shape: &Shape,
    (rates, clock): (&Rates, &Clock<2>),
    peak: &mut Peak,
    note: &dyn Fn(&str),
) -> anyhow::Result<ScoreFigures> {
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
        by_tokens.push((tokens, spent(gpu, &trace, clock)?));
    }
    let Some(&(_, whole)) = by_tokens.last() else {
        anyhow::bail!("there are no tokens");
    };
    growth.extend(parts_of("tokens", &by_tokens));
    note("marking more arcs");
    growth.push(arcs(gpu, &trace, clock)?);
    peak.look(gpu);
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
            spent(gpu, &trace, clock)?
        };
        by_heads.push((layers * shape.heads, spent));
    }
    growth.extend(parts_of("heads", &by_heads));

    let work = Work::new(shape);
    let mut parts = vec![
        Part::new("row", whole.row, work.row, rates),
        Part::new("column", whole.column, work.column, rates),
    ];
    parts.extend(whole.wk.map(|ms| Part::new("wk", ms, work.wk, rates)));
    parts.push(Part::new("marks", whole.marks, work.marks, rates));
    Ok(ScoreFigures {
        trace_bytes,
        select_ms: whole.select,
        parts,
        growth,
    })
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
