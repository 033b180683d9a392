use std::{
    fmt::{Debug, Formatter},
    path::Path,
    sync::{Arc, OnceLock},
};

use super::{Card, ModelError, error::one_line, vocabulary_file};
use crate::files::read_regular;

static WORLD: OnceLock<Vocabulary> = OnceLock::new();
static DEMO: OnceLock<Vocabulary> = OnceLock::new();

/// Token ids and the bytes they stand for. Cheap to clone.
///
/// Text is encoded by the longest match from left to right, as RWKV models are trained. This is not
/// web-rwkv's `Tokenizer`, because that one panics on the bytes FF FF, says nothing of where in a
/// text it fails, and takes JSON alone.
#[derive(Clone)]
pub struct Vocabulary(Arc<Table>);

struct Table {
    name: String,
    /// Bytes by id; `None` for ids that stand for nothing.
    tokens: Vec<Option<Box<[u8]>>>,
    /// Ids ordered by their bytes: those with a common beginning stand together, as in a trie.
    sorted: Vec<u32>,
}

// Statics, so that the program carries each once wherever it is used.
static WORLD_TEXT: &[u8] = include_bytes!("../../assets/rwkv_vocab_v20230424.txt");
static DEMO_TEXT: &[u8] = include_bytes!("../../assets/demo_vocab.txt");

impl Vocabulary {
    /// The vocabulary of a model: from `override_file` if there is one, else by its size. 65,536 is
    /// RWKV World, 8,192 the demo models', 256 plain bytes. `None` for any other size.
    ///
    /// # Errors
    /// When the file cannot be read or parsed, or has an id that the model does not know.
    pub fn for_model(
        card: &Card,
        override_file: Option<&Path>,
    ) -> Result<Option<Self>, ModelError> {
        if let Some(path) = override_file {
            return Self::open(path, card.vocab).map(Some);
        }
        let (cell, text, name) = match card.vocab {
            65_536 => (&WORLD, WORLD_TEXT, "RWKV World"),
            8_192 => (&DEMO, DEMO_TEXT, "demo"),
            256 => return Ok(Some(Self::bytes_only())),
            _ => return Ok(None),
        };
        if let Some(vocabulary) = cell.get() {
            return Ok(Some(vocabulary.clone()));
        }
        let vocabulary = Self::new(vocabulary_file::parse(text, name)?, name, card.vocab)?;
        Ok(Some(cell.get_or_init(|| vocabulary).clone()))
    }

    fn open(path: &Path, vocab: usize) -> Result<Self, ModelError> {
        let file = one_line(path.display());
        let text = read_regular(path).map_err(|reason| ModelError::Read {
            file: file.clone(),
            reason,
        })?;
        Self::new(vocabulary_file::parse(&text, &file)?, &file, vocab)
    }

    fn bytes_only() -> Self {
        let tokens = (0..=u8::MAX).map(|byte| Some([byte].into())).collect();
        Self(Arc::new(Table {
            name: "bytes".to_owned(),
            tokens,
            sorted: (0..256).collect(),
        }))
    }

    /// Of ids and their bytes; ids that are not in the list stand for nothing.
    pub(crate) fn new(
        list: Vec<(u32, Vec<u8>)>,
        name: &str,
        vocab: usize,
    ) -> Result<Self, ModelError> {
        let mut tokens: Vec<Option<Box<[u8]>>> = Vec::new();
        for (id, bytes) in list {
            let at = id as usize;
            if at >= vocab {
                return Err(ModelError::VocabularyFit {
                    file: name.to_owned(),
                    id,
                    vocab,
                });
            }
            if at >= tokens.len() {
                tokens.resize(at + 1, None);
            }
            if tokens[at].replace(bytes.into()).is_some() {
                return Err(ModelError::VocabularyTwice {
                    file: name.to_owned(),
                    id,
                });
            }
        }
        let spelled = |&id: &u32| tokens[id as usize].as_ref().is_some_and(|b| !b.is_empty());
        let mut sorted: Vec<u32> = (0..tokens.len() as u32).filter(spelled).collect();
        // Stable, so that of two ids with the same bytes the lower one is used.
        sorted.sort_by_key(|&id| tokens[id as usize].as_deref());
        Ok(Self(Arc::new(Table {
            name: name.to_owned(),
            tokens,
            sorted,
        })))
    }

    /// What to call it: `RWKV World`, `demo`, `bytes`, or the file it was read from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The bytes a token stands for; `None` for the id 0 that ends a text, and for unknown ids.
    #[must_use]
    pub fn bytes(&self, id: u32) -> Option<&[u8]> {
        self.0.tokens.get(id as usize)?.as_deref()
    }

    /// Whether `id` ends a text: RWKV's 0, unless the vocabulary gives 0 a meaning.
    #[must_use]
    pub fn is_end(&self, id: u32) -> bool {
        id == 0 && self.bytes(0).is_none_or(<[u8]>::is_empty)
    }

    /// Text as tokens, each the longest that matches.
    ///
    /// # Errors
    /// When no token begins with the next byte, which cannot happen with the vocabularies built in.
    pub fn encode(&self, text: &[u8]) -> Result<Vec<u32>, ModelError> {
        let mut ids = Vec::new();
        let mut position = 0;
        while let Some((&byte, _)) = text[position..].split_first() {
            let (id, length) =
                self.longest(&text[position..])
                    .ok_or_else(|| ModelError::NoToken {
                        vocabulary: self.0.name.clone(),
                        byte,
                        position,
                    })?;
            ids.push(id);
            position += length;
        }
        Ok(ids)
    }

    /// The longest token that `text` begins with, and its length.
    fn longest(&self, text: &[u8]) -> Option<(u32, usize)> {
        let mut best = None;
        let mut range = self.0.sorted.as_slice();
        for (depth, byte) in text.iter().enumerate() {
            // All of `range` begin with the bytes before this one; keep those that go on with it.
            let at = |id: &u32| self.bytes(*id).and_then(|bytes| bytes.get(depth));
            let start = range.partition_point(|id| at(id) < Some(byte));
            let end = range.partition_point(|id| at(id) <= Some(byte));
            range = &range[start..end];
            let Some(&first) = range.first() else { break };
            if self
                .bytes(first)
                .is_some_and(|bytes| bytes.len() == depth + 1)
            {
                best = Some((first, depth + 1));
            }
        }
        best
    }
}

impl Debug for Vocabulary {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Vocabulary {} of {} tokens",
            self.0.name,
            self.0.sorted.len()
        )
    }
}
