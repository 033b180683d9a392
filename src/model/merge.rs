//! LoRAs of RWKV-PEFT, merged into a model's tensors as they are read.
//!
//! web-rwkv's own merging is not used: it rounds to f16 in between, leaves embedding and head out, and adds a matrix
//! that was trained as a whole to the one it stands for.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{Display, Formatter},
    sync::Arc,
};

use super::{
    Digest, Format, Lora, ModelError, Source,
    element::Element,
    error::one_line,
    naming::{self, Naming},
    opening,
    weights::{Index, Info, Weights},
};

/// What is known of a LoRA that was merged.
#[derive(Debug, Clone)]
pub struct Merged {
    /// Short name of its file.
    pub name: String,
    /// ALPHA; none: each matrix's rank.
    pub alpha: Option<f32>,
    /// SHA-256 of its file.
    pub digest: Arc<Digest>,
}

impl Display for Merged {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.alpha {
            Some(alpha) => write!(f, "{} (alpha {alpha})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Ends of the names of a pair, A `[in, rank]` and B `[out, rank]` in web-rwkv's order.
const DOWN: &str = ".lora.0";
const UP: &str = ".lora.1";

/// What a LoRA does to a tensor.
enum Change {
    /// Puts one of its own in its place, as of parts that were trained as a whole.
    Replace,
    /// Adds ALPHA / rank · B A.
    Add {
        down: String,
        up: String,
        rank: usize,
    },
}

/// An open LoRA.
struct Adapter {
    alpha: Option<f32>,
    weights: Box<dyn Weights>,
    changes: BTreeMap<String, Change>,
}

struct Merging {
    model: Box<dyn Weights>,
    index: Index,
    adapters: Vec<Adapter>,
}

/// Merges LoRAs into a model by web-rwkv's names; `file` is the model's, for messages.
pub(super) fn merge(
    model: Box<dyn Weights>,
    loras: &[Lora],
    file: &str,
) -> Result<(Box<dyn Weights>, Vec<Merged>), ModelError> {
    if loras.is_empty() {
        return Ok((model, Vec::new()));
    }
    let mut index = model.index().clone();
    let (mut adapters, mut merged) = (Vec::new(), Vec::new());
    for lora in loras {
        let source = Source::File(lora.file.clone());
        let opened = opening::open(&lora.file, &opening::name_of(&lora.file))?;
        let own = opening::name_of(&lora.file);
        let naming = Naming::of(opened.weights.index(), opened.format == Format::Pytorch);
        let weights = naming::rename(opened.weights, naming, false, &own)?;
        let changes = changes(weights.index(), &index).map_err(|reason| ModelError::Lora {
            file: own.clone(),
            model: file.to_owned(),
            reason: one_line(reason),
        })?;
        for name in changes.keys() {
            if let Some(info) = index.get_mut(name) {
                info.element = Element::F32;
            }
        }
        adapters.push(Adapter {
            alpha: lora.alpha,
            weights,
            changes,
        });
        merged.push(Merged {
            name: source.name(),
            alpha: lora.alpha,
            digest: Arc::new(Digest::new(&source, opened.handles)),
        });
    }
    let weights = Box::new(Merging {
        model,
        index,
        adapters,
    });
    Ok((weights, merged))
}

/// What a LoRA's tensors do to those of a model, or why they do not fit.
fn changes(own: &Index, model: &Index) -> Result<BTreeMap<String, Change>, String> {
    let mut changes = BTreeMap::new();
    for (name, info) in own {
        require_plain(name, info)?;
        if let Some(target) = name.strip_suffix(UP) {
            if !own.contains_key(&format!("{target}{DOWN}")) {
                return Err(format!("{target} has a matrix B and no A"));
            }
            continue;
        }
        let (target, change) = match name.strip_suffix(DOWN) {
            Some(target) => {
                let up = format!("{target}{UP}");
                let target = format!("{target}.weight");
                let rank = rank(&target, info, own.get(&up), model.get(&target))?;
                let down = name.clone();
                (target, Change::Add { down, up, rank })
            }
            // RWKV-7's first layer has no use for them; some files hold them all the same.
            None if matches!(name.strip_prefix("blocks.0.att.v"), Some("0" | "1" | "2")) => {
                continue;
            }
            None => {
                let Some(there) = model.get(name) else {
                    return Err(format!("the model has no {name}"));
                };
                if !is_same(&info.shape, &there.shape) {
                    return Err(format!(
                        "{name} has shape {:?}, and the model's {:?}",
                        info.shape, there.shape
                    ));
                }
                (name.clone(), Change::Replace)
            }
        };
        if changes.insert(target.clone(), change).is_some() {
            return Err(format!("{target} is in it both whole and as a pair"));
        }
    }
    if changes.is_empty() {
        return Err("it holds no tensors".to_owned());
    }
    Ok(changes)
}

/// Refuses what only looks like a LoRA.
fn require_plain(name: &str, info: &Info) -> Result<(), String> {
    if name.contains("init_lora") {
        return Err("it is where a PiSSA began, not what it learnt".to_owned());
    }
    if name.ends_with(".bone") || name.ends_with(".disha") {
        return Err("it is a DiSHA adapter (Bone), not a LoRA".to_owned());
    }
    if name.ends_with("time_state") {
        return Err("it holds an initial state".to_owned());
    }
    match &info.element {
        Element::Other(found) => Err(format!("{name} holds {found} values")),
        _ => Ok(()),
    }
}

/// The rank of a pair that fits the matrix `target`.
fn rank(
    target: &str,
    down: &Info,
    up: Option<&Info>,
    there: Option<&Info>,
) -> Result<usize, String> {
    let up = up.ok_or_else(|| format!("{target} has a matrix A and no B"))?;
    let there = there.ok_or_else(|| format!("the model has no {target}"))?;
    match (&down.shape[..], &up.shape[..], &there.shape[..]) {
        (&[from, rank], &[to, same], &[rows, columns])
            if rank > 0 && (rank, from, to) == (same, columns, rows) =>
        {
            Ok(rank)
        }
        (down, up, there) => Err(format!(
            "{target} is {there:?} in the model, and the pair {down:?} and {up:?}"
        )),
    }
}

/// Whether one may stand for the other: dimensions of 1 do not count.
fn is_same(one: &[usize], other: &[usize]) -> bool {
    let real = |shape: &[usize]| -> Vec<usize> {
        let sizes = shape.iter().copied();
        sizes.filter(|size| *size != 1).collect()
    };
    real(one) == real(other)
}

impl Weights for Merging {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let touched = |adapter: &Adapter| adapter.changes.contains_key(name);
        if !self.adapters.iter().any(touched) {
            return self.model.bytes(name);
        }
        let mut values = f32s(&*self.model, name)?;
        for adapter in &self.adapters {
            match adapter.changes.get(name) {
                None => {}
                Some(Change::Replace) => values = f32s(&*adapter.weights, name)?,
                Some(Change::Add { down, up, rank }) => {
                    let scale = adapter.alpha.map_or(1.0, |alpha| alpha / *rank as f32);
                    let down = f32s(&*adapter.weights, down)?;
                    let up = f32s(&*adapter.weights, up)?;
                    add(&mut values, &down, &up, *rank, scale);
                }
            }
        }
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        Ok(Cow::Owned(bytes.collect()))
    }
}

fn f32s(weights: &dyn Weights, name: &str) -> Result<Vec<f32>, ModelError> {
    let bytes = weights.bytes(name)?;
    let info = weights.index().get(name);
    Ok(info.map_or_else(Vec::new, |info| info.element.to_f32(&bytes)))
}

/// Adds scale · B A to `matrix`, `[out, in]`, from A as `[in, rank]` and B as `[out, rank]`.
fn add(matrix: &mut [f32], down: &[f32], up: &[f32], rank: usize, scale: f32) {
    let columns = down.len() / rank;
    // By rows of A, so that the inner loop runs along memory.
    let rows: Vec<Vec<f32>> = (0..rank)
        .map(|row| down.iter().skip(row).step_by(rank).copied().collect())
        .collect();
    let mut sum = vec![0.0; columns];
    for (line, up) in matrix.chunks_exact_mut(columns).zip(up.chunks_exact(rank)) {
        sum.fill(0.0);
        for (row, factor) in rows.iter().zip(up) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += factor * value;
            }
        }
        for (value, sum) in line.iter_mut().zip(&sum) {
            *value += scale * sum;
        }
    }
}
