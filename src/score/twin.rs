//! Float64 twins of the kernels, in plain Rust, one head at a time. Every kernel is compared with its
//! twin on random input.

pub mod v4;

use super::{Shown, Statistic};
use crate::model::Version;

/// GroupNorm's ε in web-rwkv, for every version with heads.
pub const GROUP_NORM_EPS: f64 = 64e-5;

/// Vectors of one head, each `[tokens][head_size]`, as they enter the recurrence.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// [`Version::V5`], [`Version::V6`] or [`Version::V7`].
    pub version: Version,
    /// Receptance.
    pub r: Vec<Vec<f64>>,
    /// Decay, in (0, 1).
    pub w: Vec<Vec<f64>>,
    /// Key as written.
    pub k: Vec<Vec<f64>>,
    /// Value as written.
    pub v: Vec<Vec<f64>>,
    /// In-context learning rate; empty before RWKV-7.
    pub a: Vec<Vec<f64>>,
    /// Normalised removal key; empty before RWKV-7.
    pub kappa: Vec<Vec<f64>>,
    /// RWKV-5 and 6: u. RWKV-7: r_k. `[head_size]`.
    pub bonus: Vec<f64>,
    /// GroupNorm's γ, `[head_size]`.
    pub gamma: Vec<f64>,
    /// GroupNorm's β, `[head_size]`.
    pub beta: Vec<f64>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn dot3(a: &[f64], b: &[f64], c: &[f64]) -> f64 {
    a.iter().zip(b).zip(c).map(|((a, b), c)| a * b * c).sum()
}

impl Head {
    /// Tokens.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.r.len()
    }

    fn erases(&self) -> bool {
        self.version == Version::V7
    }

    /// `G_s` transposed, applied to a reader's vector: q ← w ⊙ q − κ̂ (b·q).
    fn pull(&self, q: &mut [f64], s: usize) {
        let b_q = if self.erases() {
            dot3(&self.a[s], &self.kappa[s], q)
        } else {
            0.0
        };
        for (i, q) in q.iter_mut().enumerate() {
            *q *= self.w[s][i];
            if self.erases() {
                *q -= self.kappa[s][i] * b_q;
            }
        }
    }

    /// `G_t` applied to a written key: p ← w ⊙ p − b (κ̂·p).
    fn push(&self, p: &mut [f64], t: usize) {
        let kappa_p = if self.erases() {
            dot(&self.kappa[t], p)
        } else {
            0.0
        };
        for (i, p) in p.iter_mut().enumerate() {
            *p *= self.w[t][i];
            if self.erases() {
                *p -= self.a[t][i] * self.kappa[t][i] * kappa_p;
            }
        }
    }

    /// What reader t multiplies its own key with: RWKV-5 and 6 read the newest token through the bonus u.
    fn own_query(&self, t: usize) -> Vec<f64> {
        let mut q = self.r[t].clone();
        if !self.erases() {
            q.iter_mut().zip(&self.bonus).for_each(|(q, u)| *q *= u);
        }
        q
    }

    /// What reader t multiplies the keys of s = 0 … t with.
    fn queries(&self, t: usize) -> Vec<Vec<f64>> {
        let mut queries = vec![self.own_query(t)];
        let mut q = self.r[t].clone();
        // RWKV-5 and 6 read before the write, so the newest token's decay does not count.
        if self.erases() {
            self.pull(&mut q, t);
        }
        for s in (0..t).rev() {
            queries.push(q.clone());
            self.pull(&mut q, s);
        }
        queries.reverse();
        queries
    }

    /// A[t,s] for s = 0 … t.
    #[must_use]
    pub fn row(&self, t: usize) -> Vec<f64> {
        let queries = self.queries(t);
        queries
            .iter()
            .zip(&self.k)
            .map(|(q, k)| dot(q, k))
            .collect()
    }

    /// A[t,s] for t = s … T − 1.
    #[must_use]
    pub fn column(&self, s: usize) -> Vec<f64> {
        let mut p = self.k[s].clone();
        let mut column = vec![dot(&self.own_query(s), &self.k[s])];
        for t in s + 1..self.tokens() {
            if self.erases() {
                self.push(&mut p, t);
            }
            column.push(dot(&self.r[t], &p));
            if !self.erases() {
                self.push(&mut p, t);
            }
        }
        column
    }

    /// W-K norm of writer s at t = s … T − 1: ‖p‖ after the decays s + 1 … t.
    #[must_use]
    pub fn wk_column(&self, s: usize) -> Vec<f64> {
        let mut p = self.k[s].clone();
        let mut column = vec![dot(&p, &p).sqrt()];
        for t in s + 1..self.tokens() {
            self.push(&mut p, t);
            column.push(dot(&p, &p).sqrt());
        }
        column
    }

    /// What decay alone, with nothing erased, would have made of A[t,s], for s = 0 … t: NUMERICS' A_qk.
    #[must_use]
    pub fn faded_row(&self, t: usize) -> Vec<f64> {
        let mut faded = self.clone();
        faded.kappa.iter_mut().flatten().for_each(|x| *x = 0.0);
        faded.row(t)
    }

    /// Erase part A − A_qk for s = 0 … t: what RWKV-7's delta rule changed.
    #[must_use]
    pub fn erase_row(&self, t: usize) -> Vec<f64> {
        let faded = self.faded_row(t);
        self.row(t).iter().zip(faded).map(|(a, b)| a - b).collect()
    }

    /// Value-weighted score |A[t,s]| ‖v_s‖ for s = 0 … t.
    #[must_use]
    pub fn weighted_row(&self, t: usize) -> Vec<f64> {
        let row = self.row(t);
        row.iter()
            .zip(&self.v)
            .map(|(a, v)| a.abs() * dot(v, v).sqrt())
            .collect()
    }

    /// y_t = Σ_s A[t,s] v_s, `[head_size]`.
    #[must_use]
    pub fn output(&self, t: usize) -> Vec<f64> {
        let mut y = vec![0.0; self.bonus.len()];
        for (score, v) in self.row(t).iter().zip(&self.v) {
            for (y, v) in y.iter_mut().zip(v) {
                *y += score * v;
            }
        }
        y
    }

    /// Contribution share A[t,s]⟨v_s, y_t⟩ / ‖y_t‖² for s = 0 … t. Sums to 1.
    #[must_use]
    pub fn share_row(&self, t: usize) -> Vec<f64> {
        let y = self.output(t);
        let square = dot(&y, &y);
        self.row(t)
            .iter()
            .zip(&self.v)
            .map(|(score, v)| score * dot(v, &y) / square)
            .collect()
    }

    /// What the model's layer should give for this head: GroupNorm(y_t), in RWKV-7 plus the bonus.
    #[must_use]
    pub fn normed(&self, t: usize) -> Vec<f64> {
        let y = self.output(t);
        let (mean, deviation) = spread(&y);
        let bonus = if self.erases() {
            dot3(&self.r[t], &self.bonus, &self.k[t])
        } else {
            0.0
        };
        (0..y.len())
            .map(|i| {
                (y[i] - mean) / deviation * self.gamma[i] + self.beta[i] + bonus * self.v[t][i]
            })
            .collect()
    }

    /// How far the terms of y_t cancel, at least 1: √(Σ_i (Σ_s |q_i k_s,i| ‖v_s‖)² + (Σ_s |A[t,s]| ‖v_s‖)²) in parts of what
    /// GroupNorm divides by, q being what t multiplies the key of s with. Rounding r, k and v shows as many times larger in
    /// [`Head::normed`].
    #[must_use]
    pub fn cancellation(&self, t: usize) -> f64 {
        let mut channels = vec![0.0; self.bonus.len()];
        for ((q, k), v) in self.queries(t).iter().zip(&self.k).zip(&self.v) {
            for (i, channel) in channels.iter_mut().enumerate() {
                *channel += (q[i] * k[i]).abs() * dot(v, v).sqrt();
            }
        }
        let reach = self.weighted_row(t).iter().sum::<f64>();
        let (_, deviation) = spread(&self.output(t));
        let size = (dot(&channels, &channels) + reach * reach).sqrt();
        (size / (channels.len() as f64).sqrt() / deviation).max(1.0)
    }
}

