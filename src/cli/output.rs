use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::{Context as _, anyhow};
use serde::Serialize;

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
    let cannot = || {
        format!(
            "{} cannot be written: choose a place where you may write",
            path.display()
        )
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(anyhow!("{} is a folder: name a file", path.display()));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".arclight-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // The whole error names the passing file, which nobody has asked for.
    let reason = |error: io::Error| io::Error::from(error.kind());
    let file = builder
        .tempfile_in(folder)
        .map_err(reason)
        .with_context(cannot)?;
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    let file = file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    Ok(())
}
