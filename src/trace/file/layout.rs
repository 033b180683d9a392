//! Names, types and shapes of all that stands in a trace file.

use safetensors::Dtype;

use crate::{
    model::Version,
    trace::{Dimensions, Prediction, Set, Stored, TOP},
};

/// Version of this layout: another one when a reader of the old would misunderstand the new.
pub(super) const LAYOUT: &str = "2";

/// Keys of the metadata.
pub(super) mod key {
    pub const FORMAT: &str = "format";
    pub const LAYOUT: &str = "layout";
    pub const ARCLIGHT: &str = "arclight";
    pub const MODEL: &str = "model";
    pub const SHA256: &str = "sha256";
    pub const VERSION: &str = "version";
    pub const LAYERS: &str = "layers";
    pub const HEADS: &str = "heads";
    pub const HEAD_SIZE: &str = "head_size";
    pub const WIDTH: &str = "width";
    pub const HIDDEN: &str = "hidden";
    pub const VOCAB: &str = "vocab";
    pub const PARAMETERS: &str = "parameters";
    pub const PRECISION: &str = "precision";
    pub const INT8: &str = "int8";
    pub const NF4: &str = "nf4";
    pub const LORA: &str = "lora";
    pub const KEPT: &str = "kept_layers";
    pub const STATE: &str = "state";
    pub const READ_BEFORE: &str = "read_before";
}

/// Names of the tensors that are asked for one by one.
pub(super) mod name {
    pub const R: &str = "r";
    pub const DECAY: &str = "decay";
    pub const CONTRIBUTION: &str = "contribution";
    pub const TOKENS: &str = "tokens";
    pub const TOP_IDS: &str = "top_ids";
    pub const TOP_LOGITS: &str = "top_logits";
    pub const LOG_SUM_EXP: &str = "log_sum_exp";
    pub const NEXT_LOGIT: &str = "next_logit";
    pub const BEFORE: &str = "before";
    pub const TEXT_IDS: &str = "text_ids";
    pub const TEXT_ENDS: &str = "text_ends";
    pub const TEXT_BYTES: &str = "text_bytes";
}

/// GroupNorm's γ and β and the bonus, in the order of `Parameters::heads`.
pub(super) const PARAMETERS: [&str; 3] = ["gamma", "beta", "bonus"];

/// What a tensor holds.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// One set of vectors.
    Vectors(Set),
    /// The decay of RWKV-4 and 5, as in `Parameters::decay`.
    Decay,
    /// One of [`PARAMETERS`].
    Parameter(usize),
    /// Contribution norms.
    Contribution,
    /// The states that the heads start from.
    Before,
    /// Token ids.
    Tokens,
    /// Ids of the candidates.
    TopIds,
    /// Logits of the candidates.
    TopLogits,
    /// One number of each token's prediction.
    Number(fn(&Prediction) -> f32),
    /// Ids that have a text.
    TextIds,
    /// Where each of their texts ends.
    TextEnds,
    /// The texts, one after another.
    TextBytes,
}

/// How many of [`PARAMETERS`], counted from the first, a version has not: RWKV-4 has no GroupNorm.
pub(super) fn unwritten(version: Version) -> usize {
    if version == Version::V4 { 2 } else { 0 }
}

/// The tensors of a file, in its order.
fn parts(version: Version, has_before: bool, has_texts: bool) -> Vec<(&'static str, Part)> {
    let mut parts = vec![
        (name::R, Part::Vectors(Set::R)),
        ("k", Part::Vectors(Set::K)),
        ("v", Part::Vectors(Set::V)),
    ];
    // Where the decay is fixed, one row a layer says it all.
    if version.has_static_decay() {
        parts.push((name::DECAY, Part::Decay));
    } else {
        parts.insert(1, ("w", Part::Vectors(Set::W)));
    }
    if version == Version::V7 {
        parts.extend([
            ("a", Part::Vectors(Set::A)),
            ("kappa", Part::Vectors(Set::Kappa)),
        ]);
    }
    parts.push(("x", Part::Vectors(Set::X)));
    let parameters = PARAMETERS.into_iter().enumerate();
    let parameters = parameters.skip(unwritten(version));
    parts.extend(parameters.map(|(which, name)| (name, Part::Parameter(which))));
    parts.extend([
        (name::CONTRIBUTION, Part::Contribution),
        (name::TOKENS, Part::Tokens),
        (name::TOP_IDS, Part::TopIds),
        (name::TOP_LOGITS, Part::TopLogits),
        (name::LOG_SUM_EXP, Part::Number(|it| it.log_sum_exp)),
        (
            name::NEXT_LOGIT,
            Part::Number(|it| it.came.unwrap_or(f32::NAN)),
        ),
    ]);
    if has_before {
        parts.push((name::BEFORE, Part::Before));
    }
    if has_texts {
        parts.extend([
            (name::TEXT_IDS, Part::TextIds),
            (name::TEXT_ENDS, Part::TextEnds),
            (name::TEXT_BYTES, Part::TextBytes),
        ]);
    }
    parts
}

/// What the shapes follow from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub dimensions: Dimensions,
    pub stored: Stored,
    pub tokens: usize,
    /// The first of them stands for the states that the heads start from.
    pub has_before: bool,
    /// How many ids have a text, and how many bytes their texts have in all.
    pub texts: Option<(usize, usize)>,
}

/// A tensor as it has to be.
pub(super) struct Expected {
    pub name: &'static str,
    pub part: Part,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
}

impl Sizes {
    /// Candidates a token.
    pub fn candidates(&self) -> usize {
        self.dimensions.vocab.min(TOP)
    }

    /// Every tensor of the file, in its order.
    pub fn tensors(&self) -> Vec<Expected> {
        let parts = parts(
            self.dimensions.version,
            self.has_before,
            self.texts.is_some(),
        );
        let expected = |(name, part)| {
            let (dtype, shape) = self.form(part);
            Expected {
                name,
                part,
                dtype,
                shape,
            }
        };
        parts.into_iter().map(expected).collect()
    }

    fn form(&self, part: Part) -> (Dtype, Vec<usize>) {
        let Dimensions {
            layers,
            heads,
            head_size,
            ..
        } = self.dimensions;
        let tokens = self.tokens;
        let (texts, text_bytes) = self.texts.unwrap_or_default();
        match part {
            Part::Vectors(_) => (dtype(self.stored), vec![layers, tokens, heads, head_size]),
            Part::Parameter(_) | Part::Decay => (Dtype::F32, vec![layers, heads, head_size]),
            Part::Contribution => (Dtype::F32, vec![layers, heads, tokens]),
            Part::Before => (Dtype::F32, vec![layers, heads, head_size, head_size]),
            Part::Tokens => (Dtype::U32, vec![tokens]),
            Part::TopIds => (Dtype::U32, vec![tokens, self.candidates()]),
            Part::TopLogits => (Dtype::F32, vec![tokens, self.candidates()]),
            Part::Number(_) => (Dtype::F32, vec![tokens]),
            Part::TextIds | Part::TextEnds => (Dtype::U32, vec![texts]),
            Part::TextBytes => (Dtype::U8, vec![text_bytes]),
        }
    }
}

impl Expected {
    /// Bytes it takes in the file.
    pub fn bytes(&self) -> u64 {
        let element = self.dtype.bitsize() as u64 / 8;
        self.shape.iter().fold(element, |n, &dim| n * dim as u64)
    }
}

fn dtype(stored: Stored) -> Dtype {
    match stored {
        Stored::F16 => Dtype::F16,
        Stored::F32 => Dtype::F32,
    }
}
