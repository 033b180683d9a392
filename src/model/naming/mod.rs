//! From the names and layouts that checkpoints come in to web-rwkv's.

mod blinkdl;
mod fla;
mod hugging_face;
mod part;

use std::{borrow::Cow, collections::HashMap};

use self::part::Part;
use super::{
    ModelError,
    error::one_line,
    weights::{Index, Info, Weights},
};

/// Whose names and layouts a checkpoint has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// web-rwkv's own.
    WebRwkv,
    /// Those of BlinkDL's training code, as published in `.pth` files.
    BlinkDl,
    /// RWKV in Hugging Face's transformers, as `RWKV/v6-Finch-…-HF`.
    HuggingFace,
    /// RWKV-6 of flash-linear-attention.
    Fla6,
    /// RWKV-7 of flash-linear-attention, as `fla-hub/rwkv7-…` and `RWKV/RWKV7-Goose-…-HF`.
    Fla7,
}

impl Naming {
    /// Of a file's tensors by their own names. `pytorch`: it was written by PyTorch.
    pub(super) fn of(index: &Index, pytorch: bool) -> Self {
        let any = |what: &dyn Fn(&str) -> bool| index.keys().any(|name| what(name));
        if any(&|name| name.starts_with("rwkv.blocks.")) {
            return Self::HuggingFace;
        }
        if any(&|name| name.starts_with("model.layers.")) {
            let ends = |end: &str| any(&|name| name.ends_with(end));
            if ends(".attn.r_k") {
                return Self::Fla7;
            }
            if ends(".attn.x_bias") {
                return Self::Fla6;
            }
        }
        let by_name = any(&|name| {
            ["time_maa", "time_faaaa", "lora_A", "lora_B"]
                .iter()
                .any(|own| name.contains(own))
        });
        if pytorch || by_name || blinkdl::is_transposed_v7(index) {
            return Self::BlinkDl;
        }
        Self::WebRwkv
    }

    /// Whether a `config.json` beside the file tells more about it.
    pub(super) fn has_config(self) -> bool {
        matches!(self, Self::HuggingFace | Self::Fla6 | Self::Fla7)
    }

    /// What a tensor becomes: mostly one of another name.
    fn parts(self, name: &str) -> Vec<(String, Part)> {
        match self {
            Self::WebRwkv => vec![(name.to_owned(), Part::Whole)],
            Self::BlinkDl => vec![blinkdl::part(name)],
            Self::HuggingFace => vec![hugging_face::part(name)],
            Self::Fla6 => fla::parts_v6(name),
            Self::Fla7 => fla::parts_v7(name),
        }
    }
}

/// A checkpoint by web-rwkv's names, in its order of dimensions.
struct Renamed {
    file: String,
    own: Box<dyn Weights>,
    index: Index,
    parts: HashMap<String, (String, Part)>,
}

/// Gives `own` web-rwkv's names and layouts. `tied`: a missing head is the embedding.
pub(super) fn rename(
    own: Box<dyn Weights>,
    naming: Naming,
    tied: bool,
    file: &str,
) -> Result<Box<dyn Weights>, ModelError> {
    if naming == Naming::WebRwkv {
        return Ok(own);
    }
    let mut index = Index::new();
    let mut parts = HashMap::new();
    for (own_name, info) in own.index() {
        for (name, part) in naming.parts(own_name) {
            let shape = part.shape(&info.shape).map_err(|expected| {
                let expected = expected.to_owned();
                ModelError::Shape {
                    file: file.to_owned(),
                    tensor: one_line(own_name),
                    found: info.shape.clone(),
                    expected,
                }
            })?;
            let element = info.element.clone();
            if index
                .insert(name.clone(), Info { shape, element })
                .is_some()
            {
                return Err(ModelError::Duplicate {
                    file: file.to_owned(),
                    tensor: one_line(name),
                });
            }
            parts.insert(name, (own_name.clone(), part));
        }
    }
    let (emb, head) = ("emb.weight", "head.weight");
    if tied
        && !index.contains_key(head)
        && let (Some(info), Some(part)) = (index.get(emb), parts.get(emb))
    {
        let (info, part) = (info.clone(), part.clone());
        index.insert(head.to_owned(), info);
        parts.insert(head.to_owned(), part);
    }
    Ok(Box::new(Renamed {
        file: file.to_owned(),
        own,
        index,
        parts,
    }))
}

impl Weights for Renamed {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let no_such = || ModelError::NoSuchTensor {
            file: self.file.clone(),
            tensor: one_line(name),
        };
        let (own_name, part) = self.parts.get(name).ok_or_else(no_such)?;
        let info = self.own.index().get(own_name).ok_or_else(no_such)?;
        let bytes = self.own.bytes(own_name)?;
        Ok(part.bytes(bytes, &info.shape))
    }
}
