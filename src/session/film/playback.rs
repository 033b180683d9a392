/// What is asked of a film that is shown in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Playback {
    /// From where it is to its end, or no further.
    Toggle,
    /// From the beginning.
    Start,
    /// To the beginning, and back to what was there before.
    Stop,
    /// Rest at a moment, in seconds from the first frame.
    Seek(f64),
    /// Begin anew at the end, or rest there.
    Loop(bool),
}

/// Where a film is in the window.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlayHead {
    /// Seconds from the first frame, cards included.
    pub at: f64,
    /// What is on show is the film.
    pub on: bool,
    /// It goes on.
    pub playing: bool,
    /// It begins anew at its end.
    pub loops: bool,
}
