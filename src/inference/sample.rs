//! Which token comes next, chosen by chance from logits.

use std::collections::HashMap;

use rand::{RngExt as _, SeedableRng, rngs::ChaCha20Rng};
use serde::{Deserialize, Serialize};

/// How tokens are chosen. Formulas: docs/NUMERICS.md, "Sampling".
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Above 0: probabilities to the power of 1 / temperature. 0: always the most probable token.
    pub temperature: f32,
    /// Of the most probable tokens, only as many as have this much of the probability together.
    pub top_p: f32,
    /// Taken from the logit of a token that has come already.
    pub presence: f32,
    /// Taken from it each time that it came.
    pub frequency: f32,
    /// The same one makes the same choices.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_p: 0.7,
            presence: 0.0,
            frequency: 0.0,
            seed: 0,
        }
    }
}

/// Chooses one token after another.
#[derive(Debug, Clone)]
pub struct Sampler {
    sampling: Sampling,
    /// Tokens chosen so far.
    count: u64,
    came: HashMap<u32, u32>,
}

impl Sampler {
    /// Before the first token.
    #[must_use]
    pub fn new(sampling: Sampling) -> Self {
        Self {
            sampling,
            count: 0,
            came: HashMap::new(),
        }
    }

    /// After these have been chosen.
    #[must_use]
    pub fn after(sampling: Sampling, chosen: &[u32]) -> Self {
        let mut sampler = Self::new(sampling);
        chosen.iter().for_each(|id| sampler.came(*id));
        sampler
    }

    fn came(&mut self, id: u32) {
        self.count += 1;
        *self.came.entry(id).or_default() += 1;
    }

    /// The next token, which then has come. None where there are no finite logits.
    pub fn next(&mut self, logits: &[f32]) -> Option<u32> {
        let weights = self.weights(logits);
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        // Each choice has chances of its own, whatever was chosen before.
        let mut chance = ChaCha20Rng::seed_from_u64(self.sampling.seed);
        chance.set_stream(self.count);
        let mut left = chance.random::<f64>() * sum;
        let chosen = weights.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        // Rounding may leave a little at the end.
        let (id, _) = *chosen.or(weights.last())?;
        self.came(id);
        Some(id)
    }

    /// The tokens to choose from, the most probable first, and their parts of the choice.
    fn weights(&self, logits: &[f32]) -> Vec<(u32, f64)> {
        let Sampling {
            temperature,
            top_p,
            presence,
            frequency,
            ..
        } = self.sampling;
        let mut all: Vec<(u32, f64)> = (0..)
            .zip(logits)
            .map(|(id, logit)| {
                let times = self.came.get(&id).copied().unwrap_or_default();
                let penalty = match times {
                    0 => 0.0,
                    times => presence + frequency * times as f32,
                };
                (id, f64::from(logit - penalty))
            })
            .filter(|(_, logit)| logit.is_finite())
            .collect();
        // Of equal ones the first, so that the order is the same everywhere.
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let Some(&(_, largest)) = all.first() else {
            return all;
        };
        if temperature <= 0.0 {
            all.truncate(1);
        }
        for (_, number) in &mut all {
            *number = (*number - largest).exp();
        }
        let sum: f64 = all.iter().map(|(_, weight)| weight).sum();
        let mut so_far = 0.0;
        let kept = all.iter().take_while(|(_, weight)| {
            let is_needed = so_far < f64::from(top_p) * sum;
            so_far += weight;
            is_needed
        });
        let kept = kept.count().max(1);
        all.truncate(kept);
        for (_, weight) in &mut all {
            *weight = weight.powf(1.0 / f64::from(temperature.max(f32::MIN_POSITIVE)));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(sampling: Sampling) -> Sampler {
        Sampler::new(sampling)
    }

    /// How often each of some tokens is chosen, in parts.
    fn parts(sampling: Sampling, logits: &[f32]) -> Vec<f64> {
        const COUNT: usize = 20_000;
        let mut counts = vec![0.0; logits.len()];
        for seed in 0..COUNT as u64 {
            let sampling = Sampling { seed, ..sampling };
            let id = sampler(sampling).next(logits).expect("there are logits");
            counts[id as usize] += 1.0 / COUNT as f64;
        }
        counts
    }

    fn assert_near(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            // Five standard deviations.
            assert!((found - expected).abs() < 0.018, "{found} for {expected}");
        }
    }

    #[test]
    fn tokens_come_as_often_as_they_are_probable() {
        let logits = [4.0_f32, 3.0, 2.0, 1.0].map(f32::ln);
        let all = Sampling {
            top_p: 1.0,
            ..Sampling::default()
        };
        assert_near(&parts(all, &logits), &[0.4, 0.3, 0.2, 0.1]);
        let hot = Sampling {
            temperature: 0.5,
            ..all
        };
        assert_near(
            &parts(hot, &logits),
            &[16.0 / 30.0, 0.3, 4.0 / 30.0, 1.0 / 30.0],
        );
        // Four and three tenths reach seven tenths with the third.
        let some = Sampling { top_p: 0.75, ..all };
        assert_near(
            &parts(some, &logits),
            &[4.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0, 0.0],
        );
    }

    #[test]
    fn without_temperature_the_most_probable_comes() {
        let greedy = Sampling {
            temperature: 0.0,
            ..Sampling::default()
        };
        let mut sampler = sampler(greedy);
        assert_eq!(sampler.next(&[0.0, 2.0, 2.0]), Some(1));
        assert_eq!(sampler.next(&[f32::NAN, -7.0, f32::NEG_INFINITY]), Some(1));
        assert_eq!(sampler.next(&[f32::NAN]), None);
        assert_eq!(sampler.next(&[]), None);
    }

    #[test]
    fn what_came_comes_less_often() {
        let penalties = Sampling {
            temperature: 0.0,
            presence: 1.0,
            frequency: 0.5,
            ..Sampling::default()
        };
        let mut sampler = sampler(penalties);
        // 1 is worth 2, then 0.5, then 0; 0 is worth 0.4, then −1.1.
        let chosen = [(); 4].map(|()| sampler.next(&[0.4, 2.0]));
        assert_eq!(chosen, [Some(1), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn a_seed_makes_the_same_choices() {
        let logits: Vec<f32> = (0..50).map(|at| (at as f32 * 0.7).sin()).collect();
        let text = |seed| {
            let mut sampler = sampler(Sampling {
                seed,
                ..Sampling::default()
            });
            [(); 30].map(|()| sampler.next(&logits))
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }
}
