//! The small models of `tests/fixtures/pth`, and altered copies of them as safetensors files.

use std::path::{Path, PathBuf};

use arclight::model::{ModelFile, Source};
use half::f16;
use safetensors::{Dtype, serialize_to_file, tensor::TensorView};
use tempfile::TempDir;
use web_rwkv::runtime::loader::Reader;

pub const FIXTURES: [&str; 4] = [
    "tiny-v6-bf16.pth",
    "tiny-v6-f16-nested.pth",
    "tiny-v7-f16-legacy.pth",
    "tiny-v7-f32.pth",
];

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/pth")
        .join(name)
}

/// The tensors of a model in web-rwkv's layout, to be altered and written.
pub struct Checkpoint {
    pub tensors: Vec<Tensor>,
}

pub struct Tensor {
    pub name: String,
    /// Slowest dimension first.
    pub shape: Vec<usize>,
    pub values: Vec<f16>,
}

impl Checkpoint {
    pub fn new(tensors: Vec<Tensor>) -> Self {
        Self { tensors }
    }

    pub fn of_fixture(name: &str) -> Self {
        let file = ModelFile::open(&Source::File(fixture(name))).expect("the fixture opens");
        let read = |name: &str| Tensor {
            name: name.to_owned(),
            shape: file.shape(name).expect("the tensor is listed").to_vec(),
            values: file.f16(name).expect("the tensor is read"),
        };
        Self {
            tensors: Reader::names(&file).into_iter().map(read).collect(),
        }
    }

    /// All zeros.
    pub fn zeros(shapes: &[(&str, &[usize])]) -> Self {
        let zeros = |&(name, shape): &(&str, &[usize])| Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values: vec![f16::ZERO; shape.iter().product()],
        };
        Self {
            tensors: shapes.iter().map(zeros).collect(),
        }
    }

    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        self.tensors
            .iter_mut()
            .find(|tensor| tensor.name == name)
            .expect("the tensor is there")
    }

    /// Leaves the first `vocab` rows of the embedding and of the head.
    pub fn with_vocabulary(mut self, vocab: usize) -> Self {
        for name in ["emb.weight", "head.weight"] {
            let tensor = self.tensor(name);
            let width = tensor.shape[1];
            tensor.shape[0] = vocab;
            tensor.values.truncate(vocab * width);
        }
        self
    }

    /// Leaves the first `hidden` channels of every channel mix.
    pub fn with_hidden(mut self, hidden: usize) -> Self {
        for tensor in &mut self.tensors {
            if tensor.name.ends_with("ffn.key.weight") {
                tensor.values.truncate(hidden * tensor.shape[1]);
                tensor.shape[0] = hidden;
            } else if tensor.name.ends_with("ffn.value.weight") {
                let rows = tensor.values.chunks(tensor.shape[1]);
                tensor.values = rows.flat_map(|row| &row[..hidden]).copied().collect();
                tensor.shape[1] = hidden;
            }
        }
        self
    }

    /// An RWKV-7 by the names of flash-linear-attention.
    pub fn into_fla7(mut self) -> Self {
        for tensor in &mut self.tensors {
            let mut name = match tensor.name.as_str() {
                "emb.weight" => "model.embeddings.weight".to_owned(),
                "head.weight" => "lm_head.weight".to_owned(),
                name => name
                    .replace("ln_out", "model.norm")
                    .replace("blocks.", "model.layers.")
                    .replace(".ln0.", ".pre_norm.")
                    .replace(".ln1.", ".attn_norm.")
                    .replace(".ln2.", ".ffn_norm.")
                    .replace(".att.receptance.", ".att.r_proj.")
                    .replace(".att.key.", ".att.k_proj.")
                    .replace(".att.value.", ".att.v_proj.")
                    .replace(".att.output.", ".att.o_proj.")
                    .replace(".att.ln_x.", ".att.g_norm.")
                    .replace(".att.", ".attn."),
            };
            for lora in ['w', 'a', 'v', 'g'] {
                for (number, place) in [(0, "2.bias"), (1, "0.weight"), (2, "2.weight")] {
                    let own = format!(".attn.{lora}{number}");
                    if let Some(block) = name.strip_suffix(&own) {
                        name = format!("{block}.attn.{lora}_lora.lora.{place}");
                    }
                }
            }
            tensor.name = name;
        }
        self
    }

    /// A LoRA of a fixture's model as RWKV-PEFT names it, with every value in a range of its own.
    pub fn lora() -> Self {
        let values = |count: usize, size: f32| {
            let value = |at: usize| f16::from_f32(size * (at as f32 * 0.7).sin());
            (0..count).map(value).collect()
        };
        let tensor = |name: &str, shape: [usize; 2], size| Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values: values(shape[0] * shape[1], size),
        };
        Self {
            tensors: vec![
                tensor("blocks.0.att.key.lora_A", [4, 64], 0.3),
                tensor("blocks.0.att.key.lora_B", [64, 4], 0.2),
                tensor("blocks.1.att.value.lora_A", [2, 64], 0.3),
                tensor("blocks.1.att.value.lora_B", [64, 2], 0.2),
            ],
        }
    }

    /// Writes `model.st` into a folder that goes with the first part.
    pub fn write(&self) -> (TempDir, PathBuf) {
        self.write_as("model.st")
    }

    /// The same by another name.
    pub fn write_as(&self, name: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        let views = self.tensors.iter().map(|tensor| {
            let bytes = bytemuck::cast_slice(&tensor.values);
            let view = TensorView::new(Dtype::F16, tensor.shape.clone(), bytes);
            (&tensor.name, view.expect("the shape fits"))
        });
        serialize_to_file(views, None, &path).expect("the file is written");
        (folder, path)
    }
}
