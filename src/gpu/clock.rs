use super::{Gpu, GpuError, read};

/// GPU time of `N` compute passes of one command encoder.
#[derive(Debug)]
pub struct Clock<const N: usize> {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    ms_per_tick: f64,
}

impl<const N: usize> Clock<N> {
    const STAMPS: u32 = 2 * N as u32;

    /// None where the adapter does not tell the time.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Option<Self> {
        let device = gpu.device();
        if !device.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let queries = device.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("clock"),
            ty: wgpu::QueryType::Timestamp,
            count: Self::STAMPS,
        });
        let resolved = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("clock"),
            size: u64::from(Self::STAMPS) * 8,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        Some(Self {
            queries,
            resolved,
            ms_per_tick: f64::from(gpu.queue().get_timestamp_period()) * 1e-6,
        })
    }

    /// For the descriptor of the pass that is interval `interval`, counted from 0.
    #[must_use]
    pub fn pass(&self, interval: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        let first = 2 * interval as u32;
        wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        }
    }

    /// For the first of the passes that are interval `interval` together.
    #[must_use]
    pub fn begin(&self, interval: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            end_of_pass_write_index: None,
            ..self.pass(interval)
        }
    }

    /// For the last of them.
    #[must_use]
    pub fn end(&self, interval: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            beginning_of_pass_write_index: None,
            ..self.pass(interval)
        }
    }

    /// Comes after the passes, in the same encoder.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..Self::STAMPS, &self.resolved, 0);
    }

    /// Milliseconds of each interval, once the encoder has been submitted.
    ///
    /// # Errors
    /// When the device fails.
    pub fn read(&self, gpu: &Gpu) -> Result<[f64; N], GpuError> {
        let bytes = read(gpu, &self.resolved, 0, self.resolved.size())?;
        let stamps: Vec<u64> = bytemuck::pod_collect_to_vec(&bytes);
        Ok(std::array::from_fn(|interval| {
            let ticks = stamps[2 * interval + 1].saturating_sub(stamps[2 * interval]);
            ticks as f64 * self.ms_per_tick
        }))
    }
}
