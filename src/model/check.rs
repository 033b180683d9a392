//! From names and shapes to a [`Card`], refusing whatever web-rwkv would stumble over later.

use std::collections::{BTreeSet, HashMap};

use super::{
    Card, GROUP_CHANNELS, ModelError, Version,
    element::Element,
    error::one_line,
    layout::{self, Dim, Extent},
    state,
    weights::{Index, Info},
};

/// Most rows of a matrix, as a multiple of 8: a product is dispatched as one workgroup for four rows,
/// and there may be 65,535 workgroups.
pub(crate) const MOST: usize = 262_136;

/// A model's card, and the names of the tensors that web-rwkv loads.
pub(super) fn check(index: &Index, file: &str) -> Result<(Card, Vec<String>), ModelError> {
    let check = Check {
        index,
        file,
        version: version(index, file)?,
    };
    let layers = check.layers()?;
    check.every_tensor(layers)
}

/// The version by a tensor that only it has; newer ones keep some of the older names.
fn version(index: &Index, file: &str) -> Result<Version, ModelError> {
    let has = |name: &str| index.contains_key(&format!("blocks.0.att.{name}"));
    let starts = |prefix: &str| index.keys().any(|name| name.starts_with(prefix));
    let unknown = |reason: String| {
        Err(ModelError::UnknownModel {
            file: file.to_owned(),
            reason,
        })
    };
    if index.keys().any(|name| name.ends_with(".lora.0")) {
        return unknown("it is a LoRA: give it beside its model, with --lora".to_owned());
    }
    if state::is_alone(index) {
        return unknown(
            "it is an initial state: open its model first, or give it beside that, with --state"
                .to_owned(),
        );
    }
    if has("r_k") || has("k_k") || has("x_r") {
        return Ok(Version::V7);
    }
    if has("time_mix_w1") || has("time_decay_w1") || has("time_mix_x") {
        return Ok(Version::V6);
    }
    if has("gate.weight") || has("ln_x.weight") {
        return Ok(Version::V5);
    }
    if has("time_decay") {
        return Ok(Version::V4);
    }
    match index.keys().next() {
        None => unknown("it holds no tensors".to_owned()),
        Some(_) if starts("model.layers.") || starts("rwkv.blocks.") => {
            unknown("its tensors have Hugging Face's names, of another architecture".to_owned())
        }
        Some(first) => unknown(format!("its first tensor is {}", one_line(first))),
    }
}

struct Check<'a> {
    index: &'a Index,
    file: &'a str,
    version: Version,
}

