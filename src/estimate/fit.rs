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
}
