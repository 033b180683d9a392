//! States that a model starts from, as state tuning leaves them.

use std::{path::Path, sync::Arc};

use super::{
    Card, Digest, Format, ModelError, Source, Version,
    element::Element,
    error::one_line,
    naming::{self, Naming},
    opening,
    weights::{Index, Weights},
};

/// What a state is kept under in each layer, after `blocks.N.`.
const TENSOR: &str = "att.time_state";

/// A state that a model starts from in place of the empty one.
#[derive(Debug, Clone)]
pub struct Tuned {
    /// Short name of its file.
    pub name: String,
    /// SHA-256 of its file.
    pub digest: Arc<Digest>,
}

/// The values of such a state.
#[derive(Debug, Clone)]
pub struct InitialState {
    /// Where it came from.
    pub tuned: Tuned,
    /// `[layers, heads, head size, head size]`: a row a channel of the key, a column a channel of the value.
    pub values: Vec<f32>,
}

/// The first of a state's tensors, if a file has any.
pub(super) fn first_tensor(index: &Index) -> Option<&str> {
    let mut names = index.keys().map(String::as_str);
    names.find(|name| name.ends_with(".time_state"))
}

/// Whether these are the tensors of a state and of no model.
pub(super) fn is_alone(index: &Index) -> bool {
    !index.is_empty() && index.keys().all(|name| name.ends_with(".time_state"))
}

/// Whether a file holds a state and no model. A packed one is a model's, and is not unpacked for this.
#[must_use]
pub fn is_state(path: &Path) -> bool {
    let file = opening::name_of(path);
    match opening::begin(path, &file) {
        Err(_) | Ok((_, _, Format::Zstd)) => false,
        Ok(_) => {
            let opened = opening::one_file(path, &file);
            opened.is_ok_and(|opened| is_alone(opened.weights.index()))
        }
    }
}

/// Reads the state of a file of its own, for a model of such dimensions. In what PyTorch saved, rows and columns are
/// swapped, as its training code has them.
///
/// # Errors
/// When the file cannot be read, holds no state, or one of another model's dimensions.
pub(super) fn open(path: &Path, card: &Card) -> Result<InitialState, ModelError> {
    let file = opening::name_of(path);
    let opened = opening::one_file(path, &file)?;
    let naming = Naming::of(opened.weights.index(), opened.format == Format::Pytorch);
    let weights = naming::rename(opened.weights, naming, false, &file)?;
    let source = Source::File(path.to_owned());
    let tuned = Tuned {
        name: source.name(),
        digest: Arc::new(Digest::new(&source, opened.handles)),
    };
    read(&*weights, tuned, card, &file)
}

/// The same from tensors by web-rwkv's names.
pub(super) fn read(
    weights: &dyn Weights,
    tuned: Tuned,
    card: &Card,
    file: &str,
) -> Result<InitialState, ModelError> {
    let wrong = |reason: String| ModelError::State {
        file: file.to_owned(),
        reason: one_line(reason),
    };
    if card.version == Version::V4 {
        return Err(wrong(
            "RWKV-4 has none: it knows its state only up to a factor".to_owned(),
        ));
    }
    if first_tensor(weights.index()).is_none() {
        return Err(wrong(format!("it has no blocks.0.{TENSOR}")));
    }
    let shape = [card.heads, card.head_size, card.head_size];
    let mut values = Vec::with_capacity(card.layers * card.width * card.head_size);
    for layer in 0..card.layers {
        let name = format!("blocks.{layer}.{TENSOR}");
        let Some(info) = weights.index().get(&name) else {
            return Err(wrong(format!(
                "it has no {name}, and the model has {} layers",
                card.layers
            )));
        };
        if info.shape != shape {
            return Err(wrong(format!(
                "{name} is {:?}, and the model needs {shape:?}",
                info.shape
            )));
        }
        if let Element::Other(found) = &info.element {
            return Err(wrong(format!("{name} holds {found} values")));
        }
        let own = info.element.to_f32(&weights.bytes(&name)?);
        if let Some(value) = own.iter().find(|value| !value.is_finite()) {
            return Err(wrong(format!("{name} holds {value}")));
        }
        values.extend(own);
    }
    let more = format!("blocks.{}.{TENSOR}", card.layers);
    if weights.index().contains_key(&more) {
        return Err(wrong(format!(
            "it has {more}, and the model has {} layers",
            card.layers
        )));
    }
    Ok(InitialState { tuned, values })
}
