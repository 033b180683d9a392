//! What sessions and films have in common as files: TOML with a version, made to be read and edited by people.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::files::{WriteError, as_text, read_regular};

/// The layout of the files that this program writes.
pub(super) const VERSION: u32 = 1;

/// Why a session or a film could not be read or written; `what` is which of the two.
#[derive(Debug, thiserror::Error)]
pub enum TextFileError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({reason}): check the path of the {what}", path = path.display())]
    Read {
        /// A session or a film.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{path}, line {line}: {reason}", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong there, and what to do.
        reason: String,
    },
    /// The file was written by a later program.
    #[error(
        "{path} is a {what} of version {found}, and this program knows {VERSION}: use a newer arclight",
        path = path.display()
    )]
    Version {
        /// A session or a film.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Save(#[from] WriteError),
    /// It cannot be written as text.
    #[error("the {what} cannot be written: {reason}")]
    Write {
        /// A session or a film.
        what: &'static str,
        /// Which value TOML cannot hold.
        reason: toml::ser::Error,
    },
}

/// What of the file any version has.
#[derive(Deserialize)]
struct Header {
    version: u32,
}

/// The text of a file.
pub(super) fn read(path: &Path, what: &'static str) -> Result<String, TextFileError> {
    read_regular(path)
        .and_then(as_text)
        .map_err(|reason| TextFileError::Read {
            what,
            path: path.to_owned(),
            reason,
        })
}

/// Refuses a later layout, which may not be readable at all; `unread` says what is wrong with a text.
pub(super) fn require_version(
    text: &str,
    path: &Path,
    what: &'static str,
    unread: impl Fn(&toml::de::Error) -> TextFileError,
) -> Result<(), TextFileError> {
    let header: Header = toml::from_str(text).map_err(|error| unread(&error))?;
    if header.version > VERSION {
        return Err(TextFileError::Version {
            what,
            path: path.to_owned(),
            found: header.version,
        });
    }
    Ok(())
}

/// Something is wrong `at` bytes from the beginning of a text.
pub(super) fn wrong(text: &str, path: &Path, at: usize, reason: String) -> TextFileError {
    TextFileError::Wrong {
        path: path.to_owned(),
        line: text.get(..at).unwrap_or(text).matches('\n').count() + 1,
        reason,
    }
}
