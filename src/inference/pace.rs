//! How many tokens go into a chunk.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::MAX_CHUNK;

/// web-rwkv's fast matrix product takes multiples of this.
const FAST_MULTIPLE: usize = 32;

/// Lengths that a chunk may have by itself. Below [`FAST_MULTIPLE`] web-rwkv takes the tokens one by one, which
/// is slower in all but sooner done.
const LENGTHS: [usize; 9] = [2, 4, 8, 12, 16, 32, 64, 96, MAX_CHUNK];
/// Where the fast ones begin.
const FAST: usize = 5;

/// How long the GPU may be at one chunk, as a frame waits for it.
const WHILE_MOVING: Duration = Duration::from_millis(24);
const AT_REST: Duration = Duration::from_millis(60);

/// How many tokens go into a chunk. Nothing else is drawn while the GPU is at one.
#[derive(Debug, Clone)]
pub enum Chunk {
    /// Always so many, at most [`MAX_CHUNK`].
    Of(usize),
    /// As many as somebody who watches has patience for.
    Live(Attention),
}

impl Default for Chunk {
    fn default() -> Self {
        Self::Of(MAX_CHUNK)
    }
}

/// Whether somebody moves what is seen. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Attention(Arc<AtomicBool>);

impl Attention {
    /// Takes note of it.
    pub fn set(&self, moving: bool) {
        self.0.store(moving, Ordering::Relaxed);
    }

    fn is_moving(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The length of chunk that suits a model, and how long it took. At first the shortest, as nothing is known of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settled {
    at: usize,
    took: Duration,
}

/// The length of the next chunk, from how long those before took.
#[derive(Debug)]
pub(super) struct Pace {
    chunk: Chunk,
    settled: Settled,
}

impl Pace {
    /// Begins where another one ended: a first chunk that is too long would hold a frame up.
    pub fn new(chunk: Chunk, settled: Settled) -> Self {
        Self { chunk, settled }
    }

    /// The length that it has come to, for the next run of the same model.
    pub fn settled(&self) -> Settled {
        self.settled
    }

    /// Of `left` tokens.
    pub fn next(&mut self, left: usize) -> usize {
        let wanted = match &self.chunk {
            Chunk::Of(tokens) => *tokens,
            Chunk::Live(attention) if attention.is_moving() => {
                // Somebody has begun to move: what was right at rest would hold the next frame up.
                if self.settled.took > WHILE_MOVING && self.settled.at >= FAST {
                    self.settled = Settled::default();
                }
                LENGTHS[self.settled.at]
            }
            Chunk::Live(_) => LENGTHS[self.settled.at.max(FAST)],
        };
        let most = left.min(wanted.clamp(1, MAX_CHUNK));
        if most > FAST_MULTIPLE {
            most - most % FAST_MULTIPLE
        } else {
            most
        }
    }

    /// Learns how long the GPU was at a chunk of `tokens`. One step at a time, as one chunk may be slow by chance.
    pub fn took(&mut self, tokens: usize, time: Duration) {
        let Chunk::Live(attention) = &self.chunk else {
            return;
        };
        // The end of a text says nothing of whole chunks.
        let Some(at) = LENGTHS.iter().position(|length| *length == tokens) else {
            return;
        };
        let (span, least) = if attention.is_moving() {
            (WHILE_MOVING, 0)
        } else {
            (AT_REST, FAST)
        };
        let mut next = at.max(least);
        let mut took = time;
        if time > span {
            next = at.saturating_sub(1).max(least);
        } else if let Some(longer) = LENGTHS.get(at + 1) {
            let longer = time.mul_f64(*longer as f64 / tokens as f64);
            if longer < span {
                (next, took) = (at + 1, longer);
            }
        }
        self.settled = Settled { at: next, took };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of chunks until nothing changes, where a token takes so many milliseconds.
    fn settle(pace: &mut Pace, each: f64) -> Vec<usize> {
        let mut lengths = Vec::new();
        for _ in 0..20 {
            let tokens = pace.next(4096);
            lengths.push(tokens);
            pace.took(tokens, Duration::from_secs_f64(tokens as f64 * each * 1e-3));
        }
        lengths.dedup();
        lengths
    }

    fn live(moving: bool) -> (Pace, Attention) {
        let attention = Attention::default();
        attention.set(moving);
        let chunk = Chunk::Live(attention.clone());
        (Pace::new(chunk, Settled::default()), attention)
    }

    #[test]
    fn a_fast_model_has_long_chunks() {
        assert_eq!(settle(&mut live(false).0, 0.1), [32, 64, 96, 128]);
        let (mut moving, attention) = live(true);
        assert_eq!(settle(&mut moving, 0.1), [2, 4, 8, 12, 16, 32, 64, 96, 128]);
        // The next run begins there.
        let mut next = Pace::new(Chunk::Live(attention), moving.settled());
        assert_eq!(settle(&mut next, 0.1), [128]);
    }

    #[test]
    fn a_slow_model_has_short_ones_while_somebody_moves() {
        let (mut pace, attention) = live(true);
        assert_eq!(settle(&mut pace, 1.0), [2, 4, 8, 12, 16]);
        assert_eq!(settle(&mut pace, 100.0), [16, 12, 8, 4, 2]);
        attention.set(false);
        assert_eq!(settle(&mut pace, 100.0), [32]);
        attention.set(true);
        assert_eq!(settle(&mut pace, 1.8), [2, 4, 8, 12]);
    }

    #[test]
    fn it_stays_where_one_more_would_be_too_long() {
        assert_eq!(settle(&mut live(true).0, 0.25), [2, 4, 8, 12, 16, 32, 64]);
        assert_eq!(settle(&mut live(false).0, 0.8), [32, 64]);
    }

    #[test]
    fn the_end_of_a_text_changes_nothing() {
        let (mut pace, _) = live(false);
        assert_eq!(pace.next(5), 5);
        pace.took(5, Duration::from_secs(1));
        assert_eq!(pace.next(100), 32);
        // Whole multiples, then the rest.
        assert_eq!(
            Pace::new(Chunk::default(), Settled::default()).next(100),
            96
        );
        assert_eq!(Pace::new(Chunk::Of(1), Settled::default()).next(100), 1);
    }
}
