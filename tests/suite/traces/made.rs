//! Trace files made and opened on the shared device.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use arclight::{
    files::Watch,
    gpu::Gpu,
    inference::open_trace,
    model::Vocabulary,
    trace::{self, Trace, TraceFile},
};

/// Saves a trace, which succeeds.
pub fn write(gpu: &Gpu, trace: &Trace, vocabulary: Option<&Vocabulary>, path: &Path) {
    let (mut last, mut all) = (0, 0);
    let mut tell = |done, total| (last, all) = (done, total);
    let cancel = AtomicBool::new(false);
    let mut watch = Watch::new(&cancel, &mut tell);
    trace::save(gpu, trace, vocabulary, path, &mut watch).expect("the trace is saved");
    assert_eq!(last, all, "progress does not end at its total");
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
