use std::path::PathBuf;

use crate::{
    lattice::HeadId,
    score::{Filter, Measure, Scale},
};

/// What a user asked for, from a panel, a key or the pointer.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Select a token in every head, or none.
    SelectToken(Option<usize>),
    /// Show one head alone, or all.
    SoloHead(Option<HeadId>),
    /// One step back: from one head to all, from a token to none.
    Back,
    /// Move the selection along the text.
    StepToken(isize),
    /// Move the chosen head up or down.
    StepLayer(isize),
    /// Move the chosen head within its layer.
    StepHead(isize),
    /// Show another number.
    Measure(Measure),
    /// Change what full colour stands for.
    Scale(Scale),
    /// Change which arcs are drawn.
    Filter(Filter),
    /// Edit the prompt.
    Prompt(String),
    /// Run the prompt.
    Run,
    /// End the run, or the opening or saving of a trace.
    Cancel,
    /// Open a model by name or path, or a trace by its path.
    Open(String),
    /// Write the run on show to a trace file.
    SaveTrace(PathBuf),
    /// Bring the whole lattice into view.
    FrameAll,
    /// Bring the selected token into view.
    FocusSelection,
    /// Show or hide the panels.
    ToggleOverlay,
    /// Put an error message away.
    DismissError,
}
