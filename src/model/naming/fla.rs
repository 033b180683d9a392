//! RWKV-6 and RWKV-7 of flash-linear-attention (`fla/layers/rwkv6.py`, `fla/layers/rwkv7.py`; its
//! `utils/convert_from_rwkv6.py` and `…_rwkv7.py` say what becomes what). Low-rank matrices are linear
//! layers there, so they stand as web-rwkv wants them.

use super::Part;

/// Order of RWKV-7's six mixes in the fused tensor of older files.
const FUSED: [&str; 6] = ["r", "w", "k", "v", "a", "g"];
/// Order of RWKV-6's five mixes.
const MIXES: [&str; 5] = ["r", "w", "k", "v", "g"];

/// What a tensor of RWKV-7 becomes.
pub(super) fn parts_v7(name: &str) -> Vec<(String, Part)> {
    let name = shared(name);
    let Some((att, own)) = split(&name, ".attn.") else {
        return vec![(name, Part::Whole)];
    };
    if own == "x_x" {
        let slices = FUSED.iter().enumerate();
        let slice = |(at, mix)| (format!("{att}x_{mix}"), Part::Slice { at, of: 6 });
        return slices.map(slice).collect();
    }
    let rank = |(lora, place): (&str, &str)| {
        let number = match place {
            "0.weight" => '1',
            "2.weight" => '2',
            "2.bias" => '0',
            _ => return None,
        };
        ["w", "a", "v", "g"]
            .contains(&lora)
            .then(|| format!("{lora}{number}"))
    };
    let own = own.split_once("_lora.lora.").and_then(rank);
    let name = own.map_or_else(|| projection(&name), |own| format!("{att}{own}"));
    vec![(name, Part::Whole)]
}

/// What a tensor of RWKV-6 becomes.
pub(super) fn parts_v6(name: &str) -> Vec<(String, Part)> {
    let name = shared(name);
    let one = |name: String, part| vec![(name, part)];
    if let Some((ffn, own)) = split(&name, ".ffn.") {
        let own = match own {
            "key.linear.weight" => "key.weight",
            "receptance.linear.weight" => "receptance.weight",
            "key.mu" => "time_mix_k",
            "receptance.mu" => "time_mix_r",
            own => own,
        };
        return one(format!("{ffn}{own}"), Part::Whole);
    }
    let Some((att, own)) = split(&name, ".attn.") else {
        return one(name, Part::Whole);
    };
    let (own, part) = match own {
        "x_bias" => {
            let slices = MIXES.iter().enumerate();
            let slice = |(at, mix)| (format!("{att}time_mix_{mix}"), Part::Slice { at, of: 5 });
            return slices.map(slice).collect();
        }
        "x_proj.0.mu" => ("time_mix_x", Part::Whole),
        "x_proj.0.linear.weight" => ("time_mix_w1", Part::MixDown),
        "x_proj.2.weight" => ("time_mix_w2", Part::MixUp),
        "w_proj.linear.lora.0.weight" => ("time_decay_w1", Part::Whole),
        "w_proj.linear.lora.2.weight" => ("time_decay_w2", Part::Whole),
        "w_proj.linear.lora.2.bias" => ("time_decay", Part::Whole),
        "bonus" => ("time_first", Part::Whole),
        _ => return one(projection(&name.replace(".linear.", ".")), Part::Whole),
    };
    one(format!("{att}{own}"), part)
}

/// What both have in common: everything outside the time mix and the channel mix.
fn shared(name: &str) -> String {
    match name {
        "model.embeddings.weight" => return "emb.weight".to_owned(),
        "lm_head.weight" => return "head.weight".to_owned(),
        _ => {}
    }
    if let Some(own) = name.strip_prefix("model.norm.") {
        return format!("ln_out.{own}");
    }
    name.replace("model.layers.", "blocks.")
        .replace(".pre_norm.", ".ln0.")
        .replace(".attn_norm.", ".ln1.")
        .replace(".ffn_norm.", ".ln2.")
}

/// A time mix's large matrices and its norm.
fn projection(name: &str) -> String {
    name.replace(".attn.", ".att.")
        .replace(".r_proj.", ".receptance.")
        .replace(".k_proj.", ".key.")
        .replace(".v_proj.", ".value.")
        .replace(".o_proj.", ".output.")
        .replace(".g_proj.", ".gate.")
        .replace(".g_norm.", ".ln_x.")
}

/// A block's name up to `at`, with web-rwkv's name of that part, and what follows.
fn split<'a>(name: &'a str, at: &str) -> Option<(String, &'a str)> {
    let (block, own) = name.split_once(at)?;
    let part = if at == ".attn." { ".att." } else { at };
    Some((format!("{block}{part}"), own))
}
