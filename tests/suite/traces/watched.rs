//! Long work that is ended on request.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
};

use arclight::{
    files::Watch,
    inference::open_trace,
    trace::{self, Precision, TraceFile},
};

use super::write;
use crate::{reference::Version, support::device};

#[test]
fn saving_that_is_cancelled_leaves_nothing() {
    let mut device = device();
    let trace = device.captured(Version::V7, Precision::F16);
    let folder = tempfile::tempdir().expect("a folder");
    let (fresh, taken) = (folder.path().join("fresh"), folder.path().join("taken"));
    fs::write(&taken, "what was there before").expect("it is written");
    // At once, after the first piece, in the middle, before the last.
    for pieces in [0, 1, 30, 65] {
        for path in [&fresh, &taken] {
            let cancel = AtomicBool::new(pieces == 0);
            let (mut told, mut left) = (0, 0);
            let mut tell = |done, total| {
                told += 1;
                left = total - done;
                cancel.store(told >= pieces, Ordering::Relaxed);
            };
            let mut watch = Watch::new(&cancel, &mut tell);
            let saved = trace::save(&device.gpu, &trace, None, path, &mut watch);
            let error = saved.expect_err("it is cancelled").to_string();
            assert_eq!(error, "cancelled: no file was written");
            assert_eq!(told, pieces, "it went on");
            assert!(left > 0 || pieces == 0, "nothing was left to do");
        }
        let names: Vec<_> = folder.path().read_dir().expect("it is listed").collect();
        assert_eq!(names.len(), 1, "something is left: {names:?}");
        let before = fs::read_to_string(&taken).expect("it is there");
        assert_eq!(before, "what was there before");
    }
}

#[test]
fn opening_can_be_cancelled() {
    let mut device = device();
    let trace = device.captured(Version::V7, Precision::F16);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    write(&device.gpu, &trace, None, &path);
    let file = TraceFile::open(&path).expect("it opens");
    // 7 × 8 layers of vectors, then the norms, then y.
    for pieces in [0, 1, 56, 57] {
        let cancel = AtomicBool::new(pieces == 0);
        let mut told = 0;
        let mut tell = |_, _| {
            told += 1;
            cancel.store(told >= pieces, Ordering::Relaxed);
        };
        let opened = open_trace(&device.gpu, &file, &mut Watch::new(&cancel, &mut tell));
        let error = opened.expect_err("it is cancelled").to_string();
        assert_eq!(error, "cancelled: the trace was not opened");
        assert_eq!(told, pieces, "it went on");
    }
}

#[test]
fn nothing_is_saved_of_nothing() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(Version::V6, Precision::F32);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let save = |trace: &trace::Trace| {
        let cancel = AtomicBool::new(false);
        let saved = trace::save(
            &gpu,
            trace,
            None,
            &path,
            &mut Watch::new(&cancel, &mut |_, _| ()),
        );
        saved.expect_err("it is saved").to_string()
    };
    let trace = model.trace(vec![1, 2]).expect("there is room");
    assert!(save(&trace).contains("nothing to save"), "{}", save(&trace));
    trace.grow(2, Vec::new());
    assert!(save(&trace).contains("no predictions"), "{}", save(&trace));
    assert!(!path.exists());
}
