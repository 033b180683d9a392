//! Traces.

use std::path::Path;

use arclight::trace::TraceFile;

use super::{edit_bytes, survives};
use crate::traces::tiny;

pub fn trace(path: &Path) -> Result<(), String> {
    let trace = TraceFile::open(path).map_err(|error| error.to_string())?;
    let _ = trace.vocabulary(None);
    Ok(())
}

/// Of two versions, with and without texts.
pub fn good() -> Vec<Vec<u8>> {
    ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"].map(tiny).concat()
}

#[test]
fn traces() {
    survives(
        "trace.safetensors",
        trace,
        edit_bytes::spoiled(good(), &[b"", b"\x20\0\0\0\0\0\0\0{"]),
    );
}
