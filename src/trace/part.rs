use super::{Layers, Window};

/// Which vectors of a run are kept; by default all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Of these layers alone.
    pub layers: Option<Layers>,
    /// Of these tokens alone. Those after them do not run.
    pub window: Option<Window>,
}

impl From<Option<Layers>> for Part {
    fn from(layers: Option<Layers>) -> Self {
        Self {
            layers,
            window: None,
        }
    }
}

impl From<Option<Window>> for Part {
    fn from(window: Option<Window>) -> Self {
        Self {
            layers: None,
            window,
        }
    }
}
