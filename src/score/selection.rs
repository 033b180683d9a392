use std::sync::Arc;

use super::{
    Filter, HeadStatistics, Marker, Measure, Params, Pool, Scale, Shown, Statistic, kernels,
    marker::{Marked, statistics_of},
};
use crate::{
    gpu::{self, Clock, Gpu, GpuError, Kernel, Pending},
    model::Version,
    trace::Trace,
};

/// What to score and show.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The selected token.
    pub token: usize,
    /// The number shown.
    pub measure: Measure,
    /// What full colour stands for.
    pub scale: Scale,
    /// Brightness: full colour stands for 1 / exposure of that.
    pub exposure: f32,
    /// Which arcs are drawn.
    pub filter: Filter,
    /// How the shown heads' values become one a token.
    pub pool: Pool,
    /// Tokens and heads on show.
    pub shown: Arc<Shown>,
    /// Vertices of one arc, for the indirect draw.
    pub arc_vertices: u32,
}

impl Request {
    /// The first look at a token: R-WK scores of all heads.
    #[must_use]
    pub fn new(token: usize, shown: Arc<Shown>, arc_vertices: u32) -> Self {
        Self {
            token,
            measure: Measure::default(),
            scale: Scale::default(),
            exposure: 1.0,
            filter: Filter::default(),
            pool: Pool::default(),
            shown,
            arc_vertices,
        }
    }
}

/// What comes back to the CPU after a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// One value a token, in parts of full colour, pooled over the shown heads.
    pub summary: Vec<f32>,
    /// Full colour of every head, `[layers × heads]`, then the largest |value| of all.
    pub scales: Vec<f32>,
    /// Relative error of Σ A v against the captured output, `[layers × heads]`.
    pub conservation: Vec<f32>,
    /// Arcs that passed the filter.
    pub arcs: u32,
    /// What each head does with the token, `[layers × heads]`.
    pub statistics: Vec<HeadStatistics>,
}

/// Scores of selected tokens in every head, on the GPU.
pub struct Scores {
    pub(super) gpu: Gpu,
    trace: Arc<Trace>,
    tokens: usize,
    slots: usize,
    /// R-WK scores, f32 `[slots, layers, heads, tokens]`: of the selected token with each other token,
    /// earlier ones as writers, later ones as readers.
    pub rwk: wgpu::Buffer,
    /// Contribution shares, likewise.
    pub share: wgpu::Buffer,
    /// W-K norms, likewise.
    pub wk: wgpu::Buffer,
    /// Value-weighted scores, likewise.
    pub weighted: wgpu::Buffer,
    /// Erase parts, likewise; RWKV-7 only.
    pub erase: wgpu::Buffer,
    /// Full colour of each head, then the largest |value|, f32 `[layers × heads + 1]`.
    pub scales: wgpu::Buffer,
    /// Cell indices of the arcs to draw, u32.
    pub arcs: wgpu::Buffer,
    /// Arguments of the arcs' indirect draw.
    pub indirect: wgpu::Buffer,
    summary: wgpu::Buffer,
    statistics: wgpu::Buffer,
    conservation: wgpu::Buffer,
    pub(super) row: Kernel,
    pub(super) column: Kernel,
    wk_row: Kernel,
    plan: wgpu::Buffer,
    marker: Marker,
    scored: Option<usize>,
}

impl Scores {
    /// Room for one selection over the tokens a trace has now.
    #[must_use]
    pub fn new(gpu: &Gpu, trace: &Arc<Trace>) -> Self {
        Self::with_slots(gpu, trace, 1)
    }

