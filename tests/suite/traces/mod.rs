//! Traces in files: what comes back, what is refused, and the worker and the desk with them.

mod desk;
mod hostile;
mod made;
mod round_trip;
mod watched;
mod worker;

pub use made::{open, tiny, write};
