//! What the user chose. One value drives the window, `render` and the tests.

mod action;
mod bookmarks;
mod browse;
mod changes;
mod compare;
mod export;
mod faults;
mod file;
pub mod film;
mod history;
mod inks;
mod intent;
mod keys;
mod legend;
mod memory;
mod palette;
mod passages;
mod picture;
mod pieces;
mod shades;
mod sheet;
mod text;
mod text_file;
mod text_size;
mod writing;

pub use action::{
    Action, Group, Line, Reach, Situation, Written, actions, find, find_in_flight, lines,
};
pub use bookmarks::Bookmarks;
pub use browse::{Browse, Kind};
pub use changes::Switched;
pub use compare::{Against, Compare, CompareView};
pub use export::Export;
pub use history::History;
pub use inks::Inks;
#[cfg(test)]
pub(crate) use inks::contrast;
pub use intent::Intent;
pub use keys::{Chord, Key};
pub use memory::Memory;
pub use palette::{Colour, Colours, Palette, Theme, bytes};
pub use picture::{PictureOptions, PictureOptionsError};
pub use pieces::{Piece, Pieces, together};
pub use shades::{FULL_SURPRISE, Shades, surprise, underline};
pub use sheet::Sheet;
pub use text::{TextOption, TextView};
pub use text_file::TextFileError;
pub use text_size::TextSize;
pub use writing::{Write, Writing};

use std::{ops::Range, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    camera::{Navigation, Pose},
    lattice::{HeadId, HeadSet, Layout, Shape},
    model::{Lora, Quantisation},
    score::{EXPOSURE, Exclude, Filter, Measure, Pool, Scale, Statistic},
    trace::{Layers, Part, Precision, Window},
};

/// Every choice that shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// `demo-v6`, `demo-v7`, or the path of a model or of a trace; empty: none yet.
    pub model: String,
    /// Text to run.
    pub prompt: String,
    /// Of the frames.
    pub precision: Precision,
    /// Of the layers' matrices; like `precision`, it takes effect when the model is opened.
    pub quantisation: Quantisation,
    /// LoRAs that are merged into the model as it is opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lora: Vec<Lora>,
    /// Layers whose vectors the next run keeps; none: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Layers>,
    /// Tokens whose vectors the next run keeps; none: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The state that the model starts from; none: its own or the empty one. It takes effect when the model is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PathBuf>,
    /// Interventions, on and off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Switched>,
    /// What stands beside the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// How the text is written on.
    #[serde(skip_serializing_if = "Writing::is_usual")]
    pub writing: Writing,
    /// The selected token.
    pub token: Option<usize>,
    /// The heads shown.
    pub heads: HeadSet,
    /// The number shown.
    pub measure: Measure,
    /// The token whose logit is taken apart; none: the one that came next, or else the most probable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<u32>,
    /// What full colour stands for.
    pub scale: Scale,
    /// Brightness: full colour stands for 1 / exposure of that.
    pub exposure: f32,
    /// Sizes are shown without their sign.
    pub absolute: bool,
    /// Tokens that do not count for full colour.
    pub exclude: Exclude,
    /// Which arcs are drawn.
    pub filter: Filter,
    /// How several heads become one value a token.
    pub pool: Pool,
    /// The number of each head in the map.
    pub statistic: Statistic,
    /// Heads are sorted by it within their layers.
    pub sorted: bool,
    /// The passage that everything is limited to, in tokens.
    pub passage: Option<Range<usize>>,
    /// Tokens written so far: those after them are not there, as in a film of a text being written; none: all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<usize>,
    /// Passages folded away, apart from each other and in order.
    pub folds: Vec<Range<usize>>,
    /// With nothing selected, show how far interventions change what heads add, and not what they add.
    pub difference: bool,
    /// How it is laid out.
    pub layout: Layout,
    /// Colours of scores.
    pub palette: Palette,
    /// The ground they stand on.
    pub theme: Theme,
    /// Things move from one place to another; otherwise they jump.
    pub motion: bool,
    /// How the text is shown.
    pub text: TextView,
    /// Show the matrix of the head that is shown alone.
    pub matrix: bool,
    /// Show what would be expected after each layer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lens: bool,
    /// Show the state of the head that is shown alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub state_view: bool,
    /// Hide panels.
    pub bare: bool,
    /// Which buttons move the camera.
    pub navigation: Navigation,
    /// Places to look from again.
    #[serde(skip_serializing_if = "Bookmarks::is_empty")]
    pub bookmarks: Bookmarks,
    /// The film about all this, if one was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub film: Option<film::Film>,
    /// Where it is seen from; none: so that the whole is seen.
    pub camera: Option<Pose>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            model: String::new(),
            prompt: String::new(),
            precision: Precision::default(),
            quantisation: Quantisation::default(),
            lora: Vec::new(),
            layers: None,
            window: None,
            state: None,
            changes: Vec::new(),
            compare: None,
            writing: Writing::default(),
            token: None,
            heads: HeadSet::default(),
            measure: Measure::default(),
            target: None,
            scale: Scale::default(),
            exposure: 1.0,
            absolute: false,
            exclude: Exclude::default(),
            filter: Filter::default(),
            pool: Pool::default(),
            statistic: Statistic::default(),
            sorted: false,
            passage: None,
            written: None,
            folds: Vec::new(),
            difference: true,
            layout: Layout::default(),
            palette: Palette::default(),
            theme: Theme::default(),
            motion: true,
            text: TextView::default(),
            matrix: false,
            lens: false,
            state_view: false,
            bare: false,
            navigation: Navigation::default(),
            bookmarks: Bookmarks::default(),
            film: None,
            camera: None,
        }
    }
}

