//! Reading buffers back without a waiting poll.
//!
//! In wgpu 29 a thread inside `poll(Wait)` blocks every `submit` on the device, frames included.
//! Only `poll(Poll)` is called here, with short sleeps between.

use std::{
    sync::Arc,
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant},
};

use super::{Gpu, GpuError};

const WAITING: u8 = 0;
const READY: u8 = 1;
const FAILED: u8 = 2;

/// A copy on its way back; ask [`Pending::take`] each frame, or wait for it.
#[derive(Debug)]
pub struct Pending {
    staging: wgpu::Buffer,
    state: Arc<AtomicU8>,
}

impl Pending {
    /// Makes a staging buffer and records the copies `(source, offset, bytes)` into it, one after another.
    #[must_use]
    pub fn record(
        gpu: &Gpu,
        encoder: &mut wgpu::CommandEncoder,
        parts: &[(&wgpu::Buffer, u64, u64)],
    ) -> wgpu::Buffer {
        let total = parts.iter().map(|part| part.2).sum();
        let staging = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("read-back"),
            size: total,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut at = 0;
        for (source, offset, bytes) in parts {
            encoder.copy_buffer_to_buffer(source, *offset, &staging, at, *bytes);
            at += bytes;
        }
        staging
    }

    /// Starts mapping a staging buffer whose copies have been submitted.
    #[must_use]
    pub fn map(staging: wgpu::Buffer) -> Self {
        let state = Arc::new(AtomicU8::new(WAITING));
        let flag = state.clone();
        staging
            .slice(..)
            .map_async(wgpu::MapMode::Read, move |result| {
                flag.store(
                    if result.is_ok() { READY } else { FAILED },
                    Ordering::Release,
                );
            });
        Self { staging, state }
    }

    /// The bytes, once they are there. A polled device is needed: any submit polls.
    ///
    /// # Errors
    /// When mapping failed, as after a lost device.
    pub fn take(&self) -> Result<Option<Vec<u8>>, GpuError> {
        match self.state.load(Ordering::Acquire) {
            WAITING => Ok(None),
            READY => {
                let bytes = self.staging.slice(..).get_mapped_range().to_vec();
                self.staging.unmap();
                Ok(Some(bytes))
            }
            _ => Err(GpuError::Readback {
                bytes: self.staging.size(),
            }),
        }
    }

    /// Waits for the bytes on this thread.
    ///
    /// # Errors
    /// When mapping failed, as after a lost device.
    pub fn wait(&self, gpu: &Gpu) -> Result<Vec<u8>, GpuError> {
        let start = Instant::now();
        loop {
            poll(gpu);
            if let Some(bytes) = self.take()? {
                gpu.fault()?;
                return Ok(bytes);
            }
            gpu.fault()?;
            pause(start);
        }
    }
}

/// Reads `bytes` of a buffer, waiting for all work submitted before.
///
/// # Errors
/// When mapping failed, as after a lost device.
pub fn read(
    gpu: &Gpu,
    buffer: &wgpu::Buffer,
    offset: u64,
    bytes: u64,
) -> Result<Vec<u8>, GpuError> {
    let mut encoder = gpu
        .device()
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let staging = Pending::record(gpu, &mut encoder, &[(buffer, offset, bytes)]);
    gpu.queue().submit([encoder.finish()]);
    Pending::map(staging).wait(gpu)
}

/// Waits until all submitted work is done.
pub fn wait_idle(gpu: &Gpu) {
    wait_idle_for(gpu, Duration::MAX);
}

/// The same, at most so long.
pub(super) fn wait_idle_for(gpu: &Gpu, most: Duration) {
    let done = Arc::new(AtomicU8::new(WAITING));
    let flag = done.clone();
    gpu.queue()
        .on_submitted_work_done(move || flag.store(READY, Ordering::Release));
    let start = Instant::now();
    loop {
        poll(gpu);
        if done.load(Ordering::Acquire) != WAITING || start.elapsed() > most {
            return;
        }
        pause(start);
    }
}

/// Sleeps for a small part of the wait so far, so that nothing is overslept by more.
fn pause(start: Instant) {
    let part = start.elapsed() / 16;
    std::thread::sleep(part.clamp(Duration::from_micros(20), Duration::from_millis(1)));
}

/// Lets the device tell what it is done with, without waiting.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that polls, and it never waits"
)]
pub fn poll(gpu: &Gpu) {
    // An error means a lost device; the mapping then reports it.
    let _ = gpu.device().poll(wgpu::PollType::Poll);
}
