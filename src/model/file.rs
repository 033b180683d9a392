use std::{
    borrow::Cow,
    fmt::{Debug, Formatter},
    path::Path,
    sync::Arc,
};

use half::f16;
use safetensors::{Dtype, SafeTensorError};
use web_rwkv::runtime::loader::{Reader, ReaderTensor};

use super::{
    Card, Digest, Format, InitialState, Lora, Merged, ModelError, Source, Tuned, check,
    config::Config,
    element,
    error::one_line,
    merge,
    naming::{self, Naming},
    opening,
    per_channel::per_channel,
    state,
    weights::Weights,
};

/// An open model file: its dimensions, and its tensors as web-rwkv wants them.
///
/// web-rwkv loads from it by its `Reader` implementation, by value or by reference.
pub struct ModelFile {
    source: Source,
    name: String,
    /// The source, for messages.
    file: String,
    format: Format,
    weights: Box<dyn Weights>,
    card: Card,
    /// The tensors that web-rwkv loads; it must not see others, which could confuse it.
    names: Vec<String>,
    digest: Arc<Digest>,
    merged: Vec<Merged>,
    /// Given in place of its own.
    state: Option<InitialState>,
}

impl ModelFile {
    /// Opens a model and checks everything that takes no reading of weights: version, dimensions,
    /// and that each tensor is there in the right shape and as f16, bf16 or f32.
    ///
    /// # Errors
    /// When the file cannot be read, is no RWKV model, or is one that web-rwkv would compute wrongly.
    pub fn open(source: &Source) -> Result<Self, ModelError> {
        Self::open_with(source, &[])
    }

    /// The same, with LoRAs that are merged as its tensors are read, one after another.
    ///
    /// # Errors
    /// As [`ModelFile::open`], and when a LoRA cannot be read or is not one of this model's.
    pub fn open_with(source: &Source, loras: &[Lora]) -> Result<Self, ModelError> {
        let file = one_line(source);
        let opened = match source {
            Source::DemoV6 | Source::DemoV7 => opening::demo(&file)?,
            Source::File(path) => opening::open(path, &file)?,
        };
        let naming = Naming::of(opened.weights.index(), opened.format == Format::Pytorch);
        let config = match naming.has_config() {
            true => Config::beside(&opened.folder)?,
            false => Config::default(),
        };
        let tied = config.tie_word_embeddings;
        let weights = naming::rename(opened.weights, naming, tied, &file)?;
        let weights = per_channel(weights);
        let (card, names) = check::check(weights.index(), &file)?;
        config.require(naming, &card)?;
        let (weights, merged) = merge::merge(weights, loras, &file)?;
        let digest = Arc::new(Digest::new(source, opened.handles));
        Ok(Self {
            source: source.clone(),
            name: source.name(),
            file,
            format: opened.format,
            weights,
            card,
            names,
            digest,
            merged,
            state: None,
        })
    }

    /// Has the model start from the state in a file, in place of its own or of the empty one.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no state of this model's dimensions.
    pub fn starting_from(mut self, path: Option<&Path>) -> Result<Self, ModelError> {
        if let Some(path) = path {
            self.state = Some(state::open(path, &self.card)?);
        }
        Ok(self)
    }

    /// Whether the model starts from a state that was given, or from its own.
    #[must_use]
    pub fn has_state(&self) -> bool {
        self.state.is_some() || state::first_tensor(self.weights.index()).is_some()
    }

    /// The state that the model starts from: one that was given, or its own; none where it starts from nothing.
    ///
    /// # Errors
    /// When its own cannot be read, or has not the model's dimensions.
    pub fn state(&self) -> Result<Option<InitialState>, ModelError> {
        if self.state.is_some() || !self.has_state() {
            return Ok(self.state.clone());
        }
        let tuned = Tuned {
            name: self.name.clone(),
            digest: self.digest.clone(),
        };
        state::read(&*self.weights, tuned, &self.card, &self.file).map(Some)
    }

    /// Version and dimensions.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Short name for titles.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was opened.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The file's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The tensors that web-rwkv loads.
    pub(super) fn tensor_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The LoRAs that are merged into it.
    #[must_use]
    pub fn merged(&self) -> &[Merged] {
        &self.merged
    }

    /// SHA-256 of the file.
    #[must_use]
    pub fn digest(&self) -> &Arc<Digest> {
        &self.digest
    }

