use std::ops::Range;

/// As many of some layers as fit, the last ones; `takes` says what so many layers take. None when not even one does.
#[must_use]
pub fn layers_that_fit(
    layers: Range<usize>,
    free: u64,
    takes: impl Fn(usize) -> u64,
) -> Option<Range<usize>> {
    let count = (1..=layers.len())
        .rev()
        .find(|count| takes(*count) <= free)?;
    Some(layers.end - count..layers.end)
}

/// The most of some tokens that fit, or none; `takes` says what so many take, more with each.
#[must_use]
pub fn tokens_that_fit(tokens: usize, free: u64, takes: impl Fn(usize) -> u64) -> Option<usize> {
    let (mut fits, mut too_many) = (0, tokens + 1);
    while fits + 1 < too_many {
        let middle = fits.midpoint(too_many);
        if takes(middle) <= free {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    (fits > 0).then_some(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_layers_are_kept() {
        let takes = |layers: usize| 100 + 10 * layers as u64;
        for (free, expected) in [
            (500, Some(2..10)),
            (149, Some(6..10)),
            (110, Some(9..10)),
            (109, None),
        ] {
            assert_eq!(layers_that_fit(2..10, free, takes), expected);
        }
    }

    #[test]
    fn as_many_tokens_are_kept_as_fit() {
        let takes = |tokens: usize| 100 + 10 * tokens as u64;
        for (free, expected) in [(500, Some(10)), (199, Some(9)), (110, Some(1)), (109, None)] {
            assert_eq!(tokens_that_fit(10, free, takes), expected);
        }
        assert_eq!(tokens_that_fit(0, 500, takes), None);
    }
}
