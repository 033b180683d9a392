use std::fmt::Display;

use super::{
    MARGIN,
    legend::legend,
    metrics::advance,
    page::{Hex, Page, Px},
    px, token_name,
    wrap::{Placed, wrap},
};
use crate::{
    export::Snapshot,
    model::visible,
    session::{Inks, Pieces, Shades, bytes, surprise, together, underline},
};

/// Points from edge to edge.
pub(super) const WIDTH: f32 = 720.0;
/// Size of letters; from one row to the next; height of a row's ground; from there to the line of its letters.
const SIZE: f32 = 13.5;
const PITCH: f32 = 23.0;
const LINE: f32 = 18.0;
const BASE: f32 = 13.5;

/// The text as it is on show, with what its colours mean.
pub(in crate::export) fn text(of: &Snapshot) -> String {
    let session = &of.session;
    let mut page = Page::new(session.colours());
    let written = session.written.unwrap_or(of.tokens.len());
    let there = &of.tokens[..written.min(of.tokens.len())];
    let pieces = Pieces::new(there, &session.folds, show);
    let sheet = Sheet {
        of,
        shades: Shades::new(session, &of.summary),
        pieces: &pieces,
    };
    let placed = wrap(&pieces, WIDTH - 2.0 * MARGIN, SIZE);
    let rows = placed.last().map_or(0, |last| last.row + 1);
    let word = |placed: &Placed<'_>| pieces.pieces[placed.piece].word;
    let one = |a: &Placed<'_>, b: &Placed<'_>| {
        let joined = session.text.words && word(a) == word(b);
        a.row == b.row && (a.piece == b.piece || joined)
    };
    page.open("g", &[("id", &"text")]);
    for group in placed.chunk_by(one) {
        sheet.group(&mut page, group);
    }
    page.close("g");
    let below = MARGIN + rows as f32 * PITCH + 14.0;
    let height = legend(&mut page, of, sheet.shades.peak, below);
    let title = match session.token {
        Some(token) => format!(
            "{}, {}",
            session.summary_name(of.shape),
            token_name(of, token)
        ),
        None => format!("{}, {} tokens", of.model, of.tokens.len()),
    };
    page.finish(WIDTH, height, &title)
}

/// Appends a span: white space as it is but for what has no place, characters without ink written out.
fn show(span: &str, into: &mut String) {
    let start = into.len();
    for c in span.chars() {
        match c {
            // They join and change emoji.
            '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\n' | '\t' | '\u{3000}' => into.push(c),
            '\r' => into.push('\u{2009}'),
            c if c.is_whitespace() => into.push(' '),
            c => into.push_str(&visible(c.encode_utf8(&mut [0; 4]))),
        }
    }
    if into.len() == start {
        into.push('\u{2009}');
    }
}

struct Sheet<'a> {
    of: &'a Snapshot,
    shades: Shades<'a>,
    pieces: &'a Pieces,
}

