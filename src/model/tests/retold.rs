//! Small models by the names and in the layouts of others.

use half::f16;

use super::tiny::{Tensor, Tiny};

/// Rows and columns of a matrix swapped, matrix by matrix.
fn swapped(tensor: &Tensor) -> Tensor {
    let &[ref outer @ .., rows, columns] = &tensor.shape[..] else {
        panic!("{} has no rows", tensor.name);
    };
    let count = outer.iter().product::<usize>();
    let mut bytes = Vec::new();
    for matrix in 0..count {
        for column in 0..columns {
            for row in 0..rows {
                let at = ((matrix * rows + row) * columns + column) * 2;
                bytes.extend_from_slice(&tensor.bytes[at..at + 2]);
            }
        }
    }
    Tensor {
        shape: [outer, &[columns, rows]].concat(),
        bytes,
        ..tensor.clone()
    }
}

fn named(tensor: &Tensor, name: String) -> Tensor {
    Tensor {
        name,
        ..tensor.clone()
    }
}

/// A tensor's values in another type that holds them all.
fn as_f32(mut tensor: Tensor) -> Tensor {
    let (values, _) = tensor.bytes.as_chunks::<2>();
    let values = values.iter().map(|it| f16::from_le_bytes(*it).to_f32());
    tensor.bytes = values.flat_map(f32::to_le_bytes).collect();
    tensor.dtype = "F32";
    tensor
}

pub(super) fn retold(model: &Tiny, mut tell: impl FnMut(&Tensor) -> Option<Tensor>) -> Tiny {
    Tiny {
        tensors: model.tensors.iter().filter_map(&mut tell).collect(),
    }
}

/// Names outside the time mix and the channel mix, as flash-linear-attention has them.
fn fla_shared(name: &str) -> String {
    match name {
        "emb.weight" => "model.embeddings.weight".to_owned(),
        "head.weight" => "lm_head.weight".to_owned(),
        _ => name
            .replace("ln_out", "model.norm")
            .replace("blocks.", "model.layers.")
            .replace(".ln0.", ".pre_norm.")
            .replace(".ln1.", ".attn_norm.")
            .replace(".ln2.", ".ffn_norm."),
    }
}

fn fla_projections(name: &str, linear: &str) -> String {
    name.replace("att.receptance", &format!("attn.r_proj{linear}"))
        .replace("att.key", &format!("attn.k_proj{linear}"))
        .replace("att.value", &format!("attn.v_proj{linear}"))
        .replace("att.gate", &format!("attn.g_proj{linear}"))
        .replace("att.output", "attn.o_proj")
        .replace("att.ln_x", "attn.g_norm")
}

/// RWKV-7 as flash-linear-attention saves it; `fused`: as its older versions do.
pub(super) fn fla7(model: &Tiny, fused: bool) -> Tiny {
    let mut tiny = retold(model, |tensor| {
        let (block, own) = tensor.name.split_once(".att.").unwrap_or(("", ""));
        if fused && own.starts_with("x_") {
            return None;
        }
        let mut name = fla_projections(&fla_shared(&tensor.name), "");
        if let [lora @ ('w' | 'a' | 'v' | 'g'), number @ '0'..='2'] =
            own.chars().collect::<Vec<_>>()[..]
        {
            let place = ["2.bias", "0.weight", "2.weight"][number as usize - '0' as usize];
            name = format!("{}.attn.{lora}_lora.lora.{place}", fla_shared(block));
        }
        let mut tensor = named(tensor, name.replace(".att.", ".attn."));
        if tensor.shape[..2.min(tensor.shape.len())] == [1, 1] && !tensor.name.contains("attn.x_") {
            tensor.shape.drain(..2);
        }
        Some(as_f32(tensor))
    });
    for layer in 0..2 {
        let mix = |mix| {
            let name = format!("blocks.{layer}.att.x_{mix}");
            let found = model.tensors.iter().find(|tensor| tensor.name == name);
            found.expect("is there").bytes.clone()
        };
        if fused {
            let bytes: Vec<_> = ['r', 'w', 'k', 'v', 'a', 'g'].map(mix).concat();
            let tensor = Tensor {
                name: format!("model.layers.{layer}.attn.x_x"),
                dtype: "F16",
                shape: vec![6, bytes.len() / 12],
                bytes,
            };
            tiny.tensors.push(as_f32(tensor));
        }
    }
    tiny
}