impl Session {
    /// The part of the next run that is kept.
    #[must_use]
    pub fn part(&self) -> Part {
        Part {
            layers: self.layers,
            window: self.window,
        }
    }

    /// Applies a choice to what is there; `shape` bounds the selection. Intents that ask for work (open,
    /// run …) change nothing here.
    pub fn apply(&mut self, intent: &Intent, shape: Option<Shape>) {
        match intent {
            Intent::SelectToken(token) => self.token = *token,
            Intent::Heads(heads) => self.heads.clone_from(heads),
            Intent::ToggleHead(head) => self.heads.toggle(*head),
            Intent::Back => self.back(),
            Intent::StepToken(step) => self.step_token(*step, shape),
            Intent::StepLayer(step) => self.step_head(*step, 0, shape),
            Intent::StepHead(step) => self.step_head(0, *step, shape),
            Intent::Measure(measure) => self.measure = *measure,
            Intent::Scale(scale) => self.scale = *scale,
            Intent::Exposure(exposure) => {
                self.exposure = exposure.clamp(*EXPOSURE.start(), *EXPOSURE.end());
            }
            Intent::Absolute(absolute) => self.absolute = *absolute,
            Intent::Exclude(exclude) => self.exclude = *exclude,
            Intent::Filter(filter) => self.filter = *filter,
            Intent::Pool(pool) => self.pool = *pool,
            Intent::Statistic(statistic) => self.statistic = *statistic,
            Intent::Sort(sorted) => self.sorted = *sorted,
            Intent::Passage(passage) => self.passage.clone_from(passage),
            Intent::Fold(passage) => self.fold(passage.clone()),
            Intent::Unfold(token) => self.folds.retain(|fold| !fold.contains(token)),
            Intent::Layout(layout) => self.layout = *layout,
            Intent::Palette(palette) => self.palette = *palette,
            Intent::Theme(theme) => self.theme = *theme,
            Intent::Motion(motion) => self.motion = *motion,
            Intent::Quantise(quantisation) => self.quantisation = *quantisation,
            Intent::Prompt(prompt) => self.prompt.clone_from(prompt),
            Intent::ToggleOverlay => self.bare = !self.bare,
            // The field is in the side panel.
            Intent::WritePrompt => self.bare = false,
            Intent::ToggleText(option) => self.text.toggle(*option),
            Intent::Matrix(matrix) => self.matrix = *matrix,
            Intent::Lens(lens) => self.lens = *lens,
            Intent::StateView(shown) => self.state_view = *shown,
            Intent::Target(target) => {
                self.target = *target;
                self.measure = Measure::Logit;
            }
            Intent::Lora(lora) => self.lora.clone_from(lora),
            Intent::Layers(layers) => self.layers = *layers,
            Intent::Window(window) => self.window = *window,
            Intent::State(state) => self.state.clone_from(state),
            Intent::Difference(difference) => self.difference = *difference,
            Intent::Changes(changes) => self.changes.clone_from(changes),
            Intent::Compare(compare) => self.compare.clone_from(compare),
            Intent::Writing(writing) => self.writing = writing.clone().fitted(),
            Intent::Open(model) => {
                if self.model != *model {
                    // They were that model's.
                    self.changes.clear();
                    self.lora.clear();
                    self.layers = None;
                    self.state = None;
                }
                self.model.clone_from(model);
                self.token = None;
                self.target = None;
                self.heads = HeadSet::default();
                self.forget_passages();
            }
            Intent::Run => {
                self.token = None;
                self.target = None;
                self.forget_passages();
            }
            Intent::Navigation(navigation) => self.navigation = *navigation,
            Intent::Camera(pose) => self.camera = *pose,
            Intent::StoreBookmark(number, pose) => self.bookmarks.set(*number, *pose),
            Intent::Film(film) => self.film.clone_from(film),
            Intent::Cancel
            | Intent::Write(_)
            | Intent::ChooseCompare
            | Intent::Test(_)
            | Intent::Play(_)
            | Intent::Timeline
            | Intent::FrameAll
            | Intent::FocusSelection
            | Intent::Look(_)
            | Intent::GoToBookmark(_)
            | Intent::ToggleFlight
            | Intent::ToggleTurntable
            | Intent::Show(_)
            | Intent::DismissError
            | Intent::Quit
            | Intent::Undo
            | Intent::Redo
            | Intent::SaveTrace(_)
            | Intent::SavePicture { .. }
            | Intent::CopyPicture(_)
            | Intent::SaveSession(_)
            | Intent::OpenSession(_)
            | Intent::OpenFile(_)
            | Intent::Browse(_)
            | Intent::Record(_)
            | Intent::EstimateClip
            | Intent::Count(_)
            | Intent::Reload
            | Intent::Track(_)
            | Intent::Paste
            | Intent::Remember(_)
            | Intent::TextSize(_)
            | Intent::ForgetRecent
            | Intent::Export { .. }
            | Intent::Copy(_)
            | Intent::StepArc(_) => {}
        }
        self.fit(shape);
    }

