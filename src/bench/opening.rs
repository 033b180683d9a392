use std::time::Instant;

use bevy::math::UVec2;
use serde::Serialize;

use super::ids;
use crate::{
    app::{self, Stage, Start},
    gpu::Gpu,
    model::Source,
    session::Session,
};

/// How long the program takes from its start to what is seen, as it starts the first time, but without a window.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Opening {
    /// Seconds until the first frame is drawn; no model is there yet.
    pub first_frame_s: f64,
    /// Seconds until the lattice of the demo text is.
    pub lattice_s: f64,
}

/// Opens the adapter, draws a frame, loads the demo model, runs the demo text and draws it.
///
/// # Errors
/// When there is no adapter, or the picture is larger than it allows.
pub fn measure_opening(size: UVec2) -> anyhow::Result<(Gpu, Opening)> {
    let begin = Instant::now();
    let gpu = Gpu::new()?;
    let session = Session {
        model: Source::DemoV6.name(),
        prompt: ids::TEXT.to_owned(),
        ..Session::default()
    };
    let start = Start {
        session,
        live: true,
        ..Start::default()
    };
    let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu))?;
    stage.frame();
    let first_frame_s = begin.elapsed().as_secs_f64();
    while !(stage.desk().is_settled() && stage.desk().trace().is_some()) {
        if let Some(error) = stage.desk().facts.error.clone() {
            anyhow::bail!(error);
        }
        stage.frame();
    }
    stage.frame();
    let lattice_s = begin.elapsed().as_secs_f64();
    drop(stage);
    Ok((
        gpu,
        Opening {
            first_frame_s,
            lattice_s,
        },
    ))
}
