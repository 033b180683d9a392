//! What the engine has read, so that a text can go on from there or from a place before.

use web_rwkv::tensor::{TensorGpu, kind::ReadWrite};

/// A text, and the logits after it.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    pub ids: Vec<u32>,
    pub logits: Vec<f32>,
}

/// The engine's state after a text.
pub(super) struct Mark {
    pub read: Read,
    pub state: TensorGpu<f32, ReadWrite>,
}

impl Mark {
    /// How many tokens have been read, and the state then.
    pub fn place(&self) -> (usize, TensorGpu<f32, ReadWrite>) {
        (self.read.ids.len(), self.state.clone())
    }
}

/// Where the engine stands, and where it can be set back to.
#[derive(Default)]
pub(super) struct Reading {
    /// What the engine has read, if it is known.
    pub here: Option<Read>,
    marks: Vec<Mark>,
}

impl Reading {
    /// Tokens from one mark to the next.
    const APART: usize = 16;
    /// Each is a state of the model: 21 MB at 2.9 B parameters.
    const MOST: usize = 8;

    /// Forgets all marks but this one.
    pub fn begin(&mut self, mark: Mark) {
        self.marks = vec![mark];
    }

    /// The furthest mark along a text.
    pub fn nearest(&self, ids: &[u32]) -> Option<&Mark> {
        let along = self
            .marks
            .iter()
            .filter(|mark| ids.starts_with(&mark.read.ids));
        along.max_by_key(|mark| mark.read.ids.len())
    }

    /// Whether a text has come far enough for another mark.
    pub fn is_due(&self, ids: &[u32]) -> bool {
        let last = self.nearest(ids).map_or(0, |mark| mark.read.ids.len());
        ids.len() >= last + Self::APART
    }

    /// Where there are too many, every other one goes, so that they lie closest where the text has come last.
    pub fn add(&mut self, mark: Mark) {
        if self.marks.len() >= Self::MOST {
            let mut at = 0;
            self.marks.retain(|_| {
                at += 1;
                at % 2 == 1
            });
        }
        self.marks.push(mark);
    }
}
