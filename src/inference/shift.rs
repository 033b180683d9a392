//! How far an intervention moves what the model expects.

use serde::Serialize;

/// One position, before and after, in double precision from all logits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shift {
    /// Σ p ln(p / q) over the vocabulary, p before and q after, in nats.
    pub kl: f64,
    /// Of the token that came next, before and after; none where none came.
    pub came: Option<[Standing; 2]>,
}

/// How a token stands among all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Standing {
    /// Its logit.
    pub logit: f32,
    /// Its probability.
    pub prob: f64,
    /// How many have a larger logit: 0 is the most probable.
    pub rank: usize,
    /// −ln p, in nats.
    pub surprise: f64,
}

impl Shift {
    /// From the logits of a position and the token that came after it; none where these are not of one vocabulary.
    #[must_use]
    pub fn of(before: &[f32], after: &[f32], next: Option<u32>) -> Option<Self> {
        if before.len() != after.len() || before.is_empty() {
            return None;
        }
        let (ln_p, ln_q) = (log_softmax(before), log_softmax(after));
        let kl = divergence(&ln_p, &ln_q);
        let came = next
            .map(|id| id as usize)
            .filter(|id| *id < before.len())
            .map(|id| [standing(before, &ln_p, id), standing(after, &ln_q, id)]);
        Some(Self { kl, came })
    }
}

/// Σ p ln(p / q), in nats, from the logits of p and q.
pub(super) fn kl(p: &[f32], q: &[f32]) -> f64 {
    divergence(&log_softmax(p), &log_softmax(q))
}

fn divergence(ln_p: &[f64], ln_q: &[f64]) -> f64 {
    let both = ln_p.iter().zip(ln_q);
    both.map(|(p, q)| p.exp() * (p - q)).sum()
}

/// −ln p of a token, in nats.
pub(super) fn surprise(logits: &[f32], id: u32) -> f64 {
    let ln_p = log_softmax(logits);
    ln_p.get(id as usize).map_or(f64::INFINITY, |ln_p| -ln_p)
}

fn standing(logits: &[f32], ln_p: &[f64], id: usize) -> Standing {
    Standing {
        logit: logits[id],
        prob: ln_p[id].exp(),
        rank: logits.iter().filter(|other| **other > logits[id]).count(),
        surprise: -ln_p[id],
    }
}

fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let off = |logit: &f32| f64::from(*logit) - f64::from(largest);
    let sum: f64 = logits.iter().map(|logit| off(logit).exp()).sum();
    logits.iter().map(|logit| off(logit) - sum.ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_that_of_its_probabilities() {
        // p = ½, ¼, ¼ and q = ¼, ½, ¼.
        let half = 2.0_f32.ln();
        let shift = Shift::of(&[half, 0.0, 0.0], &[1.0, 1.0 + half, 1.0], Some(1)).expect("one");
        let kl = 0.5 * 2.0_f64.ln() - 0.25 * 2.0_f64.ln();
        assert!((shift.kl - kl).abs() < 1e-6, "{}", shift.kl);
        let [before, after] = shift.came.expect("one came");
        assert!((before.prob - 0.25).abs() < 1e-6 && (after.prob - 0.5).abs() < 1e-6);
        assert_eq!((before.rank, after.rank), (1, 0));
        assert!((before.surprise - 4.0_f64.ln()).abs() < 1e-6);
        assert_eq!((before.logit, after.logit), (0.0, 1.0 + half));
    }

    #[test]
    fn nothing_moves_where_nothing_is_changed() {
        let logits = [3.0, -80.0, 0.5, 900.0];
        let shift = Shift::of(&logits, &logits, None).expect("one");
        assert_eq!((shift.kl, shift.came), (0.0, None));
        assert_eq!(Shift::of(&logits, &logits[1..], None), None);
        assert!(
            Shift::of(&logits, &logits, Some(4))
                .expect("one")
                .came
                .is_none()
        );
    }
}
