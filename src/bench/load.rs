use std::{fs::File, path::Path, sync::Arc, time::Instant};

use anyhow::{Context as _, bail};
use half::f16;
use safetensors::SafeTensors;
use serde::Serialize;
use web_rwkv::runtime::{self, model::ModelBuilder};

use crate::{
    gpu::{self, Gpu},
    inference::Model,
    model::{ModelFile, Source, Version, map},
    trace::Precision,
};

/// How long a model takes from its file to the GPU, f16 frames; measured once.
#[derive(Debug, Clone, Serialize)]
pub struct Load {
    /// Of the file.
    pub bytes: u64,
    /// Seconds until it is ready to run.
    pub load_s: f64,
    /// The same by web-rwkv alone.
    pub web_rwkv_s: f64,
}

/// Loads a file with web-rwkv's names and layouts by web-rwkv alone and by itself. It should have been read or
/// written not long before, so that it is in memory.
///
/// # Errors
/// When it cannot be read, or is of another version than 6 and 7.
pub fn measure_load(gpu: &Gpu, path: &Path, version: Version) -> anyhow::Result<Load> {
    let start = Instant::now();
    by_web_rwkv(gpu, path, version)?;
    let web_rwkv_s = start.elapsed().as_secs_f64();
    gpu::wait_idle(gpu);
    let start = Instant::now();
    let file = Arc::new(ModelFile::open(&Source::File(path.to_owned()))?);
    let model = Model::load(gpu, &file, Precision::F16)?;
    gpu::wait_idle(gpu);
    let load_s = start.elapsed().as_secs_f64();
    drop(model);
    gpu::wait_idle(gpu);
    Ok(Load {
        bytes: path
            .metadata()
            .with_context(|| format!("{} cannot be read", path.display()))?
            .len(),
        load_s,
        web_rwkv_s,
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
