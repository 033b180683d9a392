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

/// SHA-256 of the file that a model came from, or of its files one after another in the order of their names,
/// taken when it is first asked for. They stay open until then, so that others in their place are not mistaken
/// for them.
#[derive(Debug)]
pub struct Digest {
    bytes: Bytes,
    sha256: OnceLock<String>,
}

#[derive(Debug)]
enum Bytes {
    Files {
        name: String,
        handles: Vec<File>,
    },
    Demo(String),
    /// The number is known, the file need not be there.
    Absent,
}

impl Digest {
    /// Of what `source` names, whose files are open.
    pub(super) fn new(source: &Source, handles: Vec<File>) -> Self {
        let name = one_line(source);
        let bytes = match source {
            Source::File(_) => Bytes::Files { name, handles },
            Source::DemoV6 | Source::DemoV7 => Bytes::Demo(name),
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
            Bytes::Files { handles, .. } if self.sha256.get().is_none() => {
                let lengths = handles.iter().filter_map(|handle| handle.metadata().ok());
                lengths.map(|metadata| metadata.len()).sum()
            }
            _ => 0,
        }
    }

    /// The digest as 64 hexadecimal digits: of model files as they lie there, of a demo model as it is
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
            Bytes::Files { name, handles } => {
                let cannot = |reason| ModelError::Read {
                    file: name.clone(),
                    reason,
                };
                let mut block = vec![0; BLOCK];
                for handle in handles {
                    let mut handle = handle.try_clone().map_err(cannot)?;
                    handle.rewind().map_err(cannot)?;
                    loop {
                        let count = handle.read(&mut block).map_err(cannot)?;
                        if count == 0 {
                            break;
                        }
                        hasher.update(&block[..count]);
                        watch.step(count as u64)?;
                    }
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
