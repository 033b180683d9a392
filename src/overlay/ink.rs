//! Painting rows of the text: grounds, letters, underlines, marks for white space.

use std::ops::Range;

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, StrokeKind, TextFormat, Ui, pos2,
    text::LayoutJob, vec2,
};

use super::{
    Facts,
    rows::{self, LINE, PITCH, Rows},
    style,
};
use crate::session::{self, Shades, surprise};

/// Corners of grounds and outlines.
const ROUND: u8 = 3;

/// A piece of the text, or the part of it that stands in one row.
pub(super) struct Placed {
    /// Which of the text's pieces.
    pub piece: usize,
    /// From its first to its last glyph, as high as the row.
    pub rect: Rect,
    ground: Option<Color32>,
    /// Space at the end of a row, before the rest of the piece.
    spilt: bool,
}

/// What the text is coloured by.
pub(super) struct Inks<'a> {
    facts: &'a Facts,
    shades: Shades<'a>,
}

impl<'a> Inks<'a> {
    pub fn new(facts: &'a Facts) -> Self {
        let shades = Shades::new(&facts.session, &facts.summary);
        Self { facts, shades }
    }
}

/// Paints one row with its upper left corner at a place; tells where its pieces stand.
pub(super) fn paint_row(
    ui: &Ui,
    inks: &Inks,
    rows: &Rows,
    row: usize,
    at: Pos2,
    all: &mut Vec<Placed>,
) {
    let view = inks.facts.session.text;
    let bytes = &rows.rows[row];
    let ends_line = rows.text[bytes.clone()].ends_with('\n');
    let part = |piece: usize| {
        let own = &rows.pieces[piece].bytes;
        rows.text[own.start.max(bytes.start)..own.end.min(bytes.end)].trim_end_matches('\n')
    };
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let mut grounds = Vec::new();
    for piece in rows.pieces_of(row) {
        let own = &rows.pieces[piece];
        let together = rows.together(piece, view.words);
        let (outside, mut ground) = inks.shades.of(own, together);
        let is_there = inks.facts.session.has_written(&own.tokens);
        if !is_there {
            ground = None;
        }
        let ground = ground.map(style::colour);
        let plain_ink = match outside {
            true => style::ink(ui.ctx()).faint,
            false => style::ink(ui.ctx()).text,
        };
        // What is yet to be written has its place already.
        let plain_ink = if is_there {
            plain_ink
        } else {
            Color32::TRANSPARENT
        };
        let color = ground.map_or(plain_ink, style::ink_on);
        let plain = rows::format(ui);
        job.append(part(piece), 0.0, TextFormat { color, ..plain });
        grounds.push(ground);
    }
    let galley = ui.painter().layout_job(job);
    let glyphs = galley.rows.first().map_or(&[][..], |row| &row.row.glyphs);

    let first = all.len();
    let mut rest = glyphs;
    for (piece, ground) in rows.pieces_of(row).zip(grounds) {
        let text = part(piece);
        let own = text.chars().count().min(rest.len());
        let (own, others) = rest.split_at(own);
        rest = others;
        let ([from, ..], [.., to]) = (own, own) else {
            continue;
        };
        if !inks.facts.session.has_written(&rows.pieces[piece].tokens) {
            continue;
        }
        let min = at + vec2(from.pos.x, 0.0);
        let rect = Rect::from_min_max(min, at + vec2(to.max_x(), PITCH));
        let goes_on = rows.pieces[piece].bytes.end > bytes.end && !ends_line;
        let spilt = goes_on && text.trim().is_empty();
        all.push(Placed {
            piece,
            rect,
            ground: ground.filter(|_| !spilt),
            spilt,
        });
    }
    let placed = &all[first..];
    if let Some(from) = inks.facts.writing.from {
        begin(ui.painter(), rows, placed, from, at.y);
    }
    paint_grounds(ui.painter(), rows, placed, view.words);
    ui.painter()
        .galley(at, galley.clone(), style::ink(ui.ctx()).text);
    if view.surprise {
        for placed in placed.iter().filter(|placed| !placed.spilt) {
            if let Some(nats) = surprise(
                &inks.facts.surprises,
                rows.pieces[placed.piece].tokens.clone(),
            ) {
                let (left, right) = (placed.rect.left() + 0.5, placed.rect.right() - 0.5);
                underline(ui.painter(), left, right, at.y + LINE + 1.0, nats);
            }
        }
    }
    if view.whitespace {
        for (number, glyph) in glyphs.iter().enumerate() {
            let centre = at + vec2(glyph.pos.x + glyph.advance_width * 0.5, LINE * 0.56);
            let here = |placed: &&Placed| placed.rect.x_range().contains(centre.x);
            let Some(own) = placed.iter().find(here) else {
                continue;
            };
            let ground = own.ground;
            let ink = ground.map_or(style::ink(ui.ctx()).faint, style::ink_on);
            let line_break = ends_line && number + 1 == glyphs.len();
            mark(ui.painter(), glyph.chr, line_break, centre, ink);
        }
    }
}

