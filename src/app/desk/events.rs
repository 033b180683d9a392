//! What the inference thread tells, and what becomes of it.

use std::{sync::Arc, time::Duration};

use super::{Desk, view::Wish};
use crate::{
    inference::Event,
    lattice::{Lattice, Shape},
    model::token_texts,
    overlay::{ModelFacts, Status},
    score::Scores,
    trace::Trace,
};

impl Desk {
    /// Collects what the inference thread and the GPU have to say.
    pub(in crate::app) fn hear(&mut self) {
        let events: Vec<_> = self.worker.events().collect();
        for event in events {
            self.take_event(event);
            self.followed = None;
        }
        self.take_readbacks();
        self.follow_recording();
    }

    fn take_event(&mut self, event: Event) {
        match event {
            Event::Loading(source) => {
                self.facts.status = Status::Loading(source.name());
                self.chosen.opens(source);
            }
            Event::Loaded {
                name,
                card,
                quantisation,
                merged,
                state,
                vocabulary,
            } => {
                bevy::log::info!("loaded {name}");
                self.facts.status = Status::Idle;
                self.facts.model = Some(ModelFacts {
                    name,
                    card,
                    quantisation,
                    lora: merged.iter().map(ToString::to_string).collect(),
                    state: state.map(|state| state.name),
                });
                self.vocabulary = vocabulary;
                self.has_come();
                self.forget();
                self.note_model();
                if std::mem::take(&mut self.run_when_loaded) {
                    self.run();
                }
            }
            Event::Started(trace) => {
                // What failed before it has put an end to what was said of it.
                self.facts.status = Status::BEGUN;
                self.before = self.run_on_show();
                self.show_trace(trace);
            }
            Event::Progress {
                done,
                total,
                seconds,
            } => {
                self.facts.status = Status::Running {
                    done,
                    total,
                    seconds,
                };
                if let Some(trace) = &self.trace {
                    self.facts.surprises = Arc::new(trace.surprises());
                    if trace.filled() > 0 {
                        self.forget_before();
                    }
                }
            }
            Event::Finished {
                trace,
                conservation,
                rows,
            } => {
                bevy::log::info!("ran {} tokens", trace.tokens.len());
                self.finish(&trace, &conservation, rows);
            }
            Event::Transferring {
                transfer,
                done,
                total,
                seconds,
            } => {
                self.facts.status = Status::Transferring {
                    transfer,
                    done,
                    total,
                    seconds,
                };
            }
            Event::Opened {
                path,
                trace,
                vocabulary,
                conservation,
                rows,
            } => {
                bevy::log::info!("opened {} tokens", trace.tokens.len());
                // What was to be run has been run.
                self.run_when_loaded = false;
                self.ids = None;
                self.ran = None;
                self.vocabulary = vocabulary;
                self.show_trace(trace.clone());
                self.facts.model = Some(ModelFacts::of(&trace.origin));
                self.note(&path);
                self.facts.opened = Some(path);
                self.finish(&trace, &conservation, rows);
            }
            Event::Looked(trace, look, came) => self.take_look(trace, look, came),
            Event::WentOn { from, longer } => self.take_token(from, longer),
            Event::Beside(trace, other, came) => self.take_aside(trace, &other, came),
            Event::Compared(trace, changes, came) => {
                self.take_comparison(trace, changes, came);
            }
            Event::Tried(trace, trial) => self.take_trial(trace, trial),
            Event::Saved(path) => {
                bevy::log::info!("saved {}", path.display());
                self.facts.status = Status::Idle;
                self.note(&path);
                self.facts.saved = Some(path);
            }
            Event::Failed(reason) => {
                bevy::log::info!("failed: {reason}");
                self.facts.status = Status::Idle;
                self.facts.error = Some(reason);
                self.run_when_loaded = false;
                self.end_test();
                self.stop_writing();
                self.keep_what_ran();
                self.go_back();
            }
        }
    }

    /// A trace takes the place of what was there; it may not be filled yet.
    pub(super) fn show_trace(&mut self, trace: Arc<Trace>) {
        let shape = Shape {
            tokens: trace.tokens.len(),
            layers: trace.dimensions.layers,
            first_layer: trace.origin.layers.start,
            heads: trace.dimensions.heads,
            unit: trace.dimensions.version.unit(),
        };
        let_go(self.trace.take(), self.scores.take());
        self.forget();
        self.facts.tokens = Arc::new(token_texts(self.vocabulary.as_ref(), &trace.tokens));
        self.facts.lattice = Some(Lattice::new(shape));
        self.facts.before = trace.origin.before();
        self.trace = Some(trace);
        self.wish_for(Wish::whole().at_once());
        self.take_camera();
    }

    /// The trace on show is complete and checked.
    pub(super) fn finish(&mut self, trace: &Arc<Trace>, conservation: &[f32], rows: usize) {
        self.facts.status = Status::Idle;
        self.forget_before();
        self.run_lamp = self.lamp(conservation, rows);
        self.facts.lamp = self.run_lamp;
        self.facts.surprises = Arc::new(trace.surprises());
        self.make_scores(trace);
        // What was chosen before there was a text has to fit it.
        let shape = self.facts.shape();
        self.facts.session.fit(shape);
    }

    /// After a run that was ended early: what was read so far is the text, or else what was there before.
    fn keep_what_ran(&mut self) {
        let partial = self.trace.clone().filter(|_| self.scores.is_none());
        let (Some(trace), Some(shape)) = (partial, self.facts.shape()) else {
            return;
        };
        let tokens = trace.filled();
        if tokens == 0 {
            self.forget();
            if let Some(run) = self.before.take() {
                self.take_run(run);
            }
            return;
        }
        self.facts.lattice = Some(Lattice::new(Shape { tokens, ..shape }));
        self.facts.tokens = Arc::new(self.facts.tokens[..tokens].to_vec());
        self.make_scores(&trace);
        self.wish_for(Wish::whole());
    }

    /// The run before is not gone back to any more.
    fn forget_before(&mut self) {
        self.has_come();
        if let Some(run) = self.before.take() {
            let_go(Some(run.trace), None);
        }
    }

    /// Without room for them the run is there all the same, and what it added can be seen.
    pub(super) fn make_scores(&mut self, trace: &Arc<Trace>) {
        match Scores::new(&self.gpu, trace) {
            Ok(scores) => self.scores = Some(scores),
            Err(error) => {
                self.scores = None;
                self.facts.error = Some(error.to_string());
            }
        }
    }
}

/// Gives memory back, which takes longer than a frame should, and holds a lock that frames need; so buffer by buffer, with
/// pauses. Without a thread it goes at once.
pub(super) fn let_go(trace: Option<Arc<Trace>>, scores: Option<Scores>) {
    const PAUSE: Duration = Duration::from_millis(10);
    let thread = std::thread::Builder::new().name("letting go".into());
    let _ = thread.spawn(move || {
        // They hold the trace as well.
        drop(scores);
        let last = trace.and_then(Arc::into_inner);
        for group in last.map(|last| last.groups).unwrap_or_default() {
            std::thread::sleep(PAUSE);
            drop(group);
        }
    });
}