/// Mean of y, and what GroupNorm divides by.
fn spread(y: &[f64]) -> (f64, f64) {
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
    (mean, (variance + GROUP_NORM_EPS).sqrt())
}

/// The largest |value| of a head among the tokens that count for full colour.
#[must_use]
pub fn scale(values: &[f64], shown: &Shown) -> f64 {
    let counted = values
        .iter()
        .enumerate()
        .filter(|(token, _)| shown.is_scaling(*token));
    counted.map(|(_, value)| value.abs()).fold(0.0, f64::max)
}

/// Every [`Statistic`] of one head's values, in the order of [`Statistic::ALL`]; with nothing selected
/// every token counts as read.
#[must_use]
pub fn statistics(
    values: &[f64],
    shown: &Shown,
    selected: Option<usize>,
) -> [f64; Statistic::COUNT] {
    let listed = |token: usize| Some(token) != selected && shown.is_listed(token);
    let is_read = |token: usize| selected.is_none_or(|selected| token < selected);
    let sizes = || {
        (0..values.len())
            .filter(|token| listed(*token))
            .map(|token| (token, values[token].abs()))
    };
    let read: f64 = sizes()
        .filter(|(token, _)| is_read(*token))
        .map(|(_, size)| size)
        .sum();
    let readers: f64 = sizes()
        .filter(|(token, _)| !is_read(*token))
        .map(|(_, size)| size)
        .sum();
    let part = |token: usize| {
        if read > 0.0 && listed(token) && is_read(token) {
            values[token].abs() / read
        } else {
            0.0
        }
    };
    let parts = || {
        sizes()
            .map(|(token, _)| (token, part(token)))
            .filter(|(_, part)| *part > 0.0)
    };
    let entropy: f64 = parts().map(|(_, part)| -part * part.ln()).sum();
    let peak = sizes().fold(
        None,
        |most: Option<(usize, f64)>, (token, size)| match most {
            Some((_, largest)) if size <= largest => most,
            _ if size > 0.0 => Some((token, size)),
            _ => most,
        },
    );
    Statistic::ALL.map(|statistic| match statistic {
        Statistic::Peak => peak.map_or(0.0, |(token, _)| values[token]),
        Statistic::Read => read,
        Statistic::Readers => readers,
        Statistic::Distance => selected.map_or(0.0, |selected| {
            parts()
                .map(|(token, part)| part * (selected - token) as f64)
                .sum()
        }),
        Statistic::Spread if read > 0.0 => entropy.exp(),
        Statistic::Spread => 0.0,
        Statistic::First => {
            if selected == Some(0) {
                0.0
            } else {
                part(0)
            }
        }
        Statistic::Previous => selected
            .and_then(|selected| selected.checked_sub(1))
            .map_or(0.0, part),
        Statistic::Itself => selected.map_or(0.0, |selected| values[selected]),
    })
}
