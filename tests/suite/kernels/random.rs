//! The random trace that speed is measured on: its vectors are as large as a model's, and nothing overflows.

use arclight::{
    bench::{Sizes, random_trace},
    gpu,
    model::Version,
    score::{Measure, Request, Scores, Shown},
    trace::{Set, Stored, sets},
};
use half::f16;

use crate::support::{device, read};

#[test]
fn a_random_trace_has_vectors_of_a_models_sizes() {
    let sizes: Sizes = "3,2,32,300".parse().expect("sizes");
    for version in [Version::V6, Version::V7] {
        let device = device();
        let gpu = &device.gpu;
        let trace = random_trace(gpu, &sizes.of(version)).expect("there is room");
        assert_eq!(trace.filled(), 0, "no token counts before it is asked for");
        let numbers: Vec<f32> = match trace.stored() {
            Stored::F32 => read(gpu, trace.groups[0].buffer()),
            Stored::F16 => {
                let buffer = trace.groups[0].buffer();
                let bytes = gpu::read(gpu, buffer, 0, buffer.size()).expect("it is read back");
                let halves: Vec<f16> = bytemuck::pod_collect_to_vec(&bytes);
                halves.into_iter().map(f16::to_f32).collect()
            }
        };
        let layer_sets: Vec<&[f32]> = numbers.chunks_exact(300 * 64).collect();
        assert_eq!(layer_sets.len(), 3 * sets(version));
        let of = |layer: usize, set: Set| layer_sets[layer * sets(version) + set.index(version)];
        let within = |layer, set, least: f32, most: f32| {
            let numbers = of(layer, set);
            let (low, high) = numbers.iter().fold((f32::MAX, f32::MIN), |(low, high), x| {
                (low.min(*x), high.max(*x))
            });
            assert!(
                least <= low && high <= most,
                "{version} {set:?}: {low} to {high}"
            );
            // They fill the range.
            assert!(
                high - low > 0.9 * (most - least),
                "{version} {set:?}: {low} to {high}"
            );
        };
        for layer in 0..3 {
            for set in [Set::R, Set::K, Set::V, Set::X] {
                within(layer, set, -1.0, 1.0);
            }
            if version == Version::V7 {
                within(layer, Set::W, -8.0, 2.0);
                within(layer, Set::A, 0.0, 1.0);
                for kappa in of(layer, Set::Kappa).chunks_exact(32) {
                    let square: f32 = kappa.iter().map(|x| x * x).sum();
                    assert!((square - 1.0).abs() < 1e-2, "κ̂ is {} long", square.sqrt());
                }
            } else {
                within(layer, Set::W, -6.0, 0.0);
            }
        }
        assert_ne!(of(0, Set::R), of(1, Set::R), "layers are alike");

        trace.grow(300, Vec::new());
        let mut scores = Scores::new(gpu, &trace).expect("there is room");
        let shown = Shown::all(300, 6, Some(299)).into();
        let request = Request {
            measure: Measure::Share,
            ..Request::new(299, shown, 50)
        };
        scores.select(&request).wait(gpu).expect("marks");
        // y is what the vectors make: shares sum to 1.
        for share in read(gpu, &scores.share).chunks_exact(300) {
            let sum: f32 = share.iter().sum();
            assert!((sum - 1.0).abs() < 1e-2, "{version}: shares sum to {sum}");
        }
    }
}

#[test]
fn sizes_are_four_numbers_within_reason() {
    for wrong in [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "0,1,32,64",
        "1,1,24,64",
        "1,1,32,8",
        "a,1,32,64",
    ] {
        assert!(wrong.parse::<Sizes>().is_err(), "{wrong}");
    }
    let shape = "32,40,64,4096"
        .parse::<Sizes>()
        .expect("2.9B")
        .of(Version::V6);
    assert_eq!(
        shape.to_string(),
        "RWKV-6, 32 layers × 40 heads of 64, 4096 tokens"
    );
}
