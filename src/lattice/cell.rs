use serde::{Deserialize, Serialize};

/// Counts along the three axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Tokens.
    pub tokens: usize,
    /// Layers.
    pub layers: usize,
    /// Heads a layer.
    pub heads: usize,
}

/// One head of the model, both counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeadId {
    /// Layer.
    pub layer: usize,
    /// Head within the layer.
    pub head: usize,
}

impl std::fmt::Display for HeadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "L{} H{}", self.layer, self.head)
    }
}

/// One head at one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Token, counted from 0.
    pub token: usize,
    /// Head.
    pub head: HeadId,
}

impl Shape {
    /// Heads of all layers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.layers * self.heads
    }

    /// Place of a head among those of all layers.
    #[must_use]
    pub fn row(&self, head: HeadId) -> usize {
        head.layer * self.heads + head.head
    }

    /// The head at a place among those of all layers.
    #[must_use]
    pub fn head(&self, row: usize) -> HeadId {
        HeadId {
            layer: row / self.heads,
            head: row % self.heads,
        }
    }

    /// Place of a cell in `[layers, heads, tokens]`.
    #[must_use]
    pub fn index(&self, cell: Cell) -> usize {
        self.row(cell.head) * self.tokens + cell.token
    }
}
