//! Loading a model, watched and ended on request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arclight::{
    files::Watch,
    inference::Model,
    model::{ModelFile, Quantisation, Source},
    trace::Precision,
};

use crate::support::device;

#[test]
fn loading_tells_of_every_byte() {
    let device = device();
    for source in [Source::DemoV6, Source::DemoV7] {
        let file = Arc::new(ModelFile::open(&source).expect("it opens"));
        let never = AtomicBool::new(false);
        let mut told = Vec::new();
        let mut tell = |done, total| told.push((done, total));
        let quantisation = Quantisation { int8: 2, nf4: 1 };
        let mut watch = Watch::new(&never, &mut tell);
        Model::load_watched(&device.gpu, &file, Precision::F16, quantisation, &mut watch)
            .expect("it loads");
        let total = file.load_bytes();
        assert!(told.iter().all(|(_, all)| *all == total));
        assert_eq!(told.last(), Some(&(total, total)), "{source}");
    }
}

#[test]
fn loading_can_be_cancelled() {
    let device = device();
    let file = Arc::new(ModelFile::open(&Source::DemoV7).expect("it opens"));
    for tensors in [0, 1, 100] {
        let cancel = AtomicBool::new(tensors == 0);
        let mut told = 0;
        let mut tell = |_, _| {
            told += 1;
            cancel.store(told >= tensors, Ordering::Relaxed);
        };
        let mut watch = Watch::new(&cancel, &mut tell);
        let none = Quantisation::default();
        let loaded = Model::load_watched(&device.gpu, &file, Precision::F16, none, &mut watch);
        let error = loaded.err().expect("it is cancelled").to_string();
        assert_eq!(error, "cancelled: demo-v7 was not opened");
        assert_eq!(told, tensors, "it went on");
    }
}
