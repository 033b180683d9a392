use std::{ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{change::Place, model::Unit};

/// Counts along the three axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Tokens.
    pub tokens: usize,
    /// Layers that are there.
    pub layers: usize,
    /// The first of them: 0 unless a run kept some layers of its model alone.
    pub first_layer: usize,
    /// Heads a layer.
    pub heads: usize,
    /// What a head is: in RWKV-4 a group of channels.
    pub unit: Unit,
}

/// One head of the model, both counted from 0. Written `L7 H1`, and [`HeadId::name`] where it may be a group of
/// channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeadId {
    /// Layer.
    pub layer: usize,
    /// Head within the layer.
    pub head: usize,
}

impl HeadId {
    /// How it is called on screen: `L7 H1`, or `L7 G1` where it is a group of channels.
    #[must_use]
    pub fn name(self, unit: Unit) -> String {
        format!("L{} {}{}", self.layer, unit.letter(), self.head)
    }
}

impl std::fmt::Display for HeadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "L{} H{}", self.layer, self.head)
    }
}

/// A text that names no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no head: write it as L7H1, layer and head counted from 0")]
pub struct NoHead(String);

impl From<HeadId> for Place {
    fn from(HeadId { layer, head }: HeadId) -> Self {
        Self {
            layer: Some(layer),
            head: Some(head),
        }
    }
}

impl FromStr for HeadId {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        match text.parse() {
            Ok(Place {
                layer: Some(layer),
                head: Some(head),
            }) => Ok(Self { layer, head }),
            _ => Err(NoHead(text.to_owned())),
        }
    }
}

impl TryFrom<String> for HeadId {
    type Error = NoHead;

    fn try_from(text: String) -> Result<Self, NoHead> {
        text.parse()
    }
}

impl From<HeadId> for String {
    fn from(head: HeadId) -> Self {
        head.to_string()
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
    /// Numbers of the layers that are there.
    #[must_use]
    pub fn layer_numbers(&self) -> Range<usize> {
        self.first_layer..self.first_layer + self.layers
    }

    /// Place of a head's layer among those that are there, and the head within it.
    #[must_use]
    pub fn place(&self, head: HeadId) -> (usize, usize) {
        (head.layer.saturating_sub(self.first_layer), head.head)
    }

    /// Whether a head is there.
    #[must_use]
    pub fn has(&self, head: HeadId) -> bool {
        self.layer_numbers().contains(&head.layer) && head.head < self.heads
    }

    /// Heads of all layers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.layers * self.heads
    }

    /// Place of a head among those of all layers.
    #[must_use]
    pub fn row(&self, head: HeadId) -> usize {
        let (layer, head) = self.place(head);
        layer * self.heads + head
    }

    /// The head at a place among those of all layers.
    #[must_use]
    pub fn head(&self, row: usize) -> HeadId {
        HeadId {
            layer: self.first_layer + row / self.heads,
            head: row % self.heads,
        }
    }

    /// Place of a cell in `[layers, heads, tokens]`.
    #[must_use]
    pub fn index(&self, cell: Cell) -> usize {
        self.row(cell.head) * self.tokens + cell.token
    }
}
