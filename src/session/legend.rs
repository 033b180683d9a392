//! What colours stand for, in words and numbers.

use super::Session;
use crate::{lattice::Shape, score::Scale};

impl Session {
    /// The measure's name, between bars when its sign is not shown.
    #[must_use]
    pub fn measure_name(&self) -> String {
        let name = self.measure.name();
        if self.measure.is_signed() && self.absolute {
            format!("|{name}|")
        } else {
            name.to_owned()
        }
    }

    /// The same of what cells and arcs show: in a comparison it may be how far that is from another run's.
    #[must_use]
    pub fn marked_name(&self) -> String {
        match self.takes_difference() {
            true => format!("difference of {}", self.measure.name()),
            false => self.measure_name(),
        }
    }

    /// What the one value a token is: of which measure and which heads.
    #[must_use]
    pub fn summary_name(&self, shape: Shape) -> String {
        let measure = match self.takes_difference() {
            true => self.marked_name(),
            false => self.measure.name().to_owned(),
        };
        let heads = self.heads.words(shape);
        match self.heads.single() {
            Some(head) => format!("{measure} of {}", head.name(shape.unit)),
            None => format!("{measure}, {} of {heads}", self.pool.name()),
        }
    }

    /// Full colour, when it is one number for all heads on show; `scales` are those of each head.
    #[must_use]
    pub fn full_colour(&self, shape: Shape, scales: &[f32]) -> Option<f32> {
        let first = match (self.scale, self.heads.single()) {
            (_, Some(head)) => shape.row(head),
            (Scale::Global | Scale::Fixed(_), None) => 0,
            _ => return None,
        };
        scales.get(first).copied()
    }

    /// The value of full colour in the matrix of a head, and what it is: with a token selected `of_head`, that of
    /// its arcs; otherwise from the `largest` |value| off the diagonal, once it is known.
    #[must_use]
    pub fn matrix_full(
        &self,
        of_head: Option<f32>,
        largest: Option<f32>,
    ) -> Option<(f32, &'static str)> {
        if let Some(full) = self.token.and(of_head) {
            return Some((full, "that of the selected token's arcs"));
        }
        let (full, what) = match self.scale {
            Scale::Fixed(full) => (full, "a number of your own"),
            _ => (largest?, "the largest |value| off the diagonal"),
        };
        Some((full / self.exposure, what))
    }
}
