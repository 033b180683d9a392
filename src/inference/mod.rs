//! Running a model: the engine that feeds chunks and captures vectors, and the worker thread around it.

mod applied;
mod before;
mod capture;
mod changing;
mod compare;
mod cutting;
mod engine;
mod error;
mod generate;
mod logits;
mod model;
mod opened;
mod pace;
mod predict;
mod room;
mod sample;
mod shift;
mod trial;
mod v4;
mod v5;
mod v6;
mod v7;
mod watched;
mod worker;

pub use compare::{Comparison, Moved};
pub use cutting::cut_source;
pub use error::InferenceError;
pub use model::{MAX_CHUNK, Model, RunOptions};
pub use opened::open_trace;
pub use pace::{Attention, Chunk};
pub use predict::head_outputs;
pub use sample::{Sampler, Sampling};
pub use shift::{Shift, Standing};
pub use trial::{Effect, Trial};
pub use worker::{Command, Event, Prompt, Worker};
