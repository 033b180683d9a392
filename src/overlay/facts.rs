use std::{path::PathBuf, sync::Arc};

use bevy::math::Vec2;

use super::{
    AtlasFacts, BesideFacts, ChangedFacts, Clip, Estimate, Hover, InsideFacts, Lamp, MatrixFacts,
    ModelFacts, OtherFacts, PictureStatus, Pointed, RecordingFacts, RoomFacts, StateFacts, Status,
    TrialFacts, WritingFacts,
};
use crate::{
    camera::{Drive, Eye, Pose},
    lattice::{Lattice, Shape},
    model::{Quantisation, TokenText, Unit, Version},
    score::{Contributions, HeadStatistics, Statistic, number},
    session::{
        Against, CompareView, Export, Session, Situation, TextSize, Written,
        film::{Ground, PlayHead},
    },
    trace::{Layers, Prediction},
};

/// All that the panels show.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What the user chose.
    pub session: Session,
    /// The loaded model, or the one that the opened trace came from.
    pub model: Option<ModelFacts>,
    /// How the model that is opened next is to keep its layers' matrices.
    pub wanted: Quantisation,
    /// The file of the trace on show; none when it was run here, with the model that is loaded.
    pub opened: Option<PathBuf>,
    /// What was saved last: the session, or the trace on show.
    pub saved: Option<PathBuf>,
    /// The files opened or saved last, the very last one first.
    pub recent: Vec<PathBuf>,
    /// A file that is being dragged over the window.
    pub dragged: Option<PathBuf>,
    /// The program begins with the last session.
    pub remembers: bool,
    /// How large letters and panels are.
    pub text_size: TextSize,
    /// What is being exported or copied, and which part of its numbers is there.
    pub exporting: Option<(Export, f32)>,
    /// What was exported last, and its file.
    pub exported: Option<(Export, PathBuf)>,
    /// What was copied to the clipboard last.
    pub copied: Option<Export>,
    /// The clip that is being recorded.
    pub recording: Option<RecordingFacts>,
    /// How large a clip would be.
    pub estimate: Option<Estimate>,
    /// The clip that was recorded last.
    pub recorded: Option<PathBuf>,
    /// The adapter's name.
    pub device: String,
    /// The window has one sample a pixel, and fewer pixels while the camera moves.
    pub thrift: bool,
    /// There is no window: everything is where it belongs at once.
    pub still: bool,
    /// What is going on.
    pub status: Status,
    /// The tokens of the trace.
    pub tokens: Arc<Vec<TokenText>>,
    /// Where they stand.
    pub lattice: Option<Lattice>,
    /// Where the picture is seen from.
    pub eye: Option<Eye>,
    /// Where the camera stands, or is on its way to.
    pub pose: Option<Pose>,
    /// Who moves it.
    pub drive: Drive,
    /// The moment of a film that is on show.
    pub clip: Option<Clip>,
    /// Where the film is.
    pub play: PlayHead,
    /// One value a token, in parts of full colour; empty with nothing selected.
    pub summary: Vec<f32>,
    /// Full colour of each head, then the largest |value|; empty with nothing selected.
    pub scales: Vec<f32>,
    /// What each head does with the selected token; empty with nothing selected.
    pub statistics: Vec<HeadStatistics>,
    /// Arcs that passed the filter.
    pub arcs: u32,
    /// What heads add with nothing selected.
    pub contributions: Contributions,
    /// The cell that is pointed at.
    pub hover: Option<Hover>,
    /// What the model expected after the hovered or selected token.
    pub prediction: Option<(usize, Prediction, Vec<TokenText>)>,
    /// The token that the pointer rests on in the text.
    pub pointed: Option<Pointed>,
    /// −ln p of each token given those before it, in nats, as far as the run has come; none for the first.
    pub surprises: Arc<Vec<Option<f32>>>,
    /// The matrix of the head that is shown alone, once it is asked for and there is a run.
    pub matrix: Option<MatrixFacts>,
    /// What every head does over the text, once it has been asked for.
    pub atlas: Option<AtlasFacts>,
    /// The head that was tested last.
    pub trial: Option<TrialFacts>,
    /// What the interventions that are switched on do; none where none are.
    pub changed: Option<ChangedFacts>,
    /// What stands beside the run; none where nothing does.
    pub beside: Option<BesideFacts>,
    /// What the model holds at the selected token; none where nobody asks.
    pub inside: Option<InsideFacts>,
    /// The state of the head that is shown alone; none where nobody asks.
    pub state: Option<StateFacts>,
    /// The text as it is written on.
    pub writing: WritingFacts,
    /// The picture that is being drawn, or was drawn last.
    pub picture: Option<PictureStatus>,
    /// The conservation check.
    pub lamp: Option<Lamp>,
    /// What the first token stands for, where the run did not begin with nothing.
    pub before: Option<String>,
    /// What a run of the text in the field would take; none without a model or a text, and in pictures.
    pub room: Option<RoomFacts>,
    /// What went wrong last.
    pub error: Option<String>,
    /// What has been put right and is worth knowing.
    pub note: Option<String>,
}

