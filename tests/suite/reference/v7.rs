//! RWKV-7 ("Goose", arXiv:2503.14456): the state is edited by a generalised delta rule.

use std::iter::zip;

use super::{Activations, change::OfLayer, ops, weights::Block};

/// e^(−1/2) as the released models round it: the decay stays above exp(−0.606531) = 0.5452.
const DECAY_SCALE: f64 = 0.606531;

/// Shortest length a removal key is divided by.
const SHORTEST: f64 = 1e-12;

/// Time mixing of `x` `[T][C]`, up to the output matrix. `first` is layer 0, whose values the later
/// layers mix into their own; layer 0 itself has none.
pub fn time_mix(
    block: &Block,
    x: &[f64],
    heads: usize,
    first: Option<&Activations>,
    start: &[f64],
    change: &OfLayer<'_>,
) -> Activations {
    let r_k = block.tensor("att.r_k");
    let width = r_k.len();
    let head_size = width / heads;
    let shift = ops::token_shift(x, width);
    let [xr, xw, xk, xv, xa, xg] = ["x_r", "x_w", "x_k", "x_v", "x_a", "x_g"]
        .map(|mu| ops::mix(x, &shift, block.tensor(&format!("att.{mu}"))));

    let r = block.linear("att.receptance.weight", &xr);
    let k = block.linear("att.key.weight", &xk);
    let v = block.linear("att.value.weight", &xv);
    let mut w = ops::map(&low_rank(block, "w", &xw, f64::tanh), |w| {
        (-DECAY_SCALE * ops::sigmoid(w)).exp()
    });
    let mut a = ops::map(&low_rank(block, "a", &xa, |x| x), ops::sigmoid);
    let g = ops::map(&block.linear("att.g1", &xg), ops::sigmoid);
    let g = block.linear("att.g2", &g);

    let v = match first {
        Some(first) => {
            let rate = ops::map(&low_rank(block, "v", &xv, |x| x), ops::sigmoid);
            value_residual(&v, &first.v, &rate)
        }
        None => v,
    };
    let kappa = unit_heads(&ops::scale_row(&k, block.tensor("att.k_k")), head_size);
    let mut k = replacement_key(&k, &a, block.tensor("att.k_a"));
    change.keys(&mut k);
    change.decays(&mut w);
    change.rates(&mut a);

    let read = |k: &[f64]| read_state([&r, &w, k, &v, &a, &kappa], width, head_size, start);
    let mut y = read(&k);
    change.arcs(&mut y, |token, head| {
        read(&change.silenced(&k, token, head))
    });
    let gamma = block.tensor("att.ln_x.weight");
    let beta = block.tensor("att.ln_x.bias");
    let mut x = ops::group_norm(&y, head_size, gamma, beta);
    ops::add(&mut x, &bonus(&r, &k, &v, r_k, head_size));
    let z = ops::multiply(&x, &g);
    Activations {
        r,
        w,
        k,
        v,
        a,
        kappa,
        r_k: r_k.to_vec(),
        gamma: gamma.to_vec(),
        beta: beta.to_vec(),
        y,
        x,
        z,
        ..Default::default()
    }
}

/// b + f(x A) B, the file's `{name}0`, `{name}1` and `{name}2`.
fn low_rank(block: &Block, name: &str, x: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    let hidden = ops::map(&block.linear(&format!("att.{name}1"), x), f);
    let raised = block.linear(&format!("att.{name}2"), &hidden);
    ops::add_row(&raised, block.tensor(&format!("att.{name}0")))
}

/// v + (v_first − v) ⊙ rate.
fn value_residual(v: &[f64], first: &[f64], rate: &[f64]) -> Vec<f64> {
    zip(v, zip(first, rate))
        .map(|(v, (first, rate))| v + (first - v) * rate)
        .collect()
}

/// k̃ = k ⊙ (1 + (a − 1) ⊙ k_a).
fn replacement_key(k: &[f64], a: &[f64], k_a: &[f64]) -> Vec<f64> {
    let scale = ops::scale_row(&ops::map(a, |a| a - 1.0), k_a);
    zip(k, scale).map(|(k, scale)| k * (1.0 + scale)).collect()
}

/// Every head's part of every row, at length 1.
fn unit_heads(x: &[f64], head_size: usize) -> Vec<f64> {
    x.chunks_exact(head_size)
        .flat_map(|head| {
            let length = ops::norm(head).max(SHORTEST);
            head.iter().map(move |x| x / length)
        })
        .collect()
}

/// M ← (diag(w_t) − (a_t ⊙ κ̂_t) κ̂_tᵀ) M + k̃_t v_tᵀ, then y_t = Mᵀ r_t; M is `[key][value]` in each head, at
/// first `start`, or nothing.
fn read_state(
    [r, w, k, v, a, kappa]: [&[f64]; 6],
    width: usize,
    head_size: usize,
    start: &[f64],
) -> Vec<f64> {
    let mut y = vec![0.0; r.len()];
    let mut state = start.to_vec();
    state.resize(width * head_size, 0.0);
    for (t, y) in y.chunks_exact_mut(width).enumerate() {
        let heads = state.chunks_exact_mut(head_size * head_size);
        for (head, (m, y)) in zip(heads, y.chunks_exact_mut(head_size)).enumerate() {
            let at = t * width + head * head_size;
            // κ̂ᵀM: the value now stored under the removal key.
            let mut stored = vec![0.0; head_size];
            for (row, kappa) in zip(m.chunks_exact(head_size), &kappa[at..]) {
                for (stored, m) in zip(&mut stored, row) {
                    *stored += kappa * m;
                }
            }
            for (j, row) in m.chunks_exact_mut(head_size).enumerate() {
                let j = at + j;
                let values = zip(&stored, &v[at..]);
                for ((m, y), (stored, v)) in zip(zip(row, &mut *y), values) {
                    *m = w[j] * *m - a[j] * kappa[j] * stored + k[j] * v;
                    *y += r[j] * *m;
                }
            }
        }
    }
    y
}

/// (Σ r ⊙ k̃ ⊙ r_k) v, the sum taken over each head.
pub fn bonus(r: &[f64], k: &[f64], v: &[f64], r_k: &[f64], head_size: usize) -> Vec<f64> {
    let weighted = ops::scale_row(r, r_k);
    let heads = zip(
        weighted.chunks_exact(head_size),
        zip(k.chunks_exact(head_size), v.chunks_exact(head_size)),
    );
    heads
        .flat_map(|(r, (k, v))| {
            let weight = ops::dot(r, k);
            v.iter().map(move |v| weight * v)
        })
        .collect()
}

/// Channel mixing: W_v relu(W_k x_k)², with no gate.
pub fn channel_mix(block: &Block, x: &[f64]) -> Vec<f64> {
    let mu = block.tensor("ffn.x_k");
    let shift = ops::token_shift(x, mu.len());
    let k = block.linear("ffn.key.weight", &ops::mix(x, &shift, mu));
    block.linear("ffn.value.weight", &ops::map(&k, ops::squared_relu))
}
