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

/// Channels in a group: what stands in the place of a head in RWKV-4, which has none.
pub const GROUP_CHANNELS: usize = 64;

/// What the parts of a layer are that scores are given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unit {
    /// A head with a state of its own.
    #[default]
    Head,
    /// [`GROUP_CHANNELS`] neighbouring channels of RWKV-4, each with a state of its own.
    Group,
}

impl Version {
    /// What a layer is divided into.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::V4 => Unit::Group,
            Self::V5 | Self::V6 | Self::V7 => Unit::Head,
        }
    }

    /// Whether each channel forgets at a pace of its own that no token changes.
    #[must_use]
    pub fn has_static_decay(self) -> bool {
        matches!(self, Self::V4 | Self::V5)
    }
}

impl Unit {
    /// Its name: head or group.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Group => "group",
        }
    }

    /// The letter of its number: H or G.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Head => 'H',
            Self::Group => 'G',
        }
    }

    /// Its name with all that has to be known of it.
    #[must_use]
    pub fn whole_name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Group => "group of 64 channels",
        }
    }

    /// A text about heads, as it is for this unit.
    #[must_use]
    pub fn say(self, text: &str) -> String {
        match self {
            Self::Head => text.to_owned(),
            Self::Group => text.replace("head", "group").replace("Head", "Group"),
        }
    }
}

/// A model's version and dimensions, read from its tensors' names and shapes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Architecture.
    pub version: Version,
    /// Blocks, each one time mix and one channel mix.
    pub layers: usize,
    /// Heads in a layer; in RWKV-4, which has none, groups of [`GROUP_CHANNELS`] channels.
    pub heads: usize,
    /// Channels in a head or group: `width / heads`.
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
