//! What [`Facts`] is made of.

use std::{path::PathBuf, sync::Arc};

use super::{Facts, RecordDraft};
use crate::{
    camera::Eye,
    inference::{Ended, Lens, Moved, Trial},
    lattice::{Cell, HeadId},
    model::{Card, Quantisation, TokenText},
    score::{Crop, Measure, Moment, Profiles, StateAt},
    session::Session,
    trace::{Alignment, Layers, Origin, Prediction, Transfer, Window},
};

/// A head that is left out, to see what that does to the text.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialFacts {
    /// The head.
    pub head: HeadId,
    /// Another one of its layer, by chance; none where there is none.
    pub other: Option<HeadId>,
    /// What came of it; none while it is under way.
    pub came: Option<Trial>,
}

/// What interventions do to the text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChangedFacts {
    /// What came of it; none while it is under way.
    pub came: Option<Arc<Moved>>,
    /// Why nothing will.
    pub refused: Option<String>,
    /// What is expected with them, where [`Facts::prediction`] tells what is expected without.
    pub expected: Option<(usize, Prediction, Vec<TokenText>)>,
}

/// What stands beside a run.
#[derive(Debug, Clone, Default)]
pub struct BesideFacts {
    /// It; none while it is made.
    pub other: Option<Arc<OtherFacts>>,
    /// Why there will be none.
    pub refused: Option<String>,
    /// Where it is seen from.
    pub eye: Option<Eye>,
    /// Where in the picture, in pixels; none where it is not seen.
    pub part: Option<bevy::math::Rect>,
}

/// Another run.
#[derive(Debug, Clone)]
pub struct OtherFacts {
    /// What there is to show of it.
    pub facts: Facts,
    /// Which of its tokens stand for those of the run on show.
    pub alignment: Arc<Alignment>,
}

/// What the model holds at a token.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InsideFacts {
    /// The token.
    pub token: usize,
    /// The logit that is taken apart.
    pub push: Option<PushFacts>,
    /// What would be expected after each layer, and the texts of the most probable tokens; none while it is under way.
    pub lens: Option<(Lens, Vec<String>)>,
    /// Why there is nothing.
    pub refused: Option<String>,
}

/// The state of a head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StateFacts {
    /// Whose.
    pub head: Option<HeadId>,
    /// After the selected token, or the last; none while it is under way.
    pub at: Option<Arc<StateAt>>,
    /// After each token; none while it is under way.
    pub track: Option<Arc<Vec<Moment>>>,
    /// Why there is nothing.
    pub refused: Option<String>,
}

/// A logit that is taken apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PushFacts {
    /// Whose.
    pub target: u32,
    /// Its text.
    pub text: String,
    /// What all heads add to it; none while it is under way.
    pub heads: Option<f32>,
}

/// The text as it is written on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WritingFacts {
    /// The first token that was written; none when nothing was.
    pub from: Option<usize>,
    /// It goes on.
    pub goes_on: bool,
    /// Why it did not go on.
    pub ended: Option<Ended>,
    /// Other ways that it took, each in a line.
    pub ways: Vec<String>,
}

/// What every head does over a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AtlasFacts {
    /// Readers and writers done, of how many.
    pub progress: (usize, usize),
    /// What came of it.
    pub profiles: Option<Arc<Profiles>>,
    /// Why nothing will.
    pub refused: Option<String>,
}

/// What a run would take on the device, in bytes, and what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomFacts {
    /// Of the text.
    pub tokens: usize,
    /// As many of them are kept.
    pub kept: usize,
    /// Its trace and scores.
    pub needed: u64,
    /// What is free; none where the adapter does not tell.
    pub free: Option<u64>,
    /// What the run on show would give back.
    pub given_back: u64,
    /// The most layers that fit, where those that are wanted do not.
    pub layers: Option<Layers>,
    /// Likewise the last tokens.
    pub window: Option<Window>,
}

impl RoomFacts {
    /// Whether there is room in place of the run on show.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.free
            .is_none_or(|free| self.needed <= free + self.given_back)
    }

    /// Whether there is room beside it.
    #[must_use]
    pub fn fits_beside(&self) -> bool {
        self.free.is_none_or(|free| self.needed <= free)
    }
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
    /// The LoRAs in it, as they are shown.
    pub lora: Vec<String>,
    /// The state that it starts from, as it is shown.
    pub state: Option<String>,
}

