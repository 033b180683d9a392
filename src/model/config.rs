//! What `config.json` says beside a checkpoint of Hugging Face's: above all, whether web-rwkv would
//! compute the same.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Card, ModelError, error::one_line, naming::Naming};
use crate::files::{as_text, read_regular};

/// web-rwkv's ε of layer norms and of group norms.
const LAYER_NORM: f64 = 1e-5;
const GROUP_NORM: f64 = 64e-5;

/// The entries that matter here, none of which has to be there.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Config {
    #[serde(skip)]
    file: String,
    #[serde(default)]
    pub(super) tie_word_embeddings: bool,
    /// Which layers are not RWKV's, in a hybrid.
    #[serde(default)]
    attn: Value,
    norm_eps: Option<f64>,
    layer_norm_epsilon: Option<f64>,
    head_size: Option<usize>,
    head_dim: Option<usize>,
    head_size_divisor: Option<f64>,
    hidden_act: Option<String>,
    gate_fn: Option<String>,
}

impl Config {
    /// Reads `config.json` in a folder; all is as usual when there is none.
    pub(super) fn beside(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let file = one_line(path.display());
        let text = match read_regular(&path).and_then(as_text) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(reason) => return Err(ModelError::Read { file, reason }),
        };
        match serde_json::from_str(&text) {
            Ok(config) => Ok(Self { file, ..config }),
            Err(error) => Err(ModelError::Config {
                file,
                reason: one_line(error),
            }),
        }
    }

    /// Whether web-rwkv computes what the checkpoint was trained to.
    pub(super) fn require(&self, naming: Naming, card: &Card) -> Result<(), ModelError> {
        let refuse = |reason: String| {
            Err(ModelError::Config {
                file: self.file.clone(),
                reason: one_line(reason),
            })
        };
        if !self.attn.is_null() {
            return refuse("some of its layers are softmax attention".to_owned());
        }
        for epsilon in [self.norm_eps, self.layer_norm_epsilon]
            .into_iter()
            .flatten()
        {
            if !is_close(epsilon, LAYER_NORM) {
                return refuse(format!(
                    "its norms have ε {epsilon:e}, and web-rwkv computes with {LAYER_NORM:e}"
                ));
            }
        }
        if let Some(size) = self.head_size.or(self.head_dim)
            && size != card.head_size
        {
            return refuse(format!(
                "it gives a head size of {size}, and the tensors have {}",
                card.head_size
            ));
        }
        let group_norm = match naming {
            Naming::Fla7 => self.norm_eps.map(|epsilon| card.head_size as f64 * epsilon),
            Naming::HuggingFace => self.head_size_divisor.map(|it| LAYER_NORM * it * it),
            // In RWKV-6 the ε of that library is not the one that its models were trained with.
            _ => None,
        };
        if let Some(group_norm) = group_norm
            && !is_close(group_norm, GROUP_NORM)
        {
            return refuse(format!(
                "its group norms have ε {group_norm:e}, and web-rwkv computes with {GROUP_NORM:e}"
            ));
        }
        for (key, found, known) in [
            ("hidden_act", &self.hidden_act, &["sqrelu", "relu2"][..]),
            ("gate_fn", &self.gate_fn, &["swish", "silu"]),
        ] {
            if let Some(found) = found
                && !known.contains(&found.as_str())
            {
                return refuse(format!("its {key} is {found}, and RWKV has {}", known[0]));
            }
        }
        Ok(())
    }
}

fn is_close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= wanted * 1e-3
}
