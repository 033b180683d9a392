//! How long loading, prefill, selecting and drawing take on this machine, as whole-run figures.

mod endurance;
mod frames;
mod full;
mod ids;
mod lattices;
mod load;
mod opening;
mod peak;
mod prefill;
mod random_scene;
mod running;
mod select;
mod shape;
mod times;

pub use endurance::{Endurance, Sample, Told, endure};
pub use frames::{Frames, measure_click, measure_frames};
pub use full::{Deed, Full, fill};
pub use ids::{ids, random_ids};
pub use lattices::{Drawing, ShapeFrames, Sight, Step, frames_at, picture_at};
pub use load::{Load, measure_load};
pub use opening::{Opening, measure_opening};
pub use peak::Peak;
pub use prefill::{Prefill, measure_prefill};
pub use random_scene::{eye, random_scene};
pub use running::{Running, Slow, measure_running, measure_writing};
pub use select::{Select, measure_select};
pub use shape::{
    Brush, FrameFigures, Growth, ModelFigures, Part, Rates, ScoreFigures, Shape, ShapeFigures,
    ShapePlan, Sizes, Subject, Work, measure_shape, random_trace, source as random_source,
};
pub use times::Times;

use std::{path::PathBuf, sync::Arc, time::Instant};

use bevy::math::UVec2;
use serde::Serialize;

use crate::{
    app::{self, Stage, Start},
    gpu::{self, Gpu},
    inference::Model,
    model::{Lora, ModelFile, Quantisation, Source, Vocabulary},
    session::Session,
    trace::Precision,
};

/// Tokens that are written on.
pub(crate) const WRITTEN: usize = 64;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The model.
    pub source: Source,
    /// In place of the vocabulary chosen by size.
    pub vocab: Option<PathBuf>,
    /// Of the frames.
    pub precision: Precision,
    /// Of the layers' matrices.
    pub quantisation: Quantisation,
    /// Merged into the model.
    pub lora: Vec<Lora>,
    /// Lengths of text, in tokens, each 2 or more; the first is also that of the click.
    pub tokens: Vec<usize>,
    /// Of the picture, in pixels.
    pub size: UVec2,
}

/// What was measured. Every time is a median unless it says otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// The adapter's name.
    pub adapter: String,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// Driver name and version.
    pub driver: String,
    /// The model's short name.
    pub model: String,
    /// Of the frames.
    pub precision: Precision,
    /// Of the layers' matrices.
    #[serde(flatten)]
    pub quantisation: Quantisation,
    /// From the program's start to what is seen, with the demo model; measured once.
    pub opening: Opening,
    /// Seconds of opening the file and of making a model that is ready to run; measured once.
    pub load_s: f64,
    /// Running a text.
    pub prefill: Prefill,
    /// Scoring a token, for each length of text.
    pub select: Vec<Select>,
    /// Drawing, for each length of text.
    pub frames: Vec<Frames>,
    /// Frames while the longest text runs.
    pub running: Running,
    /// Frames while it is written on.
    pub writing: Running,
    /// Milliseconds from choosing another token to a finished frame that shows its arcs, at the first length.
    pub click_to_arcs_ms: f64,
    /// The most memory that all this took.
    #[serde(flatten)]
    pub peak: Peak,
}

