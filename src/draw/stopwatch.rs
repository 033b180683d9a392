use crate::gpu::{self, Gpu, GpuError};

/// GPU time between the steps of one command encoder, passes and draws within a pass alike.
pub struct Stopwatch {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    ms_per_tick: f64,
    steps: Vec<&'static str>,
}

/// Steps a frame may have, and its beginning.
const MOST: u32 = 16;

impl Stopwatch {
    /// None where the adapter does not tell the time within a pass.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Option<Self> {
        let device = gpu.device();
        let needed = wgpu::Features::TIMESTAMP_QUERY
            | wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS
            | wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES;
        if !device.features().contains(needed) {
            return None;
        }
        let queries = device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("stopwatch"),
            ty: wgpu::QueryType::Timestamp,
            count: MOST,
        });
        let resolved = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("stopwatch"),
            size: u64::from(MOST) * 8,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        Some(Self {
            queries,
            resolved,
            ms_per_tick: f64::from(gpu.queue().get_timestamp_period()) * 1e-6,
            steps: Vec::new(),
        })
    }

    /// Starts anew.
    pub(super) fn start(&mut self, encoder: &mut wgpu::CommandEncoder) {
        self.steps.clear();
        encoder.write_timestamp(&self.queries, 0);
    }

    /// A step outside of passes has ended.
    fn note(&mut self, encoder: &mut wgpu::CommandEncoder, step: &'static str) {
        self.steps.push(step);
        encoder.write_timestamp(&self.queries, self.steps.len() as u32);
    }

    /// A step of a pass has ended.
    fn note_in(&mut self, pass: &mut wgpu::RenderPass<'_>, step: &'static str) {
        self.steps.push(step);
        pass.write_timestamp(&self.queries, self.steps.len() as u32);
    }

    /// Comes last, in the same encoder.
    pub(super) fn stop(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(
            &self.queries,
            0..self.steps.len() as u32 + 1,
            &self.resolved,
            0,
        );
    }

    /// Each step and its milliseconds, once the encoder has been submitted.
    ///
    /// # Errors
    /// When the device fails.
    pub fn read(&self, gpu: &Gpu) -> Result<Vec<(&'static str, f64)>, GpuError> {
        let stamps = self.steps.len() as u64 + 1;
        let bytes = gpu::read(gpu, &self.resolved, 0, stamps * 8)?;
        let stamps: Vec<u64> = bytemuck::pod_collect_to_vec(&bytes);
        let between = stamps
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]));
        let ms = between.map(|ticks| ticks as f64 * self.ms_per_tick);
        Ok(self.steps.iter().copied().zip(ms).collect())
    }
}

/// A step outside of passes has ended.
pub(super) fn note(
    watch: &mut Option<&mut Stopwatch>,
    encoder: &mut wgpu::CommandEncoder,
    step: &'static str,
) {
    if let Some(watch) = watch {
        watch.note(encoder, step);
    }
}

/// A step of a pass has ended.
pub(super) fn note_in(
    watch: &mut Option<&mut Stopwatch>,
    pass: &mut wgpu::RenderPass<'_>,
    step: &'static str,
) {
    if let Some(watch) = watch {
        watch.note_in(pass, step);
    }
}
