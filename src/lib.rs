//! See what an RWKV model reads: every token, layer and head as one 3D lattice of exact scores.
//!
//! Data flows one way: files, download, record, gpu, model, trace, estimate, inference, score, lattice, camera, session, export, draw, overlay,
//! picture, app, bench and cli, each importing only from those before it. `ARCHITECTURE.md` says what each room is for.

pub mod app;
pub mod bench;
pub mod camera;
pub mod change;
pub mod cli;
pub mod download;
pub mod draw;
pub mod estimate;
pub mod export;
pub mod files;
pub mod gpu;
pub mod inference;
pub mod lattice;
pub mod model;
pub mod overlay;
pub mod picture;
pub mod record;
pub mod score;
pub mod session;
pub mod trace;
