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

use super::Desk;
use crate::{
    app::{Recorded, Recording, Run, Script, Start, record},
    files::Watch,
    gpu::Gpu,
    overlay::RecordingFacts,
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

/// A clip that is being recorded. When it goes, nothing is left of one that is not finished.
pub(super) struct Job {
    thread: Option<JoinHandle<Result<Recorded, String>>>,
    cancel: Arc<AtomicBool>,
    count: Arc<Count>,
    since: Instant,
}

impl Job {
    fn start(gpu: Gpu, start: Start, recording: Recording) -> std::io::Result<Self> {
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
            record(&gpu, start, &recording, &mut watch).map_err(|error| format!("{error:#}"))
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

    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Job {
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
            anyhow::bail!("a clip is being recorded: wait for it, or cancel it");
        }
        let Some(run) = self.run_on_show() else {
            anyhow::bail!("there is no whole run to record: run a text to its end first");
        };
        let recording = self.recording_to(path);
        recording.check()?;
        let session = Session {
            bare: !recording.picture.overlay,
            camera: None,
            ..self.facts.session.clone()
        };
        let start = Start {
            session,
            run: Some(run),
            still: true,
            ..Start::default()
        };
        self.recording = Some(Job::start(self.gpu.clone(), start, recording)?);
        Ok(())
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
                ..Settings::new(size.x, size.y, draft.fps, 1)
            },
            caption: Some(draft.caption.clone()).filter(|text| !text.is_empty()),
            title: card(&draft.title),
            end: card(&draft.end),
        }
    }

    /// The finished run on show, for another desk.
    fn run_on_show(&self) -> Option<Run> {
        self.scores.as_ref()?;
        // A run that was ended early has room for more than it holds.
        let whole = |trace: &Arc<Trace>| trace.filled() == trace.tokens.len();
        Some(Run {
            trace: self.trace.clone().filter(whole)?,
            vocabulary: self.vocabulary.clone(),
            model: self.facts.model.clone()?,
            lamp: self.run_lamp,
        })
    }

    /// Looks how far the clip is.
    pub(super) fn follow_recording(&mut self) {
        let Some(job) = &mut self.recording else {
            return;
        };
        let is_over = job.thread.as_ref().is_none_or(JoinHandle::is_finished);
        if !is_over {
            self.facts.recording = Some(RecordingFacts {
                done: job.count.done.load(Ordering::Relaxed),
                total: job.count.total.load(Ordering::Relaxed),
                seconds: job.since.elapsed().as_secs_f64(),
            });
            return;
        }
        let joined = job.thread.take().map(JoinHandle::join);
        self.recording = None;
        self.facts.recording = None;
        match joined {
            Some(Ok(Ok(recorded))) => {
                bevy::log::info!("recorded {}", recorded.report.path.display());
                self.facts.recorded = Some(recorded.report.path);
            }
            Some(Ok(Err(reason))) => {
                bevy::log::info!("not recorded: {reason}");
                self.facts.error = Some(reason);
            }
            _ => {
                let reason = "recording ended without a word: start arclight again";
                self.facts.error = Some(reason.into());
            }
        }
    }
}
