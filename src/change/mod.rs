//! Interventions: what is changed in a model while it runs, to see what a head, a token's write or forgetting is for.
//!
//! Formulas: docs/NUMERICS.md, "Interventions".

mod cut;
mod knockout;
mod place;
mod scale;
mod text;

pub use cut::{Cut, NoCut};
pub use knockout::{Knockout, NoKnockout};
pub use place::{NoPlace, Place};
pub use scale::{NoScale, Scale};
pub use text::NoChange;

use std::ops::Range;

use crate::model::{Card, Unit, Version};

/// One intervention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// What heads add is multiplied; by 0 they are ablated.
    Scale(Scale),
    /// What heads add is its mean over the text, taken of the unchanged model, at every token.
    Mean(Place),
    /// What a token writes is left out.
    Knockout(Knockout),
    /// What a head reads of one token at another is left out.
    Cut(Cut),
    /// Decay is 1: nothing is forgotten.
    NoForgetting(Place),
    /// a is 0: nothing is erased. RWKV-7 alone erases.
    NoErasing(Place),
}

/// A change that a model or a text has no place for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchChange {
    /// There is no such layer or head.
    #[error(
        "{change} cannot be done: {model} has layers 0 to {last_layer} of {unit} 0 to {last_head}"
    )]
    Place {
        /// As it is written.
        change: String,
        /// The model's name.
        model: String,
        /// Its last layer.
        last_layer: usize,
        /// Heads, or what stands in their place.
        unit: &'static str,
        /// The last of them.
        last_head: usize,
    },
    /// There is no such token.
    #[error("{change} cannot be done: the text's last token is {last}")]
    Token {
        /// As it is written.
        change: String,
        /// The text's last token.
        last: usize,
    },
    /// The token stands for what came before the text, which has no key.
    #[error(
        "{change} cannot be done: token 0 stands for what came before the text, which is no write of a token"
    )]
    Before {
        /// As it is written.
        change: String,
    },
    /// The architecture has nothing to change there.
    #[error("{change} cannot be done to {model}: {reason}")]
    Version {
        /// As it is written.
        change: String,
        /// The model's name.
        model: String,
        /// Why.
        reason: &'static str,
    },
}

impl Change {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Scale(scale) => scale.place,
            Self::Knockout(knockout) => knockout.place,
            Self::Cut(cut) => cut.place(),
            Self::Mean(place) | Self::NoForgetting(place) | Self::NoErasing(place) => *place,
        }
    }

    /// Whether it can be done to a model that reads tokens of such places; one before them stands for what came before.
    ///
    /// # Errors
    /// When the model has no such layer or head, the text no such token, or the architecture nothing to change there.
    pub fn require(
        &self,
        model: &str,
        card: &Card,
        tokens: Range<usize>,
    ) -> Result<(), NoSuchChange> {
        let change = || self.to_string();
        let place = self.place();
        let is_there = place.layer.is_none_or(|layer| layer < card.layers)
            && place.head.is_none_or(|head| head < card.heads);
        if !is_there {
            return Err(NoSuchChange::Place {
                change: change(),
                model: model.to_owned(),
                last_layer: card.layers.saturating_sub(1),
                unit: match card.version.unit() {
                    Unit::Head => "heads",
                    Unit::Group => "groups",
                },
                last_head: card.heads.saturating_sub(1),
            });
        }
        let named = match self {
            Self::Knockout(knockout) => Some((knockout.token, knockout.token)),
            Self::Cut(cut) => Some((cut.writer, cut.reader)),
            _ => None,
        };
        if named.is_some_and(|(_, last)| last >= tokens.end) {
            return Err(NoSuchChange::Token {
                change: change(),
                last: tokens.end.saturating_sub(1),
            });
        }
        if named.is_some_and(|(first, _)| first < tokens.start) {
            return Err(NoSuchChange::Before { change: change() });
        }
        match self.obstacle(card.version) {
            None => Ok(()),
            Some(reason) => Err(NoSuchChange::Version {
                change: change(),
                model: model.to_owned(),
                reason,
            }),
        }
    }

    /// Why an architecture has nothing to change there.
    fn obstacle(&self, version: Version) -> Option<&'static str> {
        match (self, version) {
            (Self::Knockout(_), Version::V4) => {
                Some("what RWKV-4 divides by is a part of every token's weight")
            }
            (Self::NoForgetting(_), Version::V4 | Version::V5) => {
                Some("its decay is a weight, the same for every token; RWKV-6 and 7 compute theirs")
            }
            (Self::NoErasing(_), Version::V4 | Version::V5 | Version::V6) => {
                Some("only RWKV-7 erases")
            }
            _ => None,
        }
    }
}
