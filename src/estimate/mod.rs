//! What a model and a run will take on the device, in bytes, before any of it is made. Pure arithmetic: the rooms that
//! make the buffers are compared with it by tests.

mod fit;
mod frames;
mod length;
mod needs;

pub use fit::{layers_that_fit, tokens_that_fit};
pub use frames::frames;
pub use length::Length;
pub use needs::{Needs, Plan, model_bytes, picture_bytes, run_bytes, scores_bytes, trace_bytes};
