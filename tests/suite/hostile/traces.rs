//! Traces.

use std::{fs, path::Path};

use arclight::{
    inference::Model,
    model::{ModelFile, Source, Vocabulary},
    trace::{Precision, TraceFile},
};

use super::{edit_bytes, survives};
use crate::{
    support::{checkpoint::fixture, device, run},
    traces::write,
};

pub fn trace(path: &Path) -> Result<(), String> {
    let trace = TraceFile::open(path).map_err(|error| error.to_string())?;
    let _ = trace.vocabulary(None);
    Ok(())
}

/// Three tokens each, with and without texts.
pub fn good() -> Vec<Vec<u8>> {
    let device = device();
    let traces = ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"].map(|name| {
        let file = ModelFile::open(&Source::File(fixture(name))).expect("it opens");
        let vocabulary = Vocabulary::for_model(file.card(), None).expect("it is built in");
        let model = Model::load(&device.gpu, &file.into(), Precision::F16).expect("it loads");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.safetensors");
        let trace = run(&model, &[104, 101, 255], 32);
        [vocabulary.as_ref(), None].map(|vocabulary| {
            write(&device.gpu, &trace, vocabulary, &path);
            fs::read(&path).expect("it is there")
        })
    });
    traces.concat()
}

#[test]
fn traces() {
    survives(
        "trace.safetensors",
        trace,
        edit_bytes::spoiled(good(), &[b"", b"\x20\0\0\0\0\0\0\0{"]),
    );
}
