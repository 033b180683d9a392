use std::{
    io::{self, BufWriter},
    path::Path,
};

use tempfile::NamedTempFile;

/// Why a file was not written. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A folder has that name.
    #[error("{file} is a folder: name a file")]
    Folder {
        /// The path.
        file: String,
    },
    /// The operating system refused.
    #[error(
        "{file} cannot be written ({reason}): choose a place where you may write, with room enough"
    )]
    Refused {
        /// The path.
        file: String,
        /// The system's reason.
        reason: io::Error,
    },
}

impl WriteError {
    /// Of the file that is to be at `path`.
    #[must_use]
    pub fn refused(path: &Path, error: &io::Error) -> Self {
        Self::Refused {
            file: path.display().to_string(),
            // The whole error names the passing file, which nobody has asked for.
            reason: error.kind().into(),
        }
    }
}

/// Writes a file beside its place and moves it there once it is whole; until then what was there stays.
///
/// # Errors
/// When the place cannot be written to, and those of `write`; nothing is left beside it then.
pub fn write_whole<E: From<WriteError>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> Result<(), E>,
) -> Result<(), E> {
    let cannot = |error: io::Error| WriteError::refused(path, &error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if path.is_dir() {
        let file = path.display().to_string();
        Err(WriteError::Folder { file })?;
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".arclight-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder).map_err(cannot)?;
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    let file = file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .map_err(cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
}
