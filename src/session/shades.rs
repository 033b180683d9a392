use std::ops::Range;

use super::{Colour, Piece, Session};

/// Surprise with the thickest underline, in nats.
pub const FULL_SURPRISE: f32 = 12.0;

/// The colours of the text.
#[derive(Debug, Clone, Copy)]
pub struct Shades<'a> {
    session: &'a Session,
    summary: &'a [f32],
    /// The value of the strongest colour, in parts of full colour: the largest |value| of all tokens but the
    /// selected one.
    pub peak: f32,
}

impl<'a> Shades<'a> {
    /// Of one value a token, in parts of full colour; of none when nothing is selected.
    #[must_use]
    pub fn new(session: &'a Session, summary: &'a [f32]) -> Self {
        // The peak of a mean over many heads is far below full colour: the text is scaled by itself.
        let peak = summary
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != session.token)
            .fold(0.0f32, |peak, (_, value)| peak.max(value.abs()));
        Self {
            session,
            summary,
            peak,
        }
    }

    /// The value of tokens that are shown as one: that of the strongest.
    #[must_use]
    pub fn value(&self, tokens: Range<usize>) -> f32 {
        let values = tokens.filter_map(|token| self.summary.get(token));
        values.fold(0.0f32, |most, value| {
            if value.abs() > most.abs() {
                *value
            } else {
                most
            }
        })
    }

    /// The colour under tokens that are shown as one.
    fn ground(&self, tokens: Range<usize>) -> Option<Colour> {
        let selected = self.session.token?;
        if tokens.contains(&selected) {
            return Some(self.session.colours().selected());
        }
        if self.peak == 0.0 {
            return None;
        }
        let part = self.value(tokens) / self.peak;
        let signless = self.session.marks_are_signless();
        Some(self.session.colours().shade(part, signless))
    }

    /// Whether a piece is left out of the passage on show, and the colour under it; `together` are the tokens that
    /// are shown as one with it.
    #[must_use]
    pub fn of(&self, piece: &Piece, together: Range<usize>) -> (bool, Option<Colour>) {
        let outside = piece.folded || !self.session.in_passage(piece.tokens.start);
        let is_selected = |token| piece.tokens.contains(&token);
        let shown = !outside || self.session.token.is_some_and(is_selected);
        (outside, self.ground(together).filter(|_| shown))
    }
}

/// Surprise of tokens that are shown as one: −ln of their common probability.
#[must_use]
pub fn surprise(all: &[Option<f32>], tokens: Range<usize>) -> Option<f32> {
    let all = all.get(tokens)?;
    all.iter().flatten().copied().reduce(|a, b| a + b)
}

/// How thick the underline of a surprise is, in points, and how strong, 0 … 1.
#[must_use]
pub fn underline(nats: f32) -> (f32, f32) {
    let part = (nats / FULL_SURPRISE).clamp(0.0, 1.0);
    (0.6 + 2.2 * part, 0.08 + 0.92 * part.powf(0.7))
}
