//! From a path to tensors: a file by what it holds, a folder by the model in it.

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use super::{
    Format, ModelError, demo,
    detect::{self, detect},
    error::one_line,
    pth::Pth,
    safetensors::Safetensors,
    shards,
    source::NAMELESS,
    weights::Weights,
};
use crate::files::folder_of;

/// Tensors by the names that stand in the file.
pub(super) struct Opened {
    pub(super) format: Format,
    pub(super) weights: Box<dyn Weights>,
    /// Of all files, in the order of their names.
    pub(super) handles: Vec<File>,
    /// Where `config.json` would lie.
    pub(super) folder: PathBuf,
}

/// Opens what is at `path`; `file` is its name for messages.
pub(super) fn open(path: &Path, file: &str) -> Result<Opened, ModelError> {
    let path = if path.is_dir() {
        &in_folder(path, file)?
    } else {
        path
    };
    let is_index = path.to_string_lossy().ends_with(".index.json");
    match is_index && path.is_file() {
        true => shards::open(path, file),
        false => one_file(path, file),
    }
}

/// The model's file in a folder: as Hugging Face names it, or the only one there.
fn in_folder(folder: &Path, file: &str) -> Result<PathBuf, ModelError> {
    let usual = NAMELESS.map(|name| folder.join(name));
    if let Some(path) = usual.into_iter().find(|path| path.is_file()) {
        return Ok(path);
    }
    let read = |reason| ModelError::Read {
        file: file.to_owned(),
        reason,
    };
    let mut models = Vec::new();
    for entry in folder.read_dir().map_err(read)? {
        let path = entry.map_err(read)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("st" | "safetensors" | "pth")) && path.is_file() {
            models.push(path);
        }
    }
    match (models.pop(), models.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(ModelError::NotAModel {
            file: file.to_owned(),
            found: "a folder with no model in it",
        }),
        _ => Err(ModelError::NotAModel {
            file: file.to_owned(),
            found: "a folder with several models",
        }),
    }
}

/// One file, whatever its extension: a handle at its beginning, its length, and what it is by its first bytes.
pub(super) fn begin(path: &Path, file: &str) -> Result<(File, u64, Format), ModelError> {
    let read = |reason| ModelError::Read {
        file: file.to_owned(),
        reason,
    };
    let not_a_model = |found| ModelError::NotAModel {
        file: file.to_owned(),
        found,
    };
    let metadata = path.metadata().map_err(read)?;
    // Opening a pipe would wait for its writer.
    if !metadata.is_file() {
        return Err(not_a_model(if metadata.is_dir() {
            "a folder"
        } else {
            "not a regular file"
        }));
    }
    let mut handle = File::open(path).map_err(read)?;
    let mut head = Vec::new();
    handle
        .by_ref()
        .take(detect::HEAD as u64)
        .read_to_end(&mut head)
        .map_err(read)?;
    handle.rewind().map_err(read)?;
    let format = detect(&head).map_err(not_a_model)?;
    Ok((handle, metadata.len(), format))
}

/// Opens one file, whatever its extension.
pub(super) fn one_file(path: &Path, file: &str) -> Result<Opened, ModelError> {
    let (handle, length, format) = begin(path, file)?;
    let weights: Box<dyn Weights> = match format {
        Format::Safetensors => Box::new(Safetensors::map(&handle, file)?),
        Format::Pytorch => Box::new(Pth::open(path, length, file)?),
        Format::Zstd => {
            let bytes = demo::unpack(BufReader::new(&handle), length, file)?;
            Box::new(Safetensors::unpacked(bytes, file)?)
        }
    };
    Ok(Opened {
        format,
        weights,
        handles: vec![handle],
        folder: folder_of(path).to_owned(),
    })
}

/// A model demo's tensors, which need no file.
pub(super) fn demo(file: &str) -> Result<Opened, ModelError> {
    let weights = Safetensors::unpacked(demo::open(file)?, file)?;
    Ok(Opened {
        format: Format::Zstd,
        weights: Box::new(weights),
        handles: Vec::new(),
        folder: PathBuf::new(),
    })
}

/// A path for messages.
pub(super) fn name_of(path: &Path) -> String {
    one_line(path.display())
}
