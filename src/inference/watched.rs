//! A model file as web-rwkv reads it, with progress and a way to end it.

use std::{borrow::Cow, cell::RefCell, io};

use safetensors::SafeTensorError;
use web_rwkv::runtime::loader::{Reader, ReaderTensor};

use crate::{
    files::{Cancelled, Watch},
    model::ModelFile,
};

/// Tells of each tensor's bytes once it is read.
pub(super) struct Watched<'a, 'w> {
    file: &'a ModelFile,
    watch: RefCell<&'a mut Watch<'w>>,
}

impl<'a, 'w> Watched<'a, 'w> {
    /// Expects all tensors that web-rwkv loads.
    pub fn new(file: &'a ModelFile, watch: &'a mut Watch<'w>) -> Self {
        watch.expect(file.load_bytes());
        Self {
            file,
            watch: RefCell::new(watch),
        }
    }
}

impl Reader for Watched<'_, '_> {
    fn names(&self) -> Vec<&str> {
        self.file.names()
    }

    fn contains(&self, name: &str) -> bool {
        self.file.contains(name)
    }

    fn shape(&self, name: &str) -> Result<Vec<usize>, SafeTensorError> {
        Reader::shape(self.file, name)
    }

    fn tensor(&self, name: &str) -> Result<ReaderTensor<'_>, SafeTensorError> {
        let tensor = self.file.tensor(name)?;
        let bytes = tensor.2.len() as u64;
        let told = self.watch.borrow_mut().step(bytes);
        // The trait has only this error type.
        told.map_err(|Cancelled| SafeTensorError::IoError(io::ErrorKind::Interrupted.into()))?;
        Ok(match name {
            "head.weight" => with_whole_rows(tensor),
            _ => tensor,
        })
    }
}

/// The head with a multiple of 8 rows: web-rwkv adds those that are missing in RWKV-6 and 7, and not in RWKV-4
/// and 5.
fn with_whole_rows((dtype, mut shape, mut bytes): ReaderTensor<'_>) -> ReaderTensor<'_> {
    if let [rows, _] = &mut shape[..]
        && !rows.is_multiple_of(8)
    {
        let row = bytes.len() / *rows;
        *rows = rows.next_multiple_of(8);
        let whole = *rows * row;
        bytes = Cow::Owned({
            let mut bytes = bytes.into_owned();
            bytes.resize(whole, 0);
            bytes
        });
    }
    (dtype, shape, bytes)
}
