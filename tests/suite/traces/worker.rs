//! The inference thread opens and saves traces.

use std::{
    path::Path,
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arclight::{
    gpu::Gpu,
    inference::{Command, Event, Prompt, RunOptions, Worker},
    model::{Source, Vocabulary},
    trace::{Part, Precision, Trace, Transfer},
};

use crate::support::device;

fn start(gpu: &Gpu, wake: impl Fn() + Send + 'static) -> Worker {
    Worker::start(gpu.clone(), RunOptions::default(), wake).expect("a thread")
}

fn load(worker: &Worker, source: Source) {
    let asked = worker.ask(Command::Load {
        source,
        vocab: None,
        precision: Precision::F16,
        quantisation: Default::default(),
        lora: Vec::new(),
        state: None,
    });
    assert!(asked);
}

/// The first event that `wanted` makes something of; a failure is none that was expected.
fn hear<T>(worker: &Worker, wanted: impl Fn(Event) -> Option<T>) -> T {
    loop {
        let event = worker.wait().expect("the thread runs");
        if let Event::Failed(reason) = &event {
            panic!("it failed: {reason}");
        }
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn failure(worker: &Worker) -> String {
    loop {
        if let Event::Failed(reason) = worker.wait().expect("the thread runs") {
            return reason;
        }
    }
}

fn finished(event: Event) -> Option<(Arc<Trace>, Vec<f32>, usize)> {
    match event {
        Event::Finished {
            trace,
            conservation,
            rows,
        } => Some((trace, conservation, rows)),
        _ => None,
    }
}

/// A demo model and what it made of a text.
fn run(worker: &Worker) -> (Option<Vocabulary>, Arc<Trace>, Vec<f32>, usize) {
    load(worker, Source::DemoV7);
    let vocabulary = hear(worker, |event| match event {
        Event::Loaded { vocabulary, .. } => Some(vocabulary),
        _ => None,
    });
    worker.ask(Command::Run(
        Prompt::Text("The small grey cat slept.".into()),
        Part::default(),
    ));
    let (trace, conservation, rows) = hear(worker, finished);
    (vocabulary, trace, conservation, rows)
}

fn save(worker: &Worker, trace: &Arc<Trace>, vocabulary: &Option<Vocabulary>, path: &Path) {
    let asked = worker.ask(Command::Save {
        trace: trace.clone(),
        vocabulary: vocabulary.clone(),
        path: path.to_owned(),
    });
    assert!(asked);
}

#[test]
fn a_trace_is_saved_and_opened_like_a_run() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let worker = start(&device.gpu, || {});
    let (vocabulary, trace, conservation, rows) = run(&worker);
    save(&worker, &trace, &vocabulary, &path);
    let saved = hear(&worker, |event| match event {
        Event::Saved(path) => Some(path),
        _ => None,
    });
    assert_eq!(saved, path);

    load(&worker, Source::File(path.clone()));
    let mut told = Vec::new();
    let opened = loop {
        match worker.wait().expect("the thread runs") {
            Event::Transferring {
                transfer,
                done,
                total,
                ..
            } => {
                assert_eq!(transfer, Transfer::Opening);
                told.push((done, total));
            }
            Event::Opened {
                path: from,
                trace,
                vocabulary,
                conservation,
                rows,
            } => {
                assert_eq!(from, path);
                break (trace, vocabulary, conservation, rows);
            }
            Event::Loading(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(told.is_sorted() && told.last().is_some_and(|(done, total)| done == total));
    let (again, texts, errors, checked) = opened;
    assert_eq!((errors, checked), (conservation, rows));
    assert_eq!(again.tokens, trace.tokens);
    let (texts, vocabulary) = (texts.expect("texts"), vocabulary.expect("built in"));
    for &id in &trace.tokens {
        assert_eq!(texts.bytes(id), vocabulary.bytes(id));
    }

    // There is no model any more.
    worker.ask(Command::Run(Prompt::Text("A".into()), Part::default()));
    let reason = failure(&worker);
    assert!(
        reason.contains("only a trace is open") && reason.contains("demo-v7"),
        "{reason}"
    );
}

#[test]
fn without_a_model_nothing_runs() {
    let device = device();
    let worker = start(&device.gpu, || {});
    worker.ask(Command::Run(Prompt::Ids(vec![1]), Part::default()));
    let reason = failure(&worker);
    assert!(reason.contains("no model is open"), "{reason}");
}

#[test]
fn saving_can_be_cancelled_and_the_model_stays() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    // While it is shut, the thread waits after each event.
    let gate = Arc::new(RwLock::new(()));
    let told = Arc::new(AtomicUsize::new(0));
    let (own, count) = (gate.clone(), told.clone());
    let worker = start(&device.gpu, move || {
        drop(own.read());
        count.fetch_add(1, Ordering::Release);
    });
    let mut heard = 0;
    let (vocabulary, trace) = {
        load(&worker, Source::DemoV7);
        let mut vocabulary = None;
        worker.ask(Command::Run(
            Prompt::Text("The small grey cat slept.".into()),
            Part::default(),
        ));
        loop {
            heard += 1;
            match worker.wait().expect("the thread runs") {
                Event::Loaded {
                    vocabulary: own, ..
                } => vocabulary = own,
                Event::Finished { trace, .. } => break (vocabulary, trace),
                Event::Failed(reason) => panic!("it failed: {reason}"),
                _ => {}
            }
        }
    };
    while told.load(Ordering::Acquire) < heard {
        std::thread::sleep(Duration::from_millis(1));
    }
    let shut = gate.write().expect("nobody panicked");
    save(&worker, &trace, &vocabulary, &path);
    hear(&worker, |event| {
        matches!(event, Event::Transferring { .. }).then_some(())
    });
    worker.cancel();
    drop(shut);
    assert_eq!(failure(&worker), "cancelled: no file was written");
    let left = folder.path().read_dir().expect("it is listed").count();
    assert_eq!(left, 0, "something is left");

    // The next command is not ended by that cancel.
    save(&worker, &trace, &vocabulary, &path);
    hear(&worker, |event| {
        matches!(event, Event::Saved(_)).then_some(())
    });
    worker.ask(Command::Run(Prompt::Text("On.".into()), Part::default()));
    hear(&worker, finished);
}

#[test]
fn a_trace_that_is_refused_leaves_the_model() {
    let device = device();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let header = r#"{"__metadata__":{"format":"arclight-trace","layout":"2"}}"#;
    let length = (header.len() as u64).to_le_bytes();
    std::fs::write(&path, [&length[..], header.as_bytes()].concat()).expect("it is written");
    let worker = start(&device.gpu, || {});
    run(&worker);
    load(&worker, Source::File(path));
    let reason = failure(&worker);
    assert!(
        reason.contains("a.safetensors") && reason.contains("damaged"),
        "{reason}"
    );
    worker.ask(Command::Run(Prompt::Text("On.".into()), Part::default()));
    hear(&worker, finished);
}
