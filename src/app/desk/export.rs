//! Exports and copies: what they need is read back without waiting, and written on a thread of its own.

use std::{collections::VecDeque, path::PathBuf};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::Desk;
use crate::{
    export::{Document, ExportError, Format, Snapshot},
    gpu::Pending,
    score::{HeadMatrix, MatrixKernels},
    session::Export,
};

/// Where to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    File(PathBuf),
    Clipboard,
}

/// The text for the clipboard, or none when a file has been written.
type Outcome = Result<Option<String>, ExportError>;

/// How far an export is.
enum Step {
    Computing(Box<HeadMatrix>),
    Reading(Pending),
    Writing(Receiver<Outcome>),
}

struct Job {
    what: Export,
    target: Target,
    /// What there was when it began: it may change meanwhile.
    of: Snapshot,
    step: Step,
}

/// What is to be exported, and what is being exported.
#[derive(Default)]
pub(super) struct Exports {
    asked: VecDeque<(Export, Target)>,
    job: Option<Job>,
    copied: Option<String>,
}

impl Exports {
    pub fn is_settled(&self) -> bool {
        self.asked.is_empty() && self.job.is_none()
    }

    /// Ends what has not come to writing.
    pub fn cancel(&mut self) {
        self.asked.clear();
        self.job
            .take_if(|job| !matches!(job.step, Step::Writing(_)));
    }
}

impl Desk {
    /// Takes note of what is to be exported, or says at once why it cannot be.
    pub(super) fn export(&mut self, what: Export, target: Target) {
        self.facts.error = None;
        self.facts.exported = None;
        self.facts.copied = None;
        self.facts.picture = None;
        match self.can_export(what, &target) {
            Ok(()) => self.exports.asked.push_back((what, target)),
            Err(error) => self.facts.error = Some(error.to_string()),
        }
    }

    fn can_export(&self, what: Export, target: &Target) -> Result<(), ExportError> {
        if let Target::File(path) = target {
            Format::of(what, path)?;
        }
        let of = self.snapshot()?;
        of.require_all(what)
    }

    /// The text that is to go to the clipboard, once.
    pub(in crate::app) fn take_copied(&mut self) -> Option<String> {
        self.exports.copied.take()
    }

    /// Goes on with what is to be exported.
    pub(super) fn follow_exports(&mut self) {
        // What the session has asked for last has to be there first.
        if self.exports.job.is_none()
            && self.has_scored()
            && let Some((what, target)) = self.exports.asked.pop_front()
        {
            match self.begin(what, target) {
                Ok(job) => self.exports.job = Some(job),
                Err(error) => self.facts.error = Some(error.to_string()),
            }
        }
        if let Some(job) = self.exports.job.take() {
            match self.advance(job) {
                Ok(rest) => self.exports.job = rest,
                Err(error) => self.facts.error = Some(error.to_string()),
            }
        }
        self.facts.exporting = self.exports.job.as_ref().map(|job| {
            let part = match &job.step {
                Step::Computing(made) => made.done() as f32 / job.of.shape.tokens.max(1) as f32,
                Step::Reading(_) | Step::Writing(_) => 1.0,
            };
            (job.what, part)
        });
    }

    /// The selected token's scores are there, or will not be: those of a logit come from the worker, and those of a difference
    /// wait for the other run.
    fn has_scored(&self) -> bool {
        let is_asked = self.requested.is_some() || self.facts.session.token.is_none();
        self.marks.is_none() && (is_asked || self.has_looked() && self.has_beside())
    }

    /// Why there is nothing of the selected token in any head.
    fn unscored(&self) -> String {
        let inside = self.facts.inside.as_ref();
        match inside.and_then(|inside| inside.refused.clone()) {
            Some(reason) => reason,
            None if self.writes() => "tokens are being written: stop that first".into(),
            None => "what it is compared with has none: choose another token or view".into(),
        }
    }

