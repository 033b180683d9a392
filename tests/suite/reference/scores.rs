//! What one head's tokens mean to each other, by brute force: every transition is written out as an
//! N×N matrix and multiplied. Matrices of scores are `[t][s]`, reader first, and 0 where s > t.

use std::iter::zip;

use arclight::score::Measure;

use super::{Activations, Forward, Version, ops, v4};

/// A measure of one head, `[t][s]`.
pub fn matrix(forward: &Forward, measure: Measure, layer: usize, head: usize) -> Vec<Vec<f64>> {
    let of = match measure {
        Measure::Rwk => attention,
        Measure::Share => share,
        Measure::Weighted => weighted,
        Measure::Erase => erase,
        Measure::Logit => panic!("of one reader alone"),
        Measure::Wk => wk_norm,
    };
    let Forward {
        heads,
        head_size,
        version,
        ..
    } = *forward;
    of(&forward.layers[layer], heads, head_size, version, head)
}

/// Implicit attention: y_t = Σ_s A[t][s] v_s.
///
/// v6: A[t][s] = r_tᵀ G_{t−1} … G_{s+1} k_s with G = diag(w), and r_tᵀ diag(u) k_t on the diagonal.
/// v7: A[t][s] = r_tᵀ G_t … G_{s+1} k̃_s with G = diag(w) − (a ⊙ κ̂) κ̂ᵀ, and r_tᵀ k̃_t on the diagonal.
pub fn attention(
    layer: &Activations,
    heads: usize,
    head_size: usize,
    version: Version,
    head: usize,
) -> Vec<Vec<f64>> {
    let rows = Rows::new(layer, heads, head_size, head);
    let r = rows.of(&layer.r);
    match version {
        Version::V4 => v4::mean(&v4::weights(layer, rows.first..rows.first + head_size)),
        Version::V5 | Version::V6 => {
            // The newest token is not decayed yet when the state is read.
            let mut scores = along_columns(&rows, version, |t, before, _| ops::dot(r[t], before));
            let u = &layer.u[rows.first..][..head_size];
            for (t, (r, k)) in zip(&r, rows.of(&layer.k)).enumerate() {
                scores[t][t] = ops::dot(&ops::multiply(r, u), k);
            }
            scores
        }
        Version::V7 => along_columns(&rows, version, |t, _, after| ops::dot(r[t], after)),
    }
}

/// W-K norm ‖p‖, p = G_t … G_{s+1} k_s: what the head still holds of token s once t has decayed it.
/// In v6 this is one step later than what [`attention`] reads.
pub fn wk_norm(
    layer: &Activations,
    heads: usize,
    head_size: usize,
    version: Version,
    head: usize,
) -> Vec<Vec<f64>> {
    let rows = Rows::new(layer, heads, head_size, head);
    if version == Version::V4 {
        return v4::held(layer, rows.first..rows.first + head_size);
    }
    along_columns(&rows, version, |_, _, after| ops::norm(after))
}

/// Contribution share A[t][s] ⟨v_s, y_t⟩ / ‖y_t‖²: signed, and 1 in sum over s.
pub fn share(
    layer: &Activations,
    heads: usize,
    head_size: usize,
    version: Version,
    head: usize,
) -> Vec<Vec<f64>> {
    let rows = Rows::new(layer, heads, head_size, head);
    let v = rows.of(&layer.v);
    if version == Version::V4 {
        let added = v4::added(layer, rows.first..rows.first + head_size);
        return zip(added, rows.of(&layer.y))
            .map(|(added, y)| {
                let part = |added: &Vec<f64>| ops::dot(added, y) / ops::dot(y, y);
                added.iter().map(part).collect()
            })
            .collect();
    }
    let scores = attention(layer, heads, head_size, version, head);
    zip(scores, rows.of(&layer.y))
        .map(|(scores, y)| {
            zip(scores, &v)
                .map(|(score, v)| score * ops::dot(v, y) / ops::dot(y, y))
                .collect()
        })
        .collect()
}

