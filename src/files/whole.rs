use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
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
    let mut partial = Partial::beside(path)?;
    write(&mut partial.file)?;
    partial.keep()?;
    Ok(())
}

/// A file that is being written beside its place. Unless it is kept it goes when this goes.
#[derive(Debug)]
pub struct Partial {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Partial {
    /// Begins the file that is to be at `path`; what is there stays for now.
    ///
    /// # Errors
    /// When the place cannot be written to.
    pub fn beside(path: &Path) -> Result<Self, WriteError> {
        if path.is_dir() {
            let file = path.display().to_string();
            return Err(WriteError::Folder { file });
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        // Programs that are given the passing file tell its kind by the ending.
        let ending = path.extension().map(|ending| {
            let mut suffix = std::ffi::OsString::from(".");
            suffix.push(ending);
            suffix
        });
        if let Some(ending) = &ending {
            builder.suffix(ending);
        }
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder
            .tempfile_in(folder_of(path))
            .map_err(|error| WriteError::refused(path, &error))?;
        Ok(Self {
            file: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    /// Where the file is to be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file is until it is kept.
    #[must_use]
    pub fn passing(&self) -> &Path {
        self.file.get_ref().path()
    }

    /// Bytes written so far.
    ///
    /// # Errors
    /// When the last of them cannot be written.
    pub fn length(&mut self) -> Result<u64, WriteError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().as_file().metadata())
            .map(|data| data.len())
            .map_err(|error| WriteError::refused(&self.path, &error))
    }

    /// Moves the file to its place.
    ///
    /// # Errors
    /// When the last of it cannot be written or moved; nothing is left of it then.
    pub fn keep(self) -> Result<(), WriteError> {
        let cannot = |error: io::Error| WriteError::refused(&self.path, &error);
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .map_err(cannot)?;
        // What is renamed before it is on the disk may be empty after a power cut.
        file.as_file().sync_all().map_err(cannot)?;
        file.persist(&self.path)
            .map_err(|error| cannot(error.error))?;
        #[cfg(unix)]
        let _ = std::fs::File::open(folder_of(&self.path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Partial {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// What the name of everything begins with that is not whole yet.
pub const PREFIX: &str = ".arclight-";

/// The folder that `path` lies in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Writes a text whole or not at all.
///
/// # Errors
/// When the place cannot be written to.
pub fn write_text(path: &Path, text: &str) -> Result<(), WriteError> {
    write_whole(path, |file| {
        let written = file.write_all(text.as_bytes());
        written.map_err(|error| WriteError::refused(path, &error))
    })
}
