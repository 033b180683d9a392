//! Interventions in words, as they are shown and kept in a session.

use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::model::Unit;

use super::{Change, NoCut, NoKnockout, NoPlace, NoScale, Scale};

const TO_MEAN: &str = " to its mean";

/// A text that says no intervention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// It begins with no verb.
    #[error(
        "{0:?} is no intervention: write ablate L7H1, ablate L7H1 to its mean, scale L6=0.5, knockout 12@L3, \
         cut 40:12@L7H1, no forgetting in L2 or no erasing in all"
    )]
    Verb(String),
    /// Its place is none.
    #[error(transparent)]
    Place(#[from] NoPlace),
    /// It scales nothing.
    #[error(transparent)]
    Scale(#[from] NoScale),
    /// It knocks nothing out.
    #[error(transparent)]
    Knockout(#[from] NoKnockout),
    /// It cuts nothing.
    #[error(transparent)]
    Cut(#[from] NoCut),
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scale(scale) if scale.factor == 0.0 => write!(f, "ablate {}", scale.place),
            Self::Scale(scale) => write!(f, "scale {scale}"),
            Self::Mean(place) => write!(f, "ablate {place}{TO_MEAN}"),
            Self::Knockout(knockout) => write!(f, "knockout {knockout}"),
            Self::Cut(cut) => write!(f, "cut {cut}"),
            Self::NoForgetting(place) => write!(f, "no forgetting in {place}"),
            Self::NoErasing(place) => write!(f, "no erasing in {place}"),
        }
    }
}

impl Change {
    /// The same as it is shown, with the letter of what the model has in place of heads.
    #[must_use]
    pub fn words(&self, unit: Unit) -> String {
        self.to_string().replace('H', &unit.letter().to_string())
    }
}

impl FromStr for Change {
    type Err = NoChange;

    fn from_str(text: &str) -> Result<Self, NoChange> {
        let after = |verb| text.trim().strip_prefix(verb);
        if let Some(rest) = after("ablate ") {
            return Ok(match rest.strip_suffix(TO_MEAN) {
                Some(place) => Self::Mean(place.parse()?),
                None => Self::Scale(Scale::ablate(rest.parse()?)),
            });
        }
        if let Some(rest) = after("scale ") {
            return Ok(Self::Scale(rest.parse()?));
        }
        if let Some(rest) = after("knockout ") {
            return Ok(Self::Knockout(rest.parse()?));
        }
        if let Some(rest) = after("cut ") {
            return Ok(Self::Cut(rest.parse()?));
        }
        if let Some(rest) = after("no forgetting in ") {
            return Ok(Self::NoForgetting(rest.parse()?));
        }
        if let Some(rest) = after("no erasing in ") {
            return Ok(Self::NoErasing(rest.parse()?));
        }
        Err(NoChange::Verb(text.to_owned()))
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_as_they_are_written() {
        for text in [
            "ablate L7H1",
            "ablate all",
            "ablate L7 to its mean",
            "scale L6=0.5",
            "knockout 12@L3",
            "knockout 4",
            "cut 40:12@L7H1",
            "no forgetting in L2H3",
            "no erasing in all",
        ] {
            let change: Change = text.parse().expect(text);
            assert_eq!(change.to_string(), text);
        }
        assert_eq!(
            "scale L7H1=0".parse::<Change>(),
            "ablate L7H1".parse::<Change>()
        );
        for wrong in [
            "",
            "ablate",
            "ablate 7",
            "knock 3",
            "cut 3@L1H1",
            "scale L1",
            "no erasing",
            "knockout x",
        ] {
            assert!(wrong.parse::<Change>().is_err(), "{wrong}");
        }
    }
}
