use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::{Filter, HeadStatistics, Pool, Request, Scale, Shown, Statistic};
use crate::{
    gpu::{self, Gpu, Kernel, Pending},
    trace::Trace,
};

/// The kernels of `marks.wgsl`: from numbers to full colours, arcs, one value a token, and what heads do.
pub struct Marker {
    gpu: Gpu,
    head_scale: Kernel,
    settle_scale: Kernel,
    share_scale: Kernel,
    limit: Kernel,
    allot: Kernel,
    list: Kernel,
    summarise: Kernel,
    characterise: Kernel,
}

/// In step with `Params` in `marks.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    tokens: u32,
    heads: u32,
    layer_heads: u32,
    selected: u32,
    filter_kind: u32,
    top_k: u32,
    amount: f32,
    scale_kind: u32,
    fixed_scale: f32,
    exposure: f32,
    pool: u32,
    vertices: u32,
    stride: u32,
}

/// The buffers that marking reads and writes, as `marks.wgsl` describes them.
pub(super) struct Marked<'a> {
    pub values: &'a wgpu::Buffer,
    pub scales: &'a wgpu::Buffer,
    pub arcs: &'a wgpu::Buffer,
    pub indirect: &'a wgpu::Buffer,
    pub summary: &'a wgpu::Buffer,
    pub plan: &'a wgpu::Buffer,
    pub statistics: &'a wgpu::Buffer,
    /// Full colours of another run, to be shared with it.
    pub other_scales: Option<&'a wgpu::Buffer>,
}

/// What heads add with nothing selected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contributions {
    /// The largest contribution norm of all heads.
    pub largest: f32,
    /// What each head does, `[layers × heads]`: of its contribution norms, every token counting as read.
    pub statistics: Vec<HeadStatistics>,
}

