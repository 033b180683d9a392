use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, atomic::AtomicBool};

use arclight::{
    gpu::Gpu,
    inference::{Chunk, MAX_CHUNK, Model, RunOptions},
    model::{ModelFile, Source},
    trace::{Precision, Trace},
};

use crate::reference::{Version, demo};

/// The device all tests share, and what has been made on it.
pub struct Device {
    pub gpu: Gpu,
    demos: Vec<(Version, Precision, Model)>,
    traces: Vec<(Version, Precision, Arc<Trace>)>,
}

/// A chunk, and a rest that goes on from its state.
const CAPTURED: usize = 40;

/// What [`Device::captured`] has run.
pub fn captured_tokens() -> Vec<u32> {
    demo::random_tokens(51, CAPTURED, 8192)
}

/// Waits for its turn: web-rwkv's buffer cache may hand one buffer to two threads that ask at once.
pub fn device() -> MutexGuard<'static, Device> {
    static DEVICE: LazyLock<Mutex<Device>> = LazyLock::new(|| {
        let gpu = Gpu::new().expect("a graphics adapter");
        Mutex::new(Device {
            gpu,
            demos: Vec::new(),
            traces: Vec::new(),
        })
    });
    // The test that failed has said so itself.
    DEVICE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    pub fn demo(&mut self, version: Version, precision: Precision) -> &Model {
        let loaded = |demo: &(Version, Precision, Model)| (demo.0, demo.1) == (version, precision);
        let at = self.demos.iter().position(loaded).unwrap_or_else(|| {
            let source = match version {
                Version::V6 => Source::DemoV6,
                Version::V7 => Source::DemoV7,
                older => panic!("there is no demo of {older:?}"),
            };
            let file = Arc::new(ModelFile::open(&source).expect("the demo model opens"));
            let model = Model::load(&self.gpu, &file, precision).expect("the demo model loads");
            self.demos.push((version, precision, model));
            self.demos.len() - 1
        });
        &self.demos[at].2
    }

    /// The trace of a demo model over [`captured_tokens`]; whoever alters it puts it right again.
    pub fn captured(&mut self, version: Version, precision: Precision) -> Arc<Trace> {
        let made =
            |trace: &&(Version, Precision, Arc<Trace>)| (trace.0, trace.1) == (version, precision);
        if let Some((.., trace)) = self.traces.iter().find(made) {
            return trace.clone();
        }
        let trace = run(self.demo(version, precision), &captured_tokens(), MAX_CHUNK);
        self.traces.push((version, precision, trace.clone()));
        trace
    }
}

/// The trace of a model over `tokens`, fed `chunk` at a time.
pub fn run(model: &Model, tokens: &[u32], chunk: usize) -> Arc<Trace> {
    let trace = model
        .trace(tokens.to_vec())
        .expect("there is room for a trace");
    let options = RunOptions {
        chunk: Chunk::Of(chunk),
        ..RunOptions::default()
    };
    model
        .run(&trace, &options, &AtomicBool::new(false), |_| {})
        .expect("the model runs");
    assert!(
        trace.is_complete(),
        "{} of {} tokens ran",
        trace.filled(),
        tokens.len()
    );
    trace
}
