//! The one wgpu device, shared by inference, score kernels and the picture.
//!
//! web-rwkv's `Context` can only be made by its own builder, so the device is born there
//! (instance → adapter → context) and Bevy is handed clones of it.

mod adapter;
mod clock;
mod error;
mod kernel;
mod memory;
mod readback;
mod texture;

pub use adapter::{Limits, Report};
pub use clock::Clock;
pub use error::GpuError;
pub use kernel::{Kernel, storage, uniform};
pub use memory::Memory;
pub use readback::{Pending, poll, read, wait_idle};
pub use texture::{copy_texture, without_padding};

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use web_rwkv::context::{Context, ContextBuilder};
/// Turns after which web-rwkv lets go of a bind group that nobody used.
const BIND_GROUP_TURNS: usize = 65;

/// What a kernel is made of: device, entry point, text.
type KernelKey = (wgpu::Device, &'static str, String);

/// Instance, adapter, device and queue, as one cheap handle.
#[derive(Clone)]
pub struct Gpu {
    /// Kept alive for as long as anything made from it.
    pub instance: wgpu::Instance,
    /// web-rwkv's handle on the adapter, device and queue.
    pub context: Context,
    fault: Arc<OnceLock<String>>,
    kernels: Arc<Mutex<HashMap<KernelKey, Kernel>>>,
    portable: bool,
    tells_memory: bool,
}

/// Those that were opened. web-rwkv's read-back thread drops its device when the last context goes, and if that is the
/// end of the process too, some drivers crash in the race; so one of each stays for good.
static ALL: Mutex<Vec<Gpu>> = Mutex::new(Vec::new());

/// Waits until no device is at work, at most for some seconds: the end of the process takes from a driver what its
/// threads still need.
pub fn finish() {
    const MOST: Duration = Duration::from_secs(10);
    let all = ALL.lock().map(|all| all.clone()).unwrap_or_default();
    for gpu in all {
        readback::wait_idle_for(&gpu, MOST);
    }
}

impl Gpu {
    /// Opens the best adapter; `WGPU_ADAPTER_NAME` and `WGPU_BACKEND` narrow the choice.
    ///
    /// # Errors
    /// When no adapter is found, the named one is absent, or it lacks what the kernels need.
    pub fn new() -> Result<Self, GpuError> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
        // A validation pass before every indirect draw costs more than the draw.
        descriptor
            .flags
            .remove(wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL);
        // GL drivers lack what the kernels need, and looking for them prints warnings of their own.
        let backends = wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY);
        descriptor.backends = backends;
        let instance = wgpu::Instance::new(descriptor);
        let adapter = pollster(adapter::choose(&instance, backends))?;
        adapter::require(&adapter)?;

        let name = adapter.get_info().name;
        let builder = ContextBuilder::new(adapter.clone())
            .limits(adapter.limits())
            .features(adapter::features(&adapter));
        let context = pollster(builder.build()).map_err(|source| GpuError::Device {
            adapter: name,
            source,
        })?;
        // Without a handler wgpu panics. Bevy sets its own in place of this one.
        let fault = Arc::new(OnceLock::new());
        let slot = fault.clone();
        context
            .device
            .on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
                // Later errors follow from the first.
                let _ = slot.set(in_a_line(&error.to_string()));
            }));
        let gpu = Self {
            instance,
            context,
            fault,
            kernels: Arc::default(),
            portable: false,
            tells_memory: true,
        };
        if let Ok(mut all) = ALL.lock() {
            all.push(gpu.clone());
        }
        Ok(gpu)
    }

    /// The device all work runs on.
    #[must_use]
    pub fn device(&self) -> &wgpu::Device {
        &self.context.device
    }

    /// The one queue: work runs in the order it is submitted, whoever submits it.
    #[must_use]
    pub fn queue(&self) -> &wgpu::Queue {
        &self.context.queue
    }

    /// Compiles `entry` of a WGSL text, or gives what was compiled of it before: text after text needs the same ones, and
    /// whoever needs one first may have more time than a frame.
    #[must_use]
    pub fn kernel(&self, entry: &'static str, source: &str) -> Kernel {
        let kernels = || self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.device().clone(), entry, source.to_owned());
        let known = kernels().get(&key).cloned();
        known.unwrap_or_else(|| {
            // Others go on meanwhile.
            let kernel = Kernel::new(self.device(), entry, source, entry);
            kernels().insert(key, kernel.clone());
            kernel
        })
    }

    /// Lanes of the smallest and of the largest subgroup, where kernels may build on subgroups.
    #[must_use]
    pub fn subgroups(&self) -> Option<(usize, usize)> {
        let there = self.device().features().contains(wgpu::Features::SUBGROUP);
        let info = self.context.adapter.get_info();
        let sizes = (info.subgroup_min_size, info.subgroup_max_size);
        let usable = there && !self.portable && sizes.0 > 0 && sizes.0 <= sizes.1;
        usable.then_some((sizes.0 as usize, sizes.1 as usize))
    }

    /// The same device, with the kernels for adapters whose subgroups are not known.
    #[must_use]
    pub fn portable(&self) -> Self {
        Self {
            portable: true,
            ..self.clone()
        }
    }

    /// The same device, as if its adapter did not tell how much memory is free.
    #[must_use]
    pub(crate) fn without_figures(&self) -> Self {
        Self {
            tells_memory: false,
            ..self.clone()
        }
    }

    /// The first error the device reported by itself, if it did.
    pub(crate) fn fault(&self) -> Result<(), GpuError> {
        match self.fault.get() {
            None => Ok(()),
            Some(reason) => Err(GpuError::Fault {
                reason: reason.clone(),
            }),
        }
    }

    /// What the adapter is and which of its limits matter here.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::new(&self.context.adapter, &self.context.device)
    }

    /// How much memory the adapter has, and how much of it is free; none where it does not tell.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        // What nobody uses any more is only given back when the device is asked.
        poll(self);
        memory::of(&self.context.adapter).filter(|_| self.tells_memory)
    }

    /// Lets go of buffers that web-rwkv keeps for the next one of the same size, such as those of a trace that is gone.
    pub fn tidy(&self) {
        // Bind groups are kept for 64 turns, and with them what they bind.
        for _ in 0..=BIND_GROUP_TURNS {
            self.context.maintain();
        }
        self.context.clear_buffers();
        poll(self);
    }

    /// Whether pixels are drawn by the CPU, so that cheaper settings are worth having.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.context.adapter.get_info().device_type == wgpu::DeviceType::Cpu
    }
}

/// Does what may run out of memory or ask for something that the adapter does not allow, and tells why it failed. wgpu panics
/// where a buffer that it could not make is to be filled at once; other panics go on.
pub(crate) fn attempt<T>(gpu: &Gpu, work: impl FnOnce() -> T) -> Result<T, String> {
    let device = gpu.device();
    let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let rules = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let done = catch_unwind(AssertUnwindSafe(work));
    let broken = pollster(rules.pop());
    match (pollster(memory.pop()).or(broken), done) {
        (Some(error), _) => Err(in_a_line(&error.to_string())),
        (None, Ok(done)) => Ok(done),
        (None, Err(panic)) => resume_unwind(panic),
    }
}

/// What wgpu says over many lines, from what was asked for down to why it cannot be, in one line that people can read.
pub(crate) fn in_a_line(text: &str) -> String {
    const LINES: usize = 6;
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != "Caused by:");
    lines.take(LINES).collect::<Vec<_>>().join(": ")
}

/// Runs a future to its end on this thread.
pub(crate) fn pollster<T>(future: impl Future<Output = T>) -> T {
    bevy::tasks::block_on(future)
}
