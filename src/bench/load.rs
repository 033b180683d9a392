use std::{fs::File, path::Path, sync::Arc, time::Instant};

use anyhow::{Context as _, bail};
use half::f16;
use safetensors::SafeTensors;
use serde::Serialize;
use web_rwkv::runtime::{self, model::ModelBuilder};

use super::Times;
use crate::{
    gpu::{self, Gpu},
    inference::Model,
    model::{ModelFile, Source, Version, map},
    trace::Precision,
};

const LOADS: usize = 2;

/// How long a model takes from its file to the GPU, f16 frames.
#[derive(Debug, Clone, Serialize)]
pub struct Load {
    /// Of the file.
    pub bytes: u64,
    /// Seconds until it is ready to run: the median.
    pub load_s: f64,
    /// The same by web-rwkv alone.
    pub web_rwkv_s: f64,
}

/// Loads a file with web-rwkv's names and layouts by itself and by web-rwkv alone, in turn.
///
/// # Errors
/// When it cannot be read, or is of another version than 6 and 7.
pub fn measure_load(gpu: &Gpu, path: &Path, version: Version) -> anyhow::Result<Load> {
    let (mut own, mut alone) = (Times::default(), Times::default());
    // The first brings the file into memory, and compiles.
    for turn in 0..=LOADS {
        let start = Instant::now();
        by_web_rwkv(gpu, path, version)?;
        let alone_ms = start.elapsed().as_secs_f64() * 1e3;
        gpu::wait_idle(gpu);
        let start = Instant::now();
        let file = Arc::new(ModelFile::open(&Source::File(path.to_owned()))?);
        let model = Model::load(gpu, &file, Precision::F16)?;
        gpu::wait_idle(gpu);
        let own_ms = start.elapsed().as_secs_f64() * 1e3;
        drop(model);
        gpu::wait_idle(gpu);
        if turn > 0 {
            alone.push_ms(alone_ms);
            own.push_ms(own_ms);
        }
    }
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Load {
        bytes: file.metadata()?.len(),
        load_s: own.median_s(),
        web_rwkv_s: alone.median_s(),
    })
}

/// As web-rwkv's own examples load a model.
fn by_web_rwkv(gpu: &Gpu, path: &Path, version: Version) -> anyhow::Result<()> {
    let map = map(&File::open(path)?, None)?;
    let tensors = SafeTensors::deserialize(&map)?;
    let builder = ModelBuilder::new(&gpu.context, tensors);
    match version {
        Version::V6 => {
            let model = gpu::pollster(builder.build_v6())?;
            let bundle = runtime::v6::Bundle::<f16>::new(model, 1);
            gpu::wait_idle(gpu);
            drop(bundle);
        }
        Version::V7 => {
            let model = gpu::pollster(builder.build_v7())?;
            let bundle = runtime::v7::Bundle::<f16>::new(model, 1);
            gpu::wait_idle(gpu);
            drop(bundle);
        }
        _ => bail!("only RWKV-6 and 7 are loaded for their time"),
    }
    Ok(())
}
