use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

/// Version of the RWKV architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// RWKV-4: one decay a channel, no heads.
    V4,
    /// RWKV-5 (Eagle): matrix state, static decay.
    V5,
    /// RWKV-6 (Finch, X060): matrix state, decay from the data.
    V6,
    /// RWKV-7 (Goose): matrix state, delta rule.
    V7,
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::V4 => "RWKV-4",
            Self::V5 => "RWKV-5",
            Self::V6 => "RWKV-6",
            Self::V7 => "RWKV-7",
        })
    }
}

/// A model's version and dimensions, read from its tensors' names and shapes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Architecture.
    pub version: Version,
    /// Blocks, each one time mix and one channel mix.
    pub layers: usize,
    /// Heads in a layer; 1 for RWKV-4, which has none.
    pub heads: usize,
    /// Channels in a head: `width / heads`.
    pub head_size: usize,
    /// Channels of the residual stream.
    pub width: usize,
    /// Channels inside the channel mix.
    pub hidden: usize,
    /// Token ids the model knows: 0 to `vocab - 1`.
    pub vocab: usize,
    /// Values in all the tensors that web-rwkv loads.
    pub parameters: u64,
}
