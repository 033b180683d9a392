use std::path::Path;

use crate::files::WriteError;

/// Why a file was not downloaded. Every message is one line.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No name of the catalogue, and no place.
    #[error(
        "{name:?} is no model known here: see `arclight download --list`, or give OWNER/REPOSITORY/FILE"
    )]
    Unknown {
        /// What was given.
        name: String,
    },
    /// The user wants no network.
    #[error("HF_HUB_OFFLINE is set, so nothing is downloaded: unset it to go on")]
    Offline,
    /// The address of the hub is none.
    #[error("HF_ENDPOINT is {endpoint:?}: give an address as https://huggingface.co")]
    Endpoint {
        /// What it is.
        endpoint: String,
    },
    /// No answer.
    #[error(
        "{host} cannot be reached ({reason}): check the network, or set HF_ENDPOINT to a mirror"
    )]
    Network {
        /// Whom.
        host: String,
        /// Why not.
        reason: String,
    },
    /// The transfer broke off.
    #[error(
        "{host} broke off ({reason}) with {done} of {total} bytes: the same command goes on from there"
    )]
    Broken {
        /// Who.
        host: String,
        /// Why.
        reason: String,
        /// Bytes that are there.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// The server has no such file.
    #[error(
        "{host} has no {what}: `arclight download --list OWNER/REPOSITORY` shows what is there"
    )]
    NotFound {
        /// The server.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// The server wants to know who asks.
    #[error(
        "{host} does not give {what} out to everyone, or has none: check the name, or set HF_TOKEN to a token that may read it"
    )]
    Denied {
        /// The server.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// Any other answer.
    #[error("{host} answered {status} for {what}: try again later, or set HF_ENDPOINT to a mirror")]
    Status {
        /// The server.
        host: String,
        /// HTTP's status.
        status: u16,
        /// What was asked for.
        what: String,
    },
    /// An answer that makes no sense.
    #[error(
        "{host} answered for {what} what cannot be understood ({reason}): check HF_ENDPOINT, or try again later"
    )]
    Answer {
        /// The server.
        host: String,
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What came is not what the server said it would be.
    #[error(
        "{file} came with SHA-256 {found} and should have {wanted}, so it was deleted: download it again"
    )]
    Checksum {
        /// The file.
        file: String,
        /// Of what came.
        found: String,
        /// Of what should have come.
        wanted: String,
    },
    /// A file of that name is there already.
    #[error(
        "{file} is there already and is another file: move it away, or name another folder with -o"
    )]
    Occupied {
        /// The file.
        file: String,
    },
    /// Another program downloads it.
    #[error("{file} is being downloaded by another program: wait for it, or end it")]
    Busy {
        /// The file.
        file: String,
    },
    /// The disk does not take it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The work was ended on request.
    #[error(
        "cancelled with {done} of {total} bytes in {file}: the same command goes on from there"
    )]
    Cancelled {
        /// The part.
        file: String,
        /// Bytes that are there.
        done: u64,
        /// Of how many.
        total: u64,
    },
}

impl DownloadError {
    pub(super) fn write(path: &Path, error: &std::io::Error) -> Self {
        Self::Write(WriteError::refused(path, error))
    }
}