impl Sheet<'_> {
    /// Pieces of one row that are shown as one.
    fn group(&self, page: &mut Page, group: &[Placed<'_>]) {
        let ([first, ..], [.., last]) = (group, group) else {
            return;
        };
        let view = self.of.session.text;
        let all = &self.pieces.pieces;
        let tokens = together(all, first.piece, view.words);
        let (outside, ground) = self.shades.of(&all[first.piece], tokens.clone());
        let ground = ground.map(bytes);
        let plain = if outside {
            page.inks.faint
        } else {
            page.inks.text
        };
        let ink = ground.map_or(plain, Inks::on);
        let top = MARGIN + first.row as f32 * PITCH;
        page.open("g", &[]);
        if !all[first.piece].folded {
            page.title(&self.about(tokens));
        }
        if let Some(ground) = ground {
            let rect: [(&str, &dyn Display); 6] = [
                ("x", &px(MARGIN + first.x)),
                ("y", &px(top)),
                ("width", &px(last.right() - first.x)),
                ("height", &px(LINE)),
                ("rx", &3),
                ("fill", &Hex(ground)),
            ];
            page.leaf("rect", &rect);
        }
        for placed in group {
            letters(page, placed, top, ink);
            if view.whitespace {
                let ink = ground.map_or(page.inks.faint, Inks::on);
                marks(page, placed, top, ink);
            }
            let own = all[placed.piece].tokens.clone();
            let nats = surprise(&self.of.surprises, own).filter(|_| view.surprise);
            if let Some(nats) = nats {
                let (left, right) = (placed.x + 0.5, placed.right() - 0.5);
                line(page, MARGIN + left, MARGIN + right, top + LINE + 1.0, nats);
            }
        }
        page.close("g");
    }

    /// Number, text, value and surprise of tokens.
    fn about(&self, tokens: std::ops::Range<usize>) -> String {
        let (of, session) = (self.of, &self.of.session);
        let mut words = match tokens.len() {
            1 => format!("token {}", tokens.start),
            _ => format!(
                "tokens {} to {}",
                tokens.start,
                tokens.end.saturating_sub(1)
            ),
        };
        if let Some(one) = of.tokens.get(tokens.start).filter(|_| tokens.len() == 1) {
            words += &format!(": {}", visible(&one.text));
        }
        if session.token.is_some_and(|token| tokens.contains(&token)) {
            words += ", selected";
        }
        if session.token.is_some() && !of.summary.is_empty() {
            let value = self.shades.value(tokens.clone());
            let name = session.summary_name(of.shape);
            words += &format!("\n{name}: {value:?} of full colour");
        }
        if let Some(nats) = surprise(&of.surprises, tokens) {
            words += &format!("\nsurprise {nats:?} nats");
        }
        words
    }
}

/// The letters of a piece, as wide as they were taken to be whatever the face.
fn letters(page: &mut Page, placed: &Placed<'_>, top: f32, ink: [u8; 3]) {
    let text = placed.text.trim();
    if text.is_empty() {
        return;
    }
    let before = advance(
        &placed.text[..placed.text.len() - placed.text.trim_start().len()],
        SIZE,
    );
    let x = MARGIN + placed.x + before;
    let width = Px(advance(text, SIZE).min(placed.width));
    let fit: [(&str, &dyn Display); 2] = [
        ("textLength", &width),
        ("lengthAdjust", &"spacingAndGlyphs"),
    ];
    page.words(x, top + BASE, SIZE, ink, &fit, text);
}

/// Faint signs for white space, each in the middle of its place.
fn marks(page: &mut Page, placed: &Placed<'_>, top: f32, ink: [u8; 3]) {
    let left = MARGIN + placed.x;
    let middle = top + LINE * 0.56;
    let strength: (&str, &dyn Display) = ("opacity", &0.6);
    let centre: (&str, &dyn Display) = ("text-anchor", &"middle");
    for (at, c) in placed
        .text
        .char_indices()
        .filter(|(_, c)| c.is_whitespace())
    {
        let before = advance(&placed.text[..at], SIZE);
        let own = advance(c.encode_utf8(&mut [0; 4]), SIZE);
        let x = left + before + own * 0.5;
        let dot: [(&str, &dyn Display); 3] = [("cx", &px(x)), ("cy", &px(middle)), strength];
        let fill = Hex(ink);
        match c {
            ' ' => page.leaf(
                "circle",
                &[&dot[..], &[("r", &1), ("fill", &fill)]].concat(),
            ),
            '\t' => page.words(x, top + BASE, 12.0, ink, &[strength, centre], "→"),
            _ => {
                let ring: [(&str, &dyn Display); 4] = [
                    ("r", &1.5),
                    ("fill", &"none"),
                    ("stroke", &fill),
                    ("stroke-width", &0.75),
                ];
                page.leaf("circle", &[&dot[..], &ring].concat());
            }
        }
    }
    if placed.line_break {
        let x = left + placed.width - SIZE * 0.5;
        page.words(x, top + BASE, 12.0, ink, &[strength, centre], "↵");
    }
}

/// A line as thick and strong as a surprise.
pub(super) fn line(page: &mut Page, left: f32, right: f32, top: f32, nats: f32) {
    let (height, strength) = underline(nats);
    let rect: [(&str, &dyn Display); 6] = [
        ("x", &px(left)),
        ("y", &px(top)),
        ("width", &px(right - left)),
        ("height", &px(height)),
        ("fill", &Hex(page.inks.surprise)),
        ("fill-opacity", &px(strength)),
    ];
    page.leaf("rect", &rect);
}
