use std::{borrow::Cow, collections::BTreeMap};

use super::{ModelError, element::Element};

/// What is known of a tensor before its bytes are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Info {
    /// Slowest dimension first.
    pub(super) shape: Vec<usize>,
    pub(super) element: Element,
}

/// All tensors of a file by name.
pub(super) type Index = BTreeMap<String, Info>;

/// A file of tensors: by its own names and in its own order of dimensions, until [`super::naming::rename`]
/// has given it web-rwkv's.
pub(super) trait Weights: Send + Sync {
    fn index(&self) -> &Index;

    /// A tensor's bytes, as many as its shape and element say.
    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError>;
}
