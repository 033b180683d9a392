//! Arcs that are cut. y has no hook, so a kernel runs a head's recurrence over the chunk beside the model, leaves out
//! what cut arcs add, and writes what comes out of GroupNorm then in place of what the model wrote there.

use std::{ops::Range, sync::Arc};

use bytemuck::{Pod, Zeroable};
use web_rwkv::{
    context::{CachedPipeline, Context},
    num::Float,
    tensor::{TensorError, TensorGpu, TensorShape, kind::ReadWrite, ops::TensorOp},
};
use wgpu::util::DeviceExt;

use crate::{
    change::Cut,
    gpu::{self, Gpu, Kernel},
    model::Version,
    trace::{Dimensions, Parameters},
};

/// In place of the place of a token that comes before the text that is kept.
const LONG_BEFORE: i32 = i32::MIN / 2;

/// What the kernel reads of each token, in order.
fn lines(version: Version) -> &'static [&'static str] {
    match version {
        Version::V4 => &["R", "K", "V", "X"],
        Version::V5 => &["R", "K", "V"],
        Version::V6 => &["R", "K", "V", "W"],
        Version::V7 => &["R", "W", "K", "V", "A", "KAPPA"],
    }
}

/// A head with arcs that are cut, from the start of a run on.
pub(super) struct CutHead {
    pub layer: usize,
    head: usize,
    head_size: usize,
    lines: usize,
    cuts: Vec<Cut>,
    kernel: Kernel,
    parameters: wgpu::Buffer,
    list: wgpu::Buffer,
    state: wgpu::Buffer,
    written: wgpu::Buffer,
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    first: i32,
    tokens: u32,
    cuts: u32,
    pad: u32,
}

impl CutHead {
    /// One a head that a cut names. `start` is what all heads start from, `[layers, heads, head size, head size]`, if
    /// they do not start empty.
    pub fn all(
        gpu: &Gpu,
        dimensions: &Dimensions,
        parameters: &Parameters,
        cuts: &[Cut],
        start: Option<&[f32]>,
    ) -> Vec<Self> {
        let mut places: Vec<_> = cuts.iter().map(|cut| (cut.layer, cut.head)).collect();
        places.sort_unstable();
        places.dedup();
        let made = places.into_iter().map(|(layer, head)| {
            let mut own: Vec<Cut> = Vec::new();
            for cut in cuts
                .iter()
                .filter(|cut| (cut.layer, cut.head) == (layer, head))
            {
                // What is cut is cut once.
                if !own.contains(cut) {
                    own.push(*cut);
                }
            }
            Self::new(gpu, dimensions, parameters, (layer, head), own, start)
        });
        made.collect()
    }

    fn new(
        gpu: &Gpu,
        dimensions: &Dimensions,
        parameters: &Parameters,
        (layer, head): (usize, usize),
        cuts: Vec<Cut>,
        start: Option<&[f32]>,
    ) -> Self {
        let device = gpu.device();
        let Dimensions {
            heads, head_size, ..
        } = *dimensions;
        let list: Vec<[i32; 2]> = cuts
            .iter()
            .map(|cut| [cut.reader as i32, cut.writer as i32])
            .collect();
        let list = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("cuts"),
            contents: bytemuck::cast_slice(&list),
            usage: wgpu::BufferUsages::STORAGE,
        });
        let state = gpu::storage(device, "cut state", (head_size * head_size * 4) as u64);
        if let Some(start) = start {
            let size = head_size * head_size;
            let own = &start[(layer * heads + head) * size..][..size];
            gpu.queue()
                .write_buffer(&state, 0, bytemuck::cast_slice(own));
        }
        let written = gpu::storage(
            device,
            "cut writes",
            (2 * cuts.len() * head_size * 4) as u64,
        );
        Self {
            layer,
            head,
            head_size,
            lines: lines(dimensions.version).len(),
            kernel: gpu.kernel("cut", &cut_source(dimensions)),
            parameters: parameters_of(gpu, dimensions, parameters, layer, head),
            list,
            state,
            written,
            cuts,
        }
    }
}

/// Takes a head's channels of what the model has computed of a chunk.
pub(super) struct Taking<'a> {
    channels: Range<usize>,
    /// f32 `[lines, chunk, head size]`.
    vectors: &'a TensorGpu<f32, ReadWrite>,
}

impl Taking<'_> {
    /// From `source`, `[lines, chunk, width]`, to the lines from `first` on.
    pub fn take<T: Float>(
        &self,
        first: usize,
        source: &TensorGpu<T, ReadWrite>,
    ) -> Result<TensorOp, TensorError> {
        let end = first + source.shape()[2];
        let from = source.view(self.channels.clone(), .., .., ..)?;
        TensorOp::blit(from, self.vectors.view(.., .., first..end, ..)?)
    }
}

