use std::fmt::Display;

use super::Version;
use crate::files::cure;

/// What can go wrong with a model file, its tensors or its vocabulary. Every message is one line.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The operating system refused.
    #[error("cannot read {file} ({reason}): {}", cure(reason))]
    Read {
        /// What was to be read.
        file: String,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// Something else than a model.
    #[error(
        "{file} is {found}: give a model as .st, .safetensors or .pth, or a folder as Hugging Face has them"
    )]
    NotAModel {
        /// The file.
        file: String,
        /// What it is.
        found: &'static str,
    },
    /// The right format, but the file contradicts itself.
    #[error("{file} is damaged or incomplete ({reason}): copy, download or convert it again")]
    Damaged {
        /// The file.
        file: String,
        /// What contradicts what.
        reason: String,
    },
    /// A readable `.pth` that does not hold a dictionary of tensors, or cannot be parsed.
    #[error(
        "{file} cannot be read as a PyTorch checkpoint ({reason}): save the model's state_dict with torch.save, or download the file again"
    )]
    Pytorch {
        /// The file.
        file: String,
        /// The reader's reason.
        reason: String,
    },
    /// What lies beside a model says that it is not what it seems.
    #[error(
        "{file} is not as web-rwkv needs it ({reason}): open another model, or correct that file"
    )]
    Config {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of several is not there.
    #[error("{file} names {shard}, which is not beside it: download or copy all its files")]
    MissingShard {
        /// The index.
        file: String,
        /// The file that is missing.
        shard: String,
    },
    /// What was given as a LoRA is none, or not this model's.
    #[error(
        "{file} cannot be merged into {model} ({reason}): give a LoRA that was trained on this model"
    )]
    Lora {
        /// The LoRA.
        file: String,
        /// The model.
        model: String,
        /// Why not.
        reason: String,
    },
    /// Tensors, but not RWKV's.
    #[error(
        "{file} is not an RWKV model that arclight knows ({reason}): give a .pth as BlinkDL publishes it, a .st in web-rwkv's layout, or a Hugging Face model"
    )]
    UnknownModel {
        /// The file.
        file: String,
        /// What was found instead.
        reason: String,
    },
    /// The first RWKV-5, of which web-rwkv knows nothing.
    #[error(
        "{file} is an RWKV-5.0, which has no gate, and web-rwkv runs RWKV-5 only with one: open a model of RWKV-5.1 or 5.2"
    )]
    NoGate {
        /// The file.
        file: String,
    },
    /// A state that the model cannot start from.
    #[error(
        "{file} is no state that this model can start from ({reason}): give the time_state that was trained for it, or leave --state out"
    )]
    State {
        /// The file.
        file: String,
        /// What does not fit.
        reason: String,
    },
    /// An early RWKV-5 that stores the logarithm of its bonus.
    #[error(
        "{file} is an early RWKV-5, whose bonus is stored as its logarithm (time_first in place of time_faaaa), and web-rwkv would take it as it is: open a later model"
    )]
    LogBonus {
        /// The file.
        file: String,
    },
    /// An RWKV-4 whose channels do not make whole groups.
    #[error(
        "{file} is an RWKV-4 of {width} channels, and arclight draws its channels in groups of 64: open a model whose width is a multiple of 64"
    )]
    Groups {
        /// The file.
        file: String,
        /// Channels of the residual stream.
        width: usize,
    },
    /// Tensors that web-rwkv would silently ignore.
    #[error(
        "{file} is an RWKV-7 with DeepEmbed (it holds {tensor}), which web-rwkv would leave out and so compute wrong results: open a plain RWKV-7 model"
    )]
    DeepEmbed {
        /// The file.
        file: String,
        /// The tensor that shows it.
        tensor: String,
    },
    /// RWKV-7 takes its value residual from the second layer on, and web-rwkv its rank from there.
    #[error(
        "{file} is an RWKV-7 with one layer: web-rwkv needs two or more, so open a deeper model"
    )]
    OneLayer {
        /// The file.
        file: String,
    },
    /// A gap in the layers.
    #[error(
        "{file} has tensors of layer {last} but none of layer {missing}: it is incomplete, download or convert it again"
    )]
    MissingLayer {
        /// The file.
        file: String,
        /// First layer without a tensor.
        missing: usize,
        /// Highest layer that has one.
        last: usize,
    },
    /// A tensor is absent.
    #[error(
        "{file} is an {version} without the tensor {tensor}: it is incomplete, download or convert it again"
    )]
    MissingTensor {
        /// The file.
        file: String,
        /// The model's version.
        version: Version,
        /// The absent tensor, by web-rwkv's name.
        tensor: String,
    },
    /// A tensor that was asked for is not in the file.
    #[error("{file} holds no tensor {tensor}: check the name against `arclight info`")]
    NoSuchTensor {
        /// The file.
        file: String,
        /// The name asked for.
        tensor: String,
    },
    /// A tensor has another shape than the model's dimensions ask for.
    #[error(
        "{file}: {tensor} has shape {found:?} and should have {expected}: the file is not in web-rwkv's layout or is damaged, so open the original .pth or convert it again"
    )]
    Shape {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its shape, slowest dimension first.
        found: Vec<usize>,
        /// The shape it should have.
        expected: String,
    },
    /// A tensor's values are not floating point numbers that become f16.
    #[error(
        "{file}: {tensor} holds {found} values, and only f16, bf16 and f32 can be read: convert an unquantised model"
    )]
    Dtype {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its type.
        found: String,
    },
    /// A name stands in the file twice.
    #[error(
        "{file} holds {tensor} twice: convert it again, so that every tensor stands there once"
    )]
    Duplicate {
        /// The file.
        file: String,
        /// The name.
        tensor: String,
    },
    /// A dimension that web-rwkv's kernels cannot run.
    #[error("{file}: {what} is {value}, and web-rwkv's kernels need {rule}: open another model")]
    Dimension {
        /// The file.
        file: String,
        /// Which dimension.
        what: String,
        /// Its value.
        value: usize,
        /// What it has to be.
        rule: &'static str,
    },
    /// More layers to quantise than there are.
    #[error(
        "int8 for {int8} and NF4 for {nf4} is more than the {layers} layers that {model} has: ask for fewer"
    )]
    QuantisedLayers {
        /// The model's name.
        model: String,
        /// Layers asked for in int8.
        int8: usize,
        /// Layers asked for in NF4.
        nf4: usize,
        /// Layers there are.
        layers: usize,
    },
    /// Matrices that web-rwkv would quantise wrongly.
    #[error(
        "{model} cannot be quantised to {format}: its {what} is {value}, and web-rwkv needs {rule}, so load it without"
    )]
    QuantisedShape {
        /// The model's name.
        model: String,
        /// Which dimension.
        what: &'static str,
        /// Its value.
        value: usize,
        /// int8 or NF4.
        format: &'static str,
        /// What the dimension has to be.
        rule: &'static str,
    },
    /// A weight is too large for f16.
    #[error(
        "{file}: {tensor} holds {value}, which f16 cannot hold (largest: 65504), and web-rwkv computes with f16 weights: open a model saved as f16"
    )]
    Overflow {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The first such value.
        value: f32,
    },
    /// A demo model that is not in this binary is not beside it either.
    #[error(
        "{name} is not in this build (feature demo-models is off) and {file} is in none of {searched}: set ARCLIGHT_ASSETS to the folder that holds it, or give a model's path"
    )]
    NoDemo {
        /// The demo model's name.
        name: String,
        /// The file looked for.
        file: String,
        /// The folders looked in.
        searched: String,
    },
    /// A vocabulary file cannot be parsed.
    #[error(
        "{file}: {place} {reason}: each line should be `ID 'text' LENGTH`, as in rwkv_vocab_v20230424.txt"
    )]
    VocabularyLine {
        /// The vocabulary file.
        file: String,
        /// Line, counted from 1.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A JSON vocabulary cannot be parsed.
    #[error(
        "{file}: {reason}: it should be one JSON object from id to a string or a list of bytes"
    )]
    VocabularyJson {
        /// The vocabulary file.
        file: String,
        /// The parser's reason, with line and column.
        reason: String,
    },
    /// A vocabulary for a larger model.
    #[error(
        "{file} has the token id {id}, and the model knows only ids below {vocab}: give the vocabulary this model was trained with"
    )]
    VocabularyFit {
        /// The vocabulary file.
        file: String,
        /// Its first id that does not fit.
        id: u32,
        /// The model's vocabulary size.
        vocab: usize,
    },
    /// A token id that stands in a vocabulary more than once.
    #[error("{file} has the token id {id} twice: leave one of them out")]
    VocabularyTwice {
        /// The vocabulary file.
        file: String,
        /// The id.
        id: u32,
    },
    /// Text that the vocabulary cannot spell.
    #[error(
        "no token of the vocabulary {vocabulary} begins with the byte {byte:02X} at position {position} of the text: remove that character or give another vocabulary"
    )]
    NoToken {
        /// The vocabulary's name.
        vocabulary: String,
        /// The byte.
        byte: u8,
        /// Its position, in bytes from 0.
        position: usize,
    },
}

/// Whether a character changes the direction of those around it.
fn turns(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A name or reason out of a file as one short line: control characters escaped, at most 300 characters.
pub(crate) fn one_line(text: impl Display) -> String {
    const LONGEST: usize = 300;
    let text = text.to_string();
    let mut line = String::new();
    let mut count = 0;
    for c in text.chars() {
        let before = line.len();
        match c {
            '\n' => line.push(' '),
            c if c.is_control() || turns(c) => line.extend(c.escape_default()),
            c => line.push(c),
        }
        count += line[before..].chars().count();
        if count > LONGEST {
            line.truncate(before);
            line.push('…');
            break;
        }
    }
    line
}
