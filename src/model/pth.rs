//! A file that PyTorch has saved (`.pth`, `.bin`), read with no Python: nothing in the pickle is executed.

use std::{borrow::Cow, collections::HashMap, io::ErrorKind, path::Path};

use pytorch_reader::{DType, PytorchError, PytorchReader, Tensor};

use super::{
    ModelError,
    element::Element,
    error::one_line,
    weights::{Index, Info, Weights},
};

/// A PyTorch checkpoint, whose tensors are read when they are asked for.
pub(super) struct Pth {
    file: String,
    index: Index,
    tensors: HashMap<String, Tensor>,
}

impl Pth {
    /// Reads the names, types and shapes in the checkpoint at `path`, which has `size` bytes.
    pub(super) fn open(path: &Path, size: u64, file: &str) -> Result<Self, ModelError> {
        let reader = PytorchReader::new(path).map_err(|error| match error {
            PytorchError::Io(reason) if !is_content(reason.kind()) => ModelError::Read {
                file: file.to_owned(),
                reason,
            },
            error => ModelError::Pytorch {
                file: file.to_owned(),
                reason: reason(&error),
            },
        })?;

        let mut index = Index::new();
        let mut tensors = HashMap::new();
        let mut total = 0_u64;
        let mut log_bonus = false;
        for (name, tensor) in state_dict(reader.into_tensors()) {
            // A view can claim any size over a few stored bytes; a published model has no such views.
            total = total.saturating_add(tensor.byte_len() as u64);
            if total > size {
                return Err(ModelError::Damaged {
                    file: file.to_owned(),
                    reason: one_line(format!(
                        "with {name} its tensors claim more bytes than it has"
                    )),
                });
            }
            log_bonus |= name.ends_with(".att.time_first");
            let shape = tensor.shape().to_vec();
            let element = element(tensor.dtype());
            if index
                .insert(name.clone(), Info { shape, element })
                .is_some()
            {
                return Err(ModelError::Duplicate {
                    file: file.to_owned(),
                    tensor: one_line(name),
                });
            }
            tensors.insert(name, tensor);
        }
        // In RWKV-4, which has no gate, the name stands for the bonus itself.
        if log_bonus && index.contains_key("blocks.0.att.gate.weight") {
            return Err(ModelError::LogBonus {
                file: file.to_owned(),
            });
        }
        Ok(Self {
            file: file.to_owned(),
            index,
            tensors,
        })
    }
}

impl Weights for Pth {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| ModelError::NoSuchTensor {
                file: self.file.clone(),
                tensor: one_line(name),
            })?;
        let bytes = tensor
            .read()
            .map_err(|reason| match is_content(reason.kind()) {
                true => ModelError::Damaged {
                    file: self.file.clone(),
                    reason: one_line(reason),
                },
                false => ModelError::Read {
                    file: self.file.clone(),
                    reason,
                },
            })?;
        Ok(Cow::Owned(bytes))
    }
}

/// The entries under `state_dict` if there are any, else all of them.
fn state_dict(tensors: HashMap<String, Tensor>) -> Vec<(String, Tensor)> {
    const PREFIX: &str = "state_dict.";
    let nested = tensors.keys().any(|name| name.starts_with(PREFIX));
    let entries = tensors.into_iter();
    entries
        .filter_map(|(name, tensor)| match nested {
            true => Some((name.strip_prefix(PREFIX)?.to_owned(), tensor)),
            false => Some((name, tensor)),
        })
        .collect()
}

fn element(dtype: DType) -> Element {
    match dtype {
        DType::F16 => Element::F16,
        DType::BF16 => Element::Bf16,
        DType::F32 => Element::F32,
        other => Element::Other(format!("{other:?}")),
    }
}

/// Whether an I/O error is about what the file holds and not about reading it.
fn is_content(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

fn reason(error: &PytorchError) -> String {
    let text = one_line(error);
    text.trim_end_matches('.').to_owned()
}
