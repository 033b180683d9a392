use std::io::{self, Write};

use super::{Snapshot, csv::Table};
use crate::session::Pieces;

/// One line a token on show: its value with the selected token, pooled over the heads on show, in parts of full
/// colour, and its surprise; empty where there is none.
pub(super) fn table(of: &Snapshot, separator: char, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(out, separator);
    for name in ["token", "id", "text", "value", "surprise"] {
        table.plain(name)?;
    }
    table.end()?;
    for token in (0..of.tokens.len()).filter(|token| of.session.shows_token(*token)) {
        table.plain(token)?;
        table.plain(of.id(token))?;
        table.text(&of.text(token))?;
        let surprise = of.surprises.get(token).copied().flatten();
        for number in [of.summary.get(token).copied(), surprise] {
            match number {
                Some(number) => table.number(number)?,
                None => table.plain("")?,
            }
        }
        table.end()?;
    }
    Ok(())
}

/// The passage on show as people read it; folds stand as on screen.
pub(super) fn plain(of: &Snapshot) -> String {
    let whole = Pieces::new(&of.tokens, &of.session.folds, |span, text| *text += span);
    let shown = whole.pieces.iter();
    shown
        .filter(|piece| of.session.in_passage(piece.tokens.start))
        .map(|piece| &whole.text[piece.bytes.clone()])
        .collect()
}
