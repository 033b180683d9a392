use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::{
    Frame, Progress, RecordError, Settings, Times,
    ffmpeg::Running,
    job::{Job, Shared, Trouble, time},
    picture::{encode_png, poster_path},
    sink::{Sink, Whole},
};
use crate::files::{Partial, WriteError};

/// Frames that may wait: enough that drawing and encoding go on side by side, and not 33 MB each for long.
const QUEUE: usize = 3;

/// Writes one clip on a thread of its own. Unless it is finished nothing is left of it when it goes.
///
/// ```no_run
/// # use arclight::record::{Frame, Recorder, Settings};
/// # fn main() -> Result<(), arclight::record::RecordError> {
/// let settings = Settings::new(1920, 1080, 30, 300);
/// let mut recorder = Recorder::start("clip.mp4".as_ref(), &settings)?;
/// for _ in 0..settings.frames {
///     recorder.push(Frame::new(1920, 1080, vec![255; 1920 * 1080 * 4])?)?;
/// }
/// let report = recorder.finish()?;
/// # Ok(())
/// # }
/// ```
pub struct Recorder {
    settings: Settings,
    frames: Option<Sender<Frame>>,
    thread: Option<JoinHandle<Result<Done, RecordError>>>,
    shared: Arc<Shared>,
    running: Option<Running>,
    pushed: u32,
    failed: Option<RecordError>,
    start: Instant,
}

/// What came of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The clip.
    pub path: PathBuf,
    /// Its poster.
    pub poster: Option<PathBuf>,
    /// Frames in it.
    pub frames: u32,
    /// Its size; of a folder, that of its pictures.
    pub bytes: u64,
    /// From the start to the end.
    pub elapsed: Duration,
    /// Where the time went.
    pub times: Times,
}

struct Done {
    clip: Whole,
    bytes: u64,
    poster: Option<Partial>,
    times: Times,
}

impl Recorder {
    /// Begins the clip that is to be at `path`; what is there stays until [`Self::finish`].
    ///
    /// # Errors
    /// When there can be no such clip, when the place cannot be written to, and when an ffmpeg does not start.
    pub fn start(path: &Path, settings: &Settings) -> Result<Self, RecordError> {
        let (sink, running) = Sink::new(path, settings)?;
        let poster = settings
            .poster
            .map(|_| Partial::beside(&poster_path(path)))
            .transpose()?;
        let shared = Arc::new(Shared::default());
        let (sender, receiver) = bounded(QUEUE);
        let work = Work {
            sink,
            frames: receiver,
            poster,
            path: path.to_owned(),
            settings: settings.clone(),
            shared: Arc::clone(&shared),
        };
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || work.run())
            .map_err(|error| WriteError::refused(path, &error))?;
        Ok(Self {
            settings: settings.clone(),
            frames: Some(sender),
            thread: Some(thread),
            shared,
            running,
            pushed: 0,
            failed: None,
            start: Instant::now(),
        })
    }

    /// Hands over the next frame, and waits while the queue is full.
    ///
    /// # Errors
    /// When the frame is of another size or one too many, and when an earlier one could not be encoded.
    pub fn push(&mut self, frame: Frame) -> Result<(), RecordError> {
        let sender = self.accept(&frame)?;
        match sender.send(frame) {
            Ok(()) => self.pushed += 1,
            Err(_) => return Err(self.fail()),
        }
        Ok(())
    }

    /// Hands over the next frame if the queue has room, else gives it back.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn try_push(&mut self, frame: Frame) -> Result<Option<Frame>, RecordError> {
        let sender = self.accept(&frame)?;
        match sender.try_send(frame) {
            Ok(()) => self.pushed += 1,
            Err(TrySendError::Full(frame)) => return Ok(Some(frame)),
            Err(TrySendError::Disconnected(_)) => return Err(self.fail()),
        }
        Ok(None)
    }

    /// Whether [`Self::try_push`] would take a frame now.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.frames.as_ref().is_some_and(|frames| !frames.is_full())
    }

    /// How far the encoding thread is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.shared.progress(self.settings.frames)
    }

    /// The encoding thread is through, well or not: [`Self::finish`] will not have to wait for it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until all is encoded and moves the clip, and then its poster, to their places.
    ///
    /// # Errors
    /// When frames are missing, and when something could not be encoded or written.
    pub fn finish(mut self) -> Result<Report, RecordError> {
        self.frames = None;
        let done = match self.join() {
            Some(done) => done?,
            None => return Err(self.fail()),
        };
        let path = done.clip.path().to_owned();
        done.clip.keep()?;
        let poster = done.poster.map(|poster| {
            let path = poster.path().to_owned();
            poster.keep().map(|()| path)
        });
        Ok(Report {
            path,
            poster: poster.transpose()?,
            frames: self.pushed,
            bytes: done.bytes,
            elapsed: self.start.elapsed(),
            times: done.times,
        })
    }

    /// Ends the recording and leaves nothing of it.
    pub fn cancel(self) {}

    fn accept(&mut self, frame: &Frame) -> Result<&Sender<Frame>, RecordError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        self.settings.check_frame(frame)?;
        let wanted = self.settings.frames;
        match &self.frames {
            Some(frames) if self.pushed < wanted => Ok(frames),
            _ => Err(RecordError::Count {
                wanted,
                came: self.pushed.saturating_add(1),
            }),
        }
    }

    /// Why the encoding thread ended before its time; it is said again to whoever asks again.
    fn fail(&mut self) -> RecordError {
        if let Some(Err(error)) = self.join() {
            self.failed = Some(error);
        }
        self.failed.clone().unwrap_or(RecordError::Cancelled)
    }

    fn join(&mut self) -> Option<Result<Done, RecordError>> {
        let stopped = |_| {
            Err(RecordError::Encode {
                file: "the clip".into(),
                reason: "the encoder stopped by itself".into(),
            })
        };
        Some(self.thread.take()?.join().unwrap_or_else(stopped))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.cancel();
        if let Some(running) = &self.running {
            running.kill();
        }
        self.frames = None;
        // What was written goes with what the thread hands back.
        drop(self.join());
    }
}

/// What the encoding thread does.
struct Work {
    sink: Sink,
    frames: Receiver<Frame>,
    poster: Option<Partial>,
    path: PathBuf,
    settings: Settings,
    shared: Arc<Shared>,
}

impl Work {
    fn run(mut self) -> Result<Done, RecordError> {
        let shared = Arc::clone(&self.shared);
        let mut job = Job {
            shared: &shared,
            times: Times::default(),
        };
        let told = |trouble: Trouble| trouble.of(&self.path);
        for at in 0..self.settings.frames {
            let next = time(&mut job.times.wait, || self.frames.recv());
            shared.go_on().map_err(told)?;
            let Ok(frame) = next else {
                let wanted = self.settings.frames;
                return Err(RecordError::Count { wanted, came: at });
            };
            shared.one_taken();
            if let Some(poster) = &mut self.poster
                && self.settings.poster == Some(at)
            {
                let written = encode_png(&mut *poster, &frame);
                written.map_err(|trouble| trouble.of(poster.path()))?;
            }
            self.sink.frame(&frame, &mut job).map_err(told)?;
        }
        let mut clip = self.sink.finish(&mut job).map_err(told)?;
        Ok(Done {
            bytes: clip.bytes()?,
            clip,
            poster: self.poster,
            times: job.times,
        })
    }
}
