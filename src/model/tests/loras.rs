//! LoRAs against a merge in float64.

use std::{fs, path::PathBuf};

use half::{bf16, f16};

use super::{
    pth_file::pth,
    tiny::{Tensor, Tiny},
};
use crate::model::{Lora, ModelError, ModelFile, Source};

/// Numbers that look random, from -1 to 1.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

pub(super) fn f32s(name: &str, shape: &[usize], values: &[f32]) -> Tensor {
    Tensor {
        name: name.to_owned(),
        dtype: "F32",
        shape: shape.to_vec(),
        bytes: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect(),
    }
}

/// A pair for a weight `[rows, columns]`.
struct Pair {
    target: &'static str,
    rank: usize,
    columns: usize,
    /// `[rank, columns]`.
    a: Vec<f32>,
    /// `[rows, rank]`.
    b: Vec<f32>,
}

impl Pair {
    fn of(target: &'static str, rows: usize, columns: usize, rank: usize, seed: u64) -> Self {
        Self {
            target,
            rank,
            columns,
            a: numbers(rank * columns, seed),
            b: numbers(rows * rank, seed + 100),
        }
    }

    /// As RWKV-PEFT saves it.
    fn tensors(&self) -> [Tensor; 2] {
        let rows = self.b.len() / self.rank;
        let name = |part| format!("{}.lora_{part}", self.target);
        [
            f32s(&name('A'), &[self.rank, self.columns], &self.a),
            f32s(&name('B'), &[rows, self.rank], &self.b),
        ]
    }

    /// As web-rwkv's converter leaves it: A swapped, the names its own.
    fn converted(&self) -> [Tensor; 2] {
        let rows = self.b.len() / self.rank;
        let at = |at: usize| self.a[at % self.rank * self.columns + at / self.rank];
        let a: Vec<_> = (0..self.a.len()).map(at).collect();
        let name = |part| format!("{}.lora.{part}", self.target);
        [
            f32s(&name('0'), &[self.columns, self.rank], &a),
            f32s(&name('1'), &[rows, self.rank], &self.b),
        ]
    }

    /// scale · B A, in float64.
    fn product(&self, scale: f64) -> Vec<f64> {
        let rows = self.b.len() / self.rank;
        let at = |row: usize, column: usize| -> f64 {
            let terms = (0..self.rank).map(|k| {
                f64::from(self.b[row * self.rank + k])
                    * f64::from(self.a[k * self.columns + column])
            });
            scale * terms.sum::<f64>()
        };
        let rows = (0..rows).flat_map(|row| (0..self.columns).map(move |column| (row, column)));
        rows.map(|(row, column)| at(row, column)).collect()
    }
}

fn pairs() -> [Pair; 4] {
    [
        Pair::of("blocks.0.att.key", 64, 64, 4, 1),
        Pair::of("blocks.1.ffn.value", 64, 256, 8, 2),
        Pair::of("blocks.1.ffn.key", 256, 64, 1, 3),
        // web-rwkv itself would leave this one out.
        Pair::of("head", 256, 64, 3, 4),
    ]
}

fn written(tensors: Vec<Tensor>) -> (tempfile::TempDir, PathBuf) {
    Tiny { tensors }.file()
}

fn base() -> ModelFile {
    ModelFile::open(&model()).expect("opens")
}

fn model() -> Source {
    Source::File(super::tiny::fixture("tiny-v7-f32.pth"))
}

fn merged(loras: &[Lora]) -> ModelFile {
    ModelFile::open_with(&model(), loras).expect("opens")
}

fn lora(file: PathBuf, alpha: Option<f32>) -> Lora {
    Lora { file, alpha }
}

/// The fixture holds f32, which is what is merged.
fn stored(name: &str) -> Vec<f64> {
    let reader = pytorch_reader::PytorchReader::new(super::tiny::fixture("tiny-v7-f32.pth"));
    let reader = reader.expect("opens");
    let bytes = reader.get(name).expect("is there").read().expect("reads");
    let (values, _) = bytes.as_chunks::<4>();
    let values = values.iter().map(|it| f64::from(f32::from_le_bytes(*it)));
    values.collect()
}

