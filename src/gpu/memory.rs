use serde::Serialize;

/// Memory that buffers and pictures are made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that this program may still take; none where the driver does not tell.
    pub free: Option<u64>,
}

/// Hundredths of what the driver grants that are taken: a picture or another program needs the last of it.
#[cfg(not(target_vendor = "apple"))]
const MOST_OF_BUDGET: u64 = 98;

/// What an adapter has. A CPU and a GPU that is a part of one use the system's memory; of other GPUs only Vulkan tells.
pub(super) fn of(adapter: &wgpu::Adapter) -> Option<Memory> {
    match adapter.get_info().device_type {
        wgpu::DeviceType::Cpu | wgpu::DeviceType::IntegratedGpu => system(),
        _ => vulkan(adapter),
    }
}

/// The system's own.
fn system() -> Option<Memory> {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    // Where the system is not known both are 0.
    let total = Some(system.total_memory()).filter(|total| *total > 0)?;
    Some(Memory {
        total,
        free: Some(system.available_memory()),
    })
}

/// The largest heap of the device's own, and what `VK_EXT_memory_budget` says is left of it.
#[cfg(not(target_vendor = "apple"))]
fn vulkan(adapter: &wgpu::Adapter) -> Option<Memory> {
    use ash::vk;

    #[expect(
        unsafe_code,
        reason = "only the driver's own interface tells how much memory there is"
    )]
    // SAFETY: the adapter is only read, and is not destroyed: the guard lives to the end of this function.
    let adapter = unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
    let instance = adapter.shared_instance();
    let (device, capabilities) = (
        adapter.raw_physical_device(),
        adapter.physical_device_capabilities(),
    );
    // The call that takes more structures came with Vulkan 1.1.
    if instance.instance_api_version() < vk::API_VERSION_1_1 {
        return None;
    }
    let tells = capabilities.supports_extension(ash::ext::memory_budget::NAME);
    let mut budget = vk::PhysicalDeviceMemoryBudgetPropertiesEXT::default();
    let mut found = vk::PhysicalDeviceMemoryProperties2::default();
    if tells {
        found = found.push_next(&mut budget);
    }
    #[expect(
        unsafe_code,
        reason = "only the driver's own interface tells how much memory there is"
    )]
    // SAFETY: the instance and its physical device are alive, being those of a living adapter; the instance is of
    // Vulkan 1.1, to which this call belongs; `found` is a valid chain of structures, of which the second is there
    // only where the device has the extension that it belongs to, and both outlive the call.
    unsafe {
        instance
            .raw_instance()
            .get_physical_device_memory_properties2(device, &mut found);
    }
    let properties = found.memory_properties;
    let heaps = &properties.memory_heaps[..properties.memory_heap_count as usize];
    let own = heaps
        .iter()
        .enumerate()
        .filter(|(_, heap)| heap.flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL));
    let (at, heap) = own.max_by_key(|(_, heap)| heap.size)?;
    Some(Memory {
        total: heap.size,
        // The budget is for what this program uses already and for what may be added. To ask before every buffer, as wgpu
        // can, would take longer than to make it.
        free: tells.then(|| {
            let most = budget.heap_budget[at] / 100 * MOST_OF_BUDGET;
            most.saturating_sub(budget.heap_usage[at])
        }),
    })
}

#[cfg(target_vendor = "apple")]
fn vulkan(_: &wgpu::Adapter) -> Option<Memory> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::Gpu;

    /// A driver on the CPU has the system's memory, so both ways can be held against each other.
    #[test]
    fn a_driver_on_the_cpu_has_the_systems_memory() {
        let gpu = Gpu::new().expect("a graphics adapter");
        let system = system().expect("the system tells");
        let free = system.free.expect("the system tells what is free");
        assert!(system.total > 256 << 20 && (1..system.total).contains(&free));
        if gpu.is_software() {
            assert_eq!(gpu.memory().map(|memory| memory.total), Some(system.total));
            if let Some(driver) = vulkan(&gpu.context.adapter) {
                // It may grant a part of it.
                let part = 1 << 20..=system.total;
                assert!(part.contains(&driver.total), "{driver:?}, {system:?}");
                assert!(driver.free.is_none_or(|free| free <= driver.total));
            }
        }
    }
}
