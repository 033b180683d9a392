//! The origin of a run as texts beside the tensors, and back.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::layout::{LAYOUT, key};
use crate::{
    model::{
        Card, Digest, GROUP_CHANNELS, MOST, Merged, Quantisation, TRACE_FORMAT, Tuned, Version,
        one_line,
    },
    trace::{Layers, Origin, Precision},
};

/// Most layers, and most heads a layer, that one dispatch takes.
const MOST_GROUPS: usize = 65_535;

/// As the file says it.
pub(super) fn write(origin: &Origin, sha256: &str) -> Map<String, Value> {
    let card = &origin.card;
    let texts = [
        (key::FORMAT, TRACE_FORMAT.to_owned()),
        (key::LAYOUT, LAYOUT.to_owned()),
        (key::ARCLIGHT, env!("CARGO_PKG_VERSION").to_owned()),
        (key::MODEL, origin.model.clone()),
        (key::SHA256, sha256.to_owned()),
        (key::VERSION, version_name(card.version).to_owned()),
        (key::LAYERS, card.layers.to_string()),
        (key::HEADS, card.heads.to_string()),
        (key::HEAD_SIZE, card.head_size.to_string()),
        (key::WIDTH, card.width.to_string()),
        (key::HIDDEN, card.hidden.to_string()),
        (key::VOCAB, card.vocab.to_string()),
        (key::PARAMETERS, card.parameters.to_string()),
        (key::PRECISION, precision_name(origin.precision).to_owned()),
        (key::INT8, origin.quantisation.int8.to_string()),
        (key::NF4, origin.quantisation.nf4.to_string()),
    ];
    let texts = texts.into_iter();
    let mut texts: Map<_, _> = texts
        .map(|(key, text)| (key.to_owned(), text.into()))
        .collect();
    if !origin.merged.is_empty() {
        let loras: Vec<_> = origin.merged.iter().map(LoraText::from).collect();
        texts.insert(key::LORA.to_owned(), json!(loras).to_string().into());
    }
    if let Some(state) = &origin.state {
        let text = json!(StateText::from(state)).to_string();
        texts.insert(key::STATE.to_owned(), text.into());
    }
    if origin.read_before > 0 {
        let tokens = origin.read_before.to_string();
        texts.insert(key::READ_BEFORE.to_owned(), tokens.into());
    }
    if let Some(layers) = origin.part() {
        texts.insert(key::KEPT.to_owned(), layers.to_string().into());
    }
    texts
}

/// A LoRA in the list that the metadata has of them.
#[derive(Serialize, Deserialize)]
struct LoraText {
    name: String,
    alpha: Option<f32>,
    sha256: String,
}

impl From<&Merged> for LoraText {
    fn from(lora: &Merged) -> Self {
        Self {
            name: lora.name.clone(),
            alpha: lora.alpha,
            sha256: lora.digest.taken().unwrap_or_default().to_owned(),
        }
    }
}

/// The state that a model starts from.
#[derive(Serialize, Deserialize)]
struct StateText {
    name: String,
    sha256: String,
}

impl From<&Tuned> for StateText {
    fn from(state: &Tuned) -> Self {
        Self {
            name: state.name.clone(),
            sha256: state.digest.taken().unwrap_or_default().to_owned(),
        }
    }
}

/// The state that the metadata names.
fn state(text: &str) -> Option<Tuned> {
    let state: StateText = serde_json::from_str(text).ok()?;
    is_sha256(&state.sha256).then(|| Tuned {
        name: one_line(state.name),
        digest: Arc::new(Digest::known(state.sha256.to_lowercase())),
    })
}

/// The LoRAs that the metadata lists.
fn loras(text: Option<&String>) -> Result<Vec<Merged>, String> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let wrong = || format!("its metadata gives {text:?} as {}", key::LORA);
    let list: Vec<LoraText> = serde_json::from_str(text).map_err(|_| wrong())?;
    let lora = |lora: LoraText| {
        is_sha256(&lora.sha256).then(|| Merged {
            name: one_line(lora.name),
            alpha: lora.alpha,
            digest: Arc::new(Digest::known(lora.sha256.to_lowercase())),
        })
    };
    let list: Option<_> = list.into_iter().map(lora).collect();
    list.ok_or_else(wrong)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// From what a file says, or what is wrong with it.
