//! See what an RWKV model reads: every token, layer and head as one 3D lattice of exact scores.
//!
//! Data flows one way, in the order of the modules below; see `ARCHITECTURE.md`.

pub mod gpu;
pub mod model;
pub mod trace;
pub mod inference;
pub mod score;
pub mod lattice;
pub mod session;
pub mod draw;
pub mod cli;
