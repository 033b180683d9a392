use bytemuck::{Pod, Zeroable};

use super::{Filter, Request, Scale};
use crate::{
    gpu::{self, Gpu, Kernel, Pending},
    trace::Trace,
};

/// The kernels of `marks.wgsl`: from numbers to full colours, arcs and one value a token.
pub struct Marker {
    gpu: Gpu,
    head_scale: Kernel,
    global_scale: Kernel,
    limit: Kernel,
    allot: Kernel,
    list: Kernel,
    summarise: Kernel,
}

/// In step with `Params` in `marks.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    tokens: u32,
    heads: u32,
    selected: u32,
    top_k: u32,
    threshold: f32,
    global_scale: u32,
    solo: u32,
    vertices: u32,
}

/// The buffers that marking reads and writes, as `marks.wgsl` describes them.
pub(super) struct Marked<'a> {
    pub values: &'a wgpu::Buffer,
    pub scales: &'a wgpu::Buffer,
    pub arcs: &'a wgpu::Buffer,
    pub indirect: &'a wgpu::Buffer,
    pub summary: &'a wgpu::Buffer,
    pub plan: &'a wgpu::Buffer,
}

impl Marker {
    /// Compiles the kernels.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Self {
        let text = include_str!("../../shaders/marks.wgsl");
        let kernel = |entry| Kernel::new(gpu.device(), entry, text, entry);
        Self {
            gpu: gpu.clone(),
            head_scale: kernel("head_scale"),
            global_scale: kernel("global_scale"),
            limit: kernel("limit"),
            allot: kernel("allot"),
            list: kernel("list"),
            summarise: kernel("summarise"),
        }
    }

    /// Marks the values of `heads` heads over `tokens` tokens.
    pub(super) fn record(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        request: &Request,
        (heads, tokens): (u32, u32),
        buffers: &Marked<'_>,
    ) {
        let device = self.gpu.device();
        let (top_k, threshold) = match request.filter {
            Filter::TopK(count) => (count, 0.0),
            Filter::Threshold(part) => (0, part),
        };
        let params = Params {
            tokens,
            heads,
            selected: request.token as u32,
            top_k,
            threshold,
            global_scale: u32::from(request.scale == Scale::Global),
            solo: request.solo.map_or(u32::MAX, |head| head as u32),
            vertices: request.arc_vertices,
        };
        let params = gpu::uniform(device, "marks", &params);
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
                    _ => (6, buffers.plan),
                })
                .collect();
            kernel.bind(device, &buffers)
        };
        let mut run = |kernel: &Kernel, bindings: &[u32], groups: u32| {
            kernel.dispatch(pass, &bound(kernel, bindings), [groups, 1, 1]);
        };
        run(&self.head_scale, &[0, 1, 2], heads);
        run(&self.global_scale, &[0, 2], 1);
        run(&self.limit, &[0, 1, 2, 6], heads);
        run(&self.allot, &[0, 4, 6], 1);
        run(&self.list, &[0, 1, 3, 6], heads);
        run(&self.summarise, &[0, 1, 2, 5], tokens.div_ceil(64));
    }

    /// Starts reading a trace's largest contribution norm of each head, then of all, f32 `[layers × heads + 1]`.
    #[must_use]
    pub fn largest_contributions(&self, trace: &Trace) -> Pending {
        let device = self.gpu.device();
        let heads = (trace.dimensions.layers * trace.dimensions.heads) as u32;
        let params = Params {
            tokens: trace.tokens.len() as u32,
            heads,
            selected: u32::MAX,
            ..Params::zeroed()
        };
        let params = gpu::uniform(device, "largest", &params);
        let bytes = u64::from(heads + 1) * 4;
        let scales = gpu::storage(device, "largest", bytes);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let values = (1, &trace.contribution);
        let bound = self
            .head_scale
            .bind(device, &[(0, &params), values, (2, &scales)]);
        self.head_scale.dispatch(&mut pass, &bound, [heads, 1, 1]);
        let bound = self
            .global_scale
            .bind(device, &[(0, &params), (2, &scales)]);
        self.global_scale.dispatch(&mut pass, &bound, [1, 1, 1]);
        drop(pass);
        let staging = Pending::record(&self.gpu, &mut encoder, &[(&scales, 0, bytes)]);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }
}
