use std::{
    fs::File,
    io::{Read, Seek},
    sync::OnceLock,
};

use sha2::{Digest as _, Sha256};

use super::{ModelError, Source, demo, error::one_line};
use crate::files::{Cancelled, Watch};

/// Bytes hashed between two looks at whether to go on.
const BLOCK: usize = 1 << 20;

/// SHA-256 of the file that a model came from, taken when it is first asked for. The file stays open
/// until then, so that another one in its place is not mistaken for it.
#[derive(Debug)]
pub struct Digest {
    bytes: Bytes,
    sha256: OnceLock<String>,
}

#[derive(Debug)]
enum Bytes {
    File {
        name: String,
        handle: File,
    },
    Demo(String),
    /// The number is known, the file need not be there.
    Absent,
}

impl Digest {
    /// Of the model from `source`, a file of which is open at `handle`.
    pub(super) fn new(source: &Source, handle: Option<File>) -> Self {
        let name = one_line(source);
        let bytes = match handle {
            Some(handle) => Bytes::File { name, handle },
            None => Bytes::Demo(name),
        };
        let sha256 = OnceLock::new();
        Self { bytes, sha256 }
    }

    /// One that has been taken before, as 64 hexadecimal digits.
    #[must_use]
    pub fn known(sha256: String) -> Self {
        Self {
            bytes: Bytes::Absent,
            sha256: OnceLock::from(sha256),
        }
    }

    /// The digest, if it has been taken.
    #[must_use]
    pub fn taken(&self) -> Option<&str> {
        self.sha256.get().map(String::as_str)
    }

    /// Bytes that [`Digest::sha256`] has to read.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        match &self.bytes {
            Bytes::File { handle, .. } if self.sha256.get().is_none() => {
                handle.metadata().map_or(0, |metadata| metadata.len())
            }
            _ => 0,
        }
    }

    /// The digest as 64 hexadecimal digits: of a model file as it lies there, of a demo model as it is
    /// packed in `assets/`. `watch` hears of [`Digest::remaining`] bytes.
    ///
    /// # Errors
    /// When the file cannot be read any more, or the work is to end.
    pub fn sha256<E: From<ModelError> + From<Cancelled>>(
        &self,
        watch: &mut Watch<'_>,
    ) -> Result<&str, E> {
        if let Some(known) = self.sha256.get() {
            return Ok(known);
        }
        let mut hasher = Sha256::new();
        match &self.bytes {
            Bytes::File { name, handle } => {
                let cannot = |reason| ModelError::Read {
                    file: name.clone(),
                    reason,
                };
                let mut handle = handle.try_clone().map_err(cannot)?;
                handle.rewind().map_err(cannot)?;
                let mut block = vec![0; BLOCK];
                loop {
                    let count = handle.read(&mut block).map_err(cannot)?;
                    if count == 0 {
                        break;
                    }
                    hasher.update(&block[..count]);
                    watch.step(count as u64)?;
                }
            }
            Bytes::Demo(name) => hasher.update(demo::packed(name)?),
            Bytes::Absent => {}
        }
        let digest = hasher.finalize();
        let digits = digest.iter().map(|byte| format!("{byte:02x}"));
        Ok(self.sha256.get_or_init(|| digits.collect()))
    }
}
