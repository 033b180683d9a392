//! Small models of RWKV-4 and RWKV-5 with random weights.

use half::f16;

use super::{
    Random,
    checkpoint::{Checkpoint, Tensor},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    V4,
    /// One decay and one bonus a head.
    V51,
    /// One decay and one bonus a channel.
    V52,
}

pub const KINDS: [Kind; 3] = [Kind::V4, Kind::V51, Kind::V52];
pub const WIDTH: usize = 128;
/// Heads of RWKV-5.
pub const HEADS: usize = 4;
pub const HIDDEN: usize = 192;
/// Neither a multiple of 8 nor of 4.
pub const VOCABULARY: usize = 99;
/// After the sixth web-rwkv halves the residual stream.
pub const LAYERS: usize = 7;

/// The tensors in web-rwkv's layout, but for those that RWKV-5.1 has a head.
pub fn small(kind: Kind) -> Checkpoint {
    let mut random = Random::new(kind as u64 + 400);
    let mut tensors = Vec::new();
    let mut add = |name: &str, shape: &[usize]| {
        let (low, high) = range(kind, name, shape);
        let count = shape.iter().product();
        let values = (0..count).map(|_| random.between(low, high));
        let values: Vec<f64> = match name {
            "emb.weight" => values
                .collect::<Vec<_>>()
                .chunks(WIDTH)
                .flat_map(signs)
                .collect(),
            _ if name.contains("ln0") => values.map(|x| (x * 8.0).round() / 8.0).collect(),
            _ => values.collect(),
        };
        tensors.push(Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            values: values.into_iter().map(f16::from_f64).collect(),
        });
    };
    add("emb.weight", &[VOCABULARY, WIDTH]);
    add("head.weight", &[VOCABULARY, WIDTH]);
    for part in ["weight", "bias"] {
        add(&format!("blocks.0.ln0.{part}"), &[WIDTH]);
        add(&format!("ln_out.{part}"), &[WIDTH]);
    }
    for layer in 0..LAYERS {
        let mut add = |name: &str, shape: &[usize]| add(&format!("blocks.{layer}.{name}"), shape);
        for part in ["weight", "bias"] {
            add(&format!("ln1.{part}"), &[WIDTH]);
            add(&format!("ln2.{part}"), &[WIDTH]);
            if kind != Kind::V4 {
                add(&format!("att.ln_x.{part}"), &[WIDTH]);
            }
        }
        let mixes = if kind == Kind::V4 { "kvr" } else { "kvrg" };
        for mix in mixes.chars() {
            add(&format!("att.time_mix_{mix}"), &[1, 1, WIDTH]);
        }
        for mix in ["k", "r"] {
            add(&format!("ffn.time_mix_{mix}"), &[1, 1, WIDTH]);
        }
        let fixed: &[usize] = match kind {
            Kind::V4 => &[WIDTH],
            Kind::V51 => &[HEADS],
            Kind::V52 => &[HEADS, WIDTH / HEADS],
        };
        add("att.time_decay", fixed);
        add("att.time_first", fixed);
        let gate = if kind == Kind::V4 { None } else { Some("gate") };
        let matrices = ["receptance", "key", "value", "output"].into_iter();
        for matrix in matrices.chain(gate) {
            add(&format!("att.{matrix}.weight"), &[WIDTH, WIDTH]);
        }
        add("ffn.key.weight", &[HIDDEN, WIDTH]);
        add("ffn.value.weight", &[WIDTH, HIDDEN]);
        add("ffn.receptance.weight", &[WIDTH, WIDTH]);
    }
    Checkpoint::new(tensors)
}

/// 1 for the larger half of a row and −1 for the other. web-rwkv keeps what the first LayerNorm gives in half
/// floats; of such a row, under a weight and a bias in eighths, they lose almost nothing, which the layers would
/// make more of.
fn signs(row: &[f64]) -> Vec<f64> {
    let mut sorted = row.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[row.len() / 2];
    row.iter()
        .map(|&x| if x < middle { -1.0 } else { 1.0 })
        .collect()
}

/// Least and largest value of a tensor, such that every layer does something.
fn range(kind: Kind, name: &str, shape: &[usize]) -> (f64, f64) {
    let last = name.rsplit_once("att.").map_or(name, |(_, last)| last);
    match last {
        "time_decay" if kind == Kind::V4 => (-4.0, 1.0),
        "time_decay" => (-4.0, 0.5),
        "time_first" => (-1.0, 1.0),
        _ if name.contains("time_mix") => (0.0, 1.0),
        _ if name.contains("ln") && name.ends_with("weight") => (0.6, 1.4),
        _ if name.ends_with("bias") => (-0.2, 0.2),
        "emb.weight" => (-1.0, 1.0),
        _ => {
            let most = 1.6 / (shape[1] as f64).sqrt();
            (-most, most)
        }
    }
}
