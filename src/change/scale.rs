use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use super::{NoPlace, Place};

/// What heads add times a factor. Written `L7H1=0.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Which heads.
    pub place: Place,
    /// Finite.
    pub factor: f32,
}

/// A text that says no scale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoScale {
    /// There is no factor.
    #[error("{0:?} is no scale: write which head and by what, as L7H1=0.5")]
    Factor(String),
    /// There is no place.
    #[error(transparent)]
    Place(#[from] NoPlace),
}

impl Scale {
    /// Of heads that are left out.
    #[must_use]
    pub fn ablate(place: Place) -> Self {
        Self { place, factor: 0.0 }
    }
}

impl Display for Scale {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.place, self.factor)
    }
}

impl FromStr for Scale {
    type Err = NoScale;

    fn from_str(text: &str) -> Result<Self, NoScale> {
        let wrong = || NoScale::Factor(text.to_owned());
        let (place, factor) = text.split_once('=').ok_or_else(wrong)?;
        let factor = factor.trim().parse().ok();
        let factor = factor.filter(|it: &f32| it.is_finite()).ok_or_else(wrong)?;
        let place = place.parse()?;
        Ok(Self { place, factor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_read_as_they_are_written() {
        for text in ["L7H1=0.5", "L3=-2", "all=0"] {
            let scale: Scale = text.parse().expect("a scale");
            assert_eq!(scale.to_string(), text);
        }
        for wrong in ["L7H1", "L7H1=", "L7H1=x", "L7H1=inf", "=1", "7=1"] {
            assert!(wrong.parse::<Scale>().is_err(), "{wrong}");
        }
    }
}
