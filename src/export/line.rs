use std::io::{self, Seek, Write};

use super::{ExportError, Npz, Snapshot, csv::Table};
use crate::{lattice::HeadId, session::Export};

/// What a token reads, or who reads it, in the heads and over the tokens on show.
pub(super) struct Line<'a> {
    of: &'a Snapshot,
    /// The selected token.
    token: usize,
    /// It is the writer, and the others are readers.
    is_column: bool,
    heads: Vec<HeadId>,
    others: Vec<usize>,
    /// f32 `[heads, others]`.
    scores: Vec<f32>,
}

impl<'a> Line<'a> {
    /// From the numbers of the heads on show with all tokens, `[heads, tokens]`.
    pub fn new(of: &'a Snapshot, what: Export, numbers: &[f32]) -> Result<Self, ExportError> {
        let is_column = what == Export::Column;
        let token = of.session.token.ok_or(ExportError::NoToken(what.name()))?;
        let span = if is_column {
            token..of.shape.tokens
        } else {
            0..token + 1
        };
        let others: Vec<usize> = span.filter(|at| of.session.shows_token(*at)).collect();
        if others.is_empty() {
            return Err(ExportError::NothingShown(what.name()));
        }
        let heads = numbers.chunks(of.shape.tokens.max(1));
        let scores = heads.flat_map(|head| others.iter().filter_map(|at| head.get(*at).copied()));
        Ok(Self {
            token,
            is_column,
            heads: of.heads(),
            scores: scores.collect(),
            others,
            of,
        })
    }

    pub fn len(&self) -> usize {
        self.scores.len()
    }

    /// Reader and writer of a pair with another token.
    fn pair(&self, other: usize) -> (usize, usize) {
        if self.is_column {
            (other, self.token)
        } else {
            (self.token, other)
        }
    }

    /// One line a pair and head.
    pub fn table(&self, separator: char, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new(out, separator);
        let key = self.of.session.measure.key();
        for name in [
            "layer",
            self.of.shape.unit.name(),
            "reader",
            "writer",
            "reader_text",
            "writer_text",
            key,
        ] {
            table.plain(name)?;
        }
        table.end()?;
        let lines = self.scores.chunks(self.others.len());
        for (head, scores) in self.heads.iter().zip(lines) {
            for (other, score) in self.others.iter().zip(scores) {
                let (reader, writer) = self.pair(*other);
                for number in [head.layer, head.head, reader, writer] {
                    table.plain(number)?;
                }
                table.text(&self.of.text(reader))?;
                table.text(&self.of.text(writer))?;
                table.number(*score)?;
                table.end()?;
            }
        }
        Ok(())
    }

    pub fn arrays(&self, out: impl Write + Seek) -> io::Result<()> {
        let mut file = Npz::new(out);
        let (heads, others) = (self.heads.len(), self.others.len());
        let index = |at: usize| at as i64;
        let pairs: Vec<_> = self.others.iter().map(|other| self.pair(*other)).collect();
        let both = self.heads.iter().flat_map(|head| [head.layer, head.head]);
        file.add("scores", &[heads, others], &self.scores)?;
        file.add("heads", &[heads, 2], &both.map(index).collect::<Vec<_>>())?;
        let readers: Vec<i64> = pairs.iter().map(|pair| index(pair.0)).collect();
        let writers: Vec<i64> = pairs.iter().map(|pair| index(pair.1)).collect();
        file.add("readers", &[others], &readers)?;
        file.add("writers", &[others], &writers)?;
        let ids: Vec<u32> = self.others.iter().map(|at| self.of.id(*at)).collect();
        let texts: Vec<String> = self.others.iter().map(|at| self.of.text(*at)).collect();
        file.add("tokens", &[others], &ids)?;
        file.add_texts("texts", &[others], &texts)?;
        file.add_texts("measure", &[], &[self.of.session.measure.key().to_owned()])?;
        let unit = self.of.shape.unit.whole_name().to_owned();
        file.add_texts("unit", &[], &[unit])?;
        file.finish()
    }
}
