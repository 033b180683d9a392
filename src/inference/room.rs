//! Whether a model or a run has room on the device, asked before it is made; and what is said when it has not after all.

use std::any::Any;

use super::Model;
use crate::{
    estimate::{self, Length, layers_that_fit, tokens_that_fit},
    files,
    gpu::{self, Gpu, GpuError},
    model::{Card, Quantisation, Version},
    trace::{Layers, Origin, Precision, Window},
};

/// Whether there is room for a model, as far as the adapter tells.
pub(super) fn require_model(
    gpu: &Gpu,
    model: &str,
    card: &Card,
    precision: Precision,
    quantisation: Quantisation,
) -> Result<(), GpuError> {
    let needed = Model::bytes(card, precision, quantisation);
    let cure = || {
        "keep layers in fewer bits (--int8 LAYERS or --nf4 LAYERS), close other programs, or choose a smaller model"
            .to_owned()
    };
    require(gpu, needed, || model.to_owned(), |_| cure())
}

/// Whether there is room for a run over `tokens` tokens, and for its scores.
pub(super) fn require_run(gpu: &Gpu, origin: &Origin, tokens: usize) -> Result<(), GpuError> {
    let kept = &origin.layers;
    let binding = gpu.report().limits.max_binding;
    let length = Length::of(origin, tokens);
    let takes = |layers, length| {
        estimate::run_bytes(&origin.card, origin.precision, layers, length, binding)
    };
    // Bytes that a run before has left in web-rwkv's caches.
    gpu.tidy();
    let what = || match Layers::of(kept).filter(|_| kept.len() < origin.card.layers) {
        Some(layers) => format!("a run of {tokens} tokens that keeps {}", layers.words()),
        None => format!("a run of {tokens} tokens"),
    };
    let cure = |free| {
        let layers = layers_that_fit(kept.clone(), free, |layers| takes(layers, length));
        let layers = layers.as_ref().and_then(Layers::of);
        let of_last = |tokens| takes(kept.len(), Length::last(tokens));
        let last = tokens_that_fit(tokens, free, of_last);
        let last = last.filter(|_| origin.card.version != Version::V4);
        let ways = [
            layers.map(|layers| format!("keep fewer layers (--layers {layers})")),
            last.map(|last| {
                format!(
                    "keep the last tokens alone (--window {})",
                    Window::last(last)
                )
            }),
            Some("use a shorter text".to_owned()),
        ];
        let ways: Vec<_> = ways.into_iter().flatten().collect();
        ways.join(", or ")
    };
    require(gpu, takes(kept.len(), length), what, cure)
}

/// Whether there is room for a run that lies in a file, and for its scores.
pub(super) fn require_trace(gpu: &Gpu, origin: &Origin, tokens: usize) -> Result<(), GpuError> {
    let (binding, layers) = (gpu.report().limits.max_binding, origin.layers.len());
    let length = Length::of(origin, tokens);
    let needed = estimate::run_bytes(&origin.card, origin.precision, layers, length, binding);
    gpu.tidy();
    let what = || format!("the trace of {tokens} tokens");
    let cure = "close other programs, or write it anew with fewer layers (arclight trace --layers)";
    require(gpu, needed, what, |_| cure.to_owned())
}

fn require(
    gpu: &Gpu,
    needed: u64,
    what: impl FnOnce() -> String,
    cure: impl FnOnce(u64) -> String,
) -> Result<(), GpuError> {
    match gpu.memory().and_then(|memory| memory.free) {
        Some(free) if needed > free => Err(GpuError::NoRoom {
            what: what(),
            needed: files::size(needed),
            free: files::size(free),
            cure: cure(free),
        }),
        _ => Ok(()),
    }
}

/// The first line of what a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text?.lines().next()
}

/// Does a part of a run, which may run out of the device's memory, and tells why it failed.
pub(super) fn run<T>(gpu: &Gpu, work: impl FnOnce() -> T) -> Result<T, GpuError> {
    gpu::attempt(gpu, work).map_err(|reason| GpuError::Memory {
        what: "the run",
        reason,
    })
}
