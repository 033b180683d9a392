//! The graphics device is lost, as after a driver has been reset: the program begins again in its own place, on a new device
//! and with the session.
//!
//! Everything on the old device is gone, the model and the panels' own pictures too, and a driver in that state may never
//! answer again; so nothing is taken down.

use std::{
    convert::Infallible,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use bevy::{
    prelude::*,
    render::error_handler::{ErrorType, RenderErrorHandler, RenderErrorPolicy},
};

use super::Desk;
use crate::gpu::{self, Gpu};

/// How the program was begun.
#[derive(Resource, Debug, Clone)]
pub(super) struct Begun {
    pub(super) at: Instant,
    /// Why it began again.
    pub(super) after: Option<String>,
    /// The vocabulary that was named.
    pub(super) vocab: Option<PathBuf>,
}

/// A device that does not last as long as this will not last longer the next time.
const SOON: Duration = Duration::from_secs(20);

/// Lets the device tell that it is lost, which it only does when it is asked: every submit asks, but none gets through then.
pub(super) fn listen(gpu: &Gpu, app: &mut App) {
    let gpu = gpu.clone();
    app.add_systems(First, move || gpu::poll(&gpu));
}

/// A lost device ends all that the program can do on it; other errors are shown.
pub(super) fn handler() -> RenderErrorHandler {
    RenderErrorHandler(|error, main_world, render_world| {
        if !matches!(error.ty, ErrorType::DeviceLost) {
            super::show_error(error, main_world, render_world);
            return RenderErrorPolicy::Ignore;
        }
        let (desk, begun) = (
            main_world.resource::<Desk>(),
            main_world.resource::<Begun>(),
        );
        let reason = error.description.lines().next().unwrap_or_default();
        let reason = match reason.is_empty() {
            true => "its driver gives no reason",
            false => reason,
        };
        error!("the device is lost: {reason}");
        let text = begin_again(desk, begun, reason);
        let _ = writeln!(io::stderr(), "arclight: {text}");
        std::process::exit(1)
    })
}

/// Begins again; comes back only if that cannot be done, with what the user has to know.
fn begin_again(desk: &Desk, begun: &Begun, reason: &str) -> String {
    let name = format!("after-loss-{}.toml", std::process::id());
    let session = super::log::log_file().map_or_else(
        || std::env::temp_dir().join(&name),
        |log| log.with_file_name(&name),
    );
    if let Err(error) = desk.session_here().save(&session) {
        return format!("the graphics device was lost ({reason}), and {error}");
    }
    let why = match begun.after.is_some() && begun.at.elapsed() < SOON {
        true => "so it was before, just now".to_owned(),
        false => match start(&session, begun, reason) {
            Err(error) => format!("arclight cannot be started again ({error})"),
        },
    };
    format!(
        "the graphics device was lost ({reason}); {why}. Update its driver, or close what else uses it; \
         what was on show is kept: arclight --session {}",
        session.display()
    )
}

/// Puts the program in its own place.
fn start(session: &Path, begun: &Begun, reason: &str) -> Result<Infallible, io::Error> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("--session")
        .arg(session)
        .arg("--after-loss")
        .arg(reason);
    if let Some(vocab) = &begun.vocab {
        command.arg("--vocab").arg(vocab);
    }
    command.env_remove(super::faults::VARIABLE);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        Err(command.exec())
    }
    #[cfg(not(unix))]
    {
        command.spawn()?;
        std::process::exit(0)
    }
}

/// What the window says after that.
pub(super) fn told(reason: &str) -> String {
    format!(
        "The graphics device was lost ({reason}) and has been set up anew. Model, text and view are as they were; what could \
         be undone is not."
    )
}
