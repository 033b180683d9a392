//! The same text gives the same numbers, to the last bit.

use std::{iter::zip, sync::Arc};

use arclight::{
    gpu::{self, Gpu},
    inference::Model,
    model::{ModelFile, Source},
    score::{conservation, tolerance},
    trace::{Precision, Trace},
};

use crate::{
    reference::{Version, demo},
    support::{checkpoint::Checkpoint, device, run},
};

/// Chunks and a rest, which other kernels of web-rwkv multiply.
const TOKENS: usize = 2 * CHUNK + 3;
const CHUNK: usize = 32;
const RUNS: usize = 3;

/// The vectors of all layers, their head outputs, and the contribution norms, as bytes.
fn bytes(gpu: &Gpu, trace: &Arc<Trace>) -> Vec<Vec<u8>> {
    let groups = trace.groups.iter();
    let buffers = groups.flat_map(|group| [group.buffer(), &group.outputs]);
    buffers
        .chain([&trace.contribution])
        .map(|buffer| gpu::read(gpu, buffer, 0, buffer.size()).expect("it is read back"))
        .collect()
}

/// Bytes that differ.
fn differing(a: &[Vec<u8>], b: &[Vec<u8>]) -> usize {
    assert_eq!(a.len(), b.len());
    let count = |(a, b): (&Vec<u8>, &Vec<u8>)| zip(a, b).filter(|(a, b)| a != b).count();
    zip(a, b).map(count).sum()
}

#[test]
fn a_text_leaves_the_same_bytes_each_time() {
    let tokens = demo::random_tokens(61, TOKENS, 8192);
    let mut other = tokens.clone();
    other[TOKENS - 1] += 1;
    for version in [Version::V6, Version::V7] {
        for precision in [Precision::F16, Precision::F32] {
            let mut device = device();
            let gpu = device.gpu.clone();
            let model = device.demo(version, precision);
            let found = |tokens: &[u32]| bytes(&gpu, &run(model, tokens, CHUNK));
            let first = found(&tokens);
            for turn in 1..RUNS {
                let count = differing(&first, &found(&tokens));
                assert_eq!(count, 0, "{version:?}, {precision:?}: bytes of run {turn}");
            }
            // A window that takes longer chunks on a faster device shows the same.
            let longer = bytes(&gpu, &run(model, &tokens, 2 * CHUNK));
            let count = differing(&first, &longer);
            assert_eq!(
                count, 0,
                "{version:?}, {precision:?}: bytes of longer chunks"
            );
            let count = differing(&first, &found(&other));
            assert!(
                count > 0,
                "{version:?}, {precision:?}: any text leaves these"
            );
        }
    }
}

/// web-rwkv sums RWKV-7's bonus over a head in shared memory, and its threads read what others write between
/// two barriers. A head of 64 takes 16 threads, more than a subgroup has on the software adapter.
#[test]
fn a_head_wider_than_a_subgroup_is_summed_rightly_each_time() {
    let mut checkpoint = Checkpoint::of_fixture("tiny-v7-f32.pth");
    for layer in 0..2 {
        checkpoint.tensor(&format!("blocks.{layer}.att.r_k")).shape = vec![1, 64];
    }
    let (_folder, path) = checkpoint.write();
    let file = Arc::new(ModelFile::open(&Source::File(path)).expect("it opens"));
    let tokens: Vec<u32> = (0..TOKENS as u32).map(|at| at * 5 % 256).collect();
    let rows: Vec<usize> = (0..TOKENS).collect();
    for precision in [Precision::F16, Precision::F32] {
        let device = device();
        let model = Model::load(&device.gpu, &file, precision).expect("it loads");
        let traces: Vec<_> = (0..RUNS).map(|_| run(&model, &tokens, CHUNK)).collect();
        let errors = conservation(&device.gpu, &traces[0], &rows).expect("it is read back");
        let worst = errors.into_iter().fold(0.0, f32::max);
        println!("{precision:?}: {worst:.1e}");
        assert!(
            worst > 0.0 && worst <= tolerance(precision),
            "{precision:?}: {worst}"
        );
        let first = bytes(&device.gpu, &traces[0]);
        for trace in &traces[1..] {
            let count = differing(&first, &bytes(&device.gpu, trace));
            assert_eq!(count, 0, "{precision:?}: bytes that differ");
        }
    }
}