/// RWKV-6 as flash-linear-attention saves it.
pub(super) fn fla6(model: &Tiny) -> Tiny {
    // Where each of r w k v g stands in web-rwkv's w k v r g.
    const FROM: [usize; 5] = [3, 0, 1, 2, 4];
    let mut tiny = retold(model, |tensor| {
        let (block, own) = tensor.name.split_once(".att.").unwrap_or(("", ""));
        let block = fla_shared(block);
        let at = |own: &str| named(tensor, format!("{block}.attn.{own}"));
        Some(match own {
            "time_mix_r" | "time_mix_w" | "time_mix_k" | "time_mix_v" | "time_mix_g" => {
                return None;
            }
            "time_mix_x" => at("x_proj.0.mu"),
            "time_mix_w1" => {
                let mut tensor = at("x_proj.0.linear.weight");
                let block = tensor.bytes.len() / 5;
                let blocks = FROM.map(|at| tensor.bytes[at * block..(at + 1) * block].to_vec());
                tensor.bytes = blocks.concat();
                tensor
            }
            "time_mix_w2" => {
                let mut tensor = at("x_proj.2.weight");
                let [_, width, rank] = tensor.shape[..] else {
                    panic!("not a stack");
                };
                let mut bytes = Vec::new();
                for row in 0..width {
                    for from in FROM {
                        let start = (from * width + row) * rank * 2;
                        bytes.extend_from_slice(&tensor.bytes[start..start + rank * 2]);
                    }
                }
                tensor.bytes = bytes;
                tensor.shape = vec![width, 5 * rank];
                tensor
            }
            "time_decay_w1" => at("w_proj.linear.lora.0.weight"),
            "time_decay_w2" => at("w_proj.linear.lora.2.weight"),
            "time_decay" => at("w_proj.linear.lora.2.bias"),
            "time_first" => at("bonus"),
            _ => {
                let name = fla_projections(&fla_shared(&tensor.name), ".linear")
                    .replace("ffn.key.", "ffn.key.linear.")
                    .replace("ffn.receptance.", "ffn.receptance.linear.")
                    .replace("ffn.time_mix_k", "ffn.key.mu")
                    .replace("ffn.time_mix_r", "ffn.receptance.mu");
                named(tensor, name)
            }
        })
    });
    for layer in 0..2 {
        let mix = |mix| {
            let name = format!("blocks.{layer}.att.time_mix_{mix}");
            let found = model.tensors.iter().find(|tensor| tensor.name == name);
            found.expect("is there").bytes.clone()
        };
        let bytes: Vec<_> = ['r', 'w', 'k', 'v', 'g'].map(mix).concat();
        tiny.tensors.push(Tensor {
            name: format!("model.layers.{layer}.attn.x_bias"),
            dtype: "F16",
            shape: vec![5, bytes.len() / 10],
            bytes,
        });
    }
    tiny
}

/// BlinkDL's names and layouts, as in a `.pth`.
pub(super) fn blinkdl(tensor: &Tensor) -> Tensor {
    let last = tensor.name.rsplit('.').next().expect("a name");
    let is_low_rank = last.ends_with("_w1")
        || last.ends_with("_w2")
        || ["w1", "w2", "a1", "a2", "g1", "g2", "v1", "v2"].contains(&last);
    let name = tensor
        .name
        .replace("time_mix", "time_maa")
        .replace("time_first", "time_faaaa");
    match is_low_rank {
        true => named(&swapped(tensor), name),
        false => named(tensor, name),
    }
}

/// RWKV-6 as in `RWKV/v6-Finch-…-HF`.
pub(super) fn hf6(model: &Tiny) -> Tiny {
    retold(model, |tensor| {
        let tensor = blinkdl(tensor);
        let name = match tensor.name.as_str() {
            "head.weight" => "head.weight".to_owned(),
            name => format!("rwkv.{name}")
                .replace("emb.weight", "embeddings.weight")
                .replace(".ln0.", ".pre_ln.")
                .replace(".att.", ".attention.")
                .replace(".ffn.", ".feed_forward."),
        };
        Some(named(&tensor, name))
    })
}