/// Measures everything; `note` hears what comes next.
///
/// # Errors
/// When there is no adapter, the model cannot be opened or run, or a text or the picture is larger than the adapter allows.
pub fn measure(plan: &Plan, note: impl Fn(&str)) -> anyhow::Result<Figures> {
    // A file that is no model is told of before the work begins.
    let start = Instant::now();
    let file = Arc::new(ModelFile::open_with(&plan.source, &plan.lora)?);
    let open_s = start.elapsed().as_secs_f64();
    note("starting");
    let (gpu, opening) = measure_opening(plan.size)?;
    let gpu = &gpu;
    note("loading");
    let start = Instant::now();
    let model = Model::load_quantised(gpu, &file, plan.precision, plan.quantisation)?;
    gpu::wait_idle(gpu);
    let load_s = open_s + start.elapsed().as_secs_f64();
    let mut peak = Peak::default();
    peak.look(gpu);
    let vocabulary = Vocabulary::for_model(file.card(), plan.vocab.as_deref())?;
    let vocab = file.card().vocab;
    drop(file);
    let text = |tokens| ids(vocabulary.as_ref(), vocab, tokens);

    note("prefill");
    let prefill = measure_prefill(gpu, &model, &text(prefill::TOKENS)?)?;
    let mut select = Vec::new();
    for &tokens in &plan.tokens {
        note(&format!("selecting among {tokens} tokens"));
        select.push(measure_select(gpu, &model, text(tokens)?)?);
        peak.look(gpu);
    }
    let texts = plan
        .tokens
        .iter()
        .map(|&tokens| text(tokens))
        .collect::<Result<Vec<_>, _>>()?;
    let name = model.name().to_owned();
    // The stage loads it again, and there may be no room for two.
    drop(model);

    let mut stage = stage(gpu, plan, texts.first().cloned())?;
    let mut frames = Vec::new();
    let mut click_to_arcs_ms = None;
    for (text, ids) in texts.into_iter().enumerate() {
        let tokens = ids.len();
        note(&format!("drawing {tokens} tokens"));
        // The stage began with the first.
        if text > 0 {
            stage.desk().feed(ids);
            stage.settle()?;
        }
        frames.extend(measure_frames(&mut stage, tokens)?);
        peak.look(gpu);
        if click_to_arcs_ms.is_none() {
            click_to_arcs_ms = Some(measure_click(&mut stage, tokens)?.median_ms());
        }
    }

    note("drawing while a text runs");
    let longest = plan.tokens.iter().copied().max().unwrap_or_default();
    let running = measure_running(&mut stage, text(longest)?)?;
    note("drawing while it is written on");
    let writing = measure_writing(&mut stage, WRITTEN)?;

    let report = gpu.report();
    Ok(Figures {
        adapter: report.adapter,
        backend: report.backend,
        driver: report.driver,
        model: name,
        precision: plan.precision,
        quantisation: plan.quantisation,
        opening,
        load_s,
        prefill,
        select,
        frames,
        running,
        writing,
        click_to_arcs_ms: click_to_arcs_ms.unwrap_or_default(),
        peak,
    })
}

fn stage(gpu: &Gpu, plan: &Plan, ids: Option<Vec<u32>>) -> anyhow::Result<Stage> {
    let session = Session {
        model: plan.source.to_string(),
        precision: plan.precision,
        quantisation: plan.quantisation,
        ..Session::default()
    };
    let start = Start {
        session,
        vocab: plan.vocab.clone(),
        ids,
        still: true,
        live: true,
        ..Start::default()
    };
    let mut stage = Stage::new(gpu, start, plan.size, app::samples(gpu))?;
    stage.settle()?;
    Ok(stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(value: &serde_json::Value) -> Vec<&str> {
        let fields = value.as_object().expect("an object");
        fields.keys().map(String::as_str).collect()
    }

    fn running() -> Running {
        Running {
            tokens: 1,
            tps: 1.0,
            frames: 1,
            median_ms: 1.0,
            worst_ms: 1.0,
            slowest: Vec::new(),
        }
    }

    #[test]
    fn the_keys_are_those_documented() {
        let figures = Figures {
            adapter: String::new(),
            backend: String::new(),
            driver: String::new(),
            model: String::new(),
            precision: Precision::F16,
            quantisation: Quantisation::default(),
            opening: Opening {
                first_frame_s: 1.0,
                lattice_s: 1.0,
            },
            load_s: 0.0,
            prefill: Prefill {
                tokens: 1,
                chunk: 1,
                with_capture_tps: 1.0,
                without_capture_tps: 1.0,
                capture_cost: 0.0,
            },
            select: vec![Select {
                tokens: 1,
                ms: 1.0,
                gpu_scan_ms: None,
                gpu_mark_ms: None,
            }],
            frames: vec![Frames {
                tokens: 1,
                selected: false,
                overlay: false,
                median_ms: 1.0,
                worst_ms: 1.0,
            }],
            running: running(),
            writing: running(),
            click_to_arcs_ms: 1.0,
            peak: Peak::default(),
        };
        let value = serde_json::to_value(figures).expect("plain data");
        let mut all = keys(&value);
        for inner in [
            &value["opening"],
            &value["prefill"],
            &value["select"][0],
            &value["frames"][0],
            &value["running"],
            &value["writing"],
        ] {
            all.extend(keys(inner));
        }
        let help = include_str!("../cli/bench.rs");
        for key in all {
            assert!(help.contains(&format!("\"{key}\"")), "{key}");
        }
        assert_eq!(value["precision"], "f16");
        assert!(value["select"][0]["gpu_scan_ms"].is_null());
    }
}
