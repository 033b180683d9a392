use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{HeadId, Shape};

/// Some heads of a model; an empty set stands for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeadSet(BTreeSet<HeadId>);

impl HeadSet {
    /// Every head of a layer.
    #[must_use]
    pub fn layer(shape: Shape, layer: usize) -> Self {
        (0..shape.heads)
            .map(|head| HeadId { layer, head })
            .collect()
    }

    /// The same head of every layer.
    #[must_use]
    pub fn column(shape: Shape, head: usize) -> Self {
        shape
            .layer_numbers()
            .map(|layer| HeadId { layer, head })
            .collect()
    }

    /// The heads between two corners of the layers × heads map, both included.
    #[must_use]
    pub fn between(a: HeadId, b: HeadId) -> Self {
        let span = |a: usize, b: usize| a.min(b)..=a.max(b);
        span(a.layer, b.layer)
            .flat_map(|layer| span(a.head, b.head).map(move |head| HeadId { layer, head }))
            .collect()
    }

    /// Whether it stands for every head.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a head is meant.
    #[must_use]
    pub fn has(&self, head: HeadId) -> bool {
        self.is_all() || self.0.contains(&head)
    }

    /// The head, if it is one alone.
    #[must_use]
    pub fn single(&self) -> Option<HeadId> {
        (self.0.len() == 1)
            .then(|| self.0.first().copied())
            .flatten()
    }

    /// Adds a head, or takes it out.
    pub fn toggle(&mut self, head: HeadId) {
        if !self.0.remove(&head) {
            self.0.insert(head);
        }
    }

    /// Those named one by one; none when it stands for all.
    pub fn named(&self) -> impl Iterator<Item = HeadId> + '_ {
        self.0.iter().copied()
    }

    /// Leaves out what a model of that shape does not have.
    pub fn keep_inside(&mut self, shape: Shape) {
        self.0.retain(|head| shape.has(*head));
    }

    /// In few words: `all heads`, `L7 H1`, `layer 3`, `head 5 of every layer`, `12 heads`; or the same of groups.
    #[must_use]
    pub fn words(&self, shape: Shape) -> String {
        let unit = shape.unit.name();
        let Some(first) = self.0.first().copied() else {
            return format!("all {unit}s");
        };
        match self.0.len() {
            1 => first.name(shape.unit),
            _ if *self == Self::layer(shape, first.layer) => format!("layer {}", first.layer),
            _ if *self == Self::column(shape, first.head) => {
                format!("{unit} {} of every layer", first.head)
            }
            count => format!("{count} {unit}s"),
        }
    }
}

impl FromIterator<HeadId> for HeadSet {
    fn from_iter<T: IntoIterator<Item = HeadId>>(heads: T) -> Self {
        Self(heads.into_iter().collect())
    }
}

impl From<HeadId> for HeadSet {
    fn from(head: HeadId) -> Self {
        Self::from_iter([head])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        tokens: 1,
        layers: 3,
        first_layer: 0,
        heads: 4,
        unit: crate::model::Unit::Head,
    };

    fn at(layer: usize, head: usize) -> HeadId {
        HeadId { layer, head }
    }

    #[test]
    fn a_head_is_read_as_it_is_written() {
        assert_eq!("L7 H1".parse(), Ok(at(7, 1)));
        assert_eq!("l12h30".parse(), Ok(at(12, 30)));
        assert_eq!(at(3, 2).to_string().parse(), Ok(at(3, 2)));
        for wrong in ["", "L7", "H1", "7 1", "L-1H2", "L1H2x", "LxH1"] {
            assert!(wrong.parse::<HeadId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_set_is_all_heads() {
        let mut set = HeadSet::default();
        assert!(set.is_all() && set.has(at(2, 3)));
        set.toggle(at(1, 1));
        assert_eq!(set.single(), Some(at(1, 1)));
        assert!(set.has(at(1, 1)) && !set.has(at(2, 3)));
        set.toggle(at(1, 1));
        assert!(set.is_all());
    }

    #[test]
    fn sets_are_named_in_few_words() {
        let words = |set: HeadSet| set.words(SHAPE);
        assert_eq!(words(HeadSet::default()), "all heads");
        assert_eq!(words(at(2, 3).into()), "L2 H3");
        assert_eq!(words(HeadSet::layer(SHAPE, 2)), "layer 2");
        assert_eq!(words(HeadSet::column(SHAPE, 1)), "head 1 of every layer");
        assert_eq!(words(HeadSet::between(at(2, 1), at(1, 3))), "6 heads");
    }

    #[test]
    fn what_the_model_does_not_have_is_left_out() {
        let mut set = HeadSet::from_iter([at(0, 0), at(3, 0), at(0, 4)]);
        set.keep_inside(SHAPE);
        assert_eq!(set, at(0, 0).into());
    }
}
