use std::{ops::Range, path::PathBuf};

use super::{
    Browse, Compare, Export, Palette, PictureOptions, Sheet, Switched, TextOption, TextSize, Theme,
    Write, Writing,
    film::{Film, Playback, Track},
};
use crate::{
    camera::{Navigation, Pose, Side},
    lattice::{HeadId, HeadSet, Layout},
    model::{Lora, Quantisation},
    score::{Exclude, Filter, Measure, Pool, Scale, Statistic},
    trace::{Layers, Window},
};

/// What a user asked for, from a panel, a key or the pointer.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Select a token in every head, or none.
    SelectToken(Option<usize>),
    /// Show these heads; an empty set: all.
    Heads(HeadSet),
    /// Show one head more, or one less.
    ToggleHead(HeadId),
    /// One step back: from some heads to all, from a passage to the whole text, from a token to none.
    Back,
    /// Move the selection along the text.
    StepToken(isize),
    /// Point at an arc so many further on, from the strongest on show to the weakest.
    StepArc(isize),
    /// Move the chosen head up or down.
    StepLayer(isize),
    /// Move the chosen head within its layer.
    StepHead(isize),
    /// Show another number.
    Measure(Measure),
    /// Take the logit of a token apart, or that of the one that came next.
    Target(Option<u32>),
    /// Show what would be expected after each layer, or no longer.
    Lens(bool),
    /// Show the state of the head that is shown alone, or no longer.
    StateView(bool),
    /// Change what full colour stands for.
    Scale(Scale),
    /// Make everything brighter or darker.
    Exposure(f32),
    /// Show sizes without their sign, or with it.
    Absolute(bool),
    /// Change which tokens count for full colour.
    Exclude(Exclude),
    /// Change which arcs are drawn.
    Filter(Filter),
    /// Change how several heads become one value a token.
    Pool(Pool),
    /// Show another number of each head in the map.
    Statistic(Statistic),
    /// Sort heads within layers by that number, or leave them as they are.
    Sort(bool),
    /// Limit everything to a passage, or to none.
    Passage(Option<Range<usize>>),
    /// Fold a passage away.
    Fold(Range<usize>),
    /// Unfold what is folded around a token.
    Unfold(usize),
    /// Lay everything out another way.
    Layout(Layout),
    /// Change the colours.
    Palette(Palette),
    /// Change the ground.
    Theme(Theme),
    /// Let things move to their new places, or jump.
    Motion(bool),
    /// Edit the prompt.
    Prompt(String),
    /// Go to the field in which the prompt is written.
    WritePrompt,
    /// Run the prompt.
    Run,
    /// End the run, or the opening or saving of a trace.
    Cancel,
    /// Leave a head out, and another one of its layer by chance, to see what that does to the text.
    Test(HeadId),
    /// Open a model by name or path, or a trace by its path.
    Open(String),
    /// Write the run on show to a trace file.
    SaveTrace(PathBuf),
    /// Keep some layers' matrices in fewer bits in the model that is opened next.
    Quantise(Quantisation),
    /// Change how many layers that would be.
    Count(Quantisation),
    /// Open the same model again, with so many layers in fewer bits.
    Reload,
    /// Merge these LoRAs from the next opening on.
    Lora(Vec<Lora>),
    /// Keep the vectors of these layers alone from the next run on, or of all.
    Layers(Option<Layers>),
    /// Keep the vectors of these tokens alone from the next run on, or of all.
    Window(Option<Window>),
    /// Have the model start from the state in a file, or from its own or the empty one, when it is opened next.
    State(Option<PathBuf>),
    /// Make these interventions, those that are switched on.
    Changes(Vec<Switched>),
    /// With nothing selected, show how far interventions change what heads add, or what they add.
    Difference(bool),
    /// Put something beside the run, or show it in another way, or take it away.
    Compare(Option<Compare>),
    /// Open the bar on which what is compared is chosen, or put it away.
    ChooseCompare,
    /// Bring the whole lattice into view.
    FrameAll,
    /// Bring the selected token into view.
    FocusSelection,
    /// Show or hide the panels.
    ToggleOverlay,
    /// Look from a pose; none: at the whole.
    Camera(Option<Pose>),
    /// Change the film, or begin one, or throw it away.
    Film(Option<Film>),
    /// Make a ready-made film about what is on show.
    Track(Track),
    /// Show the film in the window, or no longer.
    Play(Playback),
    /// Open the timeline, or put it away.
    Timeline,
    /// Look at everything from a side.
    Look(Side),
    /// Look from a bookmark again, by its number from 1.
    GoToBookmark(usize),
    /// Keep a pose as a bookmark, by its number from 1.
    StoreBookmark(usize, Pose),
    /// Begin to fly, or end it.
    ToggleFlight,
    /// Let the camera turn about its focus by itself, or no longer.
    ToggleTurntable,
    /// Let other buttons move the camera.
    Navigation(Navigation),
    /// Show a sheet over everything, or put it away.
    Show(Sheet),
    /// Take the last choice back.
    Undo,
    /// Make the choice that was taken back last once more.
    Redo,
    /// Write the session to a file.
    SaveSession(PathBuf),
    /// Go on with a session from a file.
    OpenSession(PathBuf),
    /// Open a file, whatever it is.
    OpenFile(PathBuf),
    /// Ask the user for a file.
    Browse(Browse),
    /// Read the text on the clipboard.
    Paste,
    /// Begin with the last session at the next start, or no longer.
    Remember(bool),
    /// Letters and panels are so large from now on.
    TextSize(TextSize),
    /// Forget which files were opened last.
    ForgetRecent,
    /// Write a part of the view to a file; its ending says in which format.
    Export {
        /// Which.
        what: Export,
        /// The file.
        path: PathBuf,
    },
    /// Copy a part of the view to the clipboard, as text.
    Copy(Export),
    /// Write what is on show to a PNG.
    SavePicture {
        /// The file.
        path: PathBuf,
        /// How it is drawn.
        options: PictureOptions,
    },
    /// Put a picture of what is on show on the clipboard.
    CopyPicture(PictureOptions),
    /// Record a clip to a file, or to a folder that ends in a separator.
    Record(PathBuf),
    /// Say how large such a clip would be.
    EstimateClip,
    /// Show the text in another way, or no longer.
    ToggleText(TextOption),
    /// Show the matrix of the head that is shown alone, or no longer.
    Matrix(bool),
    /// Write the text on, or back.
    Write(Write),
    /// Write in another way from now on.
    Writing(Writing),
    /// Put an error message away.
    DismissError,
    /// End the program.
    Quit,
}