    /// Room for several tokens at once.
    pub(super) fn with_slots(gpu: &Gpu, trace: &Arc<Trace>, slots: usize) -> Self {
        let device = gpu.device();
        let dimensions = &trace.dimensions;
        let tokens = trace.filled();
        let heads = dimensions.layers * dimensions.heads;
        let words = |label, count: usize| gpu::storage(device, label, count as u64 * 4);
        let cells = dimensions.cells(tokens);
        let stored = trace.stored();
        let (scores, wk_row) = match dimensions.version {
            Version::V4 => [include_str!("../../shaders/scores_v4.wgsl"); 2].into(),
            _ => (
                include_str!("../../shaders/scores.wgsl"),
                include_str!("../../shaders/wk_row.wgsl"),
            ),
        };
        let text = kernels::source(dimensions, stored, scores);
        let wk_text = kernels::source(dimensions, stored, wk_row);
        let indirect = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("arc draw"),
            size: 16,
            usage: wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::INDIRECT
                | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        Self {
            rwk: words("R-WK scores", cells * slots),
            share: words("contribution shares", cells * slots),
            wk: words("W-K norms", cells * slots),
            weighted: words("value-weighted scores", cells * slots),
            // The others erase nothing, and their kernels write nothing there.
            erase: match dimensions.version {
                Version::V7 => words("erase parts", cells * slots),
                _ => words("no erase parts", 0),
            },
            scales: words("scales", heads + 1),
            arcs: words("arcs", cells),
            indirect,
            summary: words("summary", tokens),
            statistics: words("statistics", heads * Statistic::COUNT),
            conservation: words("conservation", heads * slots),
            row: Kernel::new(device, "score row", &text, "row"),
            column: Kernel::new(device, "score column", &text, "column"),
            wk_row: Kernel::new(device, "W-K row", &wk_text, "wk_row"),
            marker: Marker::new(gpu),
            plan: words("arc plan", 2 * heads),
            gpu: gpu.clone(),
            trace: trace.clone(),
            tokens,
            slots,
            scored: None,
        }
    }

    /// The trace these are scores of.
    #[must_use]
    pub fn trace(&self) -> &Arc<Trace> {
        &self.trace
    }

    /// Tokens scored.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// The buffer of a measure.
    #[must_use]
    pub fn values(&self, measure: Measure) -> &wgpu::Buffer {
        match measure {
            Measure::Rwk => &self.rwk,
            Measure::Share => &self.share,
            Measure::Weighted => &self.weighted,
            Measure::Erase => &self.erase,
            Measure::Wk => &self.wk,
        }
    }

    /// Scores a token in every head and marks what to draw. Submits at once and waits for nothing: draws
    /// submitted later see the result, and [`Marks::read`] makes sense of what the pending copy brings.
    pub fn select(&mut self, request: &Request) -> Pending {
        self.select_with(request, None)
    }

    /// The same, taking the GPU time of the scans (interval 0) and of the marks (interval 1). The scans
    /// are left out, and their time stays as it was, when the token is the one scored last.
    pub fn select_timed(&mut self, request: &Request, clock: &Clock<2>) -> Pending {
        self.select_with(request, Some(clock))
    }