/// A line before the first token that was written.
fn begin(painter: &Painter, rows: &Rows, placed: &[Placed], from: usize, top: f32) {
    let is_first = |placed: &&Placed| rows.pieces[placed.piece].tokens.contains(&from);
    if let Some(first) = placed.iter().find(is_first) {
        let ink = style::ink(painter.ctx()).run[1];
        let left = first.rect.left() - 1.5;
        let line = Rect::from_min_max(pos2(left, top), pos2(left + 1.5, top + LINE + 2.0));
        painter.rect_filled(line, 0, ink);
    }
}

/// One for each piece, or for each word.
fn paint_grounds(painter: &Painter, rows: &Rows, placed: &[Placed], by_word: bool) {
    let word = |placed: &Placed| rows.pieces[placed.piece].word;
    let one = |a: &Placed, b: &Placed| a.piece == b.piece || by_word && word(a) == word(b);
    for chunk in placed.chunk_by(one) {
        let ([first, ..], [.., last]) = (chunk, chunk) else {
            continue;
        };
        if let Some(ground) = first.ground {
            painter.rect_filled(ground_rect(first, last), ROUND, ground);
        }
    }
}

fn ground_rect(first: &Placed, last: &Placed) -> Rect {
    let min = first.rect.min;
    Rect::from_min_max(min, pos2(last.rect.right(), min.y + LINE + 0.5))
}

/// A faint line around tokens, row by row.
pub(super) fn outline(painter: &Painter, rows: &Rows, placed: &[Placed], tokens: &Range<usize>) {
    let inside = |placed: &&Placed| tokens.contains(&rows.pieces[placed.piece].tokens.start);
    let all: Vec<_> = placed.iter().filter(inside).collect();
    for row in all.chunk_by(|a, b| a.rect.top() == b.rect.top()) {
        let ([first, ..], [.., last]) = (row, row) else {
            continue;
        };
        if !last.spilt {
            let stroke = Stroke::new(
                1.0_f32,
                style::ink(painter.ctx()).strong.gamma_multiply(0.6),
            );
            let around = ground_rect(first, last);
            painter.rect_stroke(around, ROUND, stroke, StrokeKind::Outside);
        }
    }
}

/// Thicker and stronger the more surprising.
pub(super) fn underline(painter: &Painter, left: f32, right: f32, top: f32, nats: f32) {
    let (height, strength) = session::underline(nats);
    let ink = style::ink(painter.ctx()).surprise.gamma_multiply(strength);
    let line = Rect::from_min_max(pos2(left, top), pos2(right, top + height));
    painter.rect_filled(line, 0, ink);
}

/// A faint sign for white space, in the middle of its place.
fn mark(painter: &Painter, c: char, line_break: bool, centre: Pos2, ink: Color32) {
    let ink = ink.gamma_multiply(0.6);
    let sign = |sign: &str| {
        let font = FontId::proportional(12.0);
        painter.text(centre, Align2::CENTER_CENTER, sign, font, ink);
    };
    match c {
        _ if line_break => sign("↵"),
        '\t' => sign("→"),
        ' ' => {
            painter.circle_filled(centre, 1.0, ink);
        }
        c if c.is_whitespace() => {
            painter.circle_stroke(centre, 1.5, Stroke::new(0.75_f32, ink));
        }
        _ => {}
    }
}
