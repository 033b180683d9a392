//! RWKV-6 ("Finch", arXiv:2404.05892): token shift and decay depend on the data.

use std::iter::zip;

use super::{Activations, change::OfLayer, ops, weights::Block};

/// Time mixing of `x` `[T][C]`, up to the output matrix.
pub fn time_mix(
    block: &Block,
    x: &[f64],
    heads: usize,
    start: &[f64],
    change: &OfLayer<'_>,
) -> Activations {
    let u = block.tensor("att.time_first");
    let head_size = u.len() / heads;
    let [xw, xk, xv, xr, xg] = dynamic_token_shift(block, x);
    let r = block.linear("att.receptance.weight", &xr);
    let mut k = block.linear("att.key.weight", &xk);
    change.keys(&mut k);
    let v = block.linear("att.value.weight", &xv);
    let g = ops::map(&block.linear("att.gate.weight", &xg), ops::silu);
    let mut w = decay(block, &xw);
    change.decays(&mut w);

    let read = |k: &[f64]| read_state(&r, &w, k, &v, u, head_size, start);
    let mut y = read(&k);
    change.arcs(&mut y, |token, head| {
        read(&change.silenced(&k, token, head))
    });
    let gamma = block.tensor("att.ln_x.weight");
    let beta = block.tensor("att.ln_x.bias");
    let x = ops::group_norm(&y, head_size, gamma, beta);
    let z = ops::multiply(&x, &g);
    Activations {
        r,
        w,
        k,
        v,
        u: u.to_vec(),
        gamma: gamma.to_vec(),
        beta: beta.to_vec(),
        y,
        x,
        z,
        ..Default::default()
    }
}

/// ddlerp: x + (x_{t−1} − x) ⊙ (μ_i + tanh(x̃ W1)_i W2_i), for i in the file's order w, k, v, r, g.
fn dynamic_token_shift(block: &Block, x: &[f64]) -> [Vec<f64>; 5] {
    let mu_x = block.tensor("att.time_mix_x");
    let width = mu_x.len();
    let shift = ops::token_shift(x, width);
    let hidden = block.linear("att.time_mix_w1", &ops::mix(x, &shift, mu_x));
    let hidden = ops::map(&hidden, f64::tanh);
    let w2 = block.tensor("att.time_mix_w2");
    let rank = w2.len() / (5 * width);

    std::array::from_fn(|i| {
        let part: Vec<f64> = hidden
            .chunks_exact(5 * rank)
            .flat_map(|row| &row[i * rank..(i + 1) * rank])
            .copied()
            .collect();
        let w2 = &w2[i * width * rank..(i + 1) * width * rank];
        let name = ["w", "k", "v", "r", "g"][i];
        let mu = block.tensor(&format!("att.time_mix_{name}"));
        let mu = ops::add_row(&ops::linear(w2, rank, &part), mu);
        let mut mixed = ops::multiply(&shift, &mu);
        ops::add(&mut mixed, x);
        mixed
    })
}

/// w = exp(−exp(λ + tanh(x_w W1) W2)).
fn decay(block: &Block, xw: &[f64]) -> Vec<f64> {
    let hidden = ops::map(&block.linear("att.time_decay_w1", xw), f64::tanh);
    let lambda = ops::add_row(
        &block.linear("att.time_decay_w2", &hidden),
        block.tensor("att.time_decay"),
    );
    ops::map(&lambda, |lambda| (-lambda.exp()).exp())
}

/// y_t = (S + diag(u) k_t v_tᵀ)ᵀ r_t, then S ← diag(w_t) S + k_t v_tᵀ; S is `[key][value]` in each head, at first `start`,
/// or nothing.
pub fn read_state(
    r: &[f64],
    w: &[f64],
    k: &[f64],
    v: &[f64],
    u: &[f64],
    head_size: usize,
    start: &[f64],
) -> Vec<f64> {
    let width = u.len();
    let mut y = vec![0.0; r.len()];
    let mut state = start.to_vec();
    state.resize(width * head_size, 0.0);
    for (t, y) in y.chunks_exact_mut(width).enumerate() {
        for (channel, row) in state.chunks_exact_mut(head_size).enumerate() {
            let head = channel / head_size * head_size;
            let at = t * width + channel;
            let v = &v[t * width + head..][..head_size];
            let y = &mut y[head..][..head_size];
            for (s, (y, v)) in zip(row, zip(y, v)) {
                *y += r[at] * (*s + u[channel] * k[at] * v);
                *s = w[at] * *s + k[at] * v;
            }
        }
    }
    y
}

/// Channel mixing: σ(W_r x_r) ⊙ W_v relu(W_k x_k)².
pub fn channel_mix(block: &Block, x: &[f64]) -> Vec<f64> {
    let mu_k = block.tensor("ffn.time_mix_k");
    let mu_r = block.tensor("ffn.time_mix_r");
    let shift = ops::token_shift(x, mu_k.len());
    let k = block.linear("ffn.key.weight", &ops::mix(x, &shift, mu_k));
    let r = block.linear("ffn.receptance.weight", &ops::mix(x, &shift, mu_r));
    let v = block.linear("ffn.value.weight", &ops::map(&k, ops::squared_relu));
    ops::multiply(&ops::map(&r, ops::sigmoid), &v)
}
