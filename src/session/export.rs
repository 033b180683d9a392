/// A part of the view that can be exported and copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Export {
    /// What the selected token reads, in the heads on show: .csv, .npz.
    Row,
    /// Who reads the selected token, in the heads on show: .csv, .npz.
    Column,
    /// All pairs of the one head on show: .csv, .npz, .svg.
    Matrix,
    /// The text in its colours: .csv, .svg.
    Text,
}

impl Export {
    /// All, in menu order.
    pub const ALL: [Self; 4] = [Self::Row, Self::Column, Self::Matrix, Self::Text];

    /// Its name in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Column => "column",
            Self::Matrix => "matrix",
            Self::Text => "text",
        }
    }
}
