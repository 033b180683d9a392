use std::{
    io::{self, BufWriter, Write},
    path::Path,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context as _;
use serde::Serialize;

use crate::files::{self, Watch};

/// The arguments do not make sense together: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0} (see --help)")]
pub(super) struct Usage(pub(super) &'static str);

/// Writes to standard output. A reader that has seen enough (as `head`) is no error.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.context("standard output cannot be written to"),
    }
}

/// Writes a value as one line of JSON to standard output.
pub(super) fn say_json(value: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string(value)?)
}

/// A spinner for long work that says what it is at; where nobody sees it, each step is a line on standard error.
pub(super) fn spin<T>(work: impl FnOnce(&dyn Fn(&str)) -> T) -> T {
    let bar = indicatif::ProgressBar::new_spinner();
    let done = work(&|what| {
        if bar.is_hidden() {
            let _ = writeln!(io::stderr(), "arclight: {what}");
        }
        bar.set_message(what.to_owned());
        bar.tick();
    });
    bar.finish_and_clear();
    done
}

/// Writes an error and its causes as one line to standard error.
pub(super) fn complain(error: &anyhow::Error) {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        // Some errors repeat their source in their own words.
        if !line.contains(&cause) {
            line += if line.is_empty() { "" } else { ": " };
            line += &cause;
        }
    }
    let line = line.replace(['\n', '\r'], " ");
    // Nothing is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "arclight: {line}");
}

/// Writes a file beside its place and moves it there once it is whole.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<tempfile::NamedTempFile>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    files::write_whole(path, write).map_err(|error| match error.downcast() {
        Ok(error) => files::WriteError::refused(path, &error).into(),
        Err(other) => other,
    })
}

/// Long work that can be ended is going on.
static WORKING: AtomicBool = AtomicBool::new(false);
/// It is to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The exit code of a program that was interrupted.
const INTERRUPT: i32 = 130;

/// Ctrl+C ends long work, so that what it has begun can be put away; at any other time it ends the program.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without it Ctrl+C ends the program as it always did.
        let _ = ctrlc::set_handler(|| {
            let again = INTERRUPTED.swap(true, Ordering::Relaxed);
            if again || !WORKING.load(Ordering::Relaxed) {
                std::process::exit(INTERRUPT);
            }
        });
    });
}

/// Does long work, with a progress bar where somebody watches. Ctrl+C ends it.
pub(super) fn watched<T>(work: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    watched_by(indicatif::ProgressBar::new(0), work)
}

/// The same; the bar says bytes, and the time that is left.
pub(super) fn watched_bytes<T>(work: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    let bar = indicatif::ProgressBar::new(0);
    let template = "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    watched_by(bar, work)
}

fn watched_by<T>(bar: indicatif::ProgressBar, work: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    listen();
    WORKING.store(true, Ordering::Relaxed);
    let mut tell = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let done = work(&mut Watch::new(&INTERRUPTED, &mut tell));
    WORKING.store(false, Ordering::Relaxed);
    bar.finish_and_clear();
    done
}
