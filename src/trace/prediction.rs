/// Candidates kept for every position.
pub const TOP: usize = 16;

/// One possible next token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Vocabulary id.
    pub id: u32,
    /// Logit, as the model gave it.
    pub logit: f32,
    /// Softmax over the whole vocabulary.
    pub probability: f32,
}

/// What the model expected after one position, most probable first.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// At most [`TOP`] candidates.
    pub top: Vec<Candidate>,
    /// ln Σ exp(logit) over the whole vocabulary.
    pub log_sum_exp: f32,
    /// Logit of the token that really came next, wherever it ranks; none after the last token.
    pub came: Option<f32>,
}

impl Prediction {
    /// Reads what `top_tokens.wgsl` wrote for one position: `[log-sum-exp, came], TOP × [id, logit]`.
    /// `next` is the token that came, if one did.
    pub(crate) fn from_words(words: &[u32], vocab: usize, next: Option<u32>) -> Self {
        let log_sum_exp = f32::from_bits(words[0]);
        let top = words[2..]
            .chunks_exact(2)
            .take(vocab)
            .map(|pair| Candidate::new(pair[0], f32::from_bits(pair[1]), log_sum_exp))
            .collect();
        Self {
            top,
            log_sum_exp,
            came: next.map(|_| f32::from_bits(words[1])),
        }
    }

    /// Of nothing that is known.
    pub(crate) fn none() -> Self {
        Self {
            top: Vec::new(),
            log_sum_exp: f32::NAN,
            came: None,
        }
    }

    /// The same with as many candidates as any other, none of them real.
    pub(super) fn padded(vocab: usize) -> Self {
        let nobody = Candidate {
            id: 0,
            logit: f32::NAN,
            probability: f32::NAN,
        };
        Self {
            top: vec![nobody; vocab.min(TOP)],
            ..Self::none()
        }
    }

    /// Of candidates that were picked before.
    pub(super) fn from_candidates(
        ids: &[u32],
        logits: &[f32],
        log_sum_exp: f32,
        came: Option<f32>,
    ) -> Self {
        let top = ids.iter().zip(logits);
        let top = top.map(|(&id, &logit)| Candidate::new(id, logit, log_sum_exp));
        Self {
            top: top.collect(),
            log_sum_exp,
            came,
        }
    }

    /// Sorts a whole row of logits; keeps the `count` best and that of `next`, the token that came.
    #[must_use]
    pub fn from_logits(logits: &[f32], count: usize, next: Option<u32>) -> Self {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let log_sum_exp = largest + logits.iter().map(|x| (x - largest).exp()).sum::<f32>().ln();
        let mut ids: Vec<u32> = (0..).take(logits.len()).collect();
        ids.sort_by(|a, b| {
            logits[*b as usize]
                .total_cmp(&logits[*a as usize])
                .then(a.cmp(b))
        });
        let top = ids
            .iter()
            .take(count)
            .map(|&id| Candidate::new(id, logits[id as usize], log_sum_exp))
            .collect();
        Self {
            top,
            log_sum_exp,
            came: next.and_then(|id| logits.get(id as usize).copied()),
        }
    }

    /// −ln p of the token that really came next, in nats; none after the last token.
    #[must_use]
    pub fn surprise(&self) -> Option<f32> {
        // Rounding may put a certain token a hair above certainty.
        Some((self.log_sum_exp - self.came?).max(0.0))
    }
}

impl Candidate {
    fn new(id: u32, logit: f32, log_sum_exp: f32) -> Self {
        Self {
            id,
            logit,
            probability: (logit - log_sum_exp).exp(),
        }
    }
}
