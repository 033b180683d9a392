//! Trace files made and opened on the shared device.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use arclight::{
    files::Watch,
    gpu::Gpu,
    inference::{Model, open_trace},
    model::{ModelFile, Source, Vocabulary},
    trace::{self, Precision, Trace, TraceFile},
};

use crate::support::{checkpoint::fixture, device, run};

/// Saves a trace, which succeeds.
pub fn write(gpu: &Gpu, trace: &Trace, vocabulary: Option<&Vocabulary>, path: &Path) {
    let (mut last, mut all) = (0, 0);
    let mut tell = |done, total| (last, all) = (done, total);
    let cancel = AtomicBool::new(false);
    let mut watch = Watch::new(&cancel, &mut tell);
    trace::save(gpu, trace, vocabulary, path, &mut watch).expect("the trace is saved");
    assert_eq!(last, all, "progress does not end at its total");
}

/// Traces of three tokens, with their texts and without, of a small model: two layers, two heads of 32 channels, 256 ids.
pub fn tiny(name: &str) -> [Vec<u8>; 2] {
    let device = device();
    let file = ModelFile::open(&Source::File(fixture(name))).expect("it opens");
    let vocabulary = Vocabulary::for_model(file.card(), None).expect("it is built in");
    let model = Model::load(&device.gpu, &file.into(), Precision::F16).expect("it loads");
    let trace = run(&model, &[104, 101, 255], 32);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    [vocabulary.as_ref(), None].map(|vocabulary| {
        write(&device.gpu, &trace, vocabulary, &path);
        fs::read(&path).expect("it is there")
    })
}

/// Opens a trace and brings it to the device, which succeeds.
pub fn open(gpu: &Gpu, path: &Path) -> (TraceFile, Arc<Trace>) {
    let file = TraceFile::open(path).expect("the trace opens");
    let (mut last, mut all) = (0, 0);
    let mut tell = |done, total| (last, all) = (done, total);
    let cancel = AtomicBool::new(false);
    let trace = open_trace(gpu, &file, &mut Watch::new(&cancel, &mut tell));
    assert_eq!(last, all, "progress does not end at its total");
    (file, trace.expect("there is room for it"))
}
