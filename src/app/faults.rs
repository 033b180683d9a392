//! Faults on demand, to see what becomes of them: `ARCLIGHT_FAULT=lost-device:5` loses the device after so many seconds,
//! `worker-panic:5` has the inference thread panic at its first word after them. docs/RELIABILITY.md tells of their use.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use bevy::prelude::*;

use crate::gpu::Gpu;

/// The environment variable.
pub(super) const VARIABLE: &str = "ARCLIGHT_FAULT";

/// A fault and when it comes, counted from the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    LostDevice(Duration),
    WorkerPanic(Duration),
}

/// The fault that is asked for; what nobody understands is none.
pub(super) fn asked() -> Option<Fault> {
    parse(&std::env::var(VARIABLE).ok()?)
}

fn parse(text: &str) -> Option<Fault> {
    let (name, seconds) = text.split_once(':')?;
    let after = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    match name {
        "lost-device" => Some(Fault::LostDevice(after)),
        "worker-panic" => Some(Fault::WorkerPanic(after)),
        _ => None,
    }
}

/// What the inference thread calls at each word.
pub(super) fn at_each_word() -> impl Fn() + Send + 'static {
    let begun = Instant::now();
    let done = AtomicBool::new(false);
    let fault = asked();
    move || {
        if let Some(Fault::WorkerPanic(after)) = fault
            && begun.elapsed() > after
            && !done.swap(true, Ordering::Relaxed)
        {
            #[expect(clippy::panic, reason = "it was asked for")]
            {
                panic!("a fault that was asked for");
            }
        }
    }
}

/// Loses the device when it is time.
pub(super) fn lose_device(gpu: &Gpu, app: &mut App) {
    let Some(Fault::LostDevice(after)) = asked() else {
        return;
    };
    let (device, begun) = (gpu.device().clone(), Instant::now());
    app.add_systems(Last, move |mut done: Local<bool>| {
        if !*done && begun.elapsed() > after {
            *done = true;
            device.destroy();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_asked_for_by_name_and_time() {
        let five = Duration::from_secs_f64(5.5);
        assert_eq!(parse("lost-device:5.5"), Some(Fault::LostDevice(five)));
        assert_eq!(parse("worker-panic:5.5"), Some(Fault::WorkerPanic(five)));
        for other in [
            "",
            "lost-device",
            "lost-device:soon",
            "lost-device:-1",
            "sunshine:1",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
