use std::sync::Arc;

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::{Crop, Measure, Params as ScanParams, Scores, apart::RESULTS, scans::Scan};
use crate::{
    gpu::{self, Gpu, GpuError, Kernel, Pending},
    trace::Trace,
};

/// Pairs computed in one submission, so that frames come in between: on a GPU and on a CPU.
const PAIRS: [usize; 2] = [1 << 20, 1 << 18];
/// Parts of a cell that a picture's edges are rounded to. In step with `STEPS` in `matrix.wgsl`.
const STEPS: f32 = 256.0;

const TRANSPOSED: u32 = 1;
const SIGNLESS: u32 = 2;

/// Why a head's matrix is not computed.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// There are too many pairs for one buffer.
    #[error(
        "{tokens} tokens are too many for a matrix, which has room for {most}: select a token to see its row and column, or use `arclight scores`"
    )]
    TooLong {
        /// Tokens of the trace.
        tokens: usize,
        /// Tokens a matrix may have.
        most: usize,
    },
    /// It is told of one reader alone.
    #[error(
        "the push on a logit is told of one reader alone: choose another measure for the matrix"
    )]
    OneReader,
    /// Memory ran out.
    #[error(
        "the matrix needs {needed} MiB of GPU memory and there is less: use a shorter prompt, or select a token to see its row and column"
    )]
    OutOfMemory {
        /// MiB needed.
        needed: u64,
    },
}

/// In step with `Params` in `matrix.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    tokens: u32,
    first: u32,
    side: u32,
    left: u32,
    top: u32,
    span: u32,
    flags: u32,
    full: f32,
}

/// The kernels of `matrix.wgsl`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MatrixKernels {
    largest: Kernel,
    paint: Kernel,
}

impl MatrixKernels {
    /// Compiles them.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Self {
        let text = include_str!("../../shaders/matrix.wgsl");
        let kernel = |entry| gpu.kernel(entry, text);
        Self {
            largest: kernel("largest"),
            paint: kernel("paint"),
        }
    }
}

/// How a picture of a matrix is coloured.
#[derive(Debug, Clone)]
pub struct Tint {
    /// The value of full colour.
    pub full: f32,
    /// Sizes are shown without their sign.
    pub signless: bool,
    /// RGBA bytes: 256 colours of −full … full, then 256 of sizes 0 … full.
    pub palette: Vec<[u8; 4]>,
}

/// All pairs of one head in one measure, computed a batch at a time.
pub struct HeadMatrix {
    gpu: Gpu,
    trace: Arc<Trace>,
    kernels: MatrixKernels,
    scan: Scan,
    /// What tells of the token that stands for a state, where there is one.
    before: Option<Scan>,
    layer: usize,
    head: usize,
    measure: Measure,
    tokens: usize,
    /// f32 `[tokens, tokens]`, a line a batch slot: rows, or columns for the W-K norm.
    values: wgpu::Buffer,
    /// The largest |value| off the diagonal so far.
    most: wgpu::Buffer,
    /// What the scan writes, by binding: every measure of a batch, f32 `[slots, tokens]`.
    scratch: Vec<(u32, wgpu::Buffer)>,
    slots: usize,
    done: usize,
    running: Option<(usize, Pending)>,
    largest: f32,
}

impl HeadMatrix {
    /// The most tokens of a matrix on any adapter: 64 MiB.
    pub const MOST_TOKENS: usize = 4096;