impl Facts {
    /// Counts of the lattice, once there is one.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.lattice.as_ref().map(|lattice| lattice.shape)
    }

    /// The layers that the run on show kept, and of how many, where they are not all: `layers 8–15 of 32`.
    #[must_use]
    pub fn kept_layers(&self) -> Option<String> {
        let (shape, model) = (self.shape()?, self.model.as_ref()?);
        let part = Layers::of(&shape.layer_numbers());
        let part = part.filter(|_| shape.layers < model.card.layers)?;
        Some(format!("{} of {}", part.words(), model.card.layers))
    }

    /// Version of the loaded model.
    #[must_use]
    pub fn version(&self) -> Version {
        self.model
            .as_ref()
            .map_or(Version::V7, |model| model.card.version)
    }

    /// What a layer of that model is divided into.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.version().unit()
    }

    /// Whether things may come and go by and by.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.session.motion && !self.still
    }

    /// What an action is asked in.
    #[must_use]
    pub fn situation(&self) -> Situation<'_> {
        let largest = self.scales.last().copied();
        Situation {
            session: &self.session,
            hover: self.hover.as_ref().map(|hover| hover.cell),
            shape: self.shape(),
            pose: self.pose,
            version: self.version(),
            writing: self.written(),
            can_run: self.model.is_some() && !self.session.prompt.is_empty() && !self.is_busy(),
            is_busy: self.is_busy()
                || self.draws_picture()
                || self.exporting.is_some()
                || self.recording.is_some(),
            has_error: self.error.is_some(),
            moment: None,
            play: self.play,
            wanted: self.wanted,
            fitting: self.room.as_ref().and_then(|room| room.layers),
            fitting_window: self.room.as_ref().and_then(|room| room.window),
            kept: self
                .model
                .as_ref()
                .map(|model| (model.quantisation, model.card.layers)),
            remembers: self.remembers,
            text_size: self.text_size,
            largest: largest.filter(|full| *full > 0.0).unwrap_or(1.0),
        }
    }

    /// A model is open, and not only a trace.
    #[must_use]
    pub fn has_model(&self) -> bool {
        self.model.is_some() && self.opened.is_none()
    }

    /// The run on show, if it can go on.
    #[must_use]
    pub fn written(&self) -> Option<Written> {
        let is_there = self.has_model() && self.shape().is_some();
        (is_there && !self.is_busy()).then(|| Written {
            first: 1 + usize::from(self.before.is_some()),
            from: self.writing.from,
            goes_on: self.writing.goes_on,
        })
    }

    /// Whether the lattice tells, with nothing selected, how far what heads add is from what they add with interventions,
    /// or in another run.
    #[must_use]
    pub fn shows_difference(&self) -> bool {
        if self.session.compare.is_some() {
            return self.shows_apart();
        }
        let changed = self.changed.as_ref();
        self.session.difference && changed.is_some_and(|changed| changed.came.is_some())
    }

    /// What stands beside the run.
    #[must_use]
    pub fn other(&self) -> Option<&OtherFacts> {
        self.beside.as_ref()?.other.as_deref()
    }

    /// The same, where both are seen, and how.
    #[must_use]
    pub fn both(&self) -> Option<(&OtherFacts, CompareView)> {
        let view = self.session.compare.as_ref()?.view;
        self.other().filter(|_| view.has_both()).zip(Some(view))
    }

    /// Whether what is compared with are the interventions, of which a card of its own tells.
    #[must_use]
    pub fn compares_interventions(&self) -> bool {
        let with = self.session.compare.as_ref().map(|compare| &compare.with);
        with == Some(&Against::Interventions)
    }

    /// Whether the lattice is that of what is different in the other run.
    #[must_use]
    pub fn shows_apart(&self) -> bool {
        self.session.takes_difference() && self.other().is_some()
    }

    /// The contribution norm that has full colour.
    #[must_use]
    pub fn largest(&self) -> f32 {
        let other = self.both();
        let other = other.map_or(0.0, |(other, _)| other.facts.contributions.largest);
        self.contributions.largest.max(other)
    }

    /// The number that the map shows of each head, `[layers × heads]`: the chosen statistic of the selected
    /// token, or with none the mean contribution norm. Empty before there is any.
    #[must_use]
    pub fn head_values(&self) -> Vec<f32> {
        let at = self.session.statistic.index();
        if self.session.token.is_some() {
            return self.statistics.iter().map(|all| all[at]).collect();
        }
        let tokens = self.shape().map_or(0, |shape| shape.tokens);
        let shown = (0..tokens)
            .filter(|token| self.session.shows_token(*token))
            .count();
        let statistics = self.contributions.statistics.iter();
        statistics
            .map(|all| all[Statistic::Read.index()] / shown.max(1) as f32)
            .collect()
    }

    /// What ready-made films are made for, in a picture with `free` points between its panels and so many points
    /// high; none when nothing has been run.
    #[must_use]
    pub fn ground(&self, free: Vec2, height: f32) -> Option<Ground<'_>> {
        let lattice = self.lattice.as_ref()?;
        let values = self.head_values();
        // Of what reads the token before or the first one there is a lot, and little to be seen.
        let is_dull = |row: usize| {
            let of =
                |statistic: Statistic| self.statistics.get(row).map(|all| all[statistic.index()]);
            let near = of(Statistic::First).zip(of(Statistic::Previous));
            near.is_some_and(|(first, previous)| first + previous > 0.5)
        };
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| {
            let larger = values[*b].abs().total_cmp(&values[*a].abs());
            is_dull(*a).cmp(&is_dull(*b)).then(larger).then(a.cmp(b))
        });
        let name = match self.session.token {
            Some(_) => self.session.statistic.name(),
            None => "mean norm",
        };
        let said = |row: usize| {
            let head = lattice.shape.head(row);
            (head, format!("{name} {}", number(values[row])))
        };
        Some(Ground {
            session: &self.session,
            lattice,
            heads: order.into_iter().map(said).collect(),
            free,
            height,
        })
    }

    /// Place of each head within its layer, the largest |value| of [`Facts::head_values`] first.
    #[must_use]
    pub fn sorted_slots(&self) -> Vec<u32> {
        let values = self.head_values();
        let heads = self.shape().map_or(1, |shape| shape.heads.max(1));
        let mut slots = vec![0; values.len()];
        for (layer, values) in values.chunks(heads).enumerate() {
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by(|a, b| values[*b].abs().total_cmp(&values[*a].abs()).then(a.cmp(b)));
            for (slot, head) in order.into_iter().enumerate() {
                slots[layer * heads + head] = slot as u32;
            }
        }
        slots
    }

    /// The value of full colour in the matrix, and what it is: with a token selected that of its arcs.
    #[must_use]
    pub fn matrix_full(&self) -> Option<(f32, &'static str)> {
        let matrix = self.matrix.as_ref()?;
        let row = self.shape()?.row(matrix.head);
        // As long as it is computed, a larger one may come.
        let complete = matrix.done >= self.tokens.len();
        let largest = complete.then_some(matrix.largest);
        let of_head = self.scales.get(row).copied();
        self.session.matrix_full(of_head, largest)
    }

    /// A picture of what is on show is being drawn.
    #[must_use]
    pub fn draws_picture(&self) -> bool {
        matches!(self.picture, Some(PictureStatus::Drawing { .. }))
    }

    /// A run, a load or a save is going on.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.status != Status::Idle
    }
}