    /// Bytes of the tensors that web-rwkv loads, as f16.
    #[must_use]
    pub fn load_bytes(&self) -> u64 {
        let index = self.weights.index();
        let sizes = self.names.iter().filter_map(|name| index.get(name));
        sizes
            .map(|tensor| 2 * tensor.shape.iter().product::<usize>() as u64)
            .sum()
    }

    /// A tensor as web-rwkv reads it: its order of dimensions, rounded to f16.
    ///
    /// web-rwkv scales the `att.output.weight` and `ffn.value.weight` of RWKV-4, 5 and 6 after that, by
    /// `2^-(layer / 6)`; here they are as stored.
    ///
    /// # Errors
    /// When there is no such tensor, it cannot be read, or a value is too large for f16.
    pub fn f16(&self, tensor: &str) -> Result<Vec<f16>, ModelError> {
        Ok(element::values(&self.half_bytes(tensor)?))
    }

    /// The values of [`ModelFile::f16`], widened.
    ///
    /// # Errors
    /// As [`ModelFile::f16`].
    pub fn f32(&self, tensor: &str) -> Result<Vec<f32>, ModelError> {
        Ok(self.f16(tensor)?.into_iter().map(f32::from).collect())
    }

    /// A tensor's dimensions in web-rwkv's layout, slowest first.
    ///
    /// # Errors
    /// When there is no such tensor.
    pub fn shape(&self, tensor: &str) -> Result<&[usize], ModelError> {
        let info = self.weights.index().get(tensor);
        info.map(|info| info.shape.as_slice())
            .ok_or_else(|| self.no_such(tensor))
    }

    /// A tensor as f16 bytes, borrowed if the file holds them so.
    pub(super) fn half_bytes(&self, tensor: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let info = self
            .weights
            .index()
            .get(tensor)
            .ok_or_else(|| self.no_such(tensor))?;
        if let element::Element::Other(found) = &info.element {
            return Err(ModelError::Dtype {
                file: self.file.clone(),
                tensor: one_line(tensor),
                found: one_line(found),
            });
        }
        let bytes = self.weights.bytes(tensor)?;
        info.element
            .to_f16(bytes)
            .map_err(|value| ModelError::Overflow {
                file: self.file.clone(),
                tensor: one_line(tensor),
                value,
            })
    }

    fn no_such(&self, tensor: &str) -> ModelError {
        ModelError::NoSuchTensor {
            file: self.file.clone(),
            tensor: one_line(tensor),
        }
    }
}

impl Debug for ModelFile {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelFile")
            .field("source", &self.source)
            .field("card", &self.card)
            .finish()
    }
}

impl Reader for ModelFile {
    fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    fn shape(&self, name: &str) -> Result<Vec<usize>, SafeTensorError> {
        ModelFile::shape(self, name)
            .map(<[usize]>::to_vec)
            .map_err(into_reader_error)
    }

    fn tensor(&self, name: &str) -> Result<ReaderTensor<'_>, SafeTensorError> {
        let shape = Reader::shape(self, name)?;
        let bytes = self.half_bytes(name).map_err(into_reader_error)?;
        // web-rwkv casts an owned buffer without looking where it begins. Allocators align well
        // beyond two bytes, but the type does not promise it.
        match bytes {
            Cow::Owned(bytes) if !bytes.as_ptr().addr().is_multiple_of(2) => {
                Err(into_reader_error(ModelError::Damaged {
                    file: self.file.clone(),
                    reason: format!("{} stands at an odd address", one_line(name)),
                }))
            }
            bytes => Ok((Dtype::F16, shape, bytes)),
        }
    }
}

impl Reader for &ModelFile {
    fn names(&self) -> Vec<&str> {
        (**self).names()
    }

    fn contains(&self, name: &str) -> bool {
        (**self).contains(name)
    }

    fn shape(&self, name: &str) -> Result<Vec<usize>, SafeTensorError> {
        Reader::shape(*self, name)
    }

    fn tensor(&self, name: &str) -> Result<ReaderTensor<'_>, SafeTensorError> {
        (**self).tensor(name)
    }
}

/// The trait has only this error type; the message stays whole inside.
fn into_reader_error(error: ModelError) -> SafeTensorError {
    SafeTensorError::IoError(std::io::Error::other(error))
}