pub(super) fn read(metadata: &BTreeMap<String, String>) -> Result<Origin, String> {
    let text = |key: &str| {
        let text = metadata.get(key).map(String::as_str);
        text.ok_or_else(|| format!("its metadata has no {key}"))
    };
    let wrong = |key: &str, text: &str| format!("its metadata gives {text:?} as {key}");
    let version = text(key::VERSION)?;
    let known = [Version::V4, Version::V5, Version::V6, Version::V7];
    let found = known.into_iter().find(|it| version_name(*it) == version);
    let version = found.ok_or_else(|| wrong(key::VERSION, version))?;
    let precision = text(key::PRECISION)?;
    let known = [Precision::F16, Precision::F32];
    let found = known
        .into_iter()
        .find(|it| precision_name(*it) == precision);
    let precision = found.ok_or_else(|| wrong(key::PRECISION, precision))?;
    let sha256 = text(key::SHA256)?;
    if !is_sha256(sha256) {
        return Err(wrong(key::SHA256, sha256));
    }

    let size = |key, fits: fn(usize) -> bool| {
        let text = text(key)?;
        let size = whole::<usize>(text).filter(|size| fits(*size));
        size.ok_or_else(|| wrong(key, text))
    };
    let parameters = text(key::PARAMETERS)?;
    let card = Card {
        version,
        layers: size(key::LAYERS, |n| (1..=MOST_GROUPS).contains(&n))?,
        heads: size(key::HEADS, |n| (1..=MOST_GROUPS).contains(&n))?,
        head_size: size(key::HEAD_SIZE, |n| {
            n.is_power_of_two() && (4..=128).contains(&n)
        })?,
        width: size(key::WIDTH, |n| n <= MOST)?,
        hidden: size(key::HIDDEN, |_| true)?,
        vocab: size(key::VOCAB, |n| (1..=MOST).contains(&n))?,
        parameters: whole(parameters).ok_or_else(|| wrong(key::PARAMETERS, parameters))?,
    };
    if card.heads * card.head_size != card.width {
        return Err(format!(
            "its metadata gives {} heads of {} channels and a width of {}",
            card.heads, card.head_size, card.width
        ));
    }
    if version == Version::V4 && card.head_size != GROUP_CHANNELS {
        return Err(wrong(key::HEAD_SIZE, text(key::HEAD_SIZE)?));
    }
    let layers = match metadata.get(key::KEPT) {
        None => 0..card.layers,
        Some(text) => {
            let layers = text.parse().ok().map(Layers::range);
            let inside = layers.filter(|layers| layers.end <= card.layers);
            inside.ok_or_else(|| wrong(key::KEPT, text))?
        }
    };
    let state = match metadata.get(key::STATE) {
        None => None,
        Some(text) => Some(state(text).ok_or_else(|| wrong(key::STATE, text))?),
    };
    let read_before = match metadata.get(key::READ_BEFORE) {
        None => 0,
        Some(text) => {
            let tokens = whole(text).filter(|tokens| *tokens > 0);
            tokens.ok_or_else(|| wrong(key::READ_BEFORE, text))?
        }
    };
    if version == Version::V4 && (state.is_some() || read_before > 0) {
        return Err("its metadata tells of a state that an RWKV-4 starts from".to_owned());
    }
    let quantisation = Quantisation {
        int8: size(key::INT8, |n| n <= MOST_GROUPS)?,
        nf4: size(key::NF4, |n| n <= MOST_GROUPS)?,
    };
    Ok(Origin {
        model: one_line(text(key::MODEL)?),
        card,
        layers,
        digest: Arc::new(Digest::known(sha256.to_lowercase())),
        precision,
        quantisation,
        merged: loras(metadata.get(key::LORA))?,
        state,
        read_before,
    })
}

/// A number in digits alone: no sign, no space.
fn whole<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn version_name(version: Version) -> &'static str {
    match version {
        Version::V7 => "v7",
        Version::V6 => "v6",
        Version::V5 => "v5",
        Version::V4 => "v4",
    }
}

fn precision_name(precision: Precision) -> &'static str {
    match precision {
        Precision::F16 => "f16",
        Precision::F32 => "f32",
    }
}
