use std::path::Path;

use super::RecordError;

/// What a clip is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// H.264 in MP4: slides, browsers, players.
    Mp4,
    /// 256 colours, everywhere.
    Gif,
    /// PNG with motion, exact: browsers.
    Apng,
    /// A folder with a PNG a frame, exact: LaTeX and video editors.
    Pngs,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Mp4, Self::Gif, Self::Apng, Self::Pngs];

    /// The format that a path asks for: by its ending, or pictures in a folder when it ends in `/`.
    ///
    /// # Errors
    /// When there is no such format; the message lists those there are.
    pub fn of(path: &Path) -> Result<Self, RecordError> {
        let text = path.to_string_lossy();
        if text.ends_with(std::path::is_separator) {
            return Ok(Self::Pngs);
        }
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        let found = match ending.as_deref() {
            Some("mp4") => return Ok(Self::Mp4),
            Some("gif") => return Ok(Self::Gif),
            Some("apng") => return Ok(Self::Apng),
            Some("png") => "a .png is one picture".into(),
            Some(other) => format!(".{other} is not known"),
            None => "the name has no ending".into(),
        };
        let file = text.into_owned();
        Err(RecordError::Ending { file, found })
    }

    /// As it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::Gif => "GIF",
            Self::Apng => "APNG",
            Self::Pngs => "PNG pictures",
        }
    }

    /// How a path asks for it.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Mp4 => "FILE.mp4",
            Self::Gif => "FILE.gif",
            Self::Apng => "FILE.apng",
            Self::Pngs => "FOLDER/ (a PNG a frame)",
        }
    }

    /// This program can write it.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        self != Self::Mp4 || cfg!(feature = "mp4")
    }

    /// What can be had, for messages.
    pub(super) fn choices() -> String {
        let built_in = Self::ALL.into_iter().filter(|format| format.is_built_in());
        let patterns: Vec<_> = built_in.map(Self::pattern).collect();
        match patterns.as_slice() {
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
            [] => String::new(),
        }
    }
}
