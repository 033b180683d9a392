//! The engine of a model file.

use std::{io, sync::Arc};

use half::f16;
use safetensors::SafeTensorError;
use web_rwkv::{
    num::Float,
    runtime::{self, loader::LoaderError, model::ModelInfo},
    tensor::{TensorGpu, kind::ReadWrite, matrix::Matrix},
};

use super::{
    InferenceError,
    capture::Shared,
    engine::{Driver, Engine, Head},
    predict::Heads,
    v4, v5, v6, v7,
    watched::Watched,
};
use crate::{
    files::Watch,
    gpu::{self, Gpu, GpuError},
    model::{Card, ModelFile, Packing, Quantisation, Version},
    trace::{Dimensions, Precision},
};

/// web-rwkv binds whole matrices.
pub(super) fn require_bindings(gpu: &Gpu, card: &Card) -> Result<(), InferenceError> {
    let limits = gpu.device().limits();
    let allowed = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    let needed = 2 * card.width as u64 * card.vocab.next_multiple_of(8).max(card.hidden) as u64;
    if needed > allowed {
        Err(GpuError::TooLarge {
            what: "the model's largest matrix".into(),
            needed: needed.div_ceil(1 << 20),
            allowed: allowed >> 20,
            adapter: gpu.report().adapter,
        })?;
    }
    Ok(())
}

/// What the logits are made with.
fn head(
    gamma: &TensorGpu<f16, ReadWrite>,
    beta: &TensorGpu<f16, ReadWrite>,
    matrix: &Matrix,
    info: &ModelInfo,
) -> Head {
    Head {
        norm: [gamma.clone(), beta.clone()],
        matrix: matrix.clone(),
        logits: info.num_vocab_padded(),
    }
}

/// Builds it, reading the file; also, how many bytes its layers' matrices take.
pub(super) fn engine<F: Float>(
    gpu: &Gpu,
    file: &Arc<ModelFile>,
    dimensions: &Dimensions,
    precision: Precision,
    quantisation: Quantisation,
    state: Option<Vec<f32>>,
    watch: &mut Watch<'_>,
) -> Result<(Box<dyn Engine>, u64), InferenceError> {
    let shared = Arc::new(Shared::<F>::default());
    let heads = Heads::new(gpu, dimensions, precision);
    let quant = (0..dimensions.layers).map(|layer| (layer, quant(quantisation.of(layer))));
    let builder = runtime::model::ModelBuilder::new(&gpu.context, Watched::new(file, watch));
    let builder = builder.quant(quant.collect());
    let model = || file.name().to_owned();
    let failed = |source| match source {
        LoaderError::SafeTensor(SafeTensorError::IoError(error))
            if error.kind() == io::ErrorKind::Interrupted =>
        {
            InferenceError::NotLoaded { model: model() }
        }
        source => InferenceError::Load {
            model: model(),
            source,
        },
    };
    Ok(match dimensions.version {
        Version::V4 => {
            let model = gpu::pollster(builder.build_v4()).map_err(failed)?;
            let bytes = v4::matrix_bytes(&model);
            let own = &model.tensor.head;
            let head = head(&own.layer_norm.w, &own.layer_norm.b, &own.w, &model.info);
            let hooks = v4::hooks(dimensions.layers, &shared);
            let bundle = runtime::v4::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver =
                Driver::<_, runtime::v4::RnnJob, F>::new(gpu, bundle, shared, heads, head, state);
            (Box::new(driver), bytes)
        }
        Version::V5 => {
            let model = gpu::pollster(builder.build_v5()).map_err(failed)?;
            let bytes = v5::matrix_bytes(&model);
            let own = &model.tensor.head;
            let head = head(&own.layer_norm.w, &own.layer_norm.b, &own.w, &model.info);
            let hooks = v5::hooks(dimensions.layers, &shared);
            let bundle = runtime::v5::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver =
                Driver::<_, runtime::v5::RnnJob, F>::new(gpu, bundle, shared, heads, head, state);
            (Box::new(driver), bytes)
        }
        Version::V7 => {
            let model = gpu::pollster(builder.build_v7()).map_err(failed)?;
            let bytes = v7::matrix_bytes(&model);
            let own = &model.tensor.head;
            let head = head(&own.ln.w, &own.ln.b, &own.w, &model.info);
            let hooks = v7::hooks(dimensions.layers, &shared);
            let bundle = runtime::v7::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver =
                Driver::<_, runtime::v7::RnnJob, F>::new(gpu, bundle, shared, heads, head, state);
            (Box::new(driver), bytes)
        }
        Version::V6 => {
            let model = gpu::pollster(builder.build_v6()).map_err(failed)?;
            let bytes = v6::matrix_bytes(&model);
            let own = &model.tensor.head;
            let head = head(&own.layer_norm.w, &own.layer_norm.b, &own.w, &model.info);
            let hooks = v6::hooks(dimensions.layers, &shared);
            let bundle = runtime::v6::Bundle::<F>::new_with_hooks(model, 1, hooks);
            let driver =
                Driver::<_, runtime::v6::RnnJob, F>::new(gpu, bundle, shared, heads, head, state);
            (Box::new(driver), bytes)
        }
    })
}

fn quant(packing: Packing) -> runtime::model::Quant {
    match packing {
        Packing::F16 => runtime::model::Quant::None,
        Packing::Int8 => runtime::model::Quant::Int8,
        Packing::Nf4 => runtime::model::Quant::NF4,
    }
}

/// Bytes of a matrix's buffers.
pub(super) fn bytes_of(matrix: &Matrix) -> u64 {
    match matrix {
        Matrix::Fp16(weights) => weights.data().buffer.size(),
        Matrix::Int8 { w, m } => w.data().buffer.size() + m.data().buffer.size(),
        Matrix::Fp4 { q, w, m } => {
            q.data().buffer.size() + w.data().buffer.size() + m.data().buffer.size()
        }
    }
}
