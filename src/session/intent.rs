use crate::{
    lattice::HeadId,
    model::Quantisation,
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
    /// End the run.
    Cancel,
    /// Open a model by name or path.
    Open(String),
    /// Keep some layers' matrices in fewer bits in the model that is opened next.
    Quantise(Quantisation),
    /// Bring the whole lattice into view.
    FrameAll,
    /// Bring the selected token into view.
    FocusSelection,
    /// Show or hide the panels.
    ToggleOverlay,
    /// Put an error message away.
    DismissError,
}
