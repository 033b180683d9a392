//! RWKV-5.1 keeps one decay and one bonus a head. web-rwkv wants one a channel, as RWKV-5.2 has, so each is
//! repeated over its head's channels.

use std::{borrow::Cow, collections::HashMap};

use super::{
    ModelError,
    weights::{Index, Weights},
};

struct PerChannel {
    own: Box<dyn Weights>,
    index: Index,
    /// How often each value of a tensor is repeated.
    times: HashMap<String, usize>,
}

/// The tensors as web-rwkv wants them: unchanged, unless they are those of an RWKV-5.1.
pub(super) fn per_channel(own: Box<dyn Weights>) -> Box<dyn Weights> {
    let mut index = own.index().clone();
    let has = |name: &str| index.contains_key(&format!("blocks.0.att.{name}"));
    let width = match index.get("emb.weight").map(|info| info.shape.as_slice()) {
        Some(&[_, width]) if has("gate.weight") && !has("time_mix_w1") => width,
        _ => return own,
    };
    let mut times = HashMap::new();
    for (name, info) in &mut index {
        let fixed = name.ends_with(".att.time_decay") || name.ends_with(".att.time_first");
        let &[heads, ref ones @ ..] = info.shape.as_slice() else {
            continue;
        };
        let one_a_head = ones.iter().all(|&dim| dim == 1) && heads > 0 && heads < width;
        if fixed && one_a_head && width.is_multiple_of(heads) {
            info.shape = vec![heads, width / heads];
            times.insert(name.clone(), width / heads);
        }
    }
    if times.is_empty() {
        return own;
    }
    Box::new(PerChannel { own, index, times })
}

impl Weights for PerChannel {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let bytes = self.own.bytes(name)?;
        let (Some(&times), Some(info)) = (self.times.get(name), self.index.get(name)) else {
            return Ok(bytes);
        };
        let heads = info.shape.first().copied().unwrap_or(1).max(1);
        let value = (bytes.len() / heads).max(1);
        let values = bytes.chunks(value);
        Ok(Cow::Owned(
            values.flat_map(|value| value.repeat(times)).collect(),
        ))
    }
}
