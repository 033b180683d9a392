//! Runs that go on, go back and branch, in traces that grow.

use std::sync::{Arc, atomic::AtomicBool};

use arclight::{
    gpu::{self, Gpu},
    inference::{Model, RunOptions, Sampler, Sampling},
    model::Version as Made,
    score::{self, Measure},
    trace::{Part, Precision, Trace, Window},
};

use crate::{
    before::{everything_agrees, run_part},
    reference::{Version, demo, forward},
    support::{captured_tokens, close, device, matrices, run, small::Kind},
    traces,
};

fn sampling(seed: u64) -> Sampling {
    Sampling {
        seed,
        top_p: 0.9,
        ..Sampling::default()
    }
}

/// So many tokens more. What was written after token `from` counts for the sampler.
fn on(model: &Model, trace: &Arc<Trace>, from: usize, seed: u64, tokens: usize) -> Arc<Trace> {
    let mut sampler = Sampler::after(sampling(seed), &trace.tokens[from..trace.filled()]);
    let never = AtomicBool::new(false);
    let mut trace = trace.clone();
    for _ in 0..tokens {
        let options = RunOptions::default();
        let longer = model.go_on(&trace, &mut sampler, |_| false, &options, &never);
        trace = longer.expect("there is room").expect("it goes on");
        assert!(trace.is_complete());
    }
    trace
}

/// Everything of the first tokens that is on the device, layer after layer.
fn numbers(gpu: &Gpu, trace: &Trace, tokens: usize) -> Vec<Vec<u8>> {
    let (dimensions, room) = (&trace.dimensions, trace.room());
    let sets = arclight::trace::sets(dimensions.version);
    let mut all = Vec::new();
    let mut take = |buffer: &wgpu::Buffer, row: usize, number: u64| {
        let line = (room * dimensions.width) as u64 * number;
        let bytes = (tokens * dimensions.width) as u64 * number;
        let line = gpu::read(gpu, buffer, row as u64 * line, bytes).expect("it is read back");
        all.push(line);
    };
    for group in &trace.groups {
        for row in 0..group.layers.len() * sets {
            take(group.buffer(), row, trace.stored().bytes());
        }
        for row in 0..group.layers.len() {
            take(&group.outputs, row, 4);
        }
    }
    for row in 0..dimensions.layers * dimensions.heads {
        let start = (row * room) as u64 * 4;
        let norms = gpu::read(gpu, &trace.contribution, start, tokens as u64 * 4);
        all.push(norms.expect("it is read back"));
    }
    all
}

/// What was run a token at a time in buffers that grew is what the float64 model has of the whole text.
#[test]
fn a_run_that_goes_on_agrees_with_float64() {
    let tokens = &captured_tokens()[..20];
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let gpu = device.gpu.clone();
        let model = device.demo(version, Precision::F32);
        for window in [None, Some("-9:")] {
            let window = window.map(|window| window.parse::<Window>().expect("a window"));
            let short = run_part(model, tokens, window);
            let long = on(model, &short, short.filled(), 1, 12);
            let text = [&long.prefix, &long.tokens[long.first()..]].concat();
            assert_eq!(text[..20], *tokens);
            assert_eq!(text.len(), 32);
            let forward = forward(demo::weights(version), &text);
            match window {
                Some(_) => everything_agrees(&gpu, &long, &forward, 11, |_, _| Vec::new(), 4e-3),
                None => {
                    for &measure in Measure::all(long.dimensions.version) {
                        let found = matrices(&gpu, &long, measure);
                        for (row, found) in found.iter().enumerate() {
                            let (layer, head) = (row / forward.heads, row % forward.heads);
                            let expected =
                                crate::reference::scores::matrix(&forward, measure, layer, head);
                            close(&found.concat(), &expected.concat(), 4e-3).unwrap_or_else(
                                |off| panic!("{version:?}: {measure:?} of L{layer} H{head}: {off}"),
                            );
                        }
                    }
                }
            }
            // What was expected on the way, and what came.
            let first = long.first();
            for at in first..long.filled() {
                let found = long.prediction(at).expect("it was predicted");
                let logits = &forward.logits[at - first + long.prefix.len()];
                let best = found.top[0];
                assert!((f64::from(best.logit) - logits[best.id as usize]).abs() < 2e-2);
                match long.tokens.get(at + 1) {
                    Some(&id) => {
                        let came = f64::from(found.came.expect("one came"));
                        assert!((came - logits[id as usize]).abs() < 2e-2, "{came} at {at}");
                    }
                    None => assert_eq!(found.came, None),
                }
            }
        }
    }
}

/// RWKV-4 and 5, whose decays are made along with y, and those of a state of its own.
#[test]
fn older_models_go_on_too() {
    let device = device();
    let gpu: &Gpu = &device.gpu;
    let tokens = &crate::older::tokens()[..20];
    for kind in [Kind::V4, Kind::V51, Kind::V52] {
        let model = crate::older::load(gpu, kind, Precision::F32);
        let short = run_part(&model, tokens, Part::default());
        let long = on(&model, &short, 20, 1, 70);
        let whole = run(&model, &long.tokens, 64);
        for &measure in Measure::all(long.dimensions.version) {
            let (found, expected) = (
                matrices(gpu, &long, measure),
                matrices(gpu, &whole, measure),
            );
            for (head, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let expected: Vec<_> = expected.concat().into_iter().map(f64::from).collect();
                close(&found.concat(), &expected, 1e-3)
                    .unwrap_or_else(|off| panic!("{kind:?}: {measure:?} of head {head}: {off}"));
            }
        }
        let rows: Vec<usize> = (0..long.filled()).collect();
        let errors = score::conservation(gpu, &long, &rows).expect("errors");
        assert!(errors.iter().all(|error| *error < 1e-3), "{errors:?}");
    }
}

