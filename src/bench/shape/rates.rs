use bytemuck::{Pod, Zeroable};
use serde::Serialize;

use crate::gpu::{self, Clock, Gpu, GpuError, Kernel};

/// Most bytes copied at once, on a GPU and on a CPU: far more than any cache holds.
const MOST: [u64; 2] = [1 << 30, 1 << 28];
/// Steps of `multiply`, on a GPU and on a CPU.
const STEPS: [u32; 2] = [1024, 16];
const THREADS: u32 = 256;
const GROUPS: u32 = 4096;
const TURNS: usize = 5;
/// Multiply-adds of one thread in one step.
const PER_STEP: f64 = 128.0;

/// What the adapter has been seen to do at most.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rates {
    /// Bytes a second that a kernel copies, read and written counted apart.
    pub bytes_per_s: f64,
    /// Fused multiply-adds a second in single floats.
    pub fma_per_s: f64,
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    count: u32,
    threads: u32,
}

impl Rates {
    /// Measures both.
    ///
    /// # Errors
    /// When the device fails.
    pub fn measure(gpu: &Gpu, clock: &Clock<1>) -> Result<Self, GpuError> {
        let text = include_str!("../../../shaders/rates.wgsl");
        let device = gpu.device();
        let software = usize::from(gpu.is_software());
        let limits = device.limits();
        let bytes = limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size)
            .min(MOST[software])
            & !0xffff;
        let kernel = Kernel::new(device, "copy", text, "copy");
        let count = (bytes / 16) as u32;
        let groups = count.div_ceil(THREADS);
        let row = groups.min(GROUPS);
        let params = gpu::uniform(
            device,
            "copy",
            &Params {
                count,
                threads: row * THREADS,
            },
        );
        let (from, to) = (
            gpu::storage(device, "copied", bytes),
            gpu::storage(device, "copy", bytes),
        );
        let bindings = kernel.bind(device, &[(0, &params), (1, &from), (2, &to)]);
        let copying = quickest(
            gpu,
            clock,
            &kernel,
            &bindings,
            [row, groups.div_ceil(row), 1],
        )?;

        let kernel = Kernel::new(device, "multiply", text, "multiply");
        let steps = STEPS[software];
        let threads = GROUPS * THREADS;
        let params = gpu::uniform(
            device,
            "multiply",
            &Params {
                count: steps,
                threads,
            },
        );
        let products = gpu::storage(device, "products", u64::from(threads) * 16);
        let bindings = kernel.bind(device, &[(0, &params), (3, &products)]);
        let multiplying = quickest(gpu, clock, &kernel, &bindings, [GROUPS, 1, 1])?;
        Ok(Self {
            bytes_per_s: 2.0 * bytes as f64 / copying,
            fma_per_s: f64::from(steps) * PER_STEP * f64::from(threads) / multiplying,
        })
    }
}

/// Seconds of the quickest of some turns.
fn quickest(
    gpu: &Gpu,
    clock: &Clock<1>,
    kernel: &Kernel,
    bindings: &wgpu::BindGroup,
    groups: [u32; 3],
) -> Result<f64, GpuError> {
    let mut least = f64::INFINITY;
    for _ in 0..TURNS {
        let mut encoder = gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: None,
            timestamp_writes: Some(clock.pass(0)),
        });
        kernel.dispatch(&mut pass, bindings, groups);
        drop(pass);
        clock.resolve(&mut encoder);
        gpu.queue().submit([encoder.finish()]);
        let [ms] = clock.read(gpu)?;
        least = least.min(ms * 1e-3);
    }
    Ok(least)
}
