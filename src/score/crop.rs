/// The part of a square matrix that a picture of it shows, in cells from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    /// Writer at the left edge.
    pub left: f32,
    /// Reader at the upper edge.
    pub top: f32,
    /// Cells from edge to edge, both ways.
    pub span: f32,
}

/// The fewest cells from edge to edge.
const LEAST: f32 = 4.0;

impl Crop {
    /// A whole matrix, or the part of it about a passage.
    #[must_use]
    pub fn of(tokens: std::ops::Range<usize>) -> Self {
        Self {
            left: tokens.start as f32,
            top: tokens.start as f32,
            span: tokens.len().max(1) as f32,
        }
    }

    /// Shows `factor` times as many cells; the place `(x, y)`, in parts of the picture, stays where it is.
    #[must_use]
    pub fn zoomed(self, factor: f32, (x, y): (f32, f32), tokens: usize) -> Self {
        let span = (self.span * factor).clamp(LEAST, LEAST.max(tokens as f32));
        Self {
            left: self.left + (self.span - span) * x,
            top: self.top + (self.span - span) * y,
            span,
        }
        .inside(tokens)
    }

    /// Moves by parts of the picture.
    #[must_use]
    pub fn moved(self, (x, y): (f32, f32), tokens: usize) -> Self {
        Self {
            left: self.left + self.span * x,
            top: self.top + self.span * y,
            ..self
        }
        .inside(tokens)
    }

    /// Shows nothing beyond a matrix of `tokens` × `tokens`.
    #[must_use]
    pub fn inside(self, tokens: usize) -> Self {
        let all = tokens.max(1) as f32;
        let span = self.span.clamp(1.0, all);
        Self {
            left: self.left.clamp(0.0, all - span),
            top: self.top.clamp(0.0, all - span),
            span,
        }
    }

    /// The reader and the writer at a place, in parts of the picture; none beyond the matrix.
    #[must_use]
    pub fn at(self, (x, y): (f32, f32), tokens: usize) -> Option<(usize, usize)> {
        let cell = |from: f32, part: f32| {
            let at = from + self.span * part;
            ((0.0..1.0).contains(&part) && at >= 0.0 && at < tokens as f32).then_some(at as usize)
        };
        Some((cell(self.top, y)?, cell(self.left, x)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_a_reader_and_a_writer() {
        let crop = Crop {
            left: 10.0,
            top: 20.0,
            span: 8.0,
        };
        assert_eq!(crop.at((0.0, 0.0), 100), Some((20, 10)));
        assert_eq!(crop.at((0.99, 0.5), 100), Some((24, 17)));
        assert_eq!(crop.at((1.0, 0.5), 100), None);
        assert_eq!(crop.at((0.5, 0.9), 26), None);
    }

    #[test]
    fn zooming_keeps_the_cell_under_the_pointer() {
        let crop = Crop::of(0..100).zoomed(0.25, (0.4, 0.6), 100);
        assert_eq!((crop.left, crop.top, crop.span), (30.0, 45.0, 25.0));
        assert_eq!(crop.at((0.4, 0.6), 100), Some((60, 40)));
        assert_eq!(crop.zoomed(100.0, (0.0, 0.0), 100), Crop::of(0..100));
    }

    proptest! {
        #[test]
        fn nothing_beyond_the_matrix_is_shown(
            steps in prop::collection::vec((0.1f32..9.0, -2.0f32..2.0, -2.0f32..2.0), 1..20),
            tokens in 1usize..5000,
        ) {
            let mut crop = Crop::of(0..tokens);
            for (factor, x, y) in steps {
                crop = crop.zoomed(factor, (x, y), tokens).moved((x, y), tokens);
                let all = tokens as f32 * 1.000_01;
                prop_assert!(crop.span >= 1.0 && crop.left >= 0.0 && crop.top >= 0.0, "{crop:?}");
                prop_assert!(crop.left + crop.span <= all && crop.top + crop.span <= all, "{crop:?}");
            }
        }
    }
}