/// Value-weighted score |A[t][s]| ‖v_s‖.
pub fn weighted(
    layer: &Activations,
    heads: usize,
    head_size: usize,
    version: Version,
    head: usize,
) -> Vec<Vec<f64>> {
    let rows = Rows::new(layer, heads, head_size, head);
    if version == Version::V4 {
        let added = v4::added(layer, rows.first..rows.first + head_size);
        let norms = |row: Vec<Vec<f64>>| row.iter().map(|added| ops::norm(added)).collect();
        return added.into_iter().map(norms).collect();
    }
    let norms: Vec<f64> = rows.of(&layer.v).into_iter().map(ops::norm).collect();
    let scores = attention(layer, heads, head_size, version, head);
    let weigh = |row: Vec<f64>| {
        zip(row, &norms)
            .map(|(score, norm)| score.abs() * norm)
            .collect()
    };
    scores.into_iter().map(weigh).collect()
}

/// Erase part A[t][s] − r_tᵀ diag(w_t) … diag(w_{s+1}) k̃_s: what is left of it were it not for κ̂.
pub fn erase(
    layer: &Activations,
    heads: usize,
    head_size: usize,
    version: Version,
    head: usize,
) -> Vec<Vec<f64>> {
    let mut faded = layer.clone();
    faded.kappa.fill(0.0);
    let faded = attention(&faded, heads, head_size, version, head);
    let whole = attention(layer, heads, head_size, version, head);
    let differ = |(a, b): (Vec<f64>, Vec<f64>)| zip(a, b).map(|(a, b)| a - b).collect();
    zip(whole, faded).map(differ).collect()
}

/// Contribution norm ‖W_o[:, head] z_t[head]‖ for every t; `output` is the file's own `[C][C]` W_o.
pub fn contribution_norm(
    output: &[f64],
    layer: &Activations,
    heads: usize,
    head_size: usize,
    head: usize,
) -> Vec<f64> {
    let rows = Rows::new(layer, heads, head_size, head);
    let columns: Vec<&[f64]> = output
        .chunks_exact(rows.width)
        .map(|row| &row[rows.first..][..head_size])
        .collect();
    rows.of(&layer.z)
        .iter()
        .map(|z| {
            let written: Vec<f64> = columns.iter().map(|row| ops::dot(row, z)).collect();
            ops::norm(&written)
        })
        .collect()
}

/// One head's view of a layer.
struct Rows<'a> {
    layer: &'a Activations,
    width: usize,
    first: usize,
    head_size: usize,
}

impl<'a> Rows<'a> {
    fn new(layer: &'a Activations, heads: usize, head_size: usize, head: usize) -> Self {
        assert!(head < heads, "head {head} of {heads}");
        Self {
            layer,
            width: heads * head_size,
            first: head * head_size,
            head_size,
        }
    }

    /// The head's columns of a `[T][C]`, token by token.
    fn of<'x>(&self, x: &'x [f64]) -> Vec<&'x [f64]> {
        x.chunks_exact(self.width)
            .map(|row| &row[self.first..][..self.head_size])
            .collect()
    }

    /// G_t as an explicit `[N][N]`, for every t.
    fn transitions(&self, version: Version) -> Vec<Vec<f64>> {
        let n = self.head_size;
        let mut transitions: Vec<Vec<f64>> = self
            .of(&self.layer.w)
            .into_iter()
            .map(|w| {
                let mut g = vec![0.0; n * n];
                for (j, w) in w.iter().enumerate() {
                    g[j * n + j] = *w;
                }
                g
            })
            .collect();
        if version == Version::V7 {
            let erase = zip(self.of(&self.layer.a), self.of(&self.layer.kappa));
            for (g, (a, kappa)) in zip(&mut transitions, erase) {
                for (row, (a, b)) in zip(g.chunks_exact_mut(n), zip(a, kappa)) {
                    for (g, kappa) in zip(row, kappa) {
                        *g -= a * b * kappa;
                    }
                }
            }
        }
        transitions
    }
}

/// `measure(t, before, after)` for every s ≤ t, where `before` and `after` are what has become of k_s
/// before and after G_t; on the diagonal both are k_s itself.
fn along_columns(
    rows: &Rows,
    version: Version,
    measure: impl Fn(usize, &[f64], &[f64]) -> f64,
) -> Vec<Vec<f64>> {
    let transitions = rows.transitions(version);
    let keys = rows.of(&rows.layer.k);
    let mut scores = vec![vec![0.0; keys.len()]; keys.len()];
    for (s, key) in keys.iter().enumerate() {
        let mut before = key.to_vec();
        scores[s][s] = measure(s, key, key);
        for t in s + 1..keys.len() {
            let after = ops::linear(&transitions[t], rows.head_size, &before);
            scores[t][s] = measure(t, &before, &after);
            before = after;
        }
    }
    scores
}