impl Check<'_> {
    /// How many layers there are, none missing.
    fn layers(&self) -> Result<usize, ModelError> {
        let mut seen = BTreeSet::new();
        for name in self.index.keys() {
            let Some(rest) = name.strip_prefix("blocks.") else {
                continue;
            };
            let number = rest.split('.').next().unwrap_or(rest);
            let layer = number.parse::<usize>().ok();
            // One spelling a layer: web-rwkv asks for `blocks.7`, never for `blocks.07`.
            let layer = layer.filter(|layer| layer.to_string() == number);
            seen.insert(layer.ok_or_else(|| ModelError::UnknownModel {
                file: self.file.to_owned(),
                reason: format!("{} has no layer number", one_line(name)),
            })?);
        }
        let last = seen.last().copied().unwrap_or(0);
        match (0..last).find(|layer| !seen.contains(layer)) {
            Some(missing) => Err(ModelError::MissingLayer {
                file: self.file.to_owned(),
                missing,
                last,
            }),
            None => Ok(last + 1),
        }
    }

    fn every_tensor(&self, layers: usize) -> Result<(Card, Vec<String>), ModelError> {
        if self.version == Version::V5 && !self.index.contains_key("blocks.0.att.gate.weight") {
            return Err(ModelError::NoGate {
                file: self.file.to_owned(),
            });
        }
        if self.version == Version::V7 {
            self.no_deep_embed()?;
            if layers < 2 {
                return Err(ModelError::OneLayer {
                    file: self.file.to_owned(),
                });
            }
        }
        let sizes = self.sizes()?;
        let mut parameters = 0_u64;
        let mut names = Vec::new();
        for (name, extent) in layout::required(self.version, layers) {
            let info = self.tensor(&name)?;
            self.shape(&name, info, extent, &sizes)?;
            if let Element::Other(found) = &info.element {
                return Err(ModelError::Dtype {
                    file: self.file.to_owned(),
                    tensor: name,
                    found: one_line(found),
                });
            }
            parameters = parameters.saturating_add(count(info));
            names.push(name);
        }
        // web-rwkv does not look for them, and a conversion keeps them.
        let states = self.index.keys();
        names.extend(
            states
                .filter(|name| name.ends_with(".att.time_state"))
                .cloned(),
        );
        let of = |dim| sizes.get(&dim).copied().unwrap_or(0);
        let card = Card {
            version: self.version,
            layers,
            heads: of(Dim::Heads),
            head_size: of(Dim::HeadSize),
            width: of(Dim::Width),
            hidden: of(Dim::Hidden),
            vocab: of(Dim::Vocab),
            parameters,
        };
        Ok((card, names))
    }

    /// RWKV-7a and 7b add tensors that web-rwkv knows nothing of.
    fn no_deep_embed(&self) -> Result<(), ModelError> {
        let is_deep = |name: &&String| {
            let block = name
                .strip_prefix("blocks.")
                .and_then(|rest| rest.split_once('.'));
            block.is_some_and(|(_, part)| {
                let own = ["ffn.s_emb", "ffn.s0", "ffn.s1", "ffn.s2", "qkv."];
                own.iter().any(|prefix| part.starts_with(prefix))
            })
        };
        match self.index.keys().find(is_deep) {
            Some(tensor) => Err(ModelError::DeepEmbed {
                file: self.file.to_owned(),
                tensor: one_line(tensor),
            }),
            None => Ok(()),
        }
    }

    /// The dimensions, each from one tensor, within what the kernels can run.
    fn sizes(&self) -> Result<HashMap<Dim, usize>, ModelError> {
        let [vocab, width] = self.matrix("emb.weight")?;
        let [hidden, _] = self.matrix("blocks.0.ffn.key.weight")?;
        let [heads, head_size] = match self.version {
            Version::V4 => [width / GROUP_CHANNELS, GROUP_CHANNELS],
            Version::V5 | Version::V6 => self.matrix("blocks.0.att.time_first")?,
            Version::V7 => self.matrix("blocks.0.att.r_k")?,
        };

        let within = |n: usize| (1..=MOST).contains(&n);
        self.rule(
            "the vocabulary",
            vocab,
            within(vocab),
            "1 to 262,136 tokens",
        )?;
        // web-rwkv pads the embedding to multiples of 8, and nothing else of the same width.
        let fits = width.is_multiple_of(8) && within(width);
        self.rule("the width", width, fits, "a multiple of 8 up to 262,136")?;
        if self.version == Version::V4 && !width.is_multiple_of(GROUP_CHANNELS) {
            return Err(ModelError::Groups {
                file: self.file.to_owned(),
                width,
            });
        }
        let fits = hidden.is_multiple_of(4) && within(hidden);
        self.rule(
            "the FFN width",
            hidden,
            fits,
            "a multiple of 4 up to 262,136",
        )?;
        // A head must not straddle two workgroups of the state kernel, which take 128 channels each.
        let fits = head_size.is_power_of_two() && (4..=128).contains(&head_size);
        self.rule("the head size", head_size, fits, "4, 8, 16, 32, 64 or 128")?;
        let fits = heads.checked_mul(head_size) == Some(width);
        self.rule(
            "heads × head size",
            heads.saturating_mul(head_size),
            fits,
            "the model's width",
        )?;

        let mut sizes = HashMap::from([
            (Dim::Vocab, vocab),
            (Dim::Width, width),
            (Dim::Hidden, hidden),
            (Dim::Heads, heads),
            (Dim::HeadSize, head_size),
            (Dim::Five, 5),
        ]);
        for &(dim, tensor) in layout::ranks(self.version) {
            let [mut rank, _] = self.matrix(tensor)?;
            if dim == Dim::FiveMix {
                rank /= 5;
                sizes.insert(Dim::Mix, rank);
            }
            let fits = rank.is_multiple_of(4) && within(rank);
            self.rule(
                &format!("the rank of {tensor}"),
                rank,
                fits,
                "a multiple of 4",
            )?;
            sizes.insert(dim, if dim == Dim::FiveMix { rank * 5 } else { rank });
        }
        Ok(sizes)
    }

    fn tensor(&self, name: &str) -> Result<&Info, ModelError> {
        self.index
            .get(name)
            .ok_or_else(|| ModelError::MissingTensor {
                file: self.file.to_owned(),
                version: self.version,
                tensor: name.to_owned(),
            })
    }

    fn matrix(&self, name: &str) -> Result<[usize; 2], ModelError> {
        let info = self.tensor(name)?;
        match info.shape.as_slice() {
            &[rows, columns] if rows > 0 && columns > 0 => Ok([rows, columns]),
            _ => Err(self.wrong_shape(name, info, "two dimensions, neither of them 0".to_owned())),
        }
    }

    fn shape(
        &self,
        name: &str,
        info: &Info,
        extent: Extent,
        sizes: &HashMap<Dim, usize>,
    ) -> Result<(), ModelError> {
        let of = |dim: Dim| sizes.get(&dim).copied().unwrap_or(0);
        let (fits, expected) = match extent {
            Extent::Vector => {
                let width = of(Dim::Width);
                let flat = info.shape.len() <= 4 && count(info) == width as u64;
                (flat, vec![width])
            }
            Extent::Matrix(rows, columns) => {
                let expected = vec![of(rows), of(columns)];
                (info.shape == expected, expected)
            }
            Extent::Stack(depth, rows, columns) => {
                let expected = vec![of(depth), of(rows), of(columns)];
                (info.shape == expected, expected)
            }
        };
        match fits {
            true => Ok(()),
            false => Err(self.wrong_shape(name, info, format!("{expected:?}"))),
        }
    }

    fn wrong_shape(&self, name: &str, info: &Info, expected: String) -> ModelError {
        ModelError::Shape {
            file: self.file.to_owned(),
            tensor: name.to_owned(),
            found: info.shape.clone(),
            expected,
        }
    }

    fn rule(
        &self,
        what: &str,
        value: usize,
        fits: bool,
        rule: &'static str,
    ) -> Result<(), ModelError> {
        match fits {
            true => Ok(()),
            false => Err(ModelError::Dimension {
                file: self.file.to_owned(),
                what: what.to_owned(),
                value,
                rule,
            }),
        }
    }
}

/// Values in a tensor.
fn count(info: &Info) -> u64 {
    info.shape
        .iter()
        .fold(1, |n: u64, &dim| n.saturating_mul(dim as u64))
}
