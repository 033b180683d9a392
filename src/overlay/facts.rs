use std::sync::Arc;

use crate::{
    camera::Eye,
    lattice::{Cell, HeadId, Lattice, Shape},
    model::{Card, Quantisation, TokenText},
    session::Session,
    trace::Prediction,
};

/// All that the panels show.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What the user chose.
    pub session: Session,
    /// The loaded model.
    pub model: Option<ModelFacts>,
    /// The adapter's name.
    pub device: String,
    /// What is going on.
    pub status: Status,
    /// The tokens of the trace.
    pub tokens: Arc<Vec<TokenText>>,
    /// Where they stand.
    pub lattice: Option<Lattice>,
    /// Where the picture is seen from.
    pub eye: Option<Eye>,
    /// One value a token, in parts of full colour; empty with nothing selected.
    pub summary: Vec<f32>,
    /// Full colour of each head, then the largest; empty with nothing selected.
    pub scales: Vec<f32>,
    /// Arcs that passed the filter.
    pub arcs: u32,
    /// The largest contribution norm.
    pub largest: f32,
    /// The cell under the pointer.
    pub hover: Option<Hover>,
    /// What the model expected after the hovered or selected token.
    pub prediction: Option<(usize, Prediction, Vec<TokenText>)>,
    /// The conservation check.
    pub lamp: Option<Lamp>,
    /// What went wrong last.
    pub error: Option<String>,
}

/// The loaded model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFacts {
    /// Short name.
    pub name: String,
    /// Sizes.
    pub card: Card,
    /// How its layers' matrices are kept.
    pub quantisation: Quantisation,
}

/// What is going on.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Status {
    /// Nothing.
    #[default]
    Idle,
    /// A model is being opened.
    Loading(String),
    /// A prompt is being run.
    Running {
        /// Tokens done.
        done: usize,
        /// Tokens in all.
        total: usize,
        /// Since the start.
        seconds: f64,
    },
}

/// The cell under the pointer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hover {
    /// Which.
    pub cell: Cell,
    /// R-WK score, contribution share, W-K norm with the selected token, once they are there.
    pub scores: Option<[f32; 3]>,
}

/// The conservation check's result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lamp {
    /// Largest relative error.
    pub error: f32,
    /// What rounding explains.
    pub tolerance: f32,
    /// Where the error is largest.
    pub head: HeadId,
    /// Tokens checked.
    pub rows: usize,
}

impl Facts {
    /// Counts of the lattice, once there is one.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.lattice.map(|lattice| lattice.shape)
    }

    /// A run or a load is going on.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.status != Status::Idle
    }
}
