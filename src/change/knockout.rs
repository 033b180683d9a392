use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use super::{NoPlace, Place};

/// What a token writes, left out: its key is 0 there. Written `12@L3H2`, or `12` for all heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knockout {
    /// Its place in the text that is kept, counted from 0.
    pub token: usize,
    /// In which heads.
    pub place: Place,
}

/// A text that knocks nothing out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKnockout {
    /// There is no token.
    #[error(
        "{0:?} names no token: write its place in the text, counted from 0, and where, as 12@L3H2"
    )]
    Token(String),
    /// There is no place.
    #[error(transparent)]
    Place(#[from] NoPlace),
}

impl Display for Knockout {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if self.place == Place::default() {
            return write!(f, "{}", self.token);
        }
        write!(f, "{}@{}", self.token, self.place)
    }
}

impl FromStr for Knockout {
    type Err = NoKnockout;

    fn from_str(text: &str) -> Result<Self, NoKnockout> {
        let (token, place) = text.split_once('@').unwrap_or((text, "all"));
        let token = token.trim().parse();
        Ok(Self {
            token: token.map_err(|_| NoKnockout::Token(text.to_owned()))?,
            place: place.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knockouts_are_read_as_they_are_written() {
        for text in ["12", "0@L3", "7@L3H2"] {
            let knockout: Knockout = text.parse().expect("a knockout");
            assert_eq!(knockout.to_string(), text);
        }
        assert_eq!("12@all".parse(), "12".parse::<Knockout>());
        for wrong in ["", "x", "@L3", "12@", "-1@L3", "12@3"] {
            assert!(wrong.parse::<Knockout>().is_err(), "{wrong}");
        }
    }
}
