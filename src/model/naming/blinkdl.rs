//! Names and layouts of BlinkDL's training code. Renames and transposes are those of web-rwkv's
//! `assets/scripts/convert_safetensors.py`.

use super::Part;
use crate::model::weights::Index;

/// Last part of the names of tensors that web-rwkv wants with their last two dimensions swapped.
const SWAPPED: [&str; 13] = [
    "time_mix_w1",
    "time_mix_w2",
    "time_decay_w1",
    "time_decay_w2",
    "w1",
    "w2",
    "a1",
    "a2",
    "g1",
    "g2",
    "v1",
    "v2",
    "time_state",
];

/// A tensor by web-rwkv's name, and what becomes of its values.
pub(super) fn part(name: &str) -> (String, Part) {
    let name = name
        .replace("time_faaaa", "time_first")
        .replace("time_maa", "time_mix")
        .replace("lora_A", "lora.0")
        .replace("lora_B", "lora.1")
        .to_lowercase();
    let last = name.rsplit('.').next().unwrap_or(&name);
    let is_swapped = SWAPPED.contains(&last) || name.ends_with("lora.0");
    let part = if is_swapped {
        Part::Swapped
    } else {
        Part::Whole
    };
    (name, part)
}

/// Whether RWKV-7 was put into another container as it was: its names are web-rwkv's, and only the
/// order of dimensions tells.
pub(super) fn is_transposed_v7(index: &Index) -> bool {
    let shape = |name| index.get(name).map(|info| info.shape.as_slice());
    match (shape("emb.weight"), shape("blocks.0.att.w1")) {
        (Some(&[_, width]), Some(&[rows, columns])) => rows == width && columns != width,
        _ => false,
    }
}
