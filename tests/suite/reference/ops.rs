//! The small operations both versions are made of, on flat row-major `[T][C]`.

use std::iter::zip;

const LAYER_NORM_EPS: f64 = 1e-5;

/// Training divides the head output by 8 before an epsilon of 1e-5; seen from outside that is 64e-5.
const GROUP_NORM_EPS: f64 = 64e-5;

/// Eight partial sums, so that the compiler may use vector registers.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_lanes, a_rest) = a.as_chunks::<8>();
    let (b_lanes, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in zip(a_lanes, b_lanes) {
        for (sum, (a, b)) in zip(&mut sums, zip(a, b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + zip(a_rest, b_rest).map(|(a, b)| a * b).sum::<f64>()
}

pub fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

/// `[T][in] → [T][out]` with `matrix` as `[out][in]`: the rows of x times the transposed matrix.
pub fn linear(matrix: &[f64], inputs: usize, x: &[f64]) -> Vec<f64> {
    let outputs = matrix.len() / inputs;
    let mut y = vec![0.0; x.len() / inputs * outputs];
    for (out, row) in matrix.chunks_exact(inputs).enumerate() {
        for (x, y) in zip(x.chunks_exact(inputs), y.chunks_exact_mut(outputs)) {
            y[out] = dot(row, x);
        }
    }
    y
}

pub fn map(x: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    x.iter().map(|&x| f(x)).collect()
}

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub fn silu(x: f64) -> f64 {
    x * sigmoid(x)
}

/// relu(x)².
pub fn squared_relu(x: f64) -> f64 {
    x.max(0.0).powi(2)
}

pub fn multiply(a: &[f64], b: &[f64]) -> Vec<f64> {
    zip(a, b).map(|(a, b)| a * b).collect()
}

pub fn add(x: &mut [f64], y: &[f64]) {
    for (x, y) in zip(x, y) {
        *x += y;
    }
}

/// `[T][C]` plus a `[C]` on every row.
pub fn add_row(x: &[f64], row: &[f64]) -> Vec<f64> {
    zip(x, row.iter().cycle()).map(|(x, row)| x + row).collect()
}

/// `[T][C]` times a `[C]` on every row.
pub fn scale_row(x: &[f64], row: &[f64]) -> Vec<f64> {
    zip(x, row.iter().cycle()).map(|(x, row)| x * row).collect()
}

/// x_{t−1} − x_t, where the token before the first is zero.
pub fn token_shift(x: &[f64], width: usize) -> Vec<f64> {
    let previous = std::iter::repeat_n(&0.0, width).chain(x);
    zip(previous, x).map(|(previous, x)| previous - x).collect()
}

/// x + shift ⊙ mu with one static `[C]` mu: the token shift's interpolation.
pub fn mix(x: &[f64], shift: &[f64], mu: &[f64]) -> Vec<f64> {
    let mut mixed = scale_row(shift, mu);
    add(&mut mixed, x);
    mixed
}

pub fn layer_norm(x: &[f64], gamma: &[f64], beta: &[f64]) -> Vec<f64> {
    normalise_groups(x, gamma.len(), gamma, beta, LAYER_NORM_EPS)
}

/// GroupNorm with one group a head.
pub fn group_norm(x: &[f64], head_size: usize, gamma: &[f64], beta: &[f64]) -> Vec<f64> {
    normalise_groups(x, head_size, gamma, beta, GROUP_NORM_EPS)
}

fn normalise_groups(x: &[f64], size: usize, gamma: &[f64], beta: &[f64], eps: f64) -> Vec<f64> {
    let standard: Vec<f64> = x
        .chunks_exact(size)
        .flat_map(|group| {
            let mean = group.iter().sum::<f64>() / size as f64;
            let squares: f64 = group.iter().map(|x| (x - mean).powi(2)).sum();
            let scale = (squares / size as f64 + eps).sqrt().recip();
            group.iter().map(move |x| (x - mean) * scale)
        })
        .collect();
    add_row(&scale_row(&standard, gamma), beta)
}
