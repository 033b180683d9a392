//! A checkpoint in several files, with an index in JSON that says which tensor is where.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    path::{Component, Path},
};

use serde::Deserialize;

use super::{
    ModelError,
    error::one_line,
    opening::{self, Opened},
    pairs::Pairs,
    weights::{Index, Weights},
};
use crate::files::{folder_of, read_regular};

#[derive(Deserialize)]
struct Listing {
    weight_map: Pairs<String>,
}

struct Shards {
    file: String,
    shards: Vec<Box<dyn Weights>>,
    index: Index,
    places: HashMap<String, usize>,
}

/// Opens all files that the index at `path` names.
pub(super) fn open(path: &Path, file: &str) -> Result<Opened, ModelError> {
    let read = |reason| ModelError::Read {
        file: file.to_owned(),
        reason,
    };
    let damaged = |reason: String| ModelError::Damaged {
        file: file.to_owned(),
        reason: one_line(reason),
    };
    let text = read_regular(path).map_err(read)?;
    let listing: Listing = serde_json::from_slice(&text)
        .map_err(|error| damaged(format!("it is no index of a sharded model: {error}")))?;
    let map = listing.weight_map.0;
    let mut names = BTreeSet::new();
    for (_, name) in &map {
        require_plain(name).map_err(damaged)?;
        names.insert(name.as_str());
    }
    let folder = folder_of(path);
    let mut places = HashMap::new();
    let (mut index, mut shards, mut handles) = (Index::new(), Vec::new(), Vec::new());
    let mut format = None;
    let mut numbers = HashMap::new();
    for (number, name) in names.into_iter().enumerate() {
        numbers.insert(name, number);
        let path = folder.join(name);
        if !path.exists() {
            return Err(ModelError::MissingShard {
                file: file.to_owned(),
                shard: one_line(name),
            });
        }
        let opened = opening::one_file(&path, &one_line(path.display()))?;
        for (tensor, info) in opened.weights.index() {
            if places.insert(tensor.clone(), number).is_some() {
                return Err(ModelError::Duplicate {
                    file: file.to_owned(),
                    tensor: one_line(tensor),
                });
            }
            index.insert(tensor.clone(), info.clone());
        }
        format = format.or(Some(opened.format));
        shards.push(opened.weights);
        handles.extend(opened.handles);
    }
    let mut listed = BTreeSet::new();
    for (tensor, shard) in &map {
        if !listed.insert(tensor) {
            return Err(ModelError::Duplicate {
                file: file.to_owned(),
                tensor: one_line(tensor),
            });
        }
        if places.get(tensor) != numbers.get(shard.as_str()) {
            return Err(damaged(format!("{tensor} is not in {shard}")));
        }
    }
    let format = format.ok_or_else(|| damaged("it names no files".to_owned()))?;
    let weights = Box::new(Shards {
        file: file.to_owned(),
        shards,
        index,
        places,
    });
    Ok(Opened {
        format,
        weights,
        handles,
        folder: folder.to_owned(),
    })
}

/// A shard lies beside its index: its name must not lead elsewhere.
fn require_plain(name: &str) -> Result<(), String> {
    let mut components = Path::new(name).components();
    let one = matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(part)), None) if part == name
    );
    match one && !name.contains(['/', '\\', ':']) {
        true => Ok(()),
        false => Err(format!("{name:?} is no name of a file beside it")),
    }
}

impl Weights for Shards {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let shard = self.places.get(name).and_then(|at| self.shards.get(*at));
        let shard = shard.ok_or_else(|| ModelError::NoSuchTensor {
            file: self.file.clone(),
            tensor: one_line(name),
        })?;
        shard.bytes(name)
    }
}