#[track_caller]
fn assert_rounded(found: &[f16], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let off = (f64::from(found.to_f32()) - expected).abs();
        // Half a unit of the last place, and what f32 loses on the way.
        let unit = expected.abs().max(6.1e-5) * 2f64.powi(-11);
        assert!(
            off <= 1.001 * unit + 1e-6,
            "{what}: {found} and not {expected}"
        );
    }
}

#[test]
fn pairs_are_added_as_in_float64() {
    let plain = base();
    for (converted, alpha) in [(false, Some(16.0)), (true, Some(0.5)), (false, None)] {
        let pairs = pairs();
        let tensors = pairs.iter().flat_map(|pair| match converted {
            true => pair.converted(),
            false => pair.tensors(),
        });
        let (_folder, path) = written(tensors.collect());
        let model = merged(&[lora(path, alpha)]);
        for pair in &pairs {
            let name = format!("{}.weight", pair.target);
            let scale = alpha.map_or(1.0, |alpha| f64::from(alpha) / pair.rank as f64);
            let sum: Vec<_> = stored(&name)
                .iter()
                .zip(pair.product(scale))
                .map(|(base, more)| base + more)
                .collect();
            let found = model.f16(&name).expect("reads");
            assert_rounded(&found, &sum, &name);
            assert_ne!(
                found,
                plain.f16(&name).expect("reads"),
                "{name} is as before"
            );
        }
        for name in plain.tensor_names() {
            if !pairs
                .iter()
                .any(|pair| name == format!("{}.weight", pair.target))
            {
                assert_eq!(
                    model.f16(name).expect("reads"),
                    plain.f16(name).expect("reads")
                );
            }
        }
        assert_eq!(model.card(), plain.card());
        assert_eq!(model.merged()[0].name, "model");
        assert_eq!(model.merged()[0].alpha, alpha);
    }
}

#[test]
fn loras_follow_one_another_and_whole_tensors_replace() {
    let pair = Pair::of("blocks.0.att.key", 64, 64, 4, 1);
    let (_one, first) = written(pair.tensors().to_vec());
    let norm = numbers(64, 9);
    let (_two, second) = written(vec![
        f32s("blocks.1.ln1.weight", &[64], &norm),
        f32s("blocks.0.att.x_r", &[1, 1, 64], &norm),
        // In files of RWKV-PEFT, and nobody uses it.
        f32s("blocks.0.att.v0", &[1, 1, 64], &norm),
    ]);
    let model = merged(&[
        lora(first.clone(), None),
        lora(second, Some(3.0)),
        lora(first, Some(2.0)),
    ]);
    let sum: Vec<_> = stored("blocks.0.att.key.weight")
        .iter()
        .zip(pair.product(1.5))
        .map(|(base, more)| base + more)
        .collect();
    let found = model.f16("blocks.0.att.key.weight").expect("reads");
    assert_rounded(&found, &sum, "twice");
    let norm: Vec<_> = norm.iter().map(|value| f64::from(*value)).collect();
    for name in ["blocks.1.ln1.weight", "blocks.0.att.x_r"] {
        assert_rounded(&model.f16(name).expect("reads"), &norm, name);
    }
}

#[test]
fn bf16_is_merged_as_it_is() {
    let pair = Pair::of("blocks.0.att.key", 64, 64, 4, 1);
    let mut tensors = pair.tensors();
    let mut rounded = Pair {
        ..Pair::of("blocks.0.att.key", 64, 64, 4, 1)
    };
    for (tensor, values) in tensors.iter_mut().zip([&mut rounded.a, &mut rounded.b]) {
        let halves: Vec<_> = values.iter().map(|value| bf16::from_f32(*value)).collect();
        *values = halves.iter().map(|half| half.to_f32()).collect();
        tensor.bytes = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        tensor.dtype = "BF16";
    }
    let (_folder, path) = written(tensors.to_vec());
    let model = merged(&[lora(path, Some(4.0))]);
    let sum: Vec<_> = stored("blocks.0.att.key.weight")
        .iter()
        .zip(rounded.product(1.0))
        .map(|(base, more)| base + more)
        .collect();
    let found = model.f16("blocks.0.att.key.weight").expect("reads");
    assert_rounded(&found, &sum, "bf16");
}

