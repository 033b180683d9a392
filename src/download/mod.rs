//! Published models from Hugging Face or a mirror of it. This is the one place that uses the network, and only
//! `arclight download` asks it to.

mod catalogue;
mod client;
mod error;
mod hub;
mod part;
mod place;
mod transfer;

pub use catalogue::{CATALOGUE, Published};
pub use error::DownloadError;
pub use hub::{Hub, Listed};
pub use place::Place;
pub use transfer::{Done, download};