    fn select_with(&mut self, request: &Request, clock: Option<&Clock<2>>) -> Pending {
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if self.scored != Some(request.token) {
            let mut pass = encoder.begin_compute_pass(&compute(clock, 0));
            self.record_rows(&mut pass, request.token, 1);
            self.record_columns(&mut pass, request.token, 1);
            self.record_wk_row(&mut pass, request.token);
            self.scored = Some(request.token);
        }
        let dimensions = &self.trace.dimensions;
        let counts = (
            dimensions.layers as u32,
            dimensions.heads as u32,
            self.tokens as u32,
        );
        let buffers = Marked {
            values: self.values(request.measure),
            scales: &self.scales,
            arcs: &self.arcs,
            indirect: &self.indirect,
            summary: &self.summary,
            plan: &self.plan,
            statistics: &self.statistics,
        };
        let mut pass = encoder.begin_compute_pass(&compute(clock, 1));
        self.marker.record(&mut pass, request, counts, &buffers);
        drop(pass);
        if let Some(clock) = clock {
            clock.resolve(&mut encoder);
        }
        let heads = self.heads() as u64;
        let parts = [
            (&self.summary, 0, self.tokens as u64 * 4),
            (&self.scales, 0, (heads + 1) * 4),
            (&self.conservation, 0, heads * 4),
            (&self.indirect, 4, 4),
            (&self.statistics, 0, self.statistics.size()),
        ];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// Starts reading one cell's numbers, each f32, in the order of [`Measure::all`].
    #[must_use]
    pub fn cell(&self, cell: usize) -> Pending {
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let at = cell as u64 * 4;
        let parts: Vec<_> = Measure::all(self.trace.dimensions.version)
            .iter()
            .map(|measure| (self.values(*measure), at, 4))
            .collect();
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// Starts reading what the token scored last has with every other one in some heads, counted over all layers:
    /// f32 `[heads, tokens]`.
    #[must_use]
    pub fn heads_of(&self, measure: Measure, heads: &[usize]) -> Pending {
        let bytes = self.tokens as u64 * 4;
        let values = self.values(measure);
        let part = |head: &usize| (values, *head as u64 * bytes, bytes);
        let parts: Vec<_> = heads.iter().map(part).collect();
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    fn heads(&self) -> usize {
        self.trace.dimensions.layers * self.trace.dimensions.heads
    }

    pub(super) fn record_rows(&self, pass: &mut wgpu::ComputePass<'_>, first: usize, count: usize) {
        let bindings: &[u32] = match self.trace.dimensions.version {
            Version::V4 => &[2, 3, 4, 5, 7, 8, 10],
            _ => &[2, 3, 4, 5, 7, 8, 9],
        };
        self.record_scan(pass, &self.row, first, count, bindings);
    }

    pub(super) fn record_columns(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        first: usize,
        count: usize,
    ) {
        let bindings: &[u32] = match self.trace.dimensions.version {
            Version::V4 => &[2, 3, 4, 5, 6, 8, 10],
            _ => &[2, 4, 5, 6, 8, 9],
        };
        self.record_scan(pass, &self.column, first, count, bindings);
    }

    fn record_wk_row(&self, pass: &mut wgpu::ComputePass<'_>, token: usize) {
        let bindings: &[u32] = match self.trace.dimensions.version {
            Version::V4 => &[6, 10],
            _ => &[6],
        };
        self.record_scan(pass, &self.wk_row, token, 1, bindings);
    }

    /// `bindings` are those of `scores.wgsl` the entry point uses beyond 0 and 1.
    fn record_scan(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        kernel: &Kernel,
        first: usize,
        count: usize,
        bindings: &[u32],
    ) {
        let device = self.gpu.device();
        for group in &self.trace.groups {
            let params = Params::new(&self.trace, group, first, 0).over(self.tokens);
            let params = gpu::uniform(device, "scores", &params);
            let mut buffers = vec![(0, &params), (1, group.buffer())];
            for &binding in bindings {
                let buffer = match binding {
                    2 => &group.outputs,
                    3 => &self.trace.parameters.heads,
                    4 => &self.rwk,
                    5 => &self.share,
                    6 => &self.wk,
                    7 => &self.conservation,
                    8 => &self.weighted,
                    10 => &self.trace.parameters.decay,
                    _ => &self.erase,
                };
                buffers.push((binding, buffer));
            }
            let bindings = kernel.bind(device, &buffers);
            let groups = [
                self.trace.dimensions.heads as u32,
                group.layers.len() as u32,
                count as u32,
            ];
            kernel.dispatch(pass, &bindings, groups);
        }
    }

    /// Reads a measure of all slots, f32 `[slots, layers, heads, tokens]`.
    pub(super) fn read(&self, measure: Measure) -> Result<Vec<f32>, GpuError> {
        let count = self.trace.dimensions.cells(self.tokens) * self.slots;
        let bytes = gpu::read(&self.gpu, self.values(measure), 0, count as u64 * 4)?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    /// Reads the conservation errors of all slots, f32 `[slots, layers, heads]`.
    pub(super) fn read_conservation(&self) -> Result<Vec<f32>, GpuError> {
        let bytes = gpu::read(
            &self.gpu,
            &self.conservation,
            0,
            (self.heads() * self.slots) as u64 * 4,
        )?;
        Ok(bytemuck::pod_collect_to_vec(&bytes))
    }

    pub(super) fn submit(&self, record: impl FnOnce(&mut wgpu::ComputePass<'_>)) {
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        record(&mut encoder.begin_compute_pass(&compute(None, 0)));
        self.gpu.queue().submit([encoder.finish()]);
    }
}

fn compute(clock: Option<&Clock<2>>, interval: usize) -> wgpu::ComputePassDescriptor<'_> {
    wgpu::ComputePassDescriptor {
        label: None,
        timestamp_writes: clock.map(|clock| clock.pass(interval)),
    }
}

impl Marks {
    /// Takes apart what [`Scores::select`] reads back.
    #[must_use]
    pub fn read(bytes: &[u8], heads: usize, tokens: usize) -> Self {
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(bytes);
        let (summary, rest) = numbers.split_at(tokens);
        let (scales, rest) = rest.split_at(heads + 1);
        let (conservation, rest) = rest.split_at(heads);
        let (arcs, statistics) = rest.split_at(1);
        Self {
            summary: summary.to_vec(),
            scales: scales.to_vec(),
            conservation: conservation.to_vec(),
            arcs: arcs.first().map_or(0, |arcs| arcs.to_bits()),
            statistics: statistics_of(statistics),
        }
    }

    /// The head where Σ A v is furthest from the captured output, and how far.
    #[must_use]
    pub fn worst_conservation(&self) -> Option<(usize, f32)> {
        self.conservation
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
