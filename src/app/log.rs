//! What goes into the log file: what ran on what, what the user was told of, and errors. It never holds a text that was run.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Mutex,
};

use bevy::{
    log::{
        BoxedFmtLayer, BoxedLayer, LogPlugin,
        tracing_subscriber::{EnvFilter, Layer as _, fmt},
    },
    prelude::*,
};

use super::Desk;
use crate::gpu::{Gpu, Report};

/// Bytes from which on the older half is left out when the program begins.
const LONGEST: u64 = 1 << 20;

/// What is running, for the log and for reports.
#[must_use]
pub fn program() -> String {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("arclight {} for {os} {arch}", env!("CARGO_PKG_VERSION"))
}

/// Where the log is; none where the system has no folder for it.
#[must_use]
pub fn log_file() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "arclight")?;
    let folder = folders.state_dir().unwrap_or(folders.data_local_dir());
    Some(folder.join("arclight.log"))
}

/// The log's last lines, at most so many bytes of them; none when there is no log.
#[must_use]
pub fn last_lines(path: &Path, most: u64) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(match text.split_once('\n') {
        // The first of them is not whole.
        Some((_, rest)) if length > most => rest.to_owned(),
        _ => text.into_owned(),
    })
}

/// Opens the log to be written on. Several windows write whole lines to its end.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if path.metadata().is_ok_and(|data| data.len() > LONGEST)
        && let Some(text) = last_lines(path, LONGEST / 2)
    {
        crate::files::write_text(path, &text).map_err(io::Error::other)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Warnings and errors on standard error, as ever; more in the file. `RUST_LOG` has a say in both.
pub(super) fn plugin() -> LogPlugin {
    LogPlugin {
        // Where the system has no dialogs, rfd complains, and we have our own.
        filter: "error,arclight=info,rfd=off".into(),
        fmt_layer: on_screen,
        custom_layer: in_file,
        ..default()
    }
}

fn on_screen(_: &mut App) -> Option<BoxedFmtLayer> {
    // A panic is printed without our help.
    let chosen = std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_default();
    let filter = EnvFilter::new(format!("error,arclight=warn,{PANIC}=off,{chosen}"));
    let layer = fmt::Layer::default().with_writer(io::stderr);
    Some(Box::new(layer.with_filter(filter)))
}

fn in_file(_: &mut App) -> Option<BoxedLayer> {
    // Without a log there is a window all the same.
    let file = log_file().and_then(|path| open(&path).ok())?;
    let layer = fmt::Layer::default()
        .with_ansi(false)
        .with_writer(Mutex::new(file));
    Some(Box::new(layer))
}

/// What panics are logged as.
const PANIC: &str = "panic";

/// Notes what is running on what, and panics from now on.
pub(super) fn begin(gpu: &Gpu) {
    let Report {
        adapter,
        kind,
        backend,
        driver,
        ..
    } = gpu.report();
    info!(
        "{} began as process {}; {adapter} ({kind}), {backend}, {driver}",
        program(),
        std::process::id(),
    );
    let printed = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        let text = panic.to_string().replace('\n', " ");
        error!(target: PANIC, "thread {:?}: {text}", thread.name().unwrap_or("?"));
        printed(panic);
    }));
}

/// Notes what the user is told has gone wrong.
pub(super) fn note_errors(desk: Res<Desk>, mut noted: Local<Option<String>>) {
    if *noted == desk.facts.error {
        return;
    }
    noted.clone_from(&desk.facts.error);
    if let Some(text) = &desk.facts.error {
        info!("said: {text}");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_long_log_loses_its_older_half() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/arclight.log");
        let mut file = open(&path).expect("opened");
        let mut lines = 0;
        while file.metadata().expect("there").len() <= LONGEST {
            writeln!(file, "line {lines} of a long log").expect("written");
            lines += 1;
        }
        assert_eq!(
            last_lines(&path, 40).as_deref(),
            Some(&*format!("line {} of a long log\n", lines - 1))
        );
        let mut file = open(&path).expect("opened");
        writeln!(file, "the end").expect("written");
        let text = fs::read_to_string(&path).expect("there");
        assert!(text.len() as u64 <= LONGEST / 2 + 10);
        assert!(text.starts_with("line ") && text.ends_with("of a long log\nthe end\n"));
        assert_eq!(last_lines(&path, LONGEST).as_deref(), Some(&*text));
        assert_eq!(last_lines(&folder.path().join("none"), 10), None);
    }
}
