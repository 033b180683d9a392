use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::{Measure, Scores};
use crate::{
    gpu::{self, Gpu},
    trace::{Alignment, Trace},
};

/// In step with `Params` in `difference.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    rows: u32,
    tokens: u32,
    stride: u32,
    other_stride: u32,
    is_signed: u32,
}

/// Of each token of a run the one that stands for it in another run, on the GPU.
pub struct Partners {
    buffer: wgpu::Buffer,
    tokens: usize,
}

/// Numbers of a run, one of each head of all layers at each token: f32 `[layers, heads, stride]`.
pub(super) struct Numbers<'a> {
    pub buffer: &'a wgpu::Buffer,
    pub stride: usize,
}

/// The selection of another run, beside which one is shown.
#[derive(Clone, Copy)]
pub enum Beside<'a> {
    /// Full colour is shared: it is that of the run in which it stands for more.
    Shared(&'a Scores),
    /// What is shown is how far the numbers there are from these: there − here, 0 where nothing stands for a token.
    Difference(&'a Scores, &'a Partners),
}

impl Partners {
    /// As an alignment has them.
    #[must_use]
    pub fn new(gpu: &Gpu, alignment: &Alignment) -> Self {
        Self::of(gpu, &alignment.words())
    }

    /// Those of two runs of one text.
    #[must_use]
    pub fn same(gpu: &Gpu, tokens: usize) -> Self {
        Self::of(gpu, &(0..tokens as u32).collect::<Vec<_>>())
    }

    fn of(gpu: &Gpu, words: &[u32]) -> Self {
        let contents = bytemuck::cast_slice(if words.is_empty() { &[u32::MAX] } else { words });
        let buffer = gpu
            .device()
            .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("partners"),
                contents,
                usage: wgpu::BufferUsages::STORAGE,
            });
        Self {
            buffer,
            tokens: words.len(),
        }
    }
}

/// How much each head's contribution norm differs between two runs, f32 `[layers, heads, tokens]`, with as many places for
/// tokens as `one` has room for; 0 where nothing stands for a token in the other.
#[must_use]
pub fn difference(gpu: &Gpu, partners: &Partners, one: &Trace, other: &Trace) -> wgpu::Buffer {
    let numbers = |trace| Numbers::of(trace);
    let apart = gpu::storage(gpu.device(), "difference", one.contribution.size());
    let mut encoder = gpu
        .device()
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    let rows = one.dimensions.layers * one.dimensions.heads;
    let both = [numbers(one), numbers(other)];
    record(gpu, &mut pass, partners, rows, &both, false, &apart);
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
    apart
}

impl<'a> Numbers<'a> {
    fn of(trace: &'a Trace) -> Self {
        Self {
            buffer: &trace.contribution,
            stride: trace.room(),
        }
    }
}

/// Records what of `rows` rows of numbers is different, into a buffer as large as that of the first.
pub(super) fn record(
    gpu: &Gpu,
    pass: &mut wgpu::ComputePass<'_>,
    partners: &Partners,
    rows: usize,
    [one, other]: &[Numbers<'_>; 2],
    is_signed: bool,
    apart: &wgpu::Buffer,
) {
    /// Workgroups in a row of them; the next rows go on.
    const ROW: usize = 1 << 15;
    let device = gpu.device();
    let kernel = gpu.kernel("difference", include_str!("../../shaders/difference.wgsl"));
    let params = Params {
        rows: rows as u32,
        tokens: partners.tokens.max(1) as u32,
        stride: one.stride as u32,
        other_stride: other.stride as u32,
        is_signed: u32::from(is_signed),
    };
    let params = gpu::uniform(device, "difference", &params);
    let buffers = [
        (0, one.buffer),
        (1, other.buffer),
        (2, apart),
        (3, &params),
        (4, &partners.buffer),
    ];
    let bindings = kernel.bind(device, &buffers);
    let groups = (rows * partners.tokens).div_ceil(256);
    let lines = groups.div_ceil(ROW);
    kernel.dispatch(pass, &bindings, [groups.min(ROW) as u32, lines as u32, 1]);
}

impl Scores {
    /// How far another run's numbers are from these, where that is what is shown.
    pub(super) fn record_difference(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        measure: Measure,
        beside: Option<Beside<'_>>,
    ) {
        self.shows_difference = matches!(beside, Some(Beside::Difference(..)));
        let Some(Beside::Difference(other, partners)) = beside else {
            return;
        };
        let size = self.values(measure).size();
        let made = |buffer: &wgpu::Buffer| buffer.size() == size;
        let kept = self.difference.take().filter(made);
        let [own, theirs] = [&*self, other].map(|scores| Numbers {
            buffer: scores.values(measure),
            stride: scores.tokens,
        });
        let apart = match kept {
            Some(buffer) => buffer,
            None => gpu::storage(self.gpu.device(), "difference of scores", size),
        };
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let rows = self.heads();
        record(
            &self.gpu,
            &mut pass,
            partners,
            rows,
            &[own, theirs],
            true,
            &apart,
        );
        drop(pass);
        self.difference = Some(apart);
    }
}
