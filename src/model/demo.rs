#[cfg(not(feature = "demo-models"))]
use std::path::PathBuf;
use std::{borrow::Cow, io::Read};

use ruzstd::decoding::StreamingDecoder;

use super::{ModelError, error::one_line};
use crate::files::size;

/// Bytes that so many packed ones may become: weights become twice as many, a few bytes of zeros any number.
fn most(packed: u64) -> u64 {
    /// More than any model that is meant to be opened packed.
    const LARGEST: u64 = 1 << 30;
    packed
        .saturating_mul(16)
        .saturating_add(16 << 20)
        .min(LARGEST)
}

/// Unpacks a zstd stream of `length` bytes into memory.
pub(super) fn unpack(packed: impl Read, length: u64, file: &str) -> Result<Vec<u8>, ModelError> {
    let damaged = |reason: String| ModelError::Damaged {
        file: file.to_owned(),
        reason: one_line(reason),
    };
    let decoder = StreamingDecoder::new(packed).map_err(|error| damaged(error.to_string()))?;
    let most = most(length);
    let mut bytes = Vec::new();
    decoder
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(error.to_string()))?;
    if bytes.len() as u64 > most {
        let most = size(most);
        return Err(damaged(format!(
            "it unpacks to more than {most}; if it is whole, unpack it with zstd first"
        )));
    }
    Ok(bytes)
}

/// A demo model, `demo-v6` or `demo-v7`, unpacked.
pub(super) fn open(name: &str) -> Result<Vec<u8>, ModelError> {
    let packed = packed(name)?;
    unpack(&*packed, packed.len() as u64, name)
}

// Statics, so that the program carries each once wherever it is used.
#[cfg(feature = "demo-models")]
static DEMO_V6: &[u8] = include_bytes!("../../assets/demo-v6.st.zst");
#[cfg(feature = "demo-models")]
static DEMO_V7: &[u8] = include_bytes!("../../assets/demo-v7.st.zst");

/// A demo model, `demo-v6` or `demo-v7`, as it lies in `assets/`.
#[cfg(feature = "demo-models")]
pub(super) fn packed(name: &str) -> Result<Cow<'static, [u8]>, ModelError> {
    let packed: &[u8] = match name {
        "demo-v6" => DEMO_V6,
        _ => DEMO_V7,
    };
    Ok(packed.into())
}

/// A demo model, `demo-v6` or `demo-v7`, from the first assets folder that holds it.
#[cfg(not(feature = "demo-models"))]
pub(super) fn packed(name: &str) -> Result<Cow<'static, [u8]>, ModelError> {
    let chosen = std::env::var_os("ARCLIGHT_ASSETS").map(PathBuf::from);
    let program = std::env::current_exe().ok();
    let beside = program.and_then(|program| Some(program.parent()?.join("assets")));
    let here = PathBuf::from("assets");
    let folders: Vec<_> = chosen.into_iter().chain(beside).chain([here]).collect();
    find(name, &folders).map(Cow::Owned)
}

#[cfg(not(feature = "demo-models"))]
pub(super) fn find(name: &str, folders: &[PathBuf]) -> Result<Vec<u8>, ModelError> {
    let file = format!("{name}.st.zst");
    for folder in folders {
        if let Ok(packed) = std::fs::read(folder.join(&file)) {
            return Ok(packed);
        }
    }
    let searched: Vec<_> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Err(ModelError::NoDemo {
        name: name.to_owned(),
        file,
        searched: one_line(searched.join(", ")),
    })
}