impl ModelFacts {
    /// The model that a run came from.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        Self {
            name: origin.model.clone(),
            card: origin.card.clone(),
            quantisation: origin.quantisation,
            lora: origin.merged.iter().map(ToString::to_string).collect(),
            state: origin.state.as_ref().map(|state| state.name.clone()),
        }
    }
}

/// What is going on.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Status {
    /// Nothing.
    #[default]
    Idle,
    /// A model or a trace is being opened.
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
    /// A trace is being opened or saved.
    Transferring {
        /// Which of the two.
        transfer: Transfer,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Since the start.
        seconds: f64,
    },
}

impl Status {
    /// A run of which nothing is there yet.
    pub const BEGUN: Self = Self::Running {
        done: 0,
        total: 0,
        seconds: 0.0,
    };
}

/// How far a clip is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordingFacts {
    /// Frames done.
    pub done: u64,
    /// Frames in all; none are known before the first.
    pub total: u64,
    /// Since it was begun.
    pub seconds: f64,
}

/// How large a clip would be that is recorded so.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// How.
    pub of: RecordDraft,
    /// Of what.
    pub session: Session,
    /// About how many bytes; none while that is found out.
    pub bytes: Option<u64>,
}

/// How far a picture of what is on show is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureStatus {
    /// It is being drawn, part by part.
    Drawing {
        /// Parts done.
        done: usize,
        /// Parts in all; 0 before it has begun.
        total: usize,
    },
    /// It is in a file.
    Saved(PathBuf),
    /// It is on the clipboard.
    Copied,
}

/// The cell that is pointed at.
#[derive(Debug, Clone, PartialEq)]
pub struct Hover {
    /// Which.
    pub cell: Cell,
    /// Every measure of it with the selected token, in the order of [`crate::score::Measure::all`], once they are there.
    pub scores: Option<Vec<f32>>,
    /// Its place among the arcs on show, where it was found among these by key.
    pub arc: Option<ArcPlace>,
}

/// An arc among those on show, by strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArcPlace {
    /// Counted from 0, the strongest.
    pub place: usize,
    /// How many there are.
    pub of: usize,
    /// What it is drawn by.
    pub number: f32,
}

/// A token of the text under the pointer.
#[derive(Debug, Clone, PartialEq)]
pub struct Pointed {
    /// Which.
    pub token: usize,
    /// What the model expected in its place, with the candidates' texts; none for the first token.
    pub expected: Option<(Prediction, Vec<TokenText>)>,
}

/// The matrix of one head.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixFacts {
    /// Whose.
    pub head: HeadId,
    /// Of what.
    pub measure: Measure,
    /// Why it is not computed.
    pub refused: Option<String>,
    /// Tokens whose pairs are there; all of them when it is complete.
    pub done: usize,
    /// Since the start.
    pub seconds: f64,
    /// The largest |value| off the diagonal, once it is complete.
    pub largest: f32,
    /// The last picture of a part of it.
    pub picture: Option<Arc<MatrixPicture>>,
    /// The number of a pair (reader, writer), as last asked for.
    pub number: Option<((usize, usize), f32)>,
}

/// A part of a matrix as it is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixPicture {
    /// Differs for every picture.
    pub serial: u64,
    /// The part.
    pub crop: Crop,
    /// Pixels a row, and rows.
    pub side: usize,
    /// RGBA bytes, rows from the top.
    pub pixels: Vec<u8>,
}

impl MatrixFacts {
    /// One that has just been asked for.
    #[must_use]
    pub fn new(head: HeadId, measure: Measure) -> Self {
        Self {
            head,
            measure,
            refused: None,
            done: 0,
            seconds: 0.0,
            largest: 0.0,
            picture: None,
            number: None,
        }
    }
}

/// The conservation check's result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lamp {
    /// Largest relative error, in parts of how far the terms cancel.
    pub error: f32,
    /// What rounding explains.
    pub tolerance: f32,
    /// Where the error is largest.
    pub head: HeadId,
    /// Tokens checked.
    pub rows: usize,
}
