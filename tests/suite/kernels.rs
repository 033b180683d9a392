//! The score kernels against their float64 twins, on random vectors.

pub mod filled;
mod marks;
mod matrix;
mod random;
mod scans;
mod twins;

pub use filled::{Filled, Shape};
pub use scans::with_largest_binding;
