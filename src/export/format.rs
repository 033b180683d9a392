use std::path::Path;

use super::ExportError;
use crate::session::Export;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table: RFC 4180, one line of names first.
    Csv,
    /// Arrays for numpy.
    Npz,
    /// A picture.
    Svg,
}

impl Format {
    /// What there is of a part of the view.
    #[must_use]
    pub fn all(what: Export) -> &'static [Self] {
        match what {
            Export::Row | Export::Column => &[Self::Csv, Self::Npz],
            Export::Matrix => &[Self::Csv, Self::Npz, Self::Svg],
            Export::Text => &[Self::Csv, Self::Svg],
        }
    }

    /// The end of a file's name, with its dot.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Npz => ".npz",
            Self::Svg => ".svg",
        }
    }

    /// As the name of the file says.
    ///
    /// # Errors
    /// When it says none that there is.
    pub fn of(what: Export, path: &Path) -> Result<Self, ExportError> {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let ending = format!(".{}", ending.to_ascii_lowercase());
        let all = Self::all(what);
        let found = all.iter().find(|format| format.ending() == ending);
        found.copied().ok_or_else(|| ExportError::Format {
            file: path.display().to_string(),
            what: what.name(),
            formats: one_of(all),
        })
    }
}

/// `.csv, .npz or .svg`.
fn one_of(formats: &[Format]) -> String {
    let endings: Vec<_> = formats.iter().map(|format| format.ending()).collect();
    match endings.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => endings.concat(),
    }
}