    fn snapshot(&self) -> Result<Snapshot, ExportError> {
        let facts = &self.facts;
        let there = self.scores.as_ref().zip(self.trace.as_ref());
        let (Some(_), Some(shape), Some(model)) = (there, facts.shape(), &facts.model) else {
            return Err(ExportError::NoRun);
        };
        Ok(Snapshot {
            session: facts.session.clone(),
            model: model.name.clone(),
            version: model.card.version,
            shape,
            tokens: facts.tokens.clone(),
            summary: facts.summary.clone(),
            scales: facts.scales.clone(),
            surprises: facts.surprises.clone(),
        })
    }

    fn begin(&mut self, what: Export, target: Target) -> Result<Job, ExportError> {
        let of = self.snapshot()?;
        of.require_all(what)?;
        let scores = self.scores.as_ref().ok_or(ExportError::NoRun)?;
        let measure = of.session.measure;
        let step = match what {
            Export::Text => return write(what, target, of, Vec::new()),
            Export::Row | Export::Column if self.requested.is_none() => {
                return Err(ExportError::Unscored {
                    what: what.name(),
                    reason: self.unscored(),
                });
            }
            Export::Row | Export::Column => {
                let heads = of.heads().into_iter().map(|head| of.shape.row(head));
                Step::Reading(scores.heads_of(measure, &heads.collect::<Vec<_>>()))
            }
            Export::Matrix => {
                let head = of.session.heads.single().ok_or(ExportError::NotOneHead)?;
                match self.matrix.complete(head, measure) {
                    Some(made) => Step::Reading(made.start_reading()),
                    None => {
                        let kernels = MatrixKernels::new(&self.gpu);
                        let head = of.shape.place(head);
                        let made = HeadMatrix::new(scores, &kernels, head, measure)?;
                        Step::Computing(Box::new(made))
                    }
                }
            }
        };
        Ok(Job {
            what,
            target,
            of,
            step,
        })
    }

    /// One step further; what is left of it, if anything is.
    fn advance(&mut self, mut job: Job) -> Result<Option<Job>, ExportError> {
        match &mut job.step {
            Step::Computing(made) => {
                made.advance()?;
                if made.is_complete() {
                    job.step = Step::Reading(made.start_reading());
                }
                Ok(Some(job))
            }
            Step::Reading(pending) => match pending.take()? {
                Some(bytes) => Ok(Some(write(job.what, job.target, job.of, bytes)?)),
                None => Ok(Some(job)),
            },
            Step::Writing(outcome) => match outcome.try_recv() {
                Ok(outcome) => {
                    self.done(job.what, job.target, outcome?);
                    Ok(None)
                }
                Err(TryRecvError::Empty) => Ok(Some(job)),
                Err(TryRecvError::Disconnected) => Err(ExportError::Ended),
            },
        }
    }

    fn done(&mut self, what: Export, target: Target, text: Option<String>) {
        if let Target::File(path) = target {
            bevy::log::info!("exported {}", path.display());
            self.facts.exported = Some((what, path));
        } else {
            bevy::log::info!("copied the {}", what.name());
            self.exports.copied = text;
            self.facts.copied = Some(what);
        }
    }
}

/// Begins to write what was read back: `bytes` are the numbers of a [`Document`] as the GPU has them.
fn write(what: Export, target: Target, of: Snapshot, bytes: Vec<u8>) -> Result<Job, ExportError> {
    let (send, outcome) = bounded(1);
    let job = Job {
        what,
        target: target.clone(),
        of: of.clone(),
        step: Step::Writing(outcome),
    };
    let work = move || {
        let numbers = match what {
            Export::Matrix => HeadMatrix::pairs(&bytes, of.shape.tokens, of.session.measure),
            _ => bytemuck::pod_collect_to_vec(&bytes),
        };
        let document = Document { of, what, numbers };
        let outcome = match target {
            Target::File(path) => document.save(&path).map(|()| None),
            Target::Clipboard => document.to_text().map(Some),
        };
        // Nobody listens any more when the program has ended.
        let _ = send.send(outcome);
    };
    let thread = std::thread::Builder::new().name("export".into());
    thread.spawn(work).map_err(|_| ExportError::NoThread)?;
    Ok(job)
}
