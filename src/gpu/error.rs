use web_rwkv::context::ContextError;

/// What can go wrong between here and a working device.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// Nothing to draw or compute with.
    #[error(
        "no graphics adapter was found: install a Vulkan driver (on Debian or Ubuntu without a GPU: mesa-vulkan-drivers)"
    )]
    NoAdapter,
    /// `WGPU_ADAPTER_NAME` matches nothing.
    #[error("no adapter's name holds {wanted:?} (from WGPU_ADAPTER_NAME); present: {present}")]
    NoSuchAdapter {
        /// What was asked for.
        wanted: String,
        /// What is there.
        present: String,
    },
    /// The adapter cannot run the kernels.
    #[error(
        "the adapter {adapter} lacks {missing}: choose another with WGPU_ADAPTER_NAME or update its driver"
    )]
    Lacking {
        /// The adapter's name.
        adapter: String,
        /// What is missing.
        missing: String,
    },
    /// The driver refused to open a device.
    #[error(
        "the adapter {adapter} did not give a device ({source}): update its driver or choose another with WGPU_ADAPTER_NAME"
    )]
    Device {
        /// The adapter's name.
        adapter: String,
        /// web-rwkv's reason.
        source: ContextError,
    },
    /// A buffer could not be read back.
    #[error("reading {bytes} bytes back from the GPU failed: the device may be lost; start again")]
    Readback {
        /// How much was asked for.
        bytes: u64,
    },
    /// The device reported an error that no call was told of.
    #[error(
        "the graphics adapter reported an error ({reason}): use a shorter prompt or a smaller model, and report it if that does \
         not help (arclight doctor --report)"
    )]
    Fault {
        /// wgpu's reason.
        reason: String,
    },
    /// A part of a picture was not drawn.
    #[error(
        "the graphics adapter could not draw the picture ({reason}): close other programs, or choose a smaller one"
    )]
    Drawing {
        /// wgpu's reason.
        reason: String,
    },
    /// A buffer would be larger than the adapter allows.
    #[error(
        "{what} needs {needed} MiB in one buffer and {adapter} allows {allowed} MiB: use a shorter prompt or a smaller model"
    )]
    TooLarge {
        /// What the buffer is for.
        what: String,
        /// MiB needed.
        needed: u64,
        /// MiB allowed.
        allowed: u64,
        /// The adapter's name.
        adapter: String,
    },
    /// Memory ran out while something was made.
    #[error(
        "there is no GPU memory for {what} ({reason}): close other programs, keep fewer layers (--layers), or use a shorter text"
    )]
    Memory {
        /// What.
        what: &'static str,
        /// wgpu's reason.
        reason: String,
    },
    /// There is less free memory than something takes.
    #[error("{what} takes {needed} of GPU memory and {free} are free: {cure}")]
    NoRoom {
        /// What.
        what: String,
        /// How much it takes, as people read it.
        needed: String,
        /// How much is free.
        free: String,
        /// What to do.
        cure: String,
    },
    /// Memory ran out while room for a trace was made.
    #[error(
        "{tokens} tokens need {needed} MiB of GPU memory and there is less: use a shorter prompt, fewer layers (--layers) or --precision f16"
    )]
    OutOfMemory {
        /// Tokens asked for.
        tokens: usize,
        /// MiB needed.
        needed: u64,
    },
}
