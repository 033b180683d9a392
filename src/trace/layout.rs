use std::{ops::Range, time::Duration};

use half::f16;
use serde::{Deserialize, Serialize};
use web_rwkv::tensor::{TensorGpu, kind::ReadWrite};

use crate::{
    gpu::{self, Gpu, GpuError},
    model::{Card, Version},
};

/// Sizes of a model, as the kernels see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// RWKV version.
    pub version: Version,
    /// Layers: of a trace those whose vectors are kept.
    pub layers: usize,
    /// Heads a layer; groups of channels in RWKV-4.
    pub heads: usize,
    /// Channels a head or group.
    pub head_size: usize,
    /// Channels of the residual stream: heads × head size.
    pub width: usize,
    /// Entries of the vocabulary.
    pub vocab: usize,
}

impl From<&Card> for Dimensions {
    fn from(card: &Card) -> Self {
        Self {
            version: card.version,
            layers: card.layers,
            heads: card.heads,
            head_size: card.head_size,
            width: card.width,
            vocab: card.vocab,
        }
    }
}

impl Dimensions {
    /// Number of lattice cells over `tokens` tokens.
    #[must_use]
    pub fn cells(&self, tokens: usize) -> usize {
        self.layers * self.heads * tokens
    }

    /// Numbers of the states of all heads.
    #[must_use]
    pub fn state_numbers(&self) -> usize {
        self.layers * self.width * self.head_size
    }

    /// Bytes of the largest buffer that one layer's vectors take.
    fn layer_bytes(&self, stored: Stored, tokens: usize) -> u64 {
        (self.width * tokens) as u64 * (sets(self.version) as u64 * stored.bytes()).max(4)
    }

    /// Layers that share a buffer where one may be bound so many bytes large; none where not even one fits.
    #[must_use]
    pub fn layers_a_group(&self, stored: Stored, tokens: usize, binding: u64) -> usize {
        // Making room for more at once would hold frames up: nothing draws meanwhile, for about 25 ms a GiB.
        const AT_ONCE: u64 = 512 << 20;
        let layer = self.layer_bytes(stored, tokens).max(1);
        let layers = match binding / layer {
            0 => 0,
            most => most.min((AT_ONCE / layer).max(1)),
        };
        usize::try_from(layers).map_or(self.layers, |layers| layers.min(self.layers))
    }

    /// Bytes a trace over `tokens` tokens takes on the GPU.
    #[must_use]
    pub fn trace_bytes(&self, stored: Stored, tokens: usize) -> u64 {
        let vector = (self.width * tokens) as u64;
        self.layers as u64 * vector * (sets(self.version) as u64 * stored.bytes() + 4)
    }
}

/// Number format of the model's frames while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Half floats: faster on a GPU.
    #[default]
    F16,
    /// Single floats: ten times nearer to float64.
    F32,
}

/// Number format of the vectors in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stored {
    /// Half floats.
    F16,
    /// Single floats.
    F32,
}

impl Stored {
    /// The frames' own, but RWKV-4's vectors are always kept in single floats: its keys are exponents, and between
    /// 16 and 32 half floats are 1/64 apart.
    #[must_use]
    pub fn of(version: Version, precision: Precision) -> Self {
        match (version, precision) {
            (Version::V4, _) | (_, Precision::F32) => Self::F32,
            (_, Precision::F16) => Self::F16,
        }
    }

    /// Bytes of one number.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// The vector sets of a layer, in buffer order. In step with `SET_*` in `prelude.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Receptance.
    R,
    /// Decay before its activation: in RWKV-5 and 6 x of exp(−exp(x)), in RWKV-5 the same for every token; in RWKV-7 x
    /// of exp(−0.606531 σ(x)). In RWKV-4 the logarithm of what the state divides by after the token,
    /// ln Σ exp(k_i + (t − i) w). In RWKV-4 and 5 it is not captured but made along with y.
    W,
    /// Key as written into the state.
    K,
    /// Value as written into the state.
    V,
    /// In-context learning rate (RWKV-7).
    A,
    /// Normalised removal key κ̂ (RWKV-7).
    Kappa,
    /// Head output after GroupNorm (RWKV-7: and bonus; RWKV-4: with none), before the gate; for the
    /// conservation check.
    X,
}

