//! RWKV in Hugging Face's transformers and in the code beside `RWKV/v6-Finch-…-HF`: BlinkDL's layouts,
//! most names spelt out.

use super::{Part, blinkdl};

/// A tensor by web-rwkv's name, and what becomes of its values.
pub(super) fn part(name: &str) -> (String, Part) {
    let own = name.strip_prefix("rwkv.").unwrap_or(name);
    let own = own.replace("embeddings.weight", "emb.weight");
    let own = own
        .replace(".pre_ln.", ".ln0.")
        .replace(".attention.", ".att.")
        .replace(".feed_forward.", ".ffn.")
        .replace("time_mix_key", "time_mix_k")
        .replace("time_mix_value", "time_mix_v")
        .replace("time_mix_receptance", "time_mix_r")
        .replace("time_mix_gate", "time_mix_g");
    blinkdl::part(&own)
}
