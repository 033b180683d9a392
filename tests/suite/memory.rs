//! What models and runs take on the device: as much as is said before, never more than there is.

use std::sync::Arc;

use arclight::{
    bench::{Sizes, random_trace},
    estimate,
    gpu::Gpu,
    inference::{Model, RunOptions},
    model::{ModelFile, Quantisation, Source, Version},
    score::{self, Measure, Scores},
    trace::{Dimensions, Layers, Precision, Stored, Trace},
};

use crate::{
    kernels::with_largest_binding,
    reference::{self, demo::random_tokens},
    support::{captured_tokens, device, matrices, run},
};

/// Bytes of all that is made on a device, once it has let go of what nobody uses.
fn allocated(gpu: &Gpu) -> u64 {
    gpu.tidy();
    arclight::gpu::wait_idle(gpu);
    let report = gpu.device().generate_allocator_report();
    report.expect("Vulkan tells").total_allocated_bytes
}

/// Within 15 %, or 2 MB, which pipelines' own buffers and rounding take.
#[track_caller]
fn assert_near(found: u64, said: u64, what: &str) {
    let off = found.abs_diff(said);
    println!("{what}: {found} bytes, said {said}");
    assert!(
        off * 100 <= said * 15 || off <= 2_000_000,
        "{what}: {found} bytes, and {said} were said"
    );
}

#[test]
fn a_model_and_its_run_take_what_is_said() {
    let gpu = Gpu::new().expect("a graphics adapter");
    for (source, quantisation) in [
        (Source::DemoV6, Quantisation::default()),
        (Source::DemoV7, Quantisation::default()),
        (Source::DemoV7, Quantisation { int8: 4, nf4: 4 }),
    ] {
        let before = allocated(&gpu);
        let file = Arc::new(ModelFile::open(&source).expect("it opens"));
        let model = Model::load_quantised(&gpu, &file, Precision::F16, quantisation);
        let model = model.expect("it loads");
        let loaded = allocated(&gpu);
        let card = model.card().clone();
        let said = estimate::model_bytes(&card, quantisation);
        assert_near(loaded - before, said, &format!("{source}, {quantisation}"));

        // All of the prompt in one chunk, of which there are buffers for one length then.
        let tokens = random_tokens(3, 128, 8192);
        let trace = run(&model, &tokens, 128);
        let ran = allocated(&gpu);
        let dimensions = trace.dimensions;
        let said = estimate::trace_bytes(&dimensions, trace.stored(), 128);
        assert_eq!(of_trace(&trace), said, "{source}");
        let frames = estimate::frames(&card, Precision::F16, 128);
        assert_near(ran - loaded, said + frames, &format!("{source}: a run"));

        let scores = Scores::new(&gpu, &trace).expect("there is room");
        let binding = gpu.report().limits.max_binding;
        let said = estimate::scores_bytes(&dimensions, trace.stored(), 128, binding);
        assert_near(
            allocated(&gpu) - ran,
            said,
            &format!("{source}: its scores"),
        );
        drop((scores, trace, model));
        // What was made goes when nobody has it any more.
        assert_near(allocated(&gpu), before, &format!("{source}: what is left"));
    }
}

fn of_trace(trace: &Trace) -> u64 {
    let groups = trace.groups.iter();
    let vectors = groups.map(|group| group.buffer().size() + group.outputs.size());
    vectors.sum::<u64>() + trace.contribution.size() + trace.states.size()
}

/// Sizes of real models, as far as a driver on the CPU bears them.
#[test]
fn traces_of_any_size_take_what_is_said() {
    let gpu = Gpu::new().expect("a graphics adapter");
    for (sizes, version) in [
        ("4,16,64,512", Version::V7),
        ("4,16,64,512", Version::V6),
        ("12,4,64,300", Version::V5),
        ("3,4,64,300", Version::V4),
    ] {
        let shape = sizes.parse::<Sizes>().expect("sizes").of(version);
        let before = allocated(&gpu);
        let trace = random_trace(&gpu, &shape).expect("there is room");
        let stored = Stored::of(version, Precision::F16);
        let said = estimate::trace_bytes(&trace.dimensions, stored, shape.tokens);
        assert_eq!(of_trace(&trace), said, "{shape}");
        assert_near(allocated(&gpu) - before, said, &shape.to_string());

        trace.grow(shape.tokens, Vec::new());
        let before = allocated(&gpu);
        let scores = Scores::new(&gpu, &trace).expect("there is room");
        let binding = gpu.report().limits.max_binding;
        let said = estimate::scores_bytes(&trace.dimensions, stored, shape.tokens, binding);
        assert_near(
            allocated(&gpu) - before,
            said,
            &format!("scores of {shape}"),
        );
        drop(scores);
    }
}

/// A run that has no room is refused with what it takes, what is free and what to do, and nothing else changes.
#[test]
fn what_cannot_be_had_is_refused_and_the_rest_goes_on() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let model = device.demo(reference::Version::V7, Precision::F16);
    let error = model.trace(vec![1; 50_000_000]).expect_err("it is refused");
    let text = error.to_string();
    for part in [
        "50000000 tokens",
        "TB of GPU memory",
        "are free",
        "a shorter text",
    ] {
        assert!(text.contains(part), "{part:?} is not said: {text}");
    }
    // With fewer tokens there are layers that fit.
    let free = gpu.memory().and_then(|memory| memory.free).expect("told");
    let card = model.card().clone();
    let takes =
        |layers, tokens| estimate::run_bytes(&card, Precision::F16, layers, tokens, 1 << 30);
    let tokens = (1..)
        .map(|n| n * 100_000)
        .find(|n| takes(8, *n) > free + (2 << 30));
    let error = model.trace(vec![1; tokens.expect("a number")]).err();
    let text = error.expect("it is refused").to_string();
    assert!(text.contains("--layers") && text.contains("-7)"), "{text}");

    let tokens = captured_tokens();
    let trace = run(model, &tokens, 128);
    assert!(trace.is_complete());
}

