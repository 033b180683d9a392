//! A safetensors file.

use std::{borrow::Cow, fs::File};

use safetensors::Dtype;

use super::{
    ModelError, TRACE_FORMAT,
    container::{Container, ContainerError, Unchecked},
    element::Element,
    error::one_line,
    weights::{Index, Info, Weights},
};

pub(super) struct Safetensors {
    file: String,
    container: Container,
    index: Index,
}

impl Safetensors {
    /// Maps `handle`; `file` is its name for messages.
    pub(super) fn map(handle: &File, file: &str) -> Result<Self, ModelError> {
        let unchecked = Unchecked::map(handle).map_err(|error| refusal(error, file))?;
        Self::new(unchecked, file)
    }

    /// Takes a whole file that is in memory already.
    pub(super) fn unpacked(bytes: Vec<u8>, file: &str) -> Result<Self, ModelError> {
        let unchecked = Unchecked::unpacked(bytes).map_err(|error| refusal(error, file))?;
        Self::new(unchecked, file)
    }

    fn new(unchecked: Unchecked, file: &str) -> Result<Self, ModelError> {
        let format = unchecked.metadata().remove("format");
        if format.as_deref() == Some(TRACE_FORMAT) {
            return Err(ModelError::NotAModel {
                file: file.to_owned(),
                found: "a trace of a run",
            });
        }
        let container = unchecked.check().map_err(|error| refusal(error, file))?;
        let infos = container.tensors().iter().map(|(name, tensor)| {
            let shape = tensor.shape.clone();
            let element = element(tensor.dtype);
            (name.clone(), Info { shape, element })
        });
        Ok(Self {
            file: file.to_owned(),
            index: infos.collect(),
            container,
        })
    }
}

impl Weights for Safetensors {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let bytes = self.container.bytes(name).map(Cow::Borrowed);
        bytes.ok_or_else(|| ModelError::NoSuchTensor {
            file: self.file.clone(),
            tensor: one_line(name),
        })
    }
}

fn refusal(error: ContainerError, file: &str) -> ModelError {
    let file = file.to_owned();
    match error {
        ContainerError::Read(reason) => ModelError::Read { file, reason },
        ContainerError::Damaged(reason) => ModelError::Damaged {
            file,
            reason: one_line(reason),
        },
        ContainerError::Duplicate(tensor) => ModelError::Duplicate {
            file,
            tensor: one_line(tensor),
        },
    }
}

fn element(dtype: Dtype) -> Element {
    match dtype {
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::F32 => Element::F32,
        other => Element::Other(other.to_string()),
    }
}
