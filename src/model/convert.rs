//! A model as one safetensors file in web-rwkv's layout.

use std::{
    io::{self, Write},
    path::Path,
};

use serde_json::{Map, json};

use super::{ModelError, ModelFile};
use crate::files::{Cancelled, Watch, WriteError, write_whole};

/// Why a model was not written.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The work was ended on request.
    #[error("cancelled: nothing was written")]
    Cancelled(#[from] Cancelled),
}

/// Writes what web-rwkv loads of a model to `path`: its names, its order of dimensions, f16. `watch` hears of the
/// bytes.
///
/// # Errors
/// When a tensor cannot be read or is too large for f16, the place cannot be written to, or the work is to end;
/// nothing is left there then.
pub fn convert(model: &ModelFile, path: &Path, watch: &mut Watch<'_>) -> Result<(), ConvertError> {
    watch.expect(model.load_bytes());
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), json!({"format": "pt"}));
    let mut end = 0;
    for name in model.tensor_names() {
        let shape = model.shape(name)?;
        let start = end;
        end += 2 * shape.iter().product::<usize>();
        let entry = json!({"dtype": "F16", "shape": shape, "data_offsets": [start, end]});
        header.insert(name.to_owned(), entry);
    }
    let mut header = serde_json::Value::Object(header).to_string();
    // The data begins at a multiple of eight bytes, as the format's own writer has it.
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    write_whole(path, |file| {
        let refused = |error: io::Error| WriteError::refused(path, &error);
        let length = (header.len() as u64).to_le_bytes();
        file.write_all(&length).map_err(refused)?;
        file.write_all(header.as_bytes()).map_err(refused)?;
        for name in model.tensor_names() {
            watch.step(0)?;
            let bytes = model.half_bytes(name)?;
            file.write_all(&bytes).map_err(refused)?;
            watch.step(bytes.len() as u64)?;
        }
        Ok(())
    })
}
