//! Layers in int8 and NF4: what they take, how near they stay, and that what is drawn is what ran.

use std::sync::Arc;

use arclight::{
    inference::Model,
    model::{ModelFile, Quantisation, Source},
    score::{conservation, tolerance},
    trace::{Precision, Trace},
};

use crate::{
    reference::{Version, demo},
    support::{checkpoint::Checkpoint, close, device, run},
};

const LAYERS: usize = 8;
const INT8: Quantisation = Quantisation {
    int8: LAYERS,
    nf4: 0,
};
const NF4: Quantisation = Quantisation {
    int8: 0,
    nf4: LAYERS,
};
const MIXED: Quantisation = Quantisation { int8: 3, nf4: 2 };
const VERSIONS: [Version; 2] = [Version::V6, Version::V7];

/// A chunk, and a rest that other kernels multiply.
fn tokens() -> Vec<u32> {
    demo::random_tokens(71, 40, 8192)
}

fn load(
    gpu: &arclight::gpu::Gpu,
    version: Version,
    precision: Precision,
    quantisation: Quantisation,
) -> Model {
    let source = match version {
        Version::V6 => Source::DemoV6,
        Version::V7 => Source::DemoV7,
        older => panic!("there is no demo of {older:?}"),
    };
    let file = Arc::new(ModelFile::open(&source).expect("the demo model opens"));
    Model::load_quantised(gpu, &file, precision, quantisation).expect("the demo model loads")
}

#[test]
fn the_buffers_are_as_large_as_said() {
    for version in VERSIONS {
        let device = device();
        for quantisation in [Quantisation::default(), INT8, NF4, MIXED] {
            let model = load(&device.gpu, version, Precision::F16, quantisation);
            let said = quantisation.bytes(model.card());
            assert_eq!(model.matrix_bytes(), said, "{version:?}: {quantisation}");
        }
    }
}

/// Largest |difference| of logits over the largest |logit|.
fn off(found: &[Vec<f32>], exact: &[Vec<f32>]) -> f64 {
    let exact: Vec<f64> = exact.concat().into_iter().map(f64::from).collect();
    close(&found.concat(), &exact, f64::INFINITY).expect("numbers")
}

#[test]
fn predictions_stay_near() {
    let tokens = tokens();
    let mut other = tokens.clone();
    other[0] += 1;
    for version in VERSIONS {
        let mut device = device();
        let exact = device.demo(version, Precision::F32);
        let elsewhere = exact.logits(&other).expect("the model runs");
        let exact = exact.logits(&tokens).expect("the model runs");
        let quantised = |quantisation| {
            let model = load(&device.gpu, version, Precision::F32, quantisation);
            off(&model.logits(&tokens).expect("the model runs"), &exact)
        };
        let (int8, nf4, mixed) = (quantised(INT8), quantised(NF4), quantised(MIXED));
        let elsewhere = off(&elsewhere, &exact);
        println!(
            "{version:?}: int8 {int8:.1e}, NF4 {nf4:.1e}, mixed {mixed:.1e}, another text {elsewhere:.1e}"
        );
        assert!(int8 > 1e-4, "{version:?}: nothing was quantised: {int8}");
        assert!(int8 < 0.02, "{version:?}: int8 is off by {int8}");
        assert!(nf4 < 0.2, "{version:?}: NF4 is off by {nf4}");
        // The bound for int8 tells it from what is no int8, and that for NF4 from another text.
        assert!(
            nf4 > 0.02 && elsewhere > 0.2,
            "{version:?}: {nf4}, {elsewhere}"
        );
        assert!(int8 < mixed && mixed < nf4, "{version:?}: {mixed}");
    }
}

/// Rows of 96 weights, of which none begins where a block of 128 does but every fourth.
#[test]
fn rows_that_are_no_whole_blocks_are_scaled_rightly() {
    for name in ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"] {
        let (_folder, path) = Checkpoint::of_fixture(name).with_hidden(96).write();
        let device = device();
        let logits = |quantisation| {
            let file = Arc::new(ModelFile::open(&Source::File(path.clone())).expect("it opens"));
            let model = Model::load_quantised(&device.gpu, &file, Precision::F32, quantisation);
            let tokens: Vec<u32> = (0..40).map(|at| at * 5 % 256).collect();
            let logits = model.expect("it loads").logits(&tokens);
            logits.expect("the model runs")
        };
        let off = off(
            &logits(Quantisation { int8: 2, nf4: 0 }),
            &logits(Quantisation::default()),
        );
        println!("{name}: off by {off:.1e}");
        assert!(off > 1e-4 && off < 0.02, "{name}: {off}");
    }
}

fn worst(gpu: &arclight::gpu::Gpu, trace: &Arc<Trace>) -> f32 {
    let rows: Vec<usize> = (0..trace.filled()).collect();
    let errors = conservation(gpu, trace, &rows).expect("the errors are read back");
    errors.into_iter().fold(0.0, f32::max)
}

#[test]
fn the_conservation_check_holds() {
    for version in VERSIONS {
        for precision in [Precision::F16, Precision::F32] {
            let device = device();
            for quantisation in [INT8, NF4, MIXED] {
                let model = load(&device.gpu, version, precision, quantisation);
                let trace = run(&model, &tokens(), 32);
                let worst = worst(&device.gpu, &trace);
                let what = format!("{version:?}, {precision:?}: {quantisation}");
                println!("{what}: {worst:.1e}");
                assert!(
                    worst > 0.0 && worst <= tolerance(precision),
                    "{what}: {worst}"
                );
            }
        }
    }
}
