use std::path::PathBuf;

use super::{Export, Intent, PictureOptions};
use crate::record::Format;

/// What a file is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browse {
    /// To be opened, whatever it is.
    Open,
    /// To hold the session.
    SaveSession,
    /// To hold the run on show.
    SaveTrace,
    /// To hold a part of the view.
    Export(Export),
    /// To hold a picture of the view.
    Picture(PictureOptions),
    /// To hold a clip; without a format it is the user's own ffmpeg that writes it.
    Clip(Option<Format>),
}

/// A kind of file by its name and its usual endings.
pub type Kind = (&'static str, &'static [&'static str]);

const CSV: Kind = ("Tables", &["csv"]);
const NPZ: Kind = ("Arrays for numpy", &["npz"]);
const SVG: Kind = ("Vector pictures", &["svg"]);
const MP4: Kind = ("Videos", &["mp4"]);
const VIDEO: Kind = ("Videos", &["mp4", "mkv", "mov", "webm"]);
const GIF: Kind = ("GIF pictures", &["gif"]);
const APNG: Kind = ("APNG pictures", &["apng"]);
const PNG: Kind = ("Pictures", &["png"]);
const SESSION: Kind = ("Sessions", &["toml"]);
const TRACE: Kind = ("Traces", &["safetensors"]);
const EVERYTHING: Kind = (
    "All that can be opened",
    &[
        "st",
        "safetensors",
        "pth",
        "bin",
        "json",
        "toml",
        "txt",
        "md",
    ],
);
const MODEL: Kind = (
    "Models and traces",
    &["st", "safetensors", "pth", "bin", "json"],
);
const TEXT: Kind = ("Texts", &["txt", "md"]);

impl Browse {
    /// Over the dialog.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "Open a model, a trace, a session or a text",
            Self::SaveSession => "Save the session",
            Self::SaveTrace => "Save the run as a trace",
            Self::Export(Export::Row) => "Export the row",
            Self::Export(Export::Column) => "Export the column",
            Self::Export(Export::Matrix) => "Export the matrix",
            Self::Export(Export::Text) => "Export the text",
            Self::Picture(_) => "Save a picture of the view",
            Self::Clip(Some(Format::Pngs)) => "Record to a new folder of pictures",
            Self::Clip(_) => "Record a clip",
        }
    }

    /// What is shown of a folder; the first at first.
    #[must_use]
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Open => &[EVERYTHING, MODEL, SESSION, TEXT],
            Self::SaveSession => &[SESSION],
            Self::SaveTrace => &[TRACE],
            Self::Export(Export::Row | Export::Column) => &[CSV, NPZ],
            Self::Export(Export::Matrix) => &[CSV, NPZ, SVG],
            Self::Export(Export::Text) => &[SVG, CSV],
            Self::Picture(_) => &[PNG],
            Self::Clip(Some(Format::Mp4)) => &[MP4],
            Self::Clip(Some(Format::Gif)) => &[GIF],
            Self::Clip(Some(Format::Apng)) => &[APNG],
            Self::Clip(Some(Format::Pngs)) => &[],
            Self::Clip(None) => &[VIDEO],
        }
    }

    /// Whether a file is to be written.
    #[must_use]
    pub fn saves(self) -> bool {
        self != Self::Open
    }

    /// A name for the file to be written, after what it shows.
    #[must_use]
    pub fn suggestion(self, model: &str) -> String {
        let ending = self
            .kinds()
            .first()
            .and_then(|(_, endings)| endings.first());
        let model = if model.is_empty() { "arclight" } else { model };
        let part = match self {
            Self::Export(what) => format!("-{}", what.name()),
            _ => String::new(),
        };
        match ending {
            Some(ending) => format!("{model}{part}.{ending}"),
            None => format!("{model}-frames"),
        }
    }

    /// What is asked for with the file that was chosen. A name without an ending gets the usual one.
    #[must_use]
    pub fn intent(self, mut path: PathBuf) -> Intent {
        if self.saves() && path.extension().is_none() && self != Self::Clip(Some(Format::Pngs)) {
            let ending = self
                .kinds()
                .first()
                .and_then(|(_, endings)| endings.first());
            path.set_extension(ending.unwrap_or(&""));
        }
        match self {
            Self::Open => Intent::OpenFile(path),
            Self::SaveSession => Intent::SaveSession(path),
            Self::SaveTrace => Intent::SaveTrace(path),
            Self::Export(what) => Intent::Export { what, path },
            // A folder is named by the separator at its end.
            Self::Clip(Some(Format::Pngs)) => Intent::Record(path.join("")),
            Self::Clip(_) => Intent::Record(path),
            Self::Picture(options) => Intent::SavePicture { path, options },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_an_ending_gets_the_usual_one() {
        for (browse, given, path) in [
            (Browse::SaveSession, "a/view", "a/view.toml"),
            (Browse::SaveSession, "a/view.txt", "a/view.txt"),
            (Browse::SaveTrace, "run", "run.safetensors"),
            (Browse::Open, "a/model", "a/model"),
        ] {
            let (Intent::OpenFile(to) | Intent::SaveSession(to) | Intent::SaveTrace(to)) =
                browse.intent(given.into())
            else {
                panic!("{browse:?} asks for another thing");
            };
            assert_eq!(to, PathBuf::from(path));
        }
        assert_eq!(
            Browse::Export(Export::Row).suggestion("demo-v7"),
            "demo-v7-row.csv"
        );
        assert_eq!(
            Browse::SaveTrace.suggestion("demo-v7"),
            "demo-v7.safetensors"
        );
    }
}
