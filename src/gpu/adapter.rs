use serde::Serialize;
use wgpu::{Adapter, Backends, DeviceType, Features};

use super::GpuError;

/// Picks the adapter: the one named in `WGPU_ADAPTER_NAME`, else the strongest kind.
pub(super) async fn choose(
    instance: &wgpu::Instance,
    backends: Backends,
) -> Result<Adapter, GpuError> {
    let adapters = instance.enumerate_adapters(backends).await;
    if let Ok(wanted) = std::env::var("WGPU_ADAPTER_NAME") {
        let present: Vec<_> = adapters
            .iter()
            .map(|adapter| adapter.get_info().name)
            .collect();
        return adapters
            .into_iter()
            .find(|adapter| {
                adapter
                    .get_info()
                    .name
                    .to_lowercase()
                    .contains(&wanted.to_lowercase())
            })
            .ok_or_else(|| GpuError::NoSuchAdapter {
                wanted,
                present: present.join(", "),
            });
    }
    adapters
        .into_iter()
        .min_by_key(|adapter| rank(&adapter.get_info()))
        .ok_or(GpuError::NoAdapter)
}

/// Smaller is better. GL comes last: it lacks the storage buffers the kernels need on many drivers.
fn rank(info: &wgpu::AdapterInfo) -> (u8, u8) {
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    };
    (u8::from(info.backend == wgpu::Backend::Gl), kind)
}

/// Everything the adapter offers, less the experimental (web-rwkv does not enable those) and, on a
/// discrete card, host-mappable buffers (they cost speed).
pub(super) fn features(adapter: &Adapter) -> Features {
    let features = adapter.features() - Features::all_experimental_mask();
    match adapter.get_info().device_type {
        DeviceType::DiscreteGpu => features - Features::MAPPABLE_PRIMARY_BUFFERS,
        _ => features,
    }
}

/// Checks what the kernels cannot do without.
pub(super) fn require(adapter: &Adapter) -> Result<(), GpuError> {
    let limits = adapter.limits();
    let lacking = |missing: String| GpuError::Lacking {
        adapter: adapter.get_info().name,
        missing,
    };
    if !adapter.features().contains(Features::SUBGROUP) {
        return Err(lacking("subgroup operations".into()));
    }
    if limits.max_storage_buffers_per_shader_stage < 8 {
        let found = limits.max_storage_buffers_per_shader_stage;
        return Err(lacking(format!(
            "8 storage buffers a shader stage (it has {found})"
        )));
    }
    if limits.max_compute_invocations_per_workgroup < 256 {
        return Err(lacking("workgroups of 256".into()));
    }
    Ok(())
}

/// The limits that decide what fits.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// Largest buffer, in bytes.
    pub max_buffer: u64,
    /// Largest part of a buffer a kernel may see, in bytes.
    pub max_binding: u64,
    /// Largest picture side, in pixels.
    pub max_texture: u32,
    /// Threads in one workgroup.
    pub max_workgroup: u32,
}

/// What `doctor` says of the adapter.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The adapter's name.
    pub adapter: String,
    /// `discrete GPU`, `integrated GPU`, `CPU` …
    pub kind: String,
    /// `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// Driver name and version.
    pub driver: String,
    /// The limits that decide what fits.
    pub limits: Limits,
    /// GPU time can be measured.
    pub timestamps: bool,
    /// Half floats in shaders.
    pub shader_f16: bool,
}

impl Report {
    pub(super) fn new(adapter: &Adapter, device: &wgpu::Device) -> Self {
        let info = adapter.get_info();
        let limits = device.limits();
        let kind = match info.device_type {
            DeviceType::DiscreteGpu => "discrete GPU",
            DeviceType::IntegratedGpu => "integrated GPU",
            DeviceType::VirtualGpu => "virtual GPU",
            DeviceType::Cpu => "CPU",
            DeviceType::Other => "other",
        };
        Self {
            adapter: info.name,
            kind: kind.into(),
            backend: info.backend.to_str().into(),
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .into(),
            limits: Limits {
                max_buffer: limits.max_buffer_size,
                max_binding: limits.max_storage_buffer_binding_size,
                max_texture: limits.max_texture_dimension_2d,
                max_workgroup: limits.max_compute_invocations_per_workgroup,
            },
            timestamps: device.features().contains(Features::TIMESTAMP_QUERY),
            shader_f16: device.features().contains(Features::SHADER_F16),
        }
    }
}
