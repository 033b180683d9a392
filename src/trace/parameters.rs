use std::ops::Range;

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::Dimensions;
use crate::{
    gpu::{self, Gpu},
    model::{ModelError, ModelFile, Version},
};

/// Fixed numbers of a model that the scores need, read from its file.
#[derive(Debug)]
pub struct Parameters {
    /// GroupNorm's γ and β, and the bonus (RWKV-7: r_k; before: u), f32 `[layers, 3, width]`. RWKV-4 has no
    /// GroupNorm; its γ is 1 and its β 0.
    pub heads: wgpu::Buffer,
    /// Decay of each channel, where no token changes it, f32 `[layers, width]`: in RWKV-5 x of the factor of a step,
    /// exp(−exp(x)), in RWKV-4 that factor's logarithm. Empty in RWKV-6 and 7.
    pub decay: wgpu::Buffer,
    /// W_oᵀ W_o of every head, f32 `[layers, heads, head_size, head_size]`; only while the model is there to run.
    pub gram: wgpu::Buffer,
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct GramParams {
    width: u32,
    heads: u32,
    layer: u32,
    pad: u32,
}

impl Parameters {
    /// Reads and uploads them. The output matrices are needed only while this runs.
    ///
    /// # Errors
    /// When a tensor cannot be read.
    pub fn load(gpu: &Gpu, file: &ModelFile, dimensions: &Dimensions) -> Result<Self, ModelError> {
        let Dimensions {
            layers,
            heads,
            head_size,
            width,
            ..
        } = *dimensions;
        let version = dimensions.version;
        let mut numbers: Vec<f32> = Vec::with_capacity(layers * 3 * width);
        let mut decay = Vec::new();
        for layer in 0..layers {
            let read = |name| file.f32(&format!("blocks.{layer}.att.{name}"));
            if version == Version::V4 {
                numbers.extend(no_group_norm(width));
            } else {
                numbers.extend(read("ln_x.weight")?);
                numbers.extend(read("ln_x.bias")?);
            }
            numbers.extend(read(match version {
                Version::V7 => "r_k",
                _ => "time_first",
            })?);
            if version.has_static_decay() {
                let steps = read("time_decay")?.into_iter();
                decay.extend(steps.map(|step| fixed_decay(version, step)));
            }
        }
        let device = gpu.device();
        let gram = gpu::storage(
            device,
            "gram",
            (layers * heads * head_size * head_size * 4) as u64,
        );
        let source = format!(
            "const HEAD_SIZE: u32 = {head_size}u;\n{}",
            include_str!("../../shaders/gram.wgsl")
        );
        let kernel = gpu.kernel("gram_matrix", &source);
        for layer in 0..layers {
            let weight = file.f16(&format!("blocks.{layer}.att.output.weight"))?;
            let weight = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("output matrix"),
                contents: bytemuck::cast_slice(&weight),
                usage: wgpu::BufferUsages::STORAGE,
            });
            let params = GramParams {
                width: width as u32,
                heads: heads as u32,
                layer: layer as u32,
                pad: 0,
            };
            let params = gpu::uniform(device, "gram", &params);
            let bindings = kernel.bind(device, &[(0, &params), (1, &weight), (2, &gram)]);
            let mut encoder =
                device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            kernel.dispatch(&mut pass, &bindings, [head_size as u32, heads as u32, 1]);
            drop(pass);
            gpu.queue().submit([encoder.finish()]);
        }
        Ok(Self::new(gpu, &numbers, &decay, gram))
    }

    /// Those of some layers, copied from all of a model's; `dimensions` are the model's.
    #[must_use]
    pub fn of_layers(&self, gpu: &Gpu, dimensions: &Dimensions, layers: &Range<usize>) -> Self {
        let device = gpu.device();
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut part = |label, whole: &wgpu::Buffer, layer: usize| {
            let layer = layer as u64 * 4;
            let own = gpu::storage(device, label, layers.len() as u64 * layer);
            // There is no decay where it comes with each token.
            if layer > 0 {
                let from = layers.start as u64 * layer;
                encoder.copy_buffer_to_buffer(whole, from, &own, 0, layers.len() as u64 * layer);
            }
            own
        };
        let Dimensions {
            head_size, width, ..
        } = *dimensions;
        let decay = if dimensions.version.has_static_decay() {
            width
        } else {
            0
        };
        let own = Self {
            heads: part("head parameters", &self.heads, 3 * width),
            decay: part("decay", &self.decay, decay),
            gram: part("gram", &self.gram, width * head_size),
        };
        gpu.queue().submit([encoder.finish()]);
        own
    }

    /// Of a model that is not there: `numbers` as in [`Parameters::heads`], `decay` as in [`Parameters::decay`].
    pub(crate) fn without_model(gpu: &Gpu, numbers: &[f32], decay: &[f32]) -> Self {
        Self::new(
            gpu,
            numbers,
            decay,
            gpu::storage(gpu.device(), "no gram", 0),
        )
    }

    fn new(gpu: &Gpu, numbers: &[f32], decay: &[f32], gram: wgpu::Buffer) -> Self {
        let buffer = |label, numbers: &[f32]| {
            gpu.device()
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: Some(label),
                    contents: bytemuck::cast_slice(numbers),
                    usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
                })
        };
        Self {
            heads: buffer("head parameters", numbers),
            decay: buffer("decay", decay),
            gram,
        }
    }
}

/// γ and β where there is no GroupNorm.
pub(super) fn no_group_norm(width: usize) -> impl Iterator<Item = f32> {
    std::iter::repeat_n(1.0, width).chain(std::iter::repeat_n(0.0, width))
}

/// As in [`Parameters::decay`], from the file's `time_decay`.
fn fixed_decay(version: Version, decay: f32) -> f32 {
    match version {
        Version::V4 => -f64::from(decay).exp() as f32,
        _ => decay,
    }
}