    /// Makes room for the pairs of one head over the tokens that `scores` is about; [`HeadMatrix::advance`]
    /// computes them.
    ///
    /// # Errors
    /// When there are too many tokens, or memory runs out.
    pub fn new(
        scores: &Scores,
        kernels: &MatrixKernels,
        (layer, head): (usize, usize),
        measure: Measure,
    ) -> Result<Self, MatrixError> {
        if measure == Measure::Logit {
            return Err(MatrixError::OneReader);
        }
        let (gpu, tokens) = (&scores.gpu, scores.tokens());
        let limits = gpu.device().limits();
        let binding = limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size);
        let most = Self::MOST_TOKENS.min((binding / 4).isqrt() as usize);
        if tokens > most {
            return Err(MatrixError::TooLong { tokens, most });
        }
        let pairs = PAIRS[usize::from(gpu.is_software())];
        let slots = (pairs / tokens.max(1)).clamp(1, tokens.max(1));
        let before = scores.scans.before.as_ref();
        let (scan, before) = match measure {
            Measure::Wk => (&scores.scans.column, before.map(|scans| &scans.wk_column)),
            _ => (&scores.scans.row, before.map(|scans| &scans.row)),
        };
        let scope = gpu
            .device()
            .push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let words = |label, count: usize| gpu::storage(gpu.device(), label, count as u64 * 4);
        let matrix = Self {
            gpu: gpu.clone(),
            trace: scores.trace().clone(),
            kernels: kernels.clone(),
            scan: scan.clone(),
            before: before.cloned(),
            layer,
            head,
            measure,
            tokens,
            values: words("matrix", tokens * tokens),
            most: words("largest", 1),
            scratch: scan
                .bindings
                .iter()
                .filter(|binding| RESULTS.contains(binding))
                .map(|binding| (*binding, words("lines", slots * tokens)))
                .collect(),
            slots,
            done: 0,
            running: None,
            largest: 0.0,
        };
        if gpu::pollster(scope.pop()).is_some() {
            let needed = (tokens * tokens * 4) as u64 >> 20;
            return Err(MatrixError::OutOfMemory { needed });
        }
        Ok(matrix)
    }

    /// Lines that are there, of as many as there are tokens.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Whether all of it is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.done == self.tokens
    }

    /// The largest |value| off the diagonal, once all of it is there.
    #[must_use]
    pub fn largest(&self) -> f32 {
        self.largest
    }

    /// Takes note of what has been computed and, if something is left, submits the next batch; waits for
    /// nothing. Dropping the matrix cancels the rest.
    ///
    /// # Errors
    /// When the device fails.
    pub fn advance(&mut self) -> Result<(), GpuError> {
        if let Some((end, pending)) = &self.running {
            let Some(bytes) = pending.take()? else {
                return Ok(());
            };
            self.took(*end, &bytes);
        }
        if !self.is_complete() {
            self.running = Some(self.submit());
        }
        Ok(())
    }

    /// Computes all that is left on this thread.
    ///
    /// # Errors
    /// When the device fails.
    pub fn wait(&mut self) -> Result<(), GpuError> {
        while !self.is_complete() {
            let (end, pending) = self.running.take().unwrap_or_else(|| self.submit());
            let bytes = pending.wait(&self.gpu)?;
            self.took(end, &bytes);
        }
        Ok(())
    }

    fn took(&mut self, end: usize, most: &[u8]) {
        self.running = None;
        self.done = end;
        let most: Vec<f32> = bytemuck::pod_collect_to_vec(most);
        self.largest = most.first().copied().unwrap_or_default();
    }

    /// The next batch of lines: where it ends, and the largest |value| by then.
    fn submit(&self) -> (usize, Pending) {
        let (first, count) = (self.done, self.slots.min(self.tokens - self.done));
        let mut encoder = self.encoder();
        // A batch before has left numbers where this one has none.
        if let Some(lines) = self.lines() {
            encoder.clear_buffer(lines, 0, None);
        }
        self.scan(&mut encoder, &self.scan, first, count);
        match &self.before {
            // All of it is one line.
            Some(before) if self.measure == Measure::Wk && first == 0 => {
                self.scan(&mut encoder, before, 0, self.tokens);
            }
            Some(before) if self.measure != Measure::Wk => {
                self.scan(&mut encoder, before, first, count);
            }
            _ => {}
        }
        let line = self.tokens as u64 * 4;
        if let Some(lines) = self.lines() {
            let at = first as u64 * line;
            encoder.copy_buffer_to_buffer(lines, 0, &self.values, at, count as u64 * line);
        }
        let params = Params {
            tokens: self.tokens as u32,
            first: first as u32,
            ..Params::zeroed()
        };
        let kernel = &self.kernels.largest;
        let buffers = [(1, &self.values), (2, &self.most)];
        self.run(&mut encoder, kernel, params, &buffers, [count as u32, 1, 1]);
        let staging = Pending::record(&self.gpu, &mut encoder, &[(&self.most, 0, 4)]);
        self.gpu.queue().submit([encoder.finish()]);
        (first + count, Pending::map(staging))
    }

    /// Records the scan of a batch of tokens in this head.
    fn scan(&self, encoder: &mut wgpu::CommandEncoder, scan: &Scan, first: usize, count: usize) {
        let groups = self.trace.groups.iter();
        for group in groups.filter(|group| group.layers.contains(&self.layer)) {
            let params = ScanParams::new(&self.trace, group, first, 0)
                .over(self.tokens)
                .count(count)
                .only(self.layer - group.layers.start, self.head);
            let params = gpu::uniform(self.gpu.device(), "scores", &params);
            let fixed = [
                (1, group.buffer()),
                (2, &group.outputs),
                (3, &self.trace.parameters.heads),
                (10, &self.trace.parameters.decay),
                (11, self.trace.norms_before()),
            ];
            let scratch = self.scratch.iter();
            let scratch = scratch.map(|(binding, buffer)| (*binding, buffer));
            let all = fixed.into_iter().chain(scratch);
            let mut buffers = vec![(0, &params)];
            buffers.extend(all.filter(|(binding, _)| scan.bindings.contains(binding)));
            let bindings = scan.bind(self.gpu.device(), &buffers);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            scan.dispatch(&mut pass, &bindings, [1, 1, count as u32]);
        }
    }

    /// The batch in this measure.
    fn lines(&self) -> Option<&wgpu::Buffer> {
        let binding = match self.measure {
            Measure::Rwk => 4,
            Measure::Share => 5,
            Measure::Wk => 6,
            Measure::Weighted => 8,
            Measure::Erase => 9,
            Measure::Logit => return None,
        };
        let mut all = self.scratch.iter();
        all.find(|(other, _)| *other == binding)
            .map(|(_, buffer)| buffer)
    }

    /// Starts painting a part of it, `side` × `side` pixels of RGBA bytes, rows from the top: reader down,
    /// writer to the right. Where several cells share a pixel, the one of the largest |value| is seen. Nothing is
    /// painted above the diagonal.
    #[must_use]
    pub fn paint(&self, crop: Crop, side: usize, tint: &Tint) -> Pending {
        let steps = |cells: f32| (cells.max(0.0) * STEPS).round() as u32;
        let flag = |on: bool, bit| if on { bit } else { 0 };
        let crop = crop.inside(self.tokens);
        let params = Params {
            tokens: self.tokens as u32,
            first: 0,
            side: side as u32,
            left: steps(crop.left),
            top: steps(crop.top),
            span: steps(crop.span).max(1),
            flags: flag(self.is_transposed(), TRANSPOSED) | flag(tint.signless, SIGNLESS),
            full: tint.full,
        };
        let device = self.gpu.device();
        let palette = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("palette"),
            contents: bytemuck::cast_slice(&tint.palette),
            usage: wgpu::BufferUsages::STORAGE,
        });
        let bytes = (side * side * 4) as u64;
        let pixels = gpu::storage(device, "pixels", bytes);
        let mut encoder = self.encoder();
        let groups = (side as u32).div_ceil(8);
        let kernel = &self.kernels.paint;
        let buffers = [(1, &self.values), (3, &palette), (4, &pixels)];
        self.run(&mut encoder, kernel, params, &buffers, [groups, groups, 1]);
        let staging = Pending::record(&self.gpu, &mut encoder, &[(&pixels, 0, bytes)]);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// Starts reading one number, f32; 0 where the writer comes after the reader.
    #[must_use]
    pub fn number(&self, reader: usize, writer: usize) -> Pending {
        let at = if self.is_transposed() {
            writer * self.tokens + reader
        } else {
            reader * self.tokens + writer
        };
        let mut encoder = self.encoder();
        let parts = [(&self.values, at as u64 * 4, 4)];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// Reads all of it, `[reader][writer]`, 0 above the diagonal.
    ///
    /// # Errors
    /// When the device fails.
    pub fn read(&self) -> Result<Vec<Vec<f32>>, GpuError> {
        let bytes = self.start_reading().wait(&self.gpu)?;
        let all = Self::pairs(&bytes, self.tokens, self.measure);
        Ok(all
            .chunks(self.tokens.max(1))
            .map(<[f32]>::to_vec)
            .collect())
    }

    /// Starts reading all of it; [`HeadMatrix::pairs`] makes sense of what comes.
    #[must_use]
    pub fn start_reading(&self) -> Pending {
        let mut encoder = self.encoder();
        let bytes = (self.tokens * self.tokens * 4) as u64;
        let parts = [(&self.values, 0, bytes)];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }

    /// What was read of a matrix in a measure, `[reader, writer]`, 0 above the diagonal.
    #[must_use]
    pub fn pairs(bytes: &[u8], tokens: usize, measure: Measure) -> Vec<f32> {
        let lines: Vec<f32> = bytemuck::pod_collect_to_vec(bytes);
        if !is_transposed(measure) {
            return lines;
        }
        let row = |reader| (0..tokens).map(move |writer| writer * tokens + reader);
        let all = (0..tokens).flat_map(row);
        all.filter_map(|at| lines.get(at).copied()).collect()
    }

    fn is_transposed(&self) -> bool {
        is_transposed(self.measure)
    }

    fn encoder(&self) -> wgpu::CommandEncoder {
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        self.gpu.device().create_command_encoder(&descriptor)
    }

    fn run(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        kernel: &Kernel,
        params: Params,
        buffers: &[(u32, &wgpu::Buffer)],
        groups: [u32; 3],
    ) {
        let device = self.gpu.device();
        let params = gpu::uniform(device, "matrix", &params);
        let mut all = vec![(0, &params)];
        all.extend_from_slice(buffers);
        let bindings = kernel.bind(device, &all);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        kernel.dispatch(&mut pass, &bindings, groups);
    }
}

/// The W-K norm comes a column at a time.
fn is_transposed(measure: Measure) -> bool {
    measure == Measure::Wk
}
