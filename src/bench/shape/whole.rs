use std::{path::Path, sync::Arc};

use bevy::math::UVec2;
use serde::Serialize;

use super::{Shape, model, random_model};
use crate::{
    app::{self, Stage, Start},
    bench::{
        Frames, Load, Peak, Prefill, Running, WRITTEN, ids, measure_frames, measure_load,
        measure_prefill, measure_running, measure_writing, prefill,
    },
    files::unwatched,
    gpu::Gpu,
    inference::Model,
    model::{ModelFile, Source},
    session::{Intent, PictureOptions, Session},
    trace::Precision,
};

/// A model of random weights, f16 frames. Every time is a median unless it says otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct ModelFigures {
    /// From its file to the GPU.
    pub load: Load,
    /// Running a text.
    pub prefill: Prefill,
    /// Frames while the whole text runs.
    pub running: Running,
    /// Frames while it is written on.
    pub writing: Running,
    /// Frames of the whole text.
    pub frames: Vec<Frames>,
}

/// Writes a model of that shape to a temporary file, which goes afterwards; loads it, runs random tokens, and draws.
///
/// # Errors
/// When there is no room for the file, the model is too large for the adapter, or the picture cannot be written.
pub fn measure_model(
    gpu: &Gpu,
    shape: &Shape,
    size: UVec2,
    picture: Option<&Path>,
    peak: &mut Peak,
    note: &dyn Fn(&str),
) -> anyhow::Result<ModelFigures> {
    note("writing a model of random weights");
    let file = random_model(shape)?;
    note("loading it");
    let load = measure_load(gpu, file.path(), shape.version)?;

    note("running a text");
    let source = Source::File(file.path().to_owned());
    let opened = Arc::new(ModelFile::open(&source)?);
    let loaded = Model::load(gpu, &opened, Precision::F16)?;
    let text = |tokens| ids(None, model::VOCAB, tokens);
    let short = prefill::TOKENS.min(shape.tokens);
    let prefill = measure_prefill(gpu, &loaded, &text(short)?)?;
    // The stage loads it again, and there may be no room for two.
    drop(loaded);

    note("drawing while a text runs");
    let session = Session {
        model: source.to_string(),
        ..Session::default()
    };
    let start = Start {
        session,
        ids: Some(text(short)?),
        live: true,
        ..Start::default()
    };
    let mut stage = Stage::new(gpu, start, size, app::samples(gpu))?;
    stage.settle()?;
    let running = measure_running(&mut stage, text(shape.tokens)?)?;
    note("drawing the whole text");
    let frames = measure_frames(&mut stage, shape.tokens)?;
    peak.look(gpu);
    if let Some(path) = picture {
        stage
            .desk()
            .ask(Intent::SelectToken(Some(shape.tokens - 1)));
        stage.desk().ask(Intent::FrameAll);
        stage.settle()?;
        let options = PictureOptions::of(size);
        unwatched(|watch| stage.write_picture(path, &options, watch))?;
    }
    note("writing on");
    let writing = measure_writing(&mut stage, WRITTEN)?;
    peak.look(gpu);
    Ok(ModelFigures {
        load,
        prefill,
        running,
        writing,
        frames,
    })
}