impl Marker {
    /// Compiles the kernels.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Self {
        let text = include_str!("../../shaders/marks.wgsl");
        let kernel = |entry| gpu.kernel(entry, text);
        Self {
            gpu: gpu.clone(),
            head_scale: kernel("head_scale"),
            settle_scale: kernel("settle_scale"),
            share_scale: kernel("share_scale"),
            limit: kernel("limit"),
            allot: kernel("allot"),
            list: kernel("list"),
            summarise: kernel("summarise"),
            characterise: kernel("characterise"),
        }
    }

    /// Marks the values of layers × heads a layer over `tokens` tokens.
    pub(super) fn record(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        request: &Request,
        (layers, heads, tokens): (u32, u32, u32),
        buffers: &Marked<'_>,
    ) {
        let device = self.gpu.device();
        let (filter_kind, top_k, amount) = match request.filter {
            Filter::TopK(count) => (0, count, 0.0),
            Filter::Threshold(least) => (1, 0, least),
            Filter::Mass(part) => (2, 0, part),
        };
        let (scale_kind, fixed_scale) = match request.scale {
            Scale::PerHead => (0, 0.0),
            Scale::PerLayer => (1, 0.0),
            Scale::Global => (2, 0.0),
            Scale::Fixed(full) => (3, full),
        };
        let params = Params {
            tokens,
            heads: layers * heads,
            layer_heads: heads,
            selected: request.token as u32,
            filter_kind,
            top_k,
            amount,
            scale_kind,
            fixed_scale,
            exposure: request.exposure,
            pool: match request.pool {
                Pool::Mean => 0,
                Pool::Max => 1,
                Pool::Sum => 2,
            },
            vertices: request.arc_vertices,
            stride: tokens,
        };
        let params = gpu::uniform(device, "marks", &params);
        let flags = Flags::new(device, &request.shown);
        let bound = |kernel: &Kernel, bindings: &[u32]| {
            let buffers: Vec<_> = bindings
                .iter()
                .map(|&binding| match binding {
                    0 => (0, &params),
                    1 => (1, buffers.values),
                    2 => (2, buffers.scales),
                    3 => (3, buffers.arcs),
                    4 => (4, buffers.indirect),
                    5 => (5, buffers.summary),
                    6 => (6, buffers.plan),
                    7 => (7, &flags.tokens),
                    8 => (8, &flags.heads),
                    9 => (9, buffers.statistics),
                    _ => (10, buffers.other_scales.unwrap_or(buffers.scales)),
                })
                .collect();
            kernel.bind(device, &buffers)
        };
        let mut run = |kernel: &Kernel, bindings: &[u32], groups: u32| {
            kernel.dispatch(pass, &bound(kernel, bindings), [groups, 1, 1]);
        };
        let all = layers * heads;
        run(&self.head_scale, &[0, 1, 2, 7], all);
        run(&self.settle_scale, &[0, 2], 1);
        if buffers.other_scales.is_some() {
            run(&self.share_scale, &[0, 2, 10], 1);
        }
        run(&self.limit, &[0, 1, 6, 7, 8], all);
        run(&self.allot, &[0, 4, 6], 1);
        run(&self.list, &[0, 1, 3, 6, 7], all);
        run(&self.summarise, &[0, 1, 2, 5, 8], tokens.div_ceil(16));
        run(&self.characterise, &[0, 1, 7, 9], all);
    }

    /// Starts reading what is said of `values`, one of each head of a trace at each token: its contribution norms, or how far
    /// these are from another run's. Of the tokens on show; [`Contributions::read`] makes sense of it.
    #[must_use]
    pub fn contributions(&self, trace: &Trace, values: &wgpu::Buffer, shown: &Shown) -> Pending {
        let device = self.gpu.device();
        let heads = (trace.dimensions.layers * trace.dimensions.heads) as u32;
        let params = Params {
            tokens: shown.tokens.len().min(trace.tokens.len()) as u32,
            stride: trace.room() as u32,
            heads,
            layer_heads: trace.dimensions.heads as u32,
            selected: u32::MAX,
            exposure: 1.0,
            ..Params::zeroed()
        };
        let params = gpu::uniform(device, "contributions", &params);
        let flags = Flags::new(device, shown);
        let scales = gpu::storage(device, "largest", u64::from(heads + 1) * 4);
        let bytes = u64::from(heads) * size_of::<HeadStatistics>() as u64;
        let statistics = gpu::storage(device, "statistics", bytes);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let values = (1, values);
        let tokens = (7, &flags.tokens);
        let mut run = |kernel: &Kernel, buffers: &[(u32, &wgpu::Buffer)], groups| {
            kernel.dispatch(&mut pass, &kernel.bind(device, buffers), [groups, 1, 1]);
        };
        run(
            &self.head_scale,
            &[(0, &params), values, (2, &scales), tokens],
            heads,
        );
        run(&self.settle_scale, &[(0, &params), (2, &scales)], 1);
        run(
            &self.characterise,
            &[(0, &params), values, tokens, (9, &statistics)],
            heads,
        );
        drop(pass);
        let parts = [(&scales, u64::from(heads) * 4, 4), (&statistics, 0, bytes)];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }
}

impl Contributions {
    /// Takes apart what [`Marker::contributions`] reads back.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(bytes);
        let (largest, statistics) = numbers.split_at(numbers.len().min(1));
        Self {
            largest: largest.first().copied().unwrap_or_default(),
            statistics: statistics_of(statistics),
        }
    }
}

/// One array a head.
pub(super) fn statistics_of(numbers: &[f32]) -> Vec<HeadStatistics> {
    let (heads, _) = numbers.as_chunks::<{ Statistic::COUNT }>();
    heads.to_vec()
}

/// A [`Shown`] on the GPU.
struct Flags {
    tokens: wgpu::Buffer,
    heads: wgpu::Buffer,
}

impl Flags {
    fn new(device: &wgpu::Device, shown: &Shown) -> Self {
        let upload = |label, flags: &[u32]| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(label),
                contents: bytemuck::cast_slice(flags),
                usage: wgpu::BufferUsages::STORAGE,
            })
        };
        Self {
            tokens: upload("token flags", &shown.tokens),
            heads: upload("head flags", &shown.heads),
        }
    }
}
