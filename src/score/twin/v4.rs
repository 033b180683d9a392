//! The twin of RWKV-4, one group of channels at a time. Each channel has a state of its own; a group's numbers are
//! made of its channels' weights.

/// Vectors of one group, each `[tokens][channels]`, as they enter the recurrence.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Receptance, before its sigmoid.
    pub r: Vec<Vec<f64>>,
    /// Key.
    pub k: Vec<Vec<f64>>,
    /// Value.
    pub v: Vec<Vec<f64>>,
    /// w < 0: what a step takes off the exponent, `[channels]`.
    pub decay: Vec<f64>,
    /// u: what the newest token has on top, `[channels]`.
    pub bonus: Vec<f64>,
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// exp(x) / Σ exp(x), for exponents of any size.
fn softmax(exponents: &[f64]) -> Vec<f64> {
    let most = exponents.iter().copied().fold(f64::MIN, f64::max);
    let parts: Vec<f64> = exponents.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = parts.iter().sum();
    parts.into_iter().map(|part| part / sum).collect()
}

/// `[channel][token]` as `[token][channel]`.
fn turned(channels: &[Vec<f64>], tokens: usize) -> Vec<Vec<f64>> {
    let token = |s: usize| channels.iter().map(|channel| channel[s]).collect();
    (0..tokens).map(token).collect()
}

impl Group {
    /// Tokens.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.r.len()
    }

    /// a[t,s] for s = 0 … t: what each channel's value of s counts in y_t, `[s][channels]`.
    #[must_use]
    pub fn weights(&self, t: usize) -> Vec<Vec<f64>> {
        let of_channel = |c: usize| {
            let strength = |s: usize| match s == t {
                true => self.k[s][c] + self.bonus[c],
                false => self.k[s][c] + (t - 1 - s) as f64 * self.decay[c],
            };
            let gate = 1.0 / (1.0 + (-self.r[t][c]).exp());
            let exponents: Vec<f64> = (0..=t).map(strength).collect();
            let parts = softmax(&exponents).into_iter();
            parts.map(|part| gate * part).collect()
        };
        let channels: Vec<Vec<f64>> = (0..self.decay.len()).map(of_channel).collect();
        turned(&channels, t + 1)
    }

    /// a[t,s] ⊙ v_s for s = 0 … t: what each token adds to y_t, `[s][channels]`.
    fn added(&self, t: usize) -> Vec<Vec<f64>> {
        let weights = self.weights(t).into_iter().zip(&self.v);
        weights
            .map(|(a, v)| a.iter().zip(v).map(|(a, v)| a * v).collect())
            .collect()
    }

    /// y_t = Σ_s a[t,s] ⊙ v_s, `[channels]`.
    #[must_use]
    pub fn output(&self, t: usize) -> Vec<f64> {
        let mut y = vec![0.0; self.decay.len()];
        for added in self.added(t) {
            for (y, added) in y.iter_mut().zip(added) {
                *y += added;
            }
        }
        y
    }

    /// A[t,s] for s = 0 … t: the mean of the channels' weights.
    #[must_use]
    pub fn row(&self, t: usize) -> Vec<f64> {
        let weights = self.weights(t).into_iter();
        weights
            .map(|a| a.iter().sum::<f64>() / a.len() as f64)
            .collect()
    }

    /// Value-weighted score ‖a[t,s] ⊙ v_s‖ for s = 0 … t.
    #[must_use]
    pub fn weighted_row(&self, t: usize) -> Vec<f64> {
        self.added(t).iter().map(|added| norm(added)).collect()
    }

    /// Contribution share ⟨a[t,s] ⊙ v_s, y_t⟩ / ‖y_t‖² for s = 0 … t. Sums to 1.
    #[must_use]
    pub fn share_row(&self, t: usize) -> Vec<f64> {
        let y = self.output(t);
        let square = dot(&y, &y);
        let added = self.added(t);
        added.iter().map(|added| dot(added, &y) / square).collect()
    }

    /// W-K norm of writers s = 0 … t in the state after t: ‖exp(k_s + (t − s) w) / Σ_(i≤t) exp(k_i + (t − i) w)‖.
    #[must_use]
    pub fn wk_row(&self, t: usize) -> Vec<f64> {
        let of_channel = |c: usize| {
            let strength = |s: usize| self.k[s][c] + (t - s) as f64 * self.decay[c];
            softmax(&(0..=t).map(strength).collect::<Vec<_>>())
        };
        let channels: Vec<Vec<f64>> = (0..self.decay.len()).map(of_channel).collect();
        let held = turned(&channels, t + 1);
        held.iter().map(|parts| norm(parts)).collect()
    }
}
