//! Clips of what is on show, recorded on a thread of their own while the program goes on.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

use anyhow::bail;

use super::Desk;
use crate::{
    app::{Recording, Run, Script, Start, estimate, record},
    files::Watch,
    overlay::{Estimate, RecordingFacts},
    record::Settings,
    session::{
        Session,
        film::{Card, Film},
    },
    trace::Trace,
};

/// Frames done and frames in all.
#[derive(Default)]
struct Count {
    done: AtomicU64,
    total: AtomicU64,
}

/// A clip that is being recorded, or whose size is being estimated. When it goes, nothing is left of one that is
/// not finished.
pub(super) struct Job<T> {
    thread: Option<JoinHandle<Result<T, String>>>,
    cancel: Arc<AtomicBool>,
    count: Arc<Count>,
    since: Instant,
}

impl<T: Send + 'static> Job<T> {
    fn start(
        work: impl FnOnce(&mut Watch<'_>) -> anyhow::Result<T> + Send + 'static,
    ) -> std::io::Result<Self> {
        let cancel = Arc::new(AtomicBool::new(false));
        let count = Arc::new(Count::default());
        let (ended, counted) = (cancel.clone(), count.clone());
        let work = move || {
            let mut tell = |done, total| {
                counted.done.store(done, Ordering::Relaxed);
                counted.total.store(total, Ordering::Relaxed);
            };
            let mut watch = Watch::new(&ended, &mut tell);
            // The chain as one line, as on the command line.
            work(&mut watch).map_err(|error| format!("{error:#}"))
        };
        let thread = std::thread::Builder::new()
            .name("film".into())
            .spawn(work)?;
        Ok(Self {
            thread: Some(thread),
            cancel,
            count,
            since: Instant::now(),
        })
    }

    /// What came of it, once it is over.
    fn take(&mut self) -> Option<Result<T, String>> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        let ended = || "recording ended without a word: start arclight again".to_owned();
        Some(thread.join().unwrap_or_else(|_| Err(ended())))
    }
}

impl<T> Job<T> {
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed already.
            let _ = thread.join();
        }
    }
}

impl Desk {
    /// Begins the clip that the sheet describes.
    pub(super) fn record(&mut self, path: PathBuf) {
        self.facts.error = None;
        self.facts.recorded = None;
        if let Err(error) = self.begin_recording(path) {
            self.facts.error = Some(format!("{error:#}"));
        }
    }

    fn begin_recording(&mut self, path: PathBuf) -> anyhow::Result<()> {
        if self.recording.is_some() {
            bail!("a clip is being recorded: wait for it, or cancel it");
        }
        let (start, recording) = self.plan(path)?;
        let gpu = self.gpu.clone();
        let work = move |watch: &mut Watch<'_>| record(&gpu, start, &recording, watch);
        self.recording = Some(Job::start(work)?);
        Ok(())
    }

    /// Begins to find out how large the clip would be that the sheet describes.
    pub(super) fn estimate(&mut self) {
        self.facts.error = None;
        if let Err(error) = self.begin_estimate() {
            self.facts.error = Some(format!("{error:#}"));
        }
    }

    fn begin_estimate(&mut self) -> anyhow::Result<()> {
        // Nothing is written: the path only tells the format.
        let path = self.drafts.record.format.pattern().into();
        let (start, recording) = self.plan(path)?;
        let gpu = self.gpu.clone();
        let work = move |watch: &mut Watch<'_>| estimate(&gpu, start, &recording, watch);
        self.facts.estimate = Some(Estimate {
            of: self.drafts.record.clone(),
            session: self.facts.session.clone(),
            bytes: None,
        });
        self.estimating = Some(Job::start(work)?);
        Ok(())
    }

    /// Where a clip begins, and how it is recorded.
    fn plan(&self, path: PathBuf) -> anyhow::Result<(Start, Recording)> {
        let Some(run) = self.run_on_show() else {
            bail!("there is no whole run to record: run a text to its end first");
        };
        let recording = self.recording_to(path);
        recording.check()?;
        let start = Start {
            session: Session {
                bare: !recording.picture.overlay,
                camera: None,
                ..self.facts.session.clone()
            },
            run: Some(run),
            still: true,
            ..Start::default()
        };
        Ok((start, recording))
    }

    /// What the sheet describes.
    fn recording_to(&self, path: PathBuf) -> Recording {
        let draft = &self.drafts.record;
        let script = match (draft.track(&self.facts), &self.facts.session.film) {
            (None, Some(film)) => Script::Film(film.clone()),
            (Some(track), _) => Script::Track(track, draft.seconds),
            (None, None) => Script::Film(Film::default()),
        };
        let card = |text: &String| (!text.is_empty()).then(|| Card::new(text.clone()));
        let size = draft.picture.size;
        Recording {
            path,
            script,
            picture: draft.picture,
            settings: Settings {
                quality: draft.quality,
                ffmpeg: draft.ffmpeg(),
                ..Settings::new(size.x, size.y, draft.fps, 1)
            },
            caption: Some(draft.caption.clone()).filter(|text| !text.is_empty()),
            title: card(&draft.title),
            end: card(&draft.end),
        }
    }

    /// The finished run on show, for another desk.
    pub(super) fn run_on_show(&self) -> Option<Run> {
        self.scores.as_ref()?;
        // A run that was ended early has room for more than it holds.
        let whole = |trace: &Arc<Trace>| trace.filled() == trace.tokens.len();
        Some(Run {
            trace: self.trace.clone().filter(whole)?,
            vocabulary: self.vocabulary.clone(),
            model: self.facts.model.clone()?,
            lamp: self.run_lamp,
            changed: self.changed_run(),
            looked: self.looked(),
            beside: self.run_beside(),
        })
    }

    /// Looks how far the clip is, and its estimate.
    pub(super) fn follow_recording(&mut self) {
        if let Some(outcome) = self.recording.as_mut().and_then(Job::take) {
            self.recording = None;
            match outcome {
                Ok(recorded) => {
                    bevy::log::info!("recorded {}", recorded.report.path.display());
                    self.facts.recorded = Some(recorded.report.path);
                }
                Err(reason) => {
                    bevy::log::info!("not recorded: {reason}");
                    self.facts.error = Some(reason);
                }
            }
        }
        self.facts.recording = self.recording.as_ref().map(|job| RecordingFacts {
            done: job.count.done.load(Ordering::Relaxed),
            total: job.count.total.load(Ordering::Relaxed),
            seconds: job.since.elapsed().as_secs_f64(),
        });
        if let Some(outcome) = self.estimating.as_mut().and_then(Job::take) {
            self.estimating = None;
            match (outcome, &mut self.facts.estimate) {
                (Ok(bytes), Some(estimate)) => estimate.bytes = Some(bytes),
                (Ok(_), None) => {}
                (Err(reason), estimate) => {
                    *estimate = None;
                    self.facts.error = Some(reason);
                }
            }
        }
    }
}
