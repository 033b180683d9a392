use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::{Duration, Instant},
};

use super::{Frame, RecordError};

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames that the encoding thread has taken from the queue.
    pub taken: u32,
    /// Frames that are encoded for good; a GIF begins with that when the last frame has been taken.
    pub encoded: u32,
    /// Frames in all.
    pub frames: u32,
}

/// Where the time went, by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// The encoding thread's waiting for the next frame.
    pub wait: Duration,
    /// Preparing frames: RGBA to YUV for an MP4, keeping frames and choosing colours for a GIF.
    pub convert: Duration,
    /// Encoding, and writing what came of it. Of the encoders of an MP4, which work side by side on threads of their
    /// own, it is the sum, so it may be more than the recording took.
    pub encode: Duration,
}

/// Does `work` and adds the time it took to `spent`.
pub(super) fn time<T>(spent: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *spent += start.elapsed();
    done
}

/// What both threads see.
#[derive(Debug, Default)]
pub(super) struct Shared {
    cancel: AtomicBool,
    taken: AtomicU32,
    encoded: AtomicU32,
}

impl Shared {
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    pub fn progress(&self, frames: u32) -> Progress {
        Progress {
            taken: self.taken.load(Ordering::Relaxed),
            encoded: self.encoded.load(Ordering::Relaxed),
            frames,
        }
    }

    pub fn one_taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    pub fn one_encoded(&self) {
        self.encoded.fetch_add(1, Ordering::Relaxed);
    }

    pub fn go_on(&self) -> Result<(), Trouble> {
        if self.cancel.load(Ordering::Relaxed) {
            Err(Trouble::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// One recording as its encoder sees it.
pub(super) struct Job<'a> {
    pub shared: &'a Shared,
    pub times: Times,
}

/// Why an encoder stops; it does not know the name of its file.
#[derive(Debug)]
pub(super) enum Trouble {
    /// What was to be written could not be.
    Io(io::Error),
    /// The encoder itself.
    Encoder(String),
    /// Said with the file's name already.
    Told(RecordError),
    /// The work is to end.
    Cancelled,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<png::EncodingError> for Trouble {
    fn from(error: png::EncodingError) -> Self {
        match error {
            png::EncodingError::IoError(error) => Self::Io(error),
            other => Self::Encoder(other.to_string()),
        }
    }
}

/// Takes frames and leaves something whole.
pub(super) trait Encode<T>: Send {
    /// Takes the next frame.
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble>;

    /// All frames have come.
    fn finish(self: Box<Self>, job: &mut Job) -> Result<T, Trouble>;
}
