/// What can lie over everything for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// Every key.
    Keys,
    /// What is seen, with the formulas.
    Help,
    /// What every head does over the text.
    Heads,
    /// How a picture is to be drawn.
    Picture,
    /// How a clip is to be recorded.
    Record,
    /// Every action by its name, and the text's words and heads.
    Commands,
}
