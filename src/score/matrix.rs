use std::sync::Arc;

use super::{Measure, Scores};
use crate::{
    gpu::{Gpu, GpuError},
    trace::Trace,
};

/// Bytes of scores computed before they are read back.
const BATCH_BYTES: u64 = 32 << 20;

/// Computes the pairs of every head, a batch of tokens at a time, and hands each head's line over:
/// `each(layer, head, line, from, values)`. For W-K a line is a column: writer `line`, readers `from…`. For
/// the other measures it is a row: reader `line`, writers `from…`.
///
/// # Errors
/// When the device fails.
pub fn lines(
    gpu: &Gpu,
    trace: &Arc<Trace>,
    measure: Measure,
    mut each: impl FnMut(usize, usize, usize, usize, &[f32]),
) -> Result<(), GpuError> {
    let tokens = trace.filled();
    let dimensions = &trace.dimensions;
    let slots = slots(gpu, trace);
    let scores = Scores::with_slots(gpu, trace, slots)?;
    for first in (0..tokens).step_by(slots) {
        let count = slots.min(tokens - first);
        scores.submit(|pass| match measure {
            Measure::Wk => scores.record_columns(pass, first, count),
            _ => scores.record_rows(pass, first, count),
        });
        let values = scores.read(measure)?;
        for (index, line_values) in values
            .chunks_exact(tokens)
            .take(count * dimensions.layers * dimensions.heads)
            .enumerate()
        {
            let line = first + index / (dimensions.layers * dimensions.heads);
            let layer = index / dimensions.heads % dimensions.layers;
            let head = index % dimensions.heads;
            match measure {
                Measure::Wk => each(layer, head, line, line, &line_values[line..]),
                _ => each(layer, head, line, 0, &line_values[..=line]),
            }
        }
    }
    Ok(())
}

/// Conservation error of every head: the largest over `rows` of ‖GroupNorm(Σ A v) − captured‖ / ‖captured‖,
/// f32 `[layers × heads]`.
///
/// # Errors
/// When the device fails.
pub fn conservation(gpu: &Gpu, trace: &Arc<Trace>, rows: &[usize]) -> Result<Vec<f32>, GpuError> {
    let heads = trace.dimensions.layers * trace.dimensions.heads;
    let slots = slots(gpu, trace);
    let scores = Scores::with_slots(gpu, trace, slots)?;
    let mut worst = vec![0.0f32; heads];
    for run in consecutive(rows) {
        for first in run.clone().step_by(slots) {
            let count = slots.min(run.end - first);
            scores.submit(|pass| scores.record_rows(pass, first, count));
            let errors = scores.read_conservation()?;
            for (index, error) in errors.iter().take(count * heads).enumerate() {
                let worst = &mut worst[index % heads];
                // A NaN must not hide.
                *worst = if error.is_nan() {
                    f32::NAN
                } else {
                    worst.max(*error)
                };
            }
        }
    }
    Ok(worst)
}

/// How many tokens are scored before they are read back.
pub(super) fn slots(gpu: &Gpu, trace: &Trace) -> usize {
    let tokens = trace.filled();
    let line = (trace.dimensions.cells(tokens) as u64 * 4).max(1);
    let most = BATCH_BYTES.min(gpu.report().limits.max_binding) / line;
    (most as usize).clamp(1, tokens.max(1))
}

fn consecutive(rows: &[usize]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for &row in rows {
        match runs.last_mut() {
            Some(run) if run.end == row => run.end += 1,
            _ => runs.push(row..row + 1),
        }
    }
    runs
}
