use std::{
    io::{self, Seek, Write},
    path::Path,
};

use super::{ExportError, Format, Snapshot, line::Line, matrix::Matrix, svg, text};
use crate::{
    files::{WriteError, write_whole},
    session::Export,
};

/// More numbers than these stall the programs that they would be pasted into.
const MOST_COPIED: usize = 1 << 20;

/// A part of the view with its numbers.
#[derive(Debug, Clone)]
pub struct Document {
    /// What there is.
    pub of: Snapshot,
    /// Which part of it.
    pub what: Export,
    /// Row and column: what the selected token has with each other one in the heads on show, f32 `[heads, tokens]`.
    /// Matrix: all pairs of the one head on show, f32 `[readers, writers]`. Text: none.
    pub numbers: Vec<f32>,
}

impl Document {
    /// Writes it to a file, whole or not at all, in the format that its name ends in.
    ///
    /// # Errors
    /// When there is no such format of it, nothing of it is on show, or the place cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), ExportError> {
        let format = Format::of(self.what, path)?;
        let write = |content: Content<'_>| {
            write_whole(path, |file| {
                let written = content.write(format, file);
                Ok(written.map_err(|error| WriteError::refused(path, &error))?)
            })
        };
        write(self.content()?)
    }

    /// As text for the clipboard: the text as it is read, all else as a table with tabs, which spreadsheets take.
    ///
    /// # Errors
    /// When nothing of it is on show, or it is too much.
    pub fn to_text(&self) -> Result<String, ExportError> {
        let content = self.content()?;
        let mut out = Vec::new();
        let numbers = match &content {
            Content::Line(line) => line.len(),
            Content::Matrix(matrix) => matrix.len(),
            Content::Text(of) => return Ok(text::plain(of)),
        };
        if numbers > MOST_COPIED {
            return Err(ExportError::TooMany { numbers });
        }
        // Writing to memory cannot fail.
        let _ = content.table('\t', &mut out);
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    fn content(&self) -> Result<Content<'_>, ExportError> {
        let (of, numbers) = (&self.of, &self.numbers);
        Ok(match self.what {
            Export::Row | Export::Column => Content::Line(Line::new(of, self.what, numbers)?),
            Export::Matrix => Content::Matrix(Matrix::new(of, numbers)?),
            Export::Text => Content::Text(of),
        })
    }
}

enum Content<'a> {
    Line(Line<'a>),
    Matrix(Matrix<'a>),
    Text(&'a Snapshot),
}

impl Content<'_> {
    fn write(&self, format: Format, out: &mut (impl Write + Seek)) -> io::Result<()> {
        match (format, self) {
            (Format::Npz, Self::Line(line)) => line.arrays(out),
            (Format::Npz, Self::Matrix(matrix)) => matrix.arrays(out),
            (Format::Svg, Self::Matrix(matrix)) => out.write_all(svg::matrix(matrix)?.as_bytes()),
            (Format::Svg, Self::Text(of)) => out.write_all(svg::text(of).as_bytes()),
            // What is left has been refused by its name.
            _ => self.table(',', out),
        }
    }

    fn table(&self, separator: char, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Line(line) => line.table(separator, out),
            Self::Matrix(matrix) => matrix.table(separator, out),
            Self::Text(of) => text::table(of, separator, out),
        }
    }
}
