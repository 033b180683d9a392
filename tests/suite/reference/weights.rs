//! The tensors of a model file, widened from f16 to f64 with nothing scaled.

use std::collections::HashMap;

use half::f16;
use safetensors::{Dtype, SafeTensors};

use super::{Version, ops};

/// Every tensor of the file by name: its shape and its row-major values.
pub struct Weights {
    tensors: HashMap<String, (Vec<usize>, Vec<f64>)>,
}

impl Weights {
    /// Reads the bytes of a safetensors file whose tensors are all f16.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let file = SafeTensors::deserialize(bytes).expect("the bytes are a safetensors file");
        let tensors = file
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                assert_eq!(view.dtype(), Dtype::F16, "{name} is not f16");
                let (pairs, _) = view.data().as_chunks::<2>();
                let values = pairs
                    .iter()
                    .map(|&pair| f16::from_le_bytes(pair).to_f64())
                    .collect();
                (name, (view.shape().to_vec(), values))
            })
            .collect();
        Self { tensors }
    }

    fn entry(&self, name: &str) -> &(Vec<usize>, Vec<f64>) {
        self.tensors
            .get(name)
            .unwrap_or_else(|| panic!("the model has no tensor {name}"))
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub fn shape(&self, name: &str) -> &[usize] {
        &self.entry(name).0
    }

    pub fn tensor(&self, name: &str) -> &[f64] {
        &self.entry(name).1
    }

    /// `[T][in] → [T][out]` through a matrix stored as `[out, in]`.
    pub fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let (shape, values) = self.entry(name);
        let &[_, inputs] = shape.as_slice() else {
            panic!("{name} is not a matrix: {shape:?}");
        };
        ops::linear(values, inputs, x)
    }

    pub fn block(&self, index: usize) -> Block<'_> {
        Block {
            weights: self,
            index,
        }
    }

    pub fn version(&self) -> Version {
        if self.has("blocks.0.att.r_k") {
            Version::V7
        } else {
            assert!(self.has("blocks.0.att.time_decay"), "no RWKV");
            match self.has("blocks.0.att.gate.weight") {
                _ if self.has("blocks.0.att.time_mix_w1") => Version::V6,
                true => Version::V5,
                false => Version::V4,
            }
        }
    }

    pub fn layer_count(&self) -> usize {
        (0..)
            .take_while(|index| self.has(&format!("blocks.{index}.ln1.weight")))
            .count()
    }

    /// The one per-head parameter of each version is stored as `[H, N]`, or `[H]`. RWKV-4 has groups of 64.
    pub fn heads(&self) -> usize {
        match self.version() {
            Version::V4 => self.width() / 64,
            Version::V5 | Version::V6 => self.shape("blocks.0.att.time_first")[0],
            Version::V7 => self.shape("blocks.0.att.r_k")[0],
        }
    }

    pub fn width(&self) -> usize {
        self.shape("emb.weight")[1]
    }
}

/// The tensors of one layer, by their name inside it.
pub struct Block<'a> {
    weights: &'a Weights,
    index: usize,
}

impl<'a> Block<'a> {
    pub fn name(&self, name: &str) -> String {
        format!("blocks.{}.{name}", self.index)
    }

    pub fn tensor(&self, name: &str) -> &'a [f64] {
        self.weights.tensor(&self.name(name))
    }

    pub fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        self.weights.linear(&self.name(name), x)
    }
}
