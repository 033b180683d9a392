use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::DownloadError;
use crate::files::{Cancelled, Watch};

/// Bytes hashed between two looks at whether to go on.
const BLOCK: usize = 1 << 20;

/// A file that is not whole yet. Its name tells what it is to become, so that it never goes on with another's bytes.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    hasher: Sha256,
    length: u64,
}

impl Part {
    /// Goes on with the part beside `path` of a file with that SHA-256, or begins it.
    pub fn beside(path: &Path, sha256: &str) -> Result<Self, DownloadError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", &sha256[..12.min(sha256.len())]));
        let path = path.with_file_name(name);
        let refused = |error: &io::Error| DownloadError::write(&path, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(|error| refused(&error))?;
        // Some file systems have no locks: they answer with other errors.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let file = path.display().to_string();
            return Err(DownloadError::Busy { file });
        }
        let length = file.metadata().map_err(|error| refused(&error))?.len();
        Ok(Self {
            file,
            path,
            hasher: Sha256::new(),
            length,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// Takes what is there into the sum.
    pub fn take_up(
        &mut self,
        watch: &mut Watch<'_>,
    ) -> Result<Result<(), Cancelled>, DownloadError> {
        let refused = |error: io::Error| DownloadError::write(&self.path, &error);
        self.file.rewind().map_err(refused)?;
        let mut block = vec![0; BLOCK];
        loop {
            let count = self.file.read(&mut block).map_err(refused)?;
            if count == 0 {
                return Ok(Ok(()));
            }
            self.hasher.update(&block[..count]);
            if let Err(cancelled) = watch.step(count as u64) {
                return Ok(Err(cancelled));
            }
        }
    }

    /// Begins from nothing.
    pub fn clear(&mut self) -> Result<(), DownloadError> {
        let cleared = self.file.set_len(0).and_then(|()| self.file.rewind());
        cleared.map_err(|error| DownloadError::write(&self.path, &error))?;
        self.hasher = Sha256::new();
        self.length = 0;
        Ok(())
    }

    /// Adds bytes at the end.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        let at = SeekFrom::Start(self.length);
        let written = self.file.seek(at).and_then(|_| self.file.write_all(bytes));
        written.map_err(|error| DownloadError::write(&self.path, &error))?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// SHA-256 of all that is there, in hexadecimal.
    pub fn sha256(&self) -> String {
        let digest = self.hasher.clone().finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Moves the whole file to its place.
    pub fn keep(self, path: &Path) -> Result<(), DownloadError> {
        let kept = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, path));
        kept.map_err(|error| DownloadError::write(path, &error))
    }

    /// Deletes it.
    pub fn discard(self) {
        // What cannot be deleted now is found out again the next time.
        let _ = fs::remove_file(&self.path);
    }
}
