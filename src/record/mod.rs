//! From finished frames to a clip: MP4, GIF, APNG, a folder of PNG pictures, or whatever the user's own ffmpeg writes.
//!
//! [`Recorder`] takes frames one after another and encodes them on a thread of its own. What is in the frames it does
//! not know; `docs/VIDEO.md` says what the files are.

mod apng;
mod area;
mod error;
mod estimate;
mod ffmpeg;
mod format;
mod frame;
mod gif;
mod job;
#[cfg(feature = "mp4")]
mod mp4;
mod picture;
mod pngs;
mod recorder;
mod settings;
mod sink;
#[cfg(test)]
mod tests;

pub use error::RecordError;
pub use estimate::estimate;
pub use ffmpeg::Ffmpeg;
pub use format::Format;
pub use frame::Frame;
pub use job::{Progress, Times};
pub use picture::{poster_path, write_png};
pub use recorder::{Recorder, Report};
pub use settings::{MAX_FPS, MAX_FRAMES, Quality, Settings};
