//! RWKV-5 ("Eagle", arXiv:2404.05892): a state a head as in RWKV-6, with a decay that no token changes.

use super::{Activations, change::OfLayer, ops, v6, weights::Block};

/// Time mixing of `x` `[T][C]`, up to the output matrix. RWKV-5.1 has one decay and one bonus a head.
pub fn time_mix(
    block: &Block,
    x: &[f64],
    heads: usize,
    start: &[f64],
    change: &OfLayer<'_>,
) -> Activations {
    let gamma = block.tensor("att.ln_x.weight");
    let beta = block.tensor("att.ln_x.bias");
    let (width, head_size) = (gamma.len(), gamma.len() / heads);
    let [r, mut k, v, g] = [
        ("receptance", "r"),
        ("key", "k"),
        ("value", "v"),
        ("gate", "g"),
    ]
    .map(|(matrix, mix)| {
        let mu = block.tensor(&format!("att.time_mix_{mix}"));
        block.linear(&format!("att.{matrix}.weight"), &shifted(x, mu))
    });
    change.keys(&mut k);
    let g = ops::map(&g, ops::silu);
    let spread = |values: &[f64]| -> Vec<f64> {
        let times = width / values.len();
        let each = values.iter();
        each.flat_map(|&x| std::iter::repeat_n(x, times)).collect()
    };
    let u = spread(block.tensor("att.time_first"));
    let decay = spread(block.tensor("att.time_decay"));
    let w = ops::map(&decay, |decay| (-decay.exp()).exp()).repeat(x.len() / width);

    let read = |k: &[f64]| v6::read_state(&r, &w, k, &v, &u, head_size, start);
    let mut y = read(&k);
    change.arcs(&mut y, |token, head| {
        read(&change.silenced(&k, token, head))
    });
    let x = ops::group_norm(&y, head_size, gamma, beta);
    let z = ops::multiply(&x, &g);
    Activations {
        r,
        w,
        k,
        v,
        u,
        gamma: gamma.to_vec(),
        beta: beta.to_vec(),
        y,
        x,
        z,
        ..Default::default()
    }
}

/// μ ⊙ x_t + (1 − μ) ⊙ x_(t−1), where the token before the first is zero.
pub fn shifted(x: &[f64], mu: &[f64]) -> Vec<f64> {
    let rest = ops::map(mu, |mu| 1.0 - mu);
    ops::mix(x, &ops::token_shift(x, mu.len()), &rest)
}

/// Channel mixing: σ(W_r x_r) ⊙ W_v relu(W_k x_k)².
pub fn channel_mix(block: &Block, x: &[f64]) -> Vec<f64> {
    let [k, r] = ["k", "r"].map(|mix| shifted(x, block.tensor(&format!("ffn.time_mix_{mix}"))));
    let k = ops::map(&block.linear("ffn.key.weight", &k), ops::squared_relu);
    let r = ops::map(&block.linear("ffn.receptance.weight", &r), ops::sigmoid);
    ops::multiply(&r, &block.linear("ffn.value.weight", &k))
}
