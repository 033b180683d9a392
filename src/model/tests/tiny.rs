//! Small models as safetensors files, to be spoiled in one way at a time.

use std::path::{Path, PathBuf};

use web_rwkv::runtime::loader::Reader;

use crate::model::{ModelFile, Source};

/// A checkpoint in `tests/fixtures/pth`.
pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/pth")
        .join(name)
}

/// A safetensors file in memory, in the making.
#[derive(Clone)]
pub(super) struct Tiny {
    pub(super) tensors: Vec<Tensor>,
}

#[derive(Clone)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) dtype: &'static str,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Vec<u8>,
}

impl Tiny {
    /// What a checkpoint holds, as a converter would write it.
    pub(super) fn of(checkpoint: &str) -> Self {
        let model = ModelFile::open(&Source::File(fixture(checkpoint))).expect("opens");
        let tensors = Reader::names(&model).into_iter().map(|name| {
            let (_, shape, bytes) = Reader::tensor(&model, name).expect("reads");
            Tensor {
                name: name.to_owned(),
                dtype: "F16",
                shape,
                bytes: bytes.into_owned(),
            }
        });
        Self {
            tensors: tensors.collect(),
        }
    }

    pub(super) fn v6() -> Self {
        Self::of("tiny-v6-bf16.pth")
    }

    pub(super) fn v7() -> Self {
        Self::of("tiny-v7-f32.pth")
    }

    /// A file of one-value tensors with these names and shapes of zeros.
    pub(super) fn zeros(shapes: &[(&str, &[usize])]) -> Self {
        let tensors = shapes.iter().map(|(name, shape)| Tensor {
            name: (*name).to_owned(),
            dtype: "F16",
            shape: shape.to_vec(),
            bytes: vec![0; shape.iter().product::<usize>() * 2],
        });
        Self {
            tensors: tensors.collect(),
        }
    }

    pub(super) fn get(&mut self, name: &str) -> &mut Tensor {
        self.tensors
            .iter_mut()
            .find(|tensor| tensor.name == name)
            .expect("is there")
    }

    /// Adds a tensor of one f16 zero.
    pub(super) fn with(mut self, name: &str) -> Self {
        self.tensors.extend(Self::zeros(&[(name, &[1])]).tensors);
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.tensors.retain(|tensor| tensor.name != name);
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut start = 0;
        let entries: Vec<_> = self
            .tensors
            .iter()
            .map(|tensor| {
                let end = start + tensor.bytes.len();
                let Tensor { name, dtype, shape, .. } = tensor;
                let name = serde_json::to_string(name).expect("a string");
                let entry = format!(
                    r#"{name}:{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
                );
                start = end;
                entry
            })
            .collect();
        let data = self
            .tensors
            .iter()
            .flat_map(|tensor| tensor.bytes.iter().copied());
        raw(&format!("{{{}}}", entries.join(",")))
            .into_iter()
            .chain(data)
            .collect()
    }

    /// Writes it to `model.st` in a new folder.
    pub(super) fn file(&self) -> (tempfile::TempDir, PathBuf) {
        write(&self.bytes())
    }
}

/// A header and nothing after it.
pub(super) fn raw(header: &str) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes
}

/// Writes `bytes` to `model.st` in a new folder, which goes when the first part is dropped.
pub(super) fn write(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.st");
    std::fs::write(&path, bytes).expect("writes");
    (folder, path)
}