impl CutHead {
    /// Cuts its arcs in a chunk, whose first token stands there in the text that is kept. `take` takes what is computed of
    /// it, in the order of [`lines`]; `x`, `[chunk, width]`, is what the layer's heads wrote. `hold` keeps what the
    /// commands need until they are submitted.
    pub fn cut<F: Float>(
        &self,
        context: &Context,
        first: Option<usize>,
        x: &TensorGpu<F, ReadWrite>,
        take: impl FnOnce(&Taking<'_>) -> Result<Vec<TensorOp>, TensorError>,
        mut hold: impl FnMut(&TensorGpu<f32, ReadWrite>),
    ) -> Result<TensorOp, TensorError> {
        let chunk = x.shape()[1];
        let channels = self.head * self.head_size..(self.head + 1) * self.head_size;
        let vectors: TensorGpu<f32, ReadWrite> =
            context.tensor_init([self.head_size, chunk, self.lines, 1]);
        let outputs: TensorGpu<f32, ReadWrite> = context.tensor_init([self.head_size, chunk, 1, 1]);
        hold(&vectors);
        hold(&outputs);

        let mut ops = take(&Taking {
            channels: channels.clone(),
            vectors: &vectors,
        })?;
        let params = Params {
            first: first.map_or(LONG_BEFORE, |first| first as i32),
            tokens: chunk as u32,
            cuts: self.cuts.len() as u32,
            pad: 0,
        };
        let params = gpu::uniform(&context.device, "cut", &params);
        let bindings = self.kernel.bind(
            &context.device,
            &[
                (0, &params),
                (1, &vectors.data().buffer),
                (2, &self.parameters),
                (3, &self.list),
                (4, &self.state),
                (5, &self.written),
                (6, &outputs.data().buffer),
            ],
        );
        let pipeline = self.kernel.pipeline();
        ops.push(TensorOp::Atom {
            pipeline: Arc::new(CachedPipeline {
                pipeline: pipeline.clone(),
                layout: pipeline.get_bind_group_layout(0),
            }),
            bindings: vec![Arc::new(bindings)],
            dispatch: [1, 1, 1],
        });
        // The others stay as the model wrote them.
        let places = self
            .cuts
            .iter()
            .filter_map(|cut| cut.reader.checked_sub(first?));
        for at in places.filter(|at| *at < chunk) {
            let own = outputs.view(.., at..at + 1, .., ..)?;
            let there = x.view(channels.clone(), at..at + 1, .., ..)?;
            ops.push(TensorOp::blit(own, there)?);
        }
        Ok(TensorOp::List(ops))
    }
}

/// GroupNorm's γ and β, the bonus and the fixed decay of a head, `[4, head size]`.
fn parameters_of(
    gpu: &Gpu,
    dimensions: &Dimensions,
    parameters: &Parameters,
    layer: usize,
    head: usize,
) -> wgpu::Buffer {
    let Dimensions {
        width, head_size, ..
    } = *dimensions;
    let bytes = |numbers: usize| numbers as u64 * 4;
    let own = gpu::storage(gpu.device(), "cut parameters", bytes(4 * head_size));
    let mut encoder = gpu
        .device()
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut copy = |from: &wgpu::Buffer, row: usize, line: usize| {
        let start = bytes(row * width + head * head_size);
        encoder.copy_buffer_to_buffer(from, start, &own, bytes(line * head_size), bytes(head_size));
    };
    for line in 0..3 {
        copy(&parameters.heads, layer * 3 + line, line);
    }
    if dimensions.version.has_static_decay() {
        copy(&parameters.decay, layer, 3);
    }
    gpu.queue().submit([encoder.finish()]);
    own
}

/// The whole WGSL text of the kernel that cuts.
#[must_use]
pub fn cut_source(dimensions: &Dimensions) -> String {
    let version = dimensions.version;
    let body = match version {
        Version::V4 => include_str!("../../shaders/cut_v4.wgsl"),
        _ => include_str!("../../shaders/cut.wgsl"),
    };
    let mut text = format!(
        "const HEAD_SIZE: u32 = {}u;\nconst VERSION: u32 = {}u;\nconst HAS_STATIC_DECAY: bool = {};\n",
        dimensions.head_size,
        match version {
            Version::V7 => 7,
            _ => 6,
        },
        version.has_static_decay(),
    );
    for name in ["R", "W", "K", "V", "A", "KAPPA", "X"] {
        // The others are never asked for.
        let own = lines(version).iter().position(|line| *line == name);
        let line = own.unwrap_or(0);
        text.push_str(&format!("const LINE_{name}: u32 = {line}u;\n"));
    }
    text + include_str!("../../shaders/cut_inputs.wgsl") + body
}
