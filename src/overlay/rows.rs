//! Where the text stands. All of it is laid out once, to learn where its rows end; only rows that can be
//! seen are laid out with their colours, and egui keeps those from frame to frame.

use std::{ops::Range, sync::Arc};

use egui::{Id, TextStyle, Ui, text::LayoutJob};

use super::style;
use crate::{
    model::{TokenText, visible},
    session::{Piece, Pieces, Session, together},
};

/// From one row to the next, in points.
pub(super) const PITCH: f32 = 21.0;
/// Height of a row's text.
pub(super) const LINE: f32 = 17.0;

/// Tokens of a text that takes longer to lay out than a frame should.
const LONG: usize = 1000;
/// Tokens whose characters are drawn in one frame.
const AT_ONCE: usize = 512;

/// The whole text in rows.
#[derive(Debug)]
pub(super) struct Rows {
    of: Source,
    /// The text as it is shown; a wide space stands before each line break, so that it can be pointed at.
    pub text: String,
    /// In order; those of one word are neighbours.
    pub pieces: Vec<Piece>,
    /// Bytes of each row, its line break included.
    pub rows: Vec<Range<usize>>,
    /// Tokens whose characters have been drawn, of a long text that is not laid out yet.
    drawn: Option<usize>,
}

/// What rows follow from.
#[derive(Debug, Clone)]
struct Source {
    tokens: Arc<Vec<TokenText>>,
    folds: Vec<Range<usize>>,
    width: f32,
    scale: f32,
    faces: usize,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.tokens, &other.tokens)
            && self.folds == other.folds
            && (self.width, self.scale, self.faces) == (other.width, other.scale, other.faces)
    }
}

impl Rows {
    /// Those of the last frame, or new ones when the text, its folds, the room for it or the faces have changed.
    pub fn of(
        ui: &Ui,
        tokens: &Arc<Vec<TokenText>>,
        folds: &[Range<usize>],
        width: f32,
    ) -> Arc<Self> {
        let of = Source {
            tokens: tokens.clone(),
            folds: folds.to_vec(),
            width: width.floor(),
            scale: ui.pixels_per_point(),
            faces: ui.fonts(|fonts| fonts.definitions().font_data.len()),
        };
        let id = Id::new("rows of the text");
        let last = ui.data(|data| data.get_temp::<Arc<Self>>(id));
        if let Some(last) = last.as_ref().filter(|last| last.of == of) {
            return last.clone();
        }
        // Where a long text takes the place of another, its lattice is enough for one frame; then its characters
        // are drawn a part at a time, which takes longer than to place them.
        let part = match &last {
            Some(last) if last.is_of(tokens) => last.drawn.map(|drawn| (drawn, AT_ONCE)),
            Some(_) if tokens.len() >= LONG => Some((0, 0)),
            _ => None,
        };
        let new = match part {
            Some((start, count)) if start < tokens.len() => {
                ui.ctx().request_repaint();
                let end = tokens.len().min(start + count);
                draw(ui, &tokens[start..end]);
                Self::none(tokens, end)
            }
            _ => Self::new(ui, of),
        };
        let new = Arc::new(new);
        ui.data_mut(|data| data.insert_temp(id, new.clone()));
        new
    }

    fn is_of(&self, tokens: &Arc<Vec<TokenText>>) -> bool {
        Arc::ptr_eq(&self.of.tokens, tokens)
    }

    /// Of a text that is not laid out yet; nothing else is as wide.
    fn none(tokens: &Arc<Vec<TokenText>>, drawn: usize) -> Self {
        Self {
            of: Source {
                tokens: tokens.clone(),
                folds: Vec::new(),
                width: f32::NAN,
                scale: 1.0,
                faces: 0,
            },
            text: String::new(),
            pieces: Vec::new(),
            rows: Vec::new(),
            drawn: Some(drawn),
        }
    }

    fn new(ui: &Ui, of: Source) -> Self {
        let Pieces { text, pieces } = Pieces::new(&of.tokens, &of.folds, show);
        // Kerning ends at a piece, here as in the rows that are painted.
        let mut job = LayoutJob::default();
        job.wrap.max_width = of.width;
        for piece in &pieces {
            job.append(&text[piece.bytes.clone()], 0.0, format(ui));
        }
        let mut characters = text.chars();
        let mut start = 0;
        let galley = ui.painter().layout_job(job);
        let rows = galley.rows.iter().map(|row| {
            let count = row.char_count_including_newline();
            let bytes = characters.by_ref().take(count).map(char::len_utf8);
            let end = start + bytes.sum::<usize>();
            std::mem::replace(&mut start, end)..end
        });
        let rows = rows.collect();
        Self {
            of,
            text,
            pieces,
            rows,
            drawn: None,
        }
    }

    /// The pieces that stand in a row, whole or in part.
    pub fn pieces_of(&self, row: usize) -> Range<usize> {
        let bytes = &self.rows[row];
        let first = self
            .pieces
            .partition_point(|piece| piece.bytes.end <= bytes.start);
        let end = self
            .pieces
            .partition_point(|piece| piece.bytes.start < bytes.end);
        first..end.max(first)
    }

    /// The row in which a token begins.
    pub fn row_of(&self, token: usize) -> Option<usize> {
        let piece = self
            .pieces
            .partition_point(|piece| piece.tokens.end <= token);
        let start = self.pieces.get(piece)?.bytes.start;
        Some(self.rows.partition_point(|row| row.end <= start))
    }

    /// The text as far as it is written.
    pub fn written(&self, session: &Session) -> &str {
        let there = self
            .pieces
            .partition_point(|piece| session.has_written(&piece.tokens));
        let end = there.checked_sub(1).map(|last| self.pieces[last].bytes.end);
        &self.text[..end.unwrap_or(0)]
    }

    /// The tokens that are shown as one with a piece: its own, or all of its word.
    pub fn together(&self, piece: usize, by_word: bool) -> Range<usize> {
        together(&self.pieces, piece, by_word)
    }
}

/// Has the characters of some tokens drawn, for the rows that are laid out later.
fn draw(ui: &Ui, tokens: &[TokenText]) {
    let mut text = String::new();
    for token in tokens {
        show(&token.text, &mut text);
    }
    let mut job = LayoutJob::default();
    job.append(&text, 0.0, format(ui));
    let _ = ui.painter().layout_job(job);
}

/// Font and height of all of the text.
pub(super) fn format(ui: &Ui) -> egui::TextFormat {
    egui::TextFormat {
        font_id: TextStyle::Body.resolve(ui.style()),
        color: style::ink(ui.ctx()).text,
        line_height: Some(LINE),
        ..Default::default()
    }
}

/// Appends a span so that each of its characters has a place: white space keeps its width and tells lines
/// apart, bytes without ink are written out.
fn show(span: &str, into: &mut String) {
    const THIN: char = '\u{2009}';
    const WIDE: char = '\u{2003}';
    let start = into.len();
    for c in span.chars() {
        match c {
            '\n' => into.extend([WIDE, '\n']),
            '\r' => into.push(THIN),
            '\t' | '\u{A0}' => into.push(c),
            // The default faces lack the wide space of Chinese and Japanese.
            '\u{3000}' => into.push(WIDE),
            c if c.is_whitespace() => into.push(' '),
            '\u{200D}' => {}
            c if style::is_selector(c) => {}
            c => into.push_str(&visible(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if into.len() == start {
        into.push(THIN);
    }
}
