//! RWKV-4 ("Dove", arXiv:2305.13048): no heads; each channel takes a weighted mean of its values.

use std::{iter::zip, ops::Range};

use super::{Activations, change::OfLayer, ops, v5::shifted, weights::Block};

/// Time mixing of `x` `[T][C]`, up to the output matrix. `w` is the factor of a step, exp(−exp(time_decay)).
pub fn time_mix(block: &Block, x: &[f64], change: &OfLayer<'_>) -> Activations {
    let u = block.tensor("att.time_first");
    let width = u.len();
    let [r, k, v] = [("receptance", "r"), ("key", "k"), ("value", "v")].map(|(matrix, mix)| {
        let mu = block.tensor(&format!("att.time_mix_{mix}"));
        block.linear(&format!("att.{matrix}.weight"), &shifted(x, mu))
    });
    let w = ops::map(block.tensor("att.time_decay"), |decay| (-decay.exp()).exp());

    // Doubles hold these sums as they are: Σ e^(k_i) w^(t−1−i) v_i, and the same without v.
    let mut y = vec![0.0; k.len()];
    let (mut above, mut below) = (vec![0.0; width], vec![0.0; width]);
    for (at, y) in y.iter_mut().enumerate() {
        let c = at % width;
        let own = (u[c] + k[at]).exp();
        *y = ops::sigmoid(r[at]) * (above[c] + own * v[at]) / (below[c] + own);
        above[c] = w[c] * above[c] + k[at].exp() * v[at];
        below[c] = w[c] * below[c] + k[at].exp();
    }
    let mut mixed = Activations {
        w: w.repeat(k.len() / width),
        r,
        k,
        v,
        u: u.to_vec(),
        ..Default::default()
    };
    // What RWKV-4 divides by stays.
    let whole = y.clone();
    change.arcs(&mut y, |token, head| {
        let mut rest = whole.clone();
        let group = change.channels(head);
        for (row, added) in zip(rest.chunks_exact_mut(width), added(&mixed, group.clone())) {
            for (y, added) in zip(&mut row[group.clone()], &added[token]) {
                *y -= added;
            }
        }
        rest
    });
    mixed.x.clone_from(&y);
    mixed.z.clone_from(&y);
    mixed.y = y;
    mixed
}

/// a[t][s]: the weight of token s in each channel of a group at token t, `[t][s][channel]`; 0 where s > t.
pub fn weights(layer: &Activations, group: Range<usize>) -> Vec<Vec<Vec<f64>>> {
    let width = layer.u.len();
    let tokens = layer.k.len() / width;
    let mut all = vec![vec![vec![0.0; group.len()]; tokens]; tokens];
    for (place, c) in group.enumerate() {
        for (t, row) in all.iter_mut().enumerate() {
            let strength = |s: usize| {
                let steps = t as i32 - 1 - s as i32;
                match s == t {
                    true => (layer.u[c] + layer.k[s * width + c]).exp(),
                    false => layer.k[s * width + c].exp() * layer.w[c].powi(steps),
                }
            };
            let sum: f64 = (0..=t).map(strength).sum();
            let gate = ops::sigmoid(layer.r[t * width + c]);
            for (s, weight) in row.iter_mut().enumerate().take(t + 1) {
                weight[place] = gate * strength(s) / sum;
            }
        }
    }
    all
}

/// `[t][s]`: the mean over the channels.
pub fn mean(weights: &[Vec<Vec<f64>>]) -> Vec<Vec<f64>> {
    let mean = |a: &Vec<f64>| a.iter().sum::<f64>() / a.len() as f64;
    weights
        .iter()
        .map(|row| row.iter().map(mean).collect())
        .collect()
}

/// a[t][s] ⊙ v_s: what token s adds to y_t of a group, `[t][s][channel]`.
pub fn added(layer: &Activations, group: Range<usize>) -> Vec<Vec<Vec<f64>>> {
    let width = layer.u.len();
    let values: Vec<&[f64]> = layer
        .v
        .chunks_exact(width)
        .map(|row| &row[group.clone()])
        .collect();
    let row = |row: Vec<Vec<f64>>| {
        zip(row, &values)
            .map(|(a, v)| ops::multiply(&a, v))
            .collect()
    };
    weights(layer, group.clone()).into_iter().map(row).collect()
}

/// How much of a group's state after token t is still token s, `[t][s]`: ‖e^(k_s) w^(t−s) / Σ_(i≤t) e^(k_i) w^(t−i)‖.
pub fn held(layer: &Activations, group: Range<usize>) -> Vec<Vec<f64>> {
    let width = layer.u.len();
    let tokens = layer.k.len() / width;
    let strength = |t: usize, s: usize, c: usize| {
        layer.k[s * width + c].exp() * layer.w[c].powi((t - s) as i32)
    };
    let mut norms = vec![vec![0.0; tokens]; tokens];
    for (t, row) in norms.iter_mut().enumerate() {
        let sums: Vec<f64> = group
            .clone()
            .map(|c| (0..=t).map(|s| strength(t, s, c)).sum())
            .collect();
        for (s, norm) in row.iter_mut().enumerate().take(t + 1) {
            let parts: Vec<f64> = zip(group.clone(), &sums)
                .map(|(c, sum)| strength(t, s, c) / sum)
                .collect();
            *norm = ops::norm(&parts);
        }
    }
    norms
}
