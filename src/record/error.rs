use std::sync::Arc;

use super::{Format, MAX_FPS, MAX_FRAMES};
use crate::files::WriteError;

/// Why a clip was not recorded. Nothing of it is left on disk, and what was there before is untouched.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// The path has no ending of a clip.
    #[error("{file}: {found}: a clip can be {}", Format::choices())]
    Ending {
        /// The path.
        file: String,
        /// What is wrong with its ending.
        found: String,
    },
    /// The program was built without the feature `mp4`.
    #[error(
        "this arclight was built without the feature `mp4`: build it with --features mp4, give your ffmpeg, or record {}",
        Format::choices()
    )]
    NoMp4,
    /// H.264 in 4:2:0 has one colour for each 2 × 2 pixels.
    #[error(
        "{width}×{height} cannot be an MP4, both sides have to be even: try {}×{}",
        even(*width),
        even(*height)
    )]
    Odd {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// A side is too short or too long for the format.
    #[error("{width}×{height} cannot be {format}, {bounds}: choose another size")]
    Size {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The format, with its article.
        format: &'static str,
        /// What the format asks for.
        bounds: &'static str,
    },
    /// A rate out of bounds.
    #[error("{fps} frames a second cannot be recorded: choose 1 to {MAX_FPS}")]
    Rate {
        /// Frames a second.
        fps: u32,
    },
    /// A rate that a GIF cannot have.
    #[error(
        "a GIF cannot show {fps} frames a second, 50 is the most: choose 50 or less, 25 is usual"
    )]
    GifRate {
        /// Frames a second.
        fps: u32,
    },
    /// A clip of no length.
    #[error("the clip has no frames: give it a duration of at least one frame")]
    NoFrames,
    /// More frames than a clip can have.
    #[error("{frames} frames are too many for a clip, {MAX_FRAMES} is the most: make it shorter")]
    TooLong {
        /// As the settings say.
        frames: u32,
    },
    /// The poster is to be a frame that there is not.
    #[error("the poster cannot be frame {poster} of {frames}: they are counted from 0")]
    Poster {
        /// The frame asked for.
        poster: u32,
        /// Frames in all.
        frames: u32,
    },
    /// Bytes and size of a frame do not go together.
    #[error("a frame of {width}×{height} has {wanted} bytes, not {bytes}")]
    FrameBytes {
        /// Pixels a row.
        width: u32,
        /// Rows.
        height: u32,
        /// `4 × width × height`.
        wanted: u64,
        /// The bytes that came.
        bytes: u64,
    },
    /// A frame of another size than the clip.
    #[error("a frame of {width}×{height} came for a clip of {wanted_width}×{wanted_height}")]
    FrameSize {
        /// Of the frame.
        width: u32,
        /// Of the frame.
        height: u32,
        /// Of the clip.
        wanted_width: u32,
        /// Of the clip.
        wanted_height: u32,
    },
    /// Fewer or more frames came than the settings say.
    #[error("the clip was to have {wanted} frames and {came} came: it is not written")]
    Count {
        /// As the settings say.
        wanted: u32,
        /// That came.
        came: u32,
    },
    /// The pictures of a sequence go into a folder of their own.
    #[error(
        "{folder} is there and holds something: name a new or an empty folder for the pictures"
    )]
    Occupied {
        /// The path.
        folder: String,
    },
    /// The disk.
    #[error(transparent)]
    Write(#[from] Arc<WriteError>),
    /// An encoder.
    #[error("{file} cannot be encoded ({reason}): try another size, quality or format")]
    Encode {
        /// The path.
        file: String,
        /// What the encoder says.
        reason: String,
    },
    /// The user's own ffmpeg cannot be started.
    #[error("{program} cannot be started ({reason}): give the path of your ffmpeg")]
    NoFfmpeg {
        /// As given.
        program: String,
        /// The system's reason.
        reason: String,
    },
    /// The user's own ffmpeg failed.
    #[error("{program} could not write {file}: {reason}")]
    Ffmpeg {
        /// As given.
        program: String,
        /// The path.
        file: String,
        /// What it said first.
        reason: String,
    },
    /// The recording was ended on request.
    #[error("cancelled")]
    Cancelled,
}

impl From<WriteError> for RecordError {
    fn from(error: WriteError) -> Self {
        Self::Write(Arc::new(error))
    }
}

fn even(side: u32) -> u32 {
    side.next_multiple_of(2)
}