/// Larger buffers hold the same, and the smaller ones keep what they had.
#[test]
fn growing_changes_nothing_of_what_was_there() {
    let mut device = device();
    let gpu = device.gpu.clone();
    for version in [Version::V6, Version::V7] {
        let short = device.captured(version, Precision::F16);
        let before = numbers(&gpu, &short, short.filled());
        assert_eq!(short.room(), short.filled());
        let model = device.demo(version, Precision::F16);
        let long = on(model, &short, short.filled(), 2, 3);
        assert!(long.room() > long.filled());
        assert_eq!(long.filled(), short.filled() + 3);
        assert!(numbers(&gpu, &long, short.filled()) == before);
        assert!(numbers(&gpu, &short, short.filled()) == before);
        assert!(!short.is_passed(), "nothing went on in its own buffers");
        // In the same buffers from now on, past their end and into larger ones.
        let there = numbers(&gpu, &long, long.filled());
        let next = on(model, &long, short.filled(), 2, 1);
        assert_eq!(next.room(), long.room());
        assert!(long.is_passed());
        let last = on(
            model,
            &next,
            short.filled(),
            2,
            next.room() - next.filled() + 1,
        );
        assert!(last.room() > next.room());
        assert!(numbers(&gpu, &last, long.filled()) == there);
    }
}

/// From the same place with the same seed comes the same, to the bit; with another one something else; and what was
/// there stays as it was.
#[test]
fn a_run_goes_back_and_branches() {
    let mut device = device();
    let gpu = device.gpu.clone();
    for version in [Version::V6, Version::V7] {
        let short = device.captured(version, Precision::F16);
        let (model, from) = (device.demo(version, Precision::F16), short.filled());
        let long = on(model, &short, from, 3, 40);
        let there = numbers(&gpu, &long, long.filled());
        for back in [1, 7, 39] {
            let earlier = Arc::new(long.until(long.filled() - back));
            assert!(earlier.is_complete() && earlier.is_passed());
            let last = earlier.prediction(earlier.filled() - 1);
            assert_eq!(last.expect("it was predicted").came, None);

            let again = on(model, &earlier, from, 3, back);
            assert_eq!(again.tokens, long.tokens);
            assert!(
                numbers(&gpu, &again, again.filled()) == there,
                "{back} back"
            );
            for at in 0..again.filled() {
                assert_eq!(again.prediction(at), long.prediction(at), "at {at}");
            }
            let other = on(model, &earlier, from, 4, back.max(3));
            assert_eq!(other.tokens[..earlier.filled()], earlier.tokens);
            if back > 1 {
                assert_ne!(other.tokens[..long.filled()], long.tokens);
            }
            assert!(numbers(&gpu, &long, long.filled()) == there);
        }
        // From within the prompt.
        let cut = Arc::new(short.until(5));
        let other = on(model, &cut, 5, 3, 4);
        let whole = run(model, &other.tokens, 64);
        let (found, expected) = (
            matrices(&gpu, &other, Measure::Share),
            matrices(&gpu, &whole, Measure::Share),
        );
        for (found, expected) in found.iter().zip(&expected) {
            let expected: Vec<_> = expected.concat().into_iter().map(f64::from).collect();
            close(&found.concat(), &expected, 3e-2).expect("the same shares");
        }
    }
}

/// The command's way through the same text chooses the same tokens.
#[test]
fn it_goes_on_as_generating_does() {
    let mut device = device();
    for version in [Version::V6, Version::V7] {
        let short = device.captured(version, Precision::F32);
        let model = device.demo(version, Precision::F32);
        let long = on(model, &short, short.filled(), 5, 20);
        let (mut sampler, mut ids) = (Sampler::new(sampling(5)), Vec::new());
        let (options, never) = (RunOptions::default(), AtomicBool::new(false));
        let generated = model.generate(&short.tokens, 20, &mut sampler, &options, &never, |id| {
            ids.push(id);
            std::ops::ControlFlow::Continue(())
        });
        generated.expect("the model runs");
        assert_eq!(long.tokens[short.filled()..], ids);
    }
}

#[test]
fn it_ends_where_the_text_does() {
    let mut device = device();
    let short = device.captured(Version::V7, Precision::F16);
    let model = device.demo(Version::V7, Precision::F16);
    let greedy = Sampling {
        temperature: 0.0,
        ..Sampling::default()
    };
    let (options, never) = (RunOptions::default(), AtomicBool::new(false));
    for _ in 0..2 {
        let mut sampler = Sampler::new(greedy);
        let ended = model.go_on(&short, &mut sampler, |_| true, &options, &never);
        assert!(ended.expect("the model runs").is_none());
    }
    // And could go on all the same.
    let mut sampler = Sampler::new(greedy);
    let longer = model.go_on(&short, &mut sampler, |_| false, &options, &never);
    let longer = longer.expect("the model runs").expect("one more");
    let expected = short.prediction(short.filled() - 1).expect("predicted");
    assert_eq!(longer.tokens.last(), Some(&expected.top[0].id));
}

/// What has grown is saved as any run is, without the room behind it.
#[test]
fn what_has_grown_is_saved() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let short = device.captured(Version::V7, Precision::F16);
    let model = device.demo(Version::V7, Precision::F16);
    let long = on(model, &short, short.filled(), 6, 9);
    assert_eq!(long.dimensions.version, Made::V7);
    traces::write(&gpu, &long, None, &path);
    let (_, opened) = traces::open(&gpu, &path);
    assert_eq!(opened.tokens, long.tokens);
    assert_eq!(opened.room(), long.filled());
    assert!(numbers(&gpu, &opened, long.filled()) == numbers(&gpu, &long, long.filled()));
}
