/// How long a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Tokens that are kept.
    pub tokens: usize,
    /// The first of them stands for a state that the model starts from.
    pub has_before: bool,
}

impl From<usize> for Length {
    fn from(tokens: usize) -> Self {
        Self {
            tokens,
            has_before: false,
        }
    }
}