impl Set {
    /// Place among the sets of a layer.
    #[must_use]
    pub fn index(self, version: Version) -> usize {
        match self {
            Self::R => 0,
            Self::W => 1,
            Self::K => 2,
            Self::V => 3,
            Self::A => 4,
            Self::Kappa => 5,
            Self::X => sets(version) - 1,
        }
    }
}

/// Vector sets a layer has.
#[must_use]
pub fn sets(version: Version) -> usize {
    if version == Version::V7 { 7 } else { 5 }
}

/// Vectors of consecutive layers, `[layers, sets, tokens, width]`.
#[derive(Clone)]
pub(crate) enum Activations {
    F16(TensorGpu<f16, ReadWrite>),
    F32(TensorGpu<f32, ReadWrite>),
}

/// As many layers as fit one binding: all of them on most adapters, so that one dispatch serves all.
#[derive(Clone)]
pub struct LayerGroup {
    /// Which layers.
    pub layers: Range<usize>,
    pub(crate) activations: Activations,
    /// y of every head before GroupNorm, f32 `[layers, tokens, width]`; after it as many numbers, what y has of the
    /// state that a model starts from, where there is one.
    pub outputs: wgpu::Buffer,
}

impl LayerGroup {
    /// The vectors' buffer, `[layers, sets, tokens, width]`.
    #[must_use]
    pub fn buffer(&self) -> &wgpu::Buffer {
        match &self.activations {
            Activations::F16(tensor) => &tensor.data().buffer,
            Activations::F32(tensor) => &tensor.data().buffer,
        }
    }
}

pub(super) fn groups(
    gpu: &Gpu,
    dimensions: &Dimensions,
    stored: Stored,
    tokens: usize,
    has_before: bool,
) -> Result<Vec<LayerGroup>, GpuError> {
    let sets = sets(dimensions.version);
    let vector = (dimensions.width * tokens) as u64;
    let layer_bytes = dimensions.layer_bytes(stored, tokens);
    let limits = gpu.device().limits();
    let allowed = limits
        .max_storage_buffer_binding_size
        .min(limits.max_buffer_size);
    let per_group = dimensions.layers_a_group(stored, tokens, allowed);
    if per_group == 0 {
        return Err(GpuError::TooLarge {
            what: format!("one layer's trace over {tokens} tokens"),
            needed: layer_bytes.div_ceil(1 << 20),
            allowed: allowed >> 20,
            adapter: gpu.report().adapter,
        });
    }
    let mut groups = Vec::new();
    for first in (0..dimensions.layers).step_by(per_group) {
        let layers = first..dimensions.layers.min(first + per_group);
        let shape = [dimensions.width, tokens, sets * layers.len(), 1];
        let activations = match stored {
            Stored::F16 => Activations::F16(gpu.context.tensor_init(shape)),
            Stored::F32 => Activations::F32(gpu.context.tensor_init(shape)),
        };
        let bytes = layer_bytes * layers.len() as u64;
        let_others_in(bytes);
        let outputs = gpu::storage(
            gpu.device(),
            "head outputs",
            vector * 4 * layers.len() as u64 * if has_before { 2 } else { 1 },
        );
        let_others_in(bytes);
        groups.push(LayerGroup {
            layers,
            activations,
            outputs,
        });
    }
    Ok(groups)
}

/// Lets a frame in after making room for so many bytes, which holds a lock that drawing needs.
fn let_others_in(bytes: u64) {
    const LONG: u64 = 256 << 20;
    if bytes >= LONG {
        std::thread::sleep(Duration::from_millis(10));
    }
}