    /// After a model that could not be opened, or a text that could not be run: what belongs to those from before is as it was.
    pub(crate) fn go_back_to(&mut self, before: Self) {
        // What was typed, and how things look, is not to be chosen again.
        self.model = before.model;
        self.quantisation = before.quantisation;
        self.lora = before.lora;
        self.layers = before.layers;
        self.state = before.state;
        self.changes = before.changes;
        self.token = before.token;
        self.target = before.target;
        self.heads = before.heads;
        self.passage = before.passage;
        self.written = before.written;
        self.folds = before.folds;
    }

    /// Leaves out what a text and a model of that shape do not have.
    pub fn fit(&mut self, shape: Option<Shape>) {
        if let Some(shape) = shape {
            let last = shape.tokens.checked_sub(1);
            self.token = self.token.zip(last).map(|(token, last)| token.min(last));
            self.heads.keep_inside(shape);
            self.keep_passages_inside(shape.tokens);
        }
        // What is selected is never folded away.
        if let Some(token) = self.token {
            self.folds.retain(|fold| !fold.contains(&token));
        }
    }

    /// The palette on its ground.
    #[must_use]
    pub fn colours(&self) -> Colours {
        Colours {
            palette: self.palette,
            theme: self.theme,
        }
    }

    /// Whether sizes of a measure are shown without their sign.
    #[must_use]
    pub fn is_signless(&self) -> bool {
        self.absolute || !self.measure.is_signed()
    }

    /// The same of what cells and arcs show.
    #[must_use]
    pub fn marks_are_signless(&self) -> bool {
        self.absolute || !self.measure.is_signed() && !self.takes_difference()
    }

    /// Whether cells and arcs show how far numbers are from those of another run.
    #[must_use]
    pub fn takes_difference(&self) -> bool {
        let view = self.compare.as_ref().map(|compare| compare.view);
        view == Some(CompareView::Difference)
    }

    /// First back to all heads, then to the whole text, then to no selection.
    fn back(&mut self) {
        if !self.heads.is_all() {
            self.heads = HeadSet::default();
        } else if self.passage.is_some() {
            self.passage = None;
        } else {
            self.token = None;
        }
    }

    fn step_token(&mut self, step: isize, shape: Option<Shape>) {
        let Some(shape) = shape.filter(|shape| shape.tokens > 0) else {
            return;
        };
        let span = self.passage.clone().unwrap_or(0..shape.tokens);
        let mut token = match self.token {
            Some(token) => token.saturating_add_signed(step),
            None if step < 0 => span.end.saturating_sub(1),
            None => span.start,
        };
        // Over what is folded away, to its other side.
        while let Some(fold) = self.folds.iter().find(|fold| fold.contains(&token)) {
            let beyond = if step < 0 {
                fold.start.checked_sub(1)
            } else {
                Some(fold.end)
            };
            match beyond {
                Some(beyond) if beyond < shape.tokens => token = beyond,
                _ => return,
            }
        }
        self.token = Some(token.clamp(span.start, span.end.saturating_sub(1).max(span.start)));
    }

    fn step_head(&mut self, layers: isize, heads: isize, shape: Option<Shape>) {
        let Some(shape) = shape.filter(|shape| shape.rows() > 0) else {
            return;
        };
        let head = match self.heads.named().next() {
            Some(head) => HeadId {
                layer: head
                    .layer
                    .saturating_add_signed(layers)
                    .clamp(shape.first_layer, shape.layer_numbers().end - 1),
                head: head.head.saturating_add_signed(heads).min(shape.heads - 1),
            },
            None => HeadId {
                layer: shape.first_layer,
                head: 0,
            },
        };
        self.heads = head.into();
    }
}

#[cfg(test)]
mod tests;
