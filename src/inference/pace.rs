//! How many tokens go into a chunk.

use std::time::Duration;

use super::MAX_CHUNK;

/// web-rwkv's fast matrix product takes multiples of this.
pub(super) const FAST_MULTIPLE: usize = 32;

/// Lengths that a chunk may have by itself. Below [`FAST_MULTIPLE`] web-rwkv takes the tokens one by one, which
/// is slower in all but sooner done.
const LENGTHS: [usize; 6] = [8, 16, 32, 64, 96, MAX_CHUNK];
/// The length to begin with.
const FIRST: usize = 2;

/// How many tokens go into a chunk. Nothing else is drawn while the GPU is at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    /// Always so many, at most [`MAX_CHUNK`]. The same text then leaves the same bytes each time.
    Of(usize),
    /// As many as take about this long.
    Within(Duration),
}

impl Default for Chunk {
    fn default() -> Self {
        Self::Of(MAX_CHUNK)
    }
}

/// The length of the next chunk, from how long those before took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    chunk: Chunk,
    at: usize,
}

impl Pace {
    pub fn new(chunk: Chunk) -> Self {
        Self { chunk, at: FIRST }
    }

    /// Of `left` tokens.
    pub fn next(&self, left: usize) -> usize {
        let wanted = match self.chunk {
            Chunk::Of(tokens) => tokens,
            Chunk::Within(_) => LENGTHS[self.at],
        };
        let most = left.min(wanted.clamp(1, MAX_CHUNK));
        if most > FAST_MULTIPLE {
            most - most % FAST_MULTIPLE
        } else {
            most
        }
    }

    /// Learns how long a chunk of `tokens` took. One step at a time, as one chunk may be slow by chance.
    pub fn took(&mut self, tokens: usize, time: Duration) {
        let Chunk::Within(span) = self.chunk else {
            return;
        };
        // The end of a text says nothing of whole chunks.
        if tokens != LENGTHS[self.at] {
            return;
        }
        if time > span {
            self.at = self.at.saturating_sub(1);
        } else if let Some(longer) = LENGTHS.get(self.at + 1)
            && time.mul_f64(*longer as f64 / tokens as f64) < span
        {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_millis(40);

    /// Lengths of chunks until nothing changes, where a chunk takes a time by its length.
    fn settle(time: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut pace = Pace::new(Chunk::Within(SPAN));
        let mut lengths = Vec::new();
        for _ in 0..20 {
            let tokens = pace.next(4096);
            lengths.push(tokens);
            pace.took(tokens, Duration::from_secs_f64(time(tokens) * 1e-3));
        }
        lengths.dedup();
        lengths
    }

    #[test]
    fn a_fast_model_has_long_chunks() {
        assert_eq!(settle(|tokens| 0.1 * tokens as f64), [32, 64, 96, 128]);
    }

    #[test]
    fn a_slow_model_has_short_ones() {
        assert_eq!(settle(|tokens| 1.5 * tokens as f64), [32, 16]);
        assert_eq!(settle(|tokens| 100.0 * tokens as f64), [32, 16, 8]);
    }

    #[test]
    fn it_stays_where_one_more_would_be_too_long() {
        assert_eq!(settle(|tokens| 0.5 * tokens as f64), [32, 64]);
    }

    #[test]
    fn the_end_of_a_text_changes_nothing() {
        let mut pace = Pace::new(Chunk::Within(SPAN));
        assert_eq!(pace.next(5), 5);
        pace.took(5, Duration::from_secs(1));
        assert_eq!(pace.next(100), 32);
        // Whole multiples, then the rest.
        assert_eq!(Pace::new(Chunk::default()).next(100), 96);
        assert_eq!(Pace::new(Chunk::Of(1)).next(100), 1);
    }
}
