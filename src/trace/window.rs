use std::{
    fmt::{Display, Formatter},
    ops::Range,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The tokens of a text whose vectors a run keeps, written as Python slices are: `100:200`, `100:`, `:200`, `-1024:`.
/// The last one does not belong to it; negative numbers count from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    first: Option<isize>,
    end: Option<isize>,
}

/// A text that names no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no window: write it as 100:200, or -1024: for the last 1,024 tokens, the last one left out"
)]
pub struct NoWindow(String);

impl Window {
    /// The last `tokens` tokens.
    #[must_use]
    pub fn last(tokens: usize) -> Self {
        let first = isize::try_from(tokens).ok().map(isize::wrapping_neg);
        Self { first, end: None }
    }

    /// Which of a text's tokens these are; none where it has none of them.
    #[must_use]
    pub fn of(self, tokens: usize) -> Option<Range<usize>> {
        let place = |at: isize| match at {
            ..0 => tokens.saturating_sub(at.unsigned_abs()),
            at => tokens.min(at.unsigned_abs()),
        };
        let range = self.first.map_or(0, place)..self.end.map_or(tokens, place);
        (!range.is_empty()).then_some(range)
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(first) = self.first {
            write!(f, "{first}")?;
        }
        f.write_str(":")?;
        match self.end {
            Some(end) => write!(f, "{end}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Window {
    type Err = NoWindow;

    fn from_str(text: &str) -> Result<Self, NoWindow> {
        let wrong = || NoWindow(text.to_owned());
        let (first, end) = text.split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| wrong()),
        };
        Ok(Self {
            first: number(first)?,
            end: number(end)?,
        })
    }
}

impl TryFrom<String> for Window {
    type Error = NoWindow;

    fn try_from(text: String) -> Result<Self, NoWindow> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_as_a_slice_is() {
        for (text, range) in [
            ("2:5", Some(2..5)),
            ("2:", Some(2..10)),
            (":5", Some(0..5)),
            (":", Some(0..10)),
            ("-4:", Some(6..10)),
            ("-4:-1", Some(6..9)),
            ("-99:99", Some(0..10)),
            ("5:5", None),
            ("7:2", None),
            ("10:", None),
            (":-10", None),
        ] {
            let window: Window = text.parse().expect("a window");
            assert_eq!(window.of(10), range, "{text}");
            assert_eq!(window.to_string(), text);
        }
        assert_eq!(Window::last(4).to_string(), "-4:");
        for wrong in [
            "",
            "3",
            "a:",
            "1:2:3",
            "1.5:",
            "1-2",
            "99999999999999999999:",
        ] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }
}