/// Whoever asks past what the adapter allows is told so, and the device goes on.
#[test]
fn a_trace_larger_than_a_binding_is_refused() {
    let device = device();
    let gpu = &device.gpu;
    let sizes = "1,1,128,1048576".parse::<Sizes>().expect("sizes");
    let small = with_largest_binding(gpu, 1 << 20);
    let error = random_trace(&small, &sizes.of(Version::V7)).err();
    let text = error.expect("it is refused").to_string();
    assert!(text.contains("allows 1 MiB"), "{text}");
    let sizes = "1,1,32,16".parse::<Sizes>().expect("sizes");
    random_trace(&small, &sizes.of(Version::V7)).expect("there is room");
}

/// Bindings as small as some adapters have: layers lie in several buffers, and the scores are the same.
#[test]
fn small_bindings_give_the_same_scores() {
    let device = device();
    // The largest matrix of the demo models, the head, takes 4 MiB.
    let small = with_largest_binding(&device.gpu, 9 << 19);
    let tokens = random_tokens(9, 256, 8192);
    for source in [Source::DemoV6, Source::DemoV7] {
        let file = Arc::new(ModelFile::open(&source).expect("it opens"));
        let of = |gpu: &Gpu| {
            let model = Model::load(gpu, &file, Precision::F16).expect("it loads");
            let trace = run(&model, &tokens, 128);
            let mut scores = Scores::new(gpu, &trace).expect("there is room");
            let shown = Arc::new(score::Shown::all(256, 64, Some(200)));
            let request = score::Request::new(200, shown, 50);
            scores.select(&request).wait(gpu).expect("marks");
            let all = crate::support::read(gpu, scores.values(Measure::Rwk));
            (trace.groups.len(), all)
        };
        let (one, expected) = of(&device.gpu);
        let (several, found) = of(&small);
        assert_eq!(one, 1);
        assert!(several > 1, "{source}: all layers lie in one buffer");
        assert!(found == expected, "{source}");
    }
}

/// The layers that a run keeps are those of the whole run, to the bit.
#[test]
fn some_layers_are_the_same_as_among_all() {
    let mut device = device();
    let kept: Layers = "3-5".parse().expect("layers");
    for version in [reference::Version::V6, reference::Version::V7] {
        let whole = device.captured(version, Precision::F16);
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F16);
        let tokens = captured_tokens();
        let part = model
            .trace_of(tokens.clone(), Some(kept))
            .expect("there is room");
        let never = std::sync::atomic::AtomicBool::new(false);
        let options = RunOptions::default();
        model.run(&part, &options, &never, |_| {}).expect("it runs");
        assert_eq!(part.dimensions.layers, 3);
        assert_eq!(part.origin.layers, 3..6);
        for at in 0..tokens.len() {
            assert_eq!(
                part.prediction(at),
                whole.prediction(at),
                "{version:?}, {at}"
            );
        }

        let heads = part.dimensions.heads;
        for &measure in Measure::all(part.dimensions.version) {
            let (part, whole) = (
                matrices(&gpu, &part, measure),
                matrices(&gpu, &whole, measure),
            );
            assert_eq!(part.len(), 3 * heads);
            assert!(
                part == whole[3 * heads..6 * heads],
                "{version:?}, {measure:?}"
            );
        }
        let norms = |trace: &Trace| crate::support::read(&gpu, &trace.contribution);
        let row = tokens.len() * heads;
        assert!(
            norms(&part) == norms(&whole)[3 * row..6 * row],
            "{version:?}"
        );
        let rows: Vec<_> = (0..tokens.len()).collect();
        let errors = |trace| score::conservation(&gpu, trace, &rows).expect("errors");
        let (found, expected) = (errors(&part), errors(&whole));
        assert_eq!(found, expected[3 * heads..6 * heads], "{version:?}");
    }
}

#[test]
fn layers_that_the_model_has_not_are_refused() {
    let mut device = device();
    let model = device.demo(reference::Version::V6, Precision::F16);
    let layers: Layers = "4-8".parse().expect("layers");
    let error = model.trace_of(vec![1, 2], Some(layers)).err();
    let text = error.expect("it is refused").to_string();
    assert!(
        text.contains("layers 4-8") && text.contains("0 to 7"),
        "{text}"
    );
}

#[test]
fn fewer_layers_take_less() {
    let gpu = Gpu::new().expect("a graphics adapter");
    let file = Arc::new(ModelFile::open(&Source::DemoV7).expect("it opens"));
    let model = Model::load(&gpu, &file, Precision::F16).expect("it loads");
    let of =
        |layers: Option<Layers>| of_trace(&model.trace_of(vec![1; 100], layers).expect("room"));
    let whole = of(None);
    assert_eq!(of(Some("2-5".parse().expect("layers"))), whole / 2);
    let dimensions = Dimensions::from(model.card());
    assert_eq!(estimate::trace_bytes(&dimensions, Stored::F16, 100), whole);
}
