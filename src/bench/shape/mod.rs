//! What a real model's size costs: scores and frames over random numbers, and a model of random weights.

mod floors;
mod frames;
mod growth;
mod model;
mod random;
mod rates;
mod scores;
mod sizes;
mod whole;

pub use floors::{Part, Work};
pub use frames::{Brush, FrameFigures, measure_lattices};
pub use growth::Growth;
pub use model::random_model;
pub use random::{random_trace, source};
pub use rates::Rates;
pub use scores::{ScoreFigures, measure_scores};
pub use sizes::{Shape, Sizes};
pub use whole::{ModelFigures, measure_model};

use std::path::Path;

use serde::Serialize;

use super::Peak;
use crate::gpu::{Clock, Gpu};

/// What is measured of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Subject {
    /// Selecting in a trace of random numbers.
    Scores,
    /// Drawing random values.
    Frames,
    /// A model of random weights: loading it, running a text, and frames meanwhile and after.
    Model,
}

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub struct ShapePlan<'a> {
    /// Of what size.
    pub shape: Shape,
    /// Which parts of it.
    pub subjects: &'a [Subject],
    /// How its lattice is drawn.
    pub brush: Brush,
    /// Where the model's picture goes, a PNG.
    pub picture: Option<&'a Path>,
}

/// What was measured; none where it was not asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ShapeFigures {
    /// The adapter's name.
    pub adapter: String,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// Driver name and version.
    pub driver: String,
    /// Where the numbers come from: `random`.
    pub values: &'static str,
    /// What was asked for.
    #[serde(flatten)]
    pub shape: Shape,
    /// What the adapter does at most.
    #[serde(flatten)]
    pub rates: Rates,
    /// Scoring.
    pub scores: Option<ScoreFigures>,
    /// Drawing.
    pub frames: Option<FrameFigures>,
    /// A model.
    pub model: Option<ModelFigures>,
    /// The most memory that all this took.
    #[serde(flatten)]
    pub peak: Peak,
}

/// Measures a shape; `note` hears what comes next.
///
/// # Errors
/// When the adapter does not tell the time, the shape is too large for it, or the device fails.
pub fn measure_shape(
    gpu: &Gpu,
    plan: &ShapePlan<'_>,
    note: impl Fn(&str),
) -> anyhow::Result<ShapeFigures> {
    let report = gpu.report();
    let clocks = Clock::new(gpu).zip(Clock::new(gpu));
    let (clock, rate_clock) = clocks.ok_or_else(|| {
        anyhow::anyhow!("{} does not tell how long its work takes", report.adapter)
    })?;
    note("measuring the adapter");
    let rates = Rates::measure(gpu, &rate_clock)?;
    let shape = &plan.shape;
    let mut peak = Peak::default();
    let wanted = |subject| plan.subjects.contains(&subject);
    let scores = wanted(Subject::Scores)
        .then(|| measure_scores(gpu, shape, (&rates, &clock), &mut peak, &note))
        .transpose()?;
    let frames = wanted(Subject::Frames)
        .then(|| measure_lattices(gpu, shape, &plan.brush, &mut peak, &note))
        .transpose()?;
    let model = wanted(Subject::Model)
        .then(|| measure_model(gpu, shape, plan.brush.size, plan.picture, &mut peak, &note))
        .transpose()?;
    Ok(ShapeFigures {
        adapter: report.adapter,
        backend: report.backend,
        driver: report.driver,
        values: "random",
        shape: *shape,
        rates,
        scores,
        frames,
        model,
        peak,
    })
}

/// An eighth, a quarter and a half of a size, and all of it; the same ones once.
fn eighths(size: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = [8, 4, 2, 1].map(|part| size.div_ceil(part)).to_vec();
    sizes.dedup();
    sizes
}
