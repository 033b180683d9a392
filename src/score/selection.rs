use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    Filter, Marker, Measure, Params, Pool, Scale, Shown, Statistic,
    apart::{self, Apart},
    difference::Beside,
    marker::Marked,
    push::Push,
    scans::{Scan, Scans},
};
use crate::{
    gpu::{self, Clock, Gpu, GpuError, Pending},
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

/// Scores of selected tokens in every head, on the GPU.
pub struct Scores {
    pub(super) gpu: Gpu,
    trace: Arc<Trace>,
    pub(super) tokens: usize,
    slots: usize,
    /// Tokens that there is room for.
    pub(super) room: usize,
    /// R-WK scores, f32 `[slots, layers, heads, tokens]`: of the selected token with each other token,
    /// earlier ones as writers, later ones as readers.
    pub rwk: wgpu::Buffer,
    /// Contribution shares, likewise.
    pub share: wgpu::Buffer,
    /// W-K norms, likewise; those of earlier tokens only once they have been asked for.
    pub wk: wgpu::Buffer,
    /// Value-weighted scores, likewise.
    pub weighted: wgpu::Buffer,
    /// Erase parts, likewise; RWKV-7 only.
    pub erase: wgpu::Buffer,
    /// What is added to a logit, likewise; of no size until it has been asked for.
    pub logits: wgpu::Buffer,
    /// Full colour of each head, then the largest |value|, f32 `[layers × heads + 1]`.
    pub scales: wgpu::Buffer,
    /// Cell indices of the arcs to draw, u32.
    pub arcs: wgpu::Buffer,
    /// Arguments of the arcs' indirect draw.
    pub indirect: wgpu::Buffer,
    summary: wgpu::Buffer,
    statistics: wgpu::Buffer,
    conservation: wgpu::Buffer,
    pub(super) scans: Scans,
    plan: wgpu::Buffer,
    marker: Marker,
    /// Each group's own results, where groups are scored side by side.
    apart: Vec<Apart>,
    scored: Option<usize>,
    pub(super) push: Option<Push>,
    /// Whether its W-K norms of earlier tokens are there, which are made when asked for.
    has_wk_row: AtomicBool,
    /// How far another run's numbers are from these, once that has been asked for.
    pub(super) difference: Option<wgpu::Buffer>,
    pub(super) shows_difference: bool,
}

impl Scores {
    /// Room for one selection over the tokens a trace has now, and for those that it has room for.
    ///
    /// # Errors
    /// When memory runs out, or a measure of all heads does not fit one binding.
    pub fn new(gpu: &Gpu, trace: &Arc<Trace>) -> Result<Self, GpuError> {
        Self::room(gpu, trace, 1, true)
    }

    /// Room for several tokens at once, or one, to be read back.
    pub(super) fn with_slots(
        gpu: &Gpu,
        trace: &Arc<Trace>,
        slots: usize,
    ) -> Result<Self, GpuError> {
        Self::room(gpu, trace, slots, false)
    }

    /// Groups of layers may be scored side by side where one token is, and their results gathered.
    fn room(
        gpu: &Gpu,
        trace: &Arc<Trace>,
        slots: usize,
        may_be_apart: bool,
    ) -> Result<Self, GpuError> {
        let tokens = Self::room_for(trace, slots);
        let bytes = (trace.dimensions.cells(tokens) * slots) as u64 * 4;
        let allowed = gpu.report().limits.max_binding;
        if bytes > allowed {
            return Err(GpuError::TooLarge {
                what: format!("a measure of {tokens} tokens in every head"),
                needed: bytes.div_ceil(1 << 20),
                allowed: allowed >> 20,
                adapter: gpu.report().adapter,
            });
        }
        gpu::attempt(gpu, || Self::made(gpu, trace, slots, may_be_apart)).map_err(|reason| {
            GpuError::Memory {
                what: "the scores",
                reason,
            }
        })
    }

    fn made(gpu: &Gpu, trace: &Arc<Trace>, slots: usize, may_be_apart: bool) -> Self {
        let device = gpu.device();
        let dimensions = &trace.dimensions;
        let tokens = trace.filled();
        let room = Self::room_for(trace, slots);
        let heads = dimensions.layers * dimensions.heads;
        let words = |label, count: usize| gpu::storage(device, label, count as u64 * 4);
        let cells = dimensions.cells(room);
        let scans = Scans::new(gpu, trace);
        let apart = match may_be_apart && scans.can_be_apart {
            true => Apart::all(gpu, trace, room),
            false => Vec::new(),
        };
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
            summary: words("summary", room),
            statistics: words("statistics", heads * Statistic::COUNT),
            conservation: words("conservation", heads * slots),
            scans,
            apart,
            marker: Marker::new(gpu),
            plan: words("arc plan", 2 * heads),
            gpu: gpu.clone(),
            trace: trace.clone(),
            tokens,
            slots,
            room,
            logits: words("no parts of a logit", 0),
            scored: None,
            push: None,
            has_wk_row: AtomicBool::new(false),
            difference: None,
            shows_difference: false,
        }
    }

    /// Tokens to make room for: with one slot those that the trace has room for, so that it may grow.
    fn room_for(trace: &Trace, slots: usize) -> usize {
        match slots {
            1 => trace.room(),
            _ => trace.filled(),
        }
    }

    /// Goes on with another trace of the same model, if it has as much room.
    pub fn follow(&mut self, trace: &Arc<Trace>) -> bool {
        let fits = self.slots == 1 && trace.room() == self.room;
        if fits {
            self.trace = trace.clone();
            self.tokens = trace.filled();
            self.scored = None;
            self.push = None;
            self.apart
                .iter_mut()
                .for_each(|apart| apart.hold(trace.filled()));
        }
        fits
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
            Measure::Logit => &self.logits,
        }
    }

    /// The numbers that were marked last: those of a measure, or how far another run's are from them.
    #[must_use]
    pub fn marked(&self, measure: Measure) -> &wgpu::Buffer {
        let difference = self.difference.as_ref();
        let difference = difference.filter(|_| self.shows_difference);
        difference.unwrap_or_else(|| self.values(measure))
    }

    /// The token scored last.
    pub(super) fn scored(&self) -> Option<usize> {
        self.scored
    }

    /// Scores a token in every head and marks what to draw. Submits at once and waits for nothing: draws
    /// submitted later see the result, and [`Marks::read`] makes sense of what the pending copy brings.
    pub fn select(&mut self, request: &Request) -> Pending {
        self.select_with(request, None, None)
    }

    /// The same beside another run, whose own token has been selected with the same measure.
    pub fn select_beside(&mut self, request: &Request, beside: Beside<'_>) -> Pending {
        self.select_with(request, Some(beside), None)
    }

    /// The same, taking the GPU time of the scans (interval 0) and of the marks (interval 1). The scans
    /// are left out, and their time stays as it was, when the token is the one scored last.
    pub fn select_timed(&mut self, request: &Request, clock: &Clock<2>) -> Pending {
        self.select_with(request, None, Some(clock))
    }

    fn select_with(
        &mut self,
        request: &Request,
        beside: Option<Beside<'_>>,
        clock: Option<&Clock<2>>,
    ) -> Pending {
        let mut encoder = self
            .gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let is_new = self.scored != Some(request.token);
        if is_new {
            self.scored = Some(request.token);
            self.forget_push();
            self.has_wk_row.store(false, Ordering::Relaxed);
        }
        let lacks_wk = request.measure == Measure::Wk && self.lacks_wk();
        if is_new || lacks_wk {
            let begin = clock.map(|clock| clock.begin(0));
            let mut pass = encoder.begin_compute_pass(&compute(begin));
            if is_new {
                self.record_rows(&mut pass, request.token, 1);
            }
            if lacks_wk {
                self.record_wk_row(&mut pass);
            }
            drop(pass);
            if is_new {
                // In a pass of its own, all columns wait for all rows at once and not for each other.
                let mut pass = encoder.begin_compute_pass(&compute(None));
                self.record_columns(&mut pass, request.token, 1);
            }
            self.gather(
                &mut encoder,
                if is_new {
                    &apart::RESULTS
                } else {
                    &[apart::WK]
                },
            );
            if let Some(clock) = clock {
                encoder.begin_compute_pass(&compute(Some(clock.end(0))));
            }
        }
        self.record_push(&mut encoder, request.measure, request.token);
        self.record_difference(&mut encoder, request.measure, beside);
        let dimensions = &self.trace.dimensions;
        let counts = (
            dimensions.layers as u32,
            dimensions.heads as u32,
            self.tokens as u32,
        );
        let buffers = Marked {
            values: self.marked(request.measure),
            scales: &self.scales,
            arcs: &self.arcs,
            indirect: &self.indirect,
            summary: &self.summary,
            plan: &self.plan,
            statistics: &self.statistics,
            other_scales: match beside {
                Some(Beside::Shared(other)) => Some(&other.scales),
                _ => None,
            },
        };
        let mut pass = encoder.begin_compute_pass(&compute(clock.map(|clock| clock.pass(1))));
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

    /// Whether W-K norms of earlier tokens take a scan of their own, which runs when they are asked for.
    #[must_use]
    pub fn has_wk_scan(&self) -> bool {
        self.scans.wk_row.is_some()
    }

    /// Starts reading one cell's numbers, each f32, in the order of [`Measure::all`], then what it adds to a logit where
    /// that is there.
    #[must_use]
    pub fn cell(&self, cell: usize) -> Pending {
        let mut encoder = self.encoder_with(Measure::Wk);
        let at = cell as u64 * 4;
        let parts: Vec<_> = Measure::all(self.trace.dimensions.version)
            .iter()
            .copied()
            .chain(self.has_push().then_some(Measure::Logit))
            .map(|measure| (self.values(measure), at, 4))
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
        let mut encoder = self.encoder_with(measure);
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// An encoder, after which a measure of the token scored last is there.
    fn encoder_with(&self, measure: Measure) -> wgpu::CommandEncoder {
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = self.gpu.device().create_command_encoder(&descriptor);
        if measure == Measure::Wk && self.lacks_wk() {
            self.record_wk_row(&mut encoder.begin_compute_pass(&compute(None)));
            self.gather(&mut encoder, &[apart::WK]);
        }
        encoder
    }

    /// Whether the W-K norms of earlier tokens at the one scored last are still to be made.
    fn lacks_wk(&self) -> bool {
        self.scans.wk_row.is_some() && !self.has_wk_row.load(Ordering::Relaxed)
    }

    pub(super) fn heads(&self) -> usize {
        self.trace.dimensions.layers * self.trace.dimensions.heads
    }

    /// Brings some results of the groups together.
    fn gather(&self, encoder: &mut wgpu::CommandEncoder, bindings: &[u32]) {
        for apart in &self.apart {
            for &binding in bindings {
                apart.gather(encoder, binding, self.result(binding));
            }
        }
    }

    /// The buffer of a result's binding in `scores.wgsl`.
    fn result(&self, binding: u32) -> &wgpu::Buffer {
        match binding {
            4 => &self.rwk,
            5 => &self.share,
            6 => &self.wk,
            7 => &self.conservation,
            8 => &self.weighted,
            _ => &self.erase,
        }
    }

    pub(super) fn record_rows(&self, pass: &mut wgpu::ComputePass<'_>, first: usize, count: usize) {
        // Without a scan of their own W-K norms take the place of erase parts.
        let more = match self.scans.wk_row {
            Some(_) => apart::ERASE,
            None => apart::WK,
        };
        self.record_scan(pass, &self.scans.row, (first, count), more);
        if let Some(before) = &self.scans.before {
            self.record_scan(pass, &before.row, (first, count), more);
            if self.scans.wk_row.is_none() {
                self.record_scan(pass, &before.wk_row, (first, count), more);
            }
        }
    }

    pub(super) fn record_columns(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        first: usize,
        count: usize,
    ) {
        self.record_scan(pass, &self.scans.column, (first, count), apart::ERASE);
        if let Some(before) = self.scans.before.as_ref().filter(|_| first == 0) {
            for scan in [&before.column, &before.wk_column] {
                self.record_scan(pass, scan, (0, self.tokens), apart::ERASE);
            }
        }
    }

    /// Of the token scored last, to be submitted at once.
    fn record_wk_row(&self, pass: &mut wgpu::ComputePass<'_>) {
        if let (Some(wk_row), Some(token)) = (&self.scans.wk_row, self.scored) {
            self.record_scan(pass, wk_row, (token, 1), apart::ERASE);
            if let Some(before) = &self.scans.before {
                self.record_scan(pass, &before.wk_row, (token, 1), apart::ERASE);
            }
            self.has_wk_row.store(true, Ordering::Relaxed);
        }
    }

    /// Binding 9 is the result that has the number `more`.
    fn record_scan(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        scan: &Scan,
        (first, count): (usize, usize),
        more: u32,
    ) {
        let device = self.gpu.device();
        for (at, group) in self.trace.groups.iter().enumerate() {
            let apart = self.apart.get(at);
            let params = Params::new(&self.trace, group, first, 0)
                .over(self.tokens)
                .count(count);
            let params = if apart.is_some() {
                params.apart()
            } else {
                params
            };
            let params = gpu::uniform(device, "scores", &params);
            let result = |binding| {
                let own = apart.and_then(|apart| apart.result(binding));
                own.unwrap_or_else(|| self.result(binding))
            };
            let mut buffers = vec![(0, &params)];
            for &binding in scan.bindings {
                let buffer = match binding {
                    1 => group.buffer(),
                    2 => &group.outputs,
                    3 => &self.trace.parameters.heads,
                    9 => result(more),
                    10 => &self.trace.parameters.decay,
                    11 => self.trace.norms_before(),
                    _ => result(binding),
                };
                buffers.push((binding, buffer));
            }
            let bindings = scan.bind(device, &buffers);
            let heads = [
                self.trace.dimensions.heads as u32,
                group.layers.len() as u32,
                count as u32,
            ];
            scan.dispatch(pass, &bindings, heads);
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
        record(&mut encoder.begin_compute_pass(&compute(None)));
        self.gpu.queue().submit([encoder.finish()]);
    }
}

fn compute(
    stamps: Option<wgpu::ComputePassTimestampWrites<'_>>,
) -> wgpu::ComputePassDescriptor<'_> {
    wgpu::ComputePassDescriptor {
        label: None,
        timestamp_writes: stamps,
    }
}
