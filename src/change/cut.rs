use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use super::{NoPlace, Place};

/// What a head reads of one token at another, left out there alone: an arc. Written `T:S@L7H1`, the reader first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The token that reads, its place in the text that is kept, counted from 0.
    pub reader: usize,
    /// The token that wrote, the same one or earlier.
    pub writer: usize,
    /// Counted from 0.
    pub layer: usize,
    /// Counted from 0, a group of channels in RWKV-4.
    pub head: usize,
}

/// A text that names no arc.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCut {
    /// There are no two tokens and a head.
    #[error(
        "{0:?} names no arc: write the reading token, the token that it reads and the head, as 40:12@L7H1, counted from 0"
    )]
    Arc(String),
    /// The head is none.
    #[error(transparent)]
    Place(#[from] NoPlace),
    /// Nothing is read before it is written.
    #[error("{0:?} is no arc: token {1} comes before token {2} and cannot read it")]
    Later(String, usize, usize),
}

impl Cut {
    /// Its head.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            layer: Some(self.layer),
            head: Some(self.head),
        }
    }
}

impl Display for Cut {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}@{}", self.reader, self.writer, self.place())
    }
}

impl FromStr for Cut {
    type Err = NoCut;

    fn from_str(text: &str) -> Result<Self, NoCut> {
        let wrong = || NoCut::Arc(text.to_owned());
        let (tokens, place) = text.split_once('@').ok_or_else(wrong)?;
        let (reader, writer) = tokens.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse().map_err(|_| wrong());
        let (reader, writer) = (number(reader)?, number(writer)?);
        let place: Place = place.parse()?;
        let (Some(layer), Some(head)) = (place.layer, place.head) else {
            return Err(wrong());
        };
        if writer > reader {
            return Err(NoCut::Later(text.to_owned(), reader, writer));
        }
        Ok(Self {
            reader,
            writer,
            layer,
            head,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_read_as_they_are_written() {
        for text in ["40:12@L7H1", "0:0@L0H0"] {
            let cut: Cut = text.parse().expect("an arc");
            assert_eq!(cut.to_string(), text);
        }
        for wrong in [
            "", "3@L1H1", "4:x@L1H1", "4:3", "4:3@L1", "4:3@all", "4:3@1", "3:4@L1H1",
        ] {
            assert!(wrong.parse::<Cut>().is_err(), "{wrong}");
        }
    }
}
