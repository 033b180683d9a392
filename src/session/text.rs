use serde::{Deserialize, Serialize};

/// How the text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TextView {
    /// Tokens joined into words.
    pub words: bool,
    /// Spaces, tabs and line breaks have marks.
    pub whitespace: bool,
    /// Tokens are underlined by their surprise, −ln p.
    pub surprise: bool,
}

/// One choice of a [`TextView`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TextOption {
    /// Join tokens into words.
    Words,
    /// Mark spaces, tabs and line breaks.
    Whitespace,
    /// Underline tokens by their surprise.
    Surprise,
}

impl TextOption {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Words, Self::Whitespace, Self::Surprise];

    /// Its name on a button.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Whitespace => "whitespace",
            Self::Surprise => "surprise",
        }
    }

    /// One plain sentence, and its key.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Words => "Join tokens into words; a word has its strongest token's colour (W)",
            Self::Whitespace => "Mark spaces, tabs and line breaks (I)",
            Self::Surprise => {
                "Underline each token by how little the model expected it: −ln p, in nats (U)"
            }
        }
    }
}

impl TextView {
    /// Whether it is chosen.
    #[must_use]
    pub fn has(self, option: TextOption) -> bool {
        match option {
            TextOption::Words => self.words,
            TextOption::Whitespace => self.whitespace,
            TextOption::Surprise => self.surprise,
        }
    }

    /// Chooses it, or no longer.
    pub fn toggle(&mut self, option: TextOption) {
        let chosen = match option {
            TextOption::Words => &mut self.words,
            TextOption::Whitespace => &mut self.whitespace,
            TextOption::Surprise => &mut self.surprise,
        };
        *chosen = !*chosen;
    }
}
