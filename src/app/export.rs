use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};

use super::{Desk, Start};
use crate::{
    gpu::{self, Gpu},
    session::{Export, Intent},
};

/// Writes a part of what a session shows to a file, without a window; nothing is drawn.
///
/// # Errors
/// When the model cannot be opened or run, the session does not show what is asked for, or the file cannot be
/// written.
pub fn export(gpu: &Gpu, start: Start, what: Export, path: &Path) -> anyhow::Result<()> {
    let start = Start {
        still: true,
        ..start
    };
    let mut desk = Desk::new(gpu, start, || {})
        .context("the inference thread cannot be started: close other programs")?;
    settle(gpu, &mut desk)?;
    if desk.trace().is_none() {
        bail!("there is nothing to export: give a prompt");
    }
    let path = path.to_owned();
    desk.ask(Intent::Export { what, path });
    settle(gpu, &mut desk)
}

/// Goes on until the desk has nothing left to do.
fn settle(gpu: &Gpu, desk: &mut Desk) -> anyhow::Result<()> {
    loop {
        desk.hear();
        desk.decide();
        if let Some(error) = &desk.facts.error {
            bail!(error.clone());
        }
        if desk.is_settled() {
            return Ok(());
        }
        // Nothing is drawn that would poll the device.
        gpu::wait_idle(gpu);
        std::thread::sleep(Duration::from_millis(1));
    }
}
