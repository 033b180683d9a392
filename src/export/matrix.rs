use std::{
    io::{self, Seek, Write},
    ops::Range,
};

use super::{ExportError, Npz, Snapshot, csv::Table};
use crate::{lattice::HeadId, session::Export};

/// All pairs of the head that is shown alone, over the passage on show.
pub(super) struct Matrix<'a> {
    pub of: &'a Snapshot,
    pub head: HeadId,
    /// The passage, or the whole text.
    pub tokens: Range<usize>,
    /// f32 `[readers, writers]`, 0 above the diagonal.
    pub scores: Vec<f32>,
    /// The value of full colour, and what it is.
    pub full: (f32, &'static str),
}

impl<'a> Matrix<'a> {
    /// From all pairs of the whole text, `[readers, writers]`.
    pub fn new(of: &'a Snapshot, pairs: &[f32]) -> Result<Self, ExportError> {
        let head = of.session.heads.single().ok_or(ExportError::NotOneHead)?;
        let all = of.shape.tokens;
        let tokens = of.session.passage.clone().unwrap_or(0..all);
        let tokens = tokens.start..tokens.end.min(all);
        if tokens.is_empty() {
            return Err(ExportError::NothingShown(Export::Matrix.name()));
        }
        let rows = pairs.chunks(all.max(1));
        // Of the whole text, as on screen.
        let largest = rows.clone().enumerate().map(|(reader, row)| {
            let apart = row
                .iter()
                .enumerate()
                .filter(|(writer, _)| *writer != reader);
            apart.fold(0.0f32, |most, (_, score)| most.max(score.abs()))
        });
        let largest = largest.fold(0.0, f32::max);
        let of_head = of.scales.get(of.shape.row(head)).copied();
        let full = of.session.matrix_full(of_head, Some(largest));
        let shown = rows.skip(tokens.start).take(tokens.len());
        Ok(Self {
            head,
            scores: shown
                .flat_map(|row| &row[tokens.clone()])
                .copied()
                .collect(),
            full: full.unwrap_or_default(),
            tokens,
            of,
        })
    }

    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// A line a reader, a column a writer, both named by their index.
    pub fn table(&self, separator: char, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(out, separator);
        table.plain("reader")?;
        for writer in self.tokens.clone() {
            table.plain(writer)?;
        }
        table.end()?;
        let rows = self.scores.chunks(self.tokens.len());
        for (reader, row) in self.tokens.clone().zip(rows) {
            table.plain(reader)?;
            for score in row {
                table.number(*score)?;
            }
            table.end()?;
        }
        Ok(())
    }

    pub fn arrays(&self, out: impl Write + Seek) -> io::Result<()> {
        let mut file = Npz::new(out);
        let count = self.tokens.len();
        let tokens = || self.tokens.clone();
        file.add("scores", &[count, count], &self.scores)?;
        let head = [self.head.layer as i64, self.head.head as i64];
        file.add("head", &[2], &head)?;
        let index: Vec<i64> = tokens().map(|at| at as i64).collect();
        file.add("index", &[count], &index)?;
        let ids: Vec<u32> = tokens().map(|at| self.of.id(at)).collect();
        let texts: Vec<String> = tokens().map(|at| self.of.text(at)).collect();
        file.add("tokens", &[count], &ids)?;
        file.add_texts("texts", &[count], &texts)?;
        file.add_texts("measure", &[], &[self.of.session.measure.key().to_owned()])?;
        let unit = self.of.shape.unit.whole_name().to_owned();
        file.add_texts("unit", &[], &[unit])?;
        file.finish()
    }
}