#[test]
fn a_checkpoint_of_pytorch_s_is_the_same_lora() {
    let tensors: Vec<_> = pairs().iter().flat_map(Pair::tensors).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tuned.pth");
    fs::write(&file, pth(&tensors)).expect("writes");
    let (_folder, converted) = written(pairs().iter().flat_map(Pair::converted).collect());
    let (one, other) = (
        merged(&[lora(file, Some(8.0))]),
        merged(&[lora(converted, Some(8.0))]),
    );
    assert_eq!(one.merged()[0].name, "tuned");
    for pair in pairs() {
        let name = format!("{}.weight", pair.target);
        let (one, other) = (one.f16(&name), other.f16(&name));
        assert_eq!(one.expect("reads"), other.expect("reads"), "{name}");
    }
}

#[test]
fn a_sum_too_large_for_f16_is_named() {
    let (_folder, path) = written(
        Pair::of("blocks.0.att.key", 64, 64, 4, 1)
            .tensors()
            .to_vec(),
    );
    let model = merged(&[lora(path, Some(1e7))]);
    let error = model
        .f16("blocks.0.att.key.weight")
        .expect_err("is too large");
    assert!(matches!(error, ModelError::Overflow { .. }), "{error}");
}

#[test]
fn what_is_no_lora_of_this_model_is_refused() {
    let pair = || {
        Pair::of("blocks.0.att.key", 64, 64, 4, 1)
            .tensors()
            .to_vec()
    };
    let with = |more: Tensor| {
        let mut tensors = pair();
        tensors.push(more);
        tensors
    };
    let zeros = |name: &str, shape: &[usize]| f32s(name, shape, &vec![0.0; shape.iter().product()]);
    let only = |at: usize| vec![pair().swap_remove(at)];
    let other = Pair::of("blocks.0.att.key", 64, 128, 4, 1);
    let absent = Pair::of("blocks.7.att.key", 64, 64, 4, 1);
    for (tensors, says) in [
        (only(0), "a matrix A and no B"),
        (only(1), "a matrix B and no A"),
        (other.tensors().to_vec(), "[64, 64] in the model"),
        (
            absent.tensors().to_vec(),
            "the model has no blocks.7.att.key.weight",
        ),
        (
            with(zeros("blocks.0.att.key.weight", &[64, 64])),
            "both whole and as a pair",
        ),
        (with(zeros("blocks.0.ln1.weight", &[32])), "has shape [32]"),
        (
            with(zeros("blocks.0.att.more", &[64])),
            "the model has no blocks.0.att.more",
        ),
        (
            with(zeros("blocks.0.att.key.init_lora_A", &[4, 64])),
            "PiSSA",
        ),
        (vec![zeros("blocks.0.att.key.bone", &[4, 64])], "DiSHA"),
        (vec![zeros("blocks.0.att.key.disha", &[4, 64])], "DiSHA"),
        (
            vec![zeros("blocks.0.att.time_state", &[2, 32, 32])],
            "an initial state",
        ),
        (
            vec![zeros("blocks.0.att.v1", &[64, 32])],
            "it holds no tensors",
        ),
        (Vec::new(), "it holds no tensors"),
    ] {
        let (_folder, path) = written(tensors);
        let error = ModelFile::open_with(&model(), &[lora(path, None)]).expect_err("opened");
        let text = error.to_string();
        assert!(text.contains(says), "{says}: {text}");
        assert!(text.contains("model.st") && !text.contains('\n'), "{text}");
    }
    let gone = lora(PathBuf::from("/gone/lora.pth"), None);
    let error = ModelFile::open_with(&model(), &[gone]).expect_err("opened");
    assert!(matches!(error, ModelError::Read { .. }), "{error}");
}

#[test]
fn a_lora_is_told_from_a_model() {
    let (_folder, path) = written(
        Pair::of("blocks.0.att.key", 64, 64, 4, 1)
            .tensors()
            .to_vec(),
    );
    let text = super::refusal(&path).to_string();
    assert!(text.contains("with --lora"), "{text}");
    fs::remove_file(path).expect("is there");
}
