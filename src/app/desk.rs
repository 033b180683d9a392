use std::{path::PathBuf, sync::Arc};

use bevy::{
    math::{Vec2, Vec3},
    prelude::Resource,
};

use crate::{
    camera::{Eye, MARGINS, Pose, frame},
    draw::{ARC_VERTICES, Marked, Scene},
    gpu::{Gpu, Pending},
    inference::{Command, Event, Prompt, RunOptions, Worker},
    lattice::{Cell, HeadId, Lattice, Shape},
    model::{Source, Vocabulary, token_texts},
    overlay::{self, Drafts, Facts, Hover, Lamp, ModelFacts, Status},
    score::{Marker, Marks, Request, Scores, tolerance},
    session::{Intent, Session},
    trace::Trace,
};

/// Tokens a chunk while somebody watches: short, so that frames come in between.
const LIVE_CHUNK: usize = 32;

/// How to begin.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// What is chosen.
    pub session: Session,
    /// In place of the vocabulary chosen by size.
    pub vocab: Option<PathBuf>,
    /// In place of the session's prompt.
    pub ids: Option<Vec<u32>>,
    /// Move the camera without easing, and let light stand still.
    pub still: bool,
}

/// Where the camera is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    focus: bool,
    pub(super) at_once: bool,
}

/// The program's one state: the session, what runs, what came of it, and what the panels show.
#[derive(Resource)]
pub struct Desk {
    /// What the panels show; its session is the session.
    pub facts: Facts,
    /// What is being typed.
    pub drafts: Drafts,
    /// Intents of the last pass over the panels.
    pub(super) from_panels: Vec<Intent>,
    inbox: Vec<Intent>,
    gpu: Gpu,
    worker: Worker,
    vocab: Option<PathBuf>,
    vocabulary: Option<Vocabulary>,
    ids: Option<Vec<u32>>,
    run_when_loaded: bool,
    still: bool,
    wish: Option<Wish>,
    trace: Option<Arc<Trace>>,
    marker: Marker,
    scores: Option<Scores>,
    requested: Option<Request>,
    marks: Option<(Request, Pending)>,
    largest: Option<Pending>,
    cell: Option<(Cell, Pending)>,
    run_lamp: Option<Lamp>,
}

impl Desk {
    /// Starts the inference thread and asks for the session's model.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(gpu: &Gpu, start: Start, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let options = RunOptions {
            chunk: LIVE_CHUNK,
            ..RunOptions::default()
        };
        let worker = Worker::start(gpu.clone(), options, wake)?;
        let report = gpu.report();
        let drafts = Drafts {
            prompt: start.session.prompt.clone(),
            model: start.session.model.clone(),
            quantisation: start.session.quantisation,
        };
        let facts = Facts {
            device: format!("{} · {}", report.adapter, report.backend),
            session: start.session,
            ..Facts::default()
        };
        let mut desk = Self {
            facts,
            drafts,
            from_panels: Vec::new(),
            inbox: Vec::new(),
            gpu: gpu.clone(),
            worker,
            vocab: start.vocab,
            vocabulary: None,
            run_when_loaded: start.ids.is_some(),
            ids: start.ids,
            still: start.still,
            wish: None,
            trace: None,
            marker: Marker::new(gpu),
            scores: None,
            requested: None,
            marks: None,
            largest: None,
            cell: None,
            run_lamp: None,
        };
        desk.run_when_loaded |= !desk.facts.session.prompt.is_empty();
        desk.load();
        Ok(desk)
    }

    /// Takes note of an intent; it is applied in the same frame.
    pub fn ask(&mut self, intent: Intent) {
        self.inbox.push(intent);
    }

    /// Asks for a run of token ids in place of the session's prompt.
    pub fn feed(&mut self, ids: Vec<u32>) {
        self.ids = Some(ids);
        self.ask(Intent::Run);
    }

    /// All that was asked for has been done.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.facts.is_busy()
            && self.inbox.is_empty()
            && self.marks.is_none()
            && self.largest.is_none()
            && self.requested == self.request()
    }

    /// The trace on show.
    #[must_use]
    pub fn trace(&self) -> Option<&Arc<Trace>> {
        self.trace.as_ref()
    }

    /// Collects what the inference thread and the GPU have to say.
    pub(super) fn hear(&mut self) {
        let events: Vec<_> = self.worker.events().collect();
        for event in events {
            self.take_event(event);
        }
        self.take_readbacks();
    }

    fn take_event(&mut self, event: Event) {
        match event {
            Event::Loading(source) => self.facts.status = Status::Loading(source.name()),
            Event::Loaded {
                name,
                card,
                quantisation,
                vocabulary,
            } => {
                bevy::log::info!("loaded {name}");
                self.facts.status = Status::Idle;
                self.facts.model = Some(ModelFacts {
                    name,
                    card,
                    quantisation,
                });
                self.vocabulary = vocabulary;
                self.forget();
                if std::mem::take(&mut self.run_when_loaded) {
                    self.run();
                }
            }
            Event::Started(trace) => {
                let dimensions = &trace.dimensions;
                let shape = Shape {
                    tokens: trace.tokens.len(),
                    layers: dimensions.layers,
                    heads: dimensions.heads,
                };
                self.forget();
                self.facts.tokens = Arc::new(token_texts(self.vocabulary.as_ref(), &trace.tokens));
                self.facts.lattice = Some(Lattice::new(shape));
                self.trace = Some(trace);
                self.wish = Some(Wish {
                    focus: false,
                    at_once: true,
                });
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
                if let Some(trace) = &self.trace
                    && self.largest.is_none()
                {
                    self.largest = Some(self.marker.largest_contributions(trace));
                }
            }
            Event::Finished {
                trace,
                conservation,
                rows,
            } => {
                bevy::log::info!("ran {} tokens", trace.tokens.len());
                self.facts.status = Status::Idle;
                self.run_lamp = self.lamp(&conservation, rows);
                self.facts.lamp = self.run_lamp;
                let scores = Scores::new(&self.gpu, &trace);
                self.largest = Some(self.marker.largest_contributions(&trace));
                self.scores = Some(scores);
                let shape = self.facts.shape();
                self.facts
                    .session
                    .apply(&Intent::Prompt(self.facts.session.prompt.clone()), shape);
            }
            Event::Failed(reason) => {
                bevy::log::info!("failed: {reason}");
                self.facts.status = Status::Idle;
                self.facts.error = Some(reason);
                self.run_when_loaded = false;
                self.keep_what_ran();
            }
        }
    }

    /// After a run that was ended early: what was read so far is the text.
    fn keep_what_ran(&mut self) {
        let partial = self.trace.clone().filter(|_| self.scores.is_none());
        let (Some(trace), Some(shape)) = (partial, self.facts.shape()) else {
            return;
        };
        let tokens = trace.filled();
        if tokens == 0 {
            return self.forget();
        }
        self.facts.lattice = Some(Lattice::new(Shape { tokens, ..shape }));
        self.facts.tokens = Arc::new(self.facts.tokens[..tokens].to_vec());
        self.scores = Some(Scores::new(&self.gpu, &trace));
        self.wish = Some(Wish {
            focus: false,
            at_once: self.still,
        });
    }

    fn take_readbacks(&mut self) {
        if let Some(bytes) = taken(&mut self.largest, |pending| pending, &mut self.facts.error) {
            self.facts.largest = bytemuck::pod_collect_to_vec::<u8, f32>(&bytes)
                .last()
                .copied()
                .unwrap_or_default();
        }
        if let Some((request, _)) = self.marks
            && let Some(bytes) = taken(
                &mut self.marks,
                |(_, pending)| pending,
                &mut self.facts.error,
            )
            && let Some(shape) = self.facts.shape()
        {
            let marks = Marks::read(&bytes, shape.rows(), shape.tokens);
            let row_lamp = self.lamp(&marks.conservation, 1);
            self.facts.lamp = [self.run_lamp, row_lamp]
                .into_iter()
                .flatten()
                .max_by(|a, b| a.error.total_cmp(&b.error));
            bevy::log::info!("token {} scored, {} arcs", request.token, marks.arcs);
            self.facts.summary = marks.summary;
            self.facts.scales = marks.scales;
            self.facts.arcs = marks.arcs;
        }
        if let Some((cell, _)) = self.cell
            && let Some(bytes) = taken(
                &mut self.cell,
                |(_, pending)| pending,
                &mut self.facts.error,
            )
            && let Some(hover) = &mut self.facts.hover
            && hover.cell == cell
        {
            let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            bevy::log::debug!("scores {numbers:?} of {cell:?}");
            hover.scores = numbers.try_into().ok();
        }
    }

    fn lamp(&self, conservation: &[f32], rows: usize) -> Option<Lamp> {
        let shape = self.facts.shape()?;
        let worst = |(row, error): (usize, &f32)| {
            (
                row,
                if error.is_nan() {
                    f32::INFINITY
                } else {
                    *error
                },
            )
        };
        let (row, error) = conservation
            .iter()
            .enumerate()
            .map(worst)
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let tolerance = tolerance(self.facts.session.precision);
        Some(Lamp {
            error,
            tolerance,
            head: shape.head(row),
            rows,
        })
    }

    /// Applies intents, then asks for the work they imply.
    pub(super) fn decide(&mut self) {
        let shape = self.facts.shape();
        let mut intents = std::mem::take(&mut self.inbox);
        intents.append(&mut self.from_panels);
        for intent in intents {
            bevy::log::debug!("{intent:?}");
            self.facts.session.apply(&intent, shape);
            match intent {
                Intent::Open(_) => {
                    // The new model reads the same text.
                    self.run_when_loaded = !self.facts.session.prompt.is_empty();
                    self.load();
                }
                Intent::Run => self.run(),
                Intent::Cancel => self.worker.cancel(),
                Intent::FrameAll => {
                    self.wish = Some(Wish {
                        focus: false,
                        at_once: self.still,
                    });
                }
                Intent::FocusSelection => {
                    self.wish = Some(Wish {
                        focus: true,
                        at_once: self.still,
                    });
                }
                Intent::DismissError => self.facts.error = None,
                _ => {}
            }
        }
        self.score();
        self.predict();
    }

    fn load(&mut self) {
        self.facts.error = None;
        let session = &self.facts.session;
        let source = Source::from(session.model.as_str());
        let command = Command::Load {
            source,
            vocab: self.vocab.clone(),
            precision: session.precision,
            quantisation: session.quantisation,
        };
        let name = session.model.clone();
        self.ask_worker(command, Status::Loading(name));
    }

    fn run(&mut self) {
        self.facts.error = None;
        let prompt = match self.ids.take() {
            Some(ids) => Prompt::Ids(ids),
            None => Prompt::Text(self.facts.session.prompt.clone()),
        };
        let status = Status::Running {
            done: 0,
            total: 0,
            seconds: 0.0,
        };
        self.ask_worker(Command::Run(prompt), status);
    }

    /// Passes a command on; `status` holds until an event says otherwise.
    fn ask_worker(&mut self, command: Command, status: Status) {
        if self.worker.ask(command) {
            if self.facts.status == Status::Idle {
                self.facts.status = status;
            }
        } else {
            self.facts.error = Some(
                "too much is asked for at once: wait for what is running, or cancel it".into(),
            );
        }
    }

    /// Lets go of everything about the last run.
    fn forget(&mut self) {
        self.trace = None;
        self.scores = None;
        self.requested = None;
        self.marks = None;
        self.largest = None;
        self.cell = None;
        self.run_lamp = None;
        let facts = &mut self.facts;
        facts.tokens = Arc::default();
        facts.lattice = None;
        facts.hover = None;
        facts.prediction = None;
        facts.lamp = None;
        facts.summary.clear();
        facts.scales.clear();
        facts.arcs = 0;
        facts.largest = 0.0;
    }

    /// The scores that the session asks for.
    fn request(&self) -> Option<Request> {
        let session = &self.facts.session;
        let scores = self.scores.as_ref()?;
        let token = session.token.filter(|token| *token < scores.tokens())?;
        let solo = session
            .head
            .and_then(|head| self.facts.shape().map(|shape| shape.row(head)));
        Some(Request {
            token,
            measure: session.measure,
            scale: session.scale,
            filter: session.filter,
            solo,
            arc_vertices: ARC_VERTICES,
        })
    }

    fn score(&mut self) {
        let request = self.request();
        if request == self.requested {
            return;
        }
        let moved = request.map(|request| request.token) != self.requested.map(|last| last.token);
        self.requested = request;
        self.marks = None;
        match (request, &mut self.scores) {
            (Some(request), Some(scores)) => self.marks = Some((request, scores.select(&request))),
            _ => {
                self.facts.summary.clear();
                self.facts.scales.clear();
                self.facts.arcs = 0;
            }
        }
        if moved {
            self.score_hovered();
        }
    }

    fn predict(&mut self) {
        let hovered = self.facts.hover.as_ref().map(|hover| hover.cell.token);
        let position = hovered.or(self.facts.session.token);
        if self
            .facts
            .prediction
            .as_ref()
            .map(|(position, ..)| *position)
            == position
        {
            return;
        }
        self.facts.prediction = position.and_then(|position| {
            let prediction = self.trace.as_ref()?.prediction(position)?;
            let ids: Vec<_> = prediction
                .top
                .iter()
                .map(|candidate| candidate.id)
                .collect();
            let texts = ids
                .iter()
                .flat_map(|id| token_texts(self.vocabulary.as_ref(), &[*id]))
                .collect();
            Some((position, prediction, texts))
        });
    }

    /// Points at a cell, or at none.
    pub(super) fn hover(&mut self, cell: Option<Cell>) {
        if self.facts.hover.as_ref().map(|hover| hover.cell) == cell {
            return;
        }
        bevy::log::debug!("pointing at {cell:?}");
        self.facts.hover = cell.map(|cell| Hover { cell, scores: None });
        self.score_hovered();
    }

    /// Asks for the hovered cell's scores with the selected token; those with another one are put away.
    fn score_hovered(&mut self) {
        self.cell = None;
        let shape = self.facts.shape();
        let Some(hover) = &mut self.facts.hover else {
            return;
        };
        hover.scores = None;
        if let (Some(scores), Some(_), Some(shape)) = (&self.scores, self.requested, shape) {
            self.cell = Some((hover.cell, scores.cell(shape.index(hover.cell))));
        }
    }

    /// A click on a cell selects its token; on a cell of the selected token, shows that head alone.
    pub(super) fn click(&mut self, cell: Cell) {
        if self.facts.session.token == Some(cell.token) {
            let head = (self.facts.session.head != Some(cell.head)).then_some(cell.head);
            self.ask(Intent::SoloHead(head));
        } else {
            self.ask(Intent::SelectToken(Some(cell.token)));
        }
    }

    /// A double click on a cell shows its head alone.
    pub(super) fn solo(&mut self, head: HeadId) {
        self.ask(Intent::SoloHead(Some(head)));
    }

    /// Points that panels take at the left and at the right.
    pub(super) fn covered(&self) -> (f32, f32) {
        overlay::covered(self.facts.session.bare)
    }

    pub(super) fn take_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// Where the camera has to stand, in a picture of `size` points.
    pub(super) fn pose(&self, wish: Wish, size: Vec2) -> Option<Pose> {
        let lattice = self.facts.lattice?;
        let (left, right) = self.covered();
        let free = Vec2::new(size.x - left - right, size.y);
        let token = self.facts.session.token.filter(|_| wish.focus);
        let whole = Pose::default();
        Some(match token {
            None => frame(whole, lattice.extent(), free, size.y, MARGINS),
            Some(token) => {
                let x = lattice
                    .position(Cell {
                        token,
                        head: HeadId { layer: 0, head: 0 },
                    })
                    .x;
                let near = lattice
                    .extent()
                    .with_x(lattice.extent().x.min(lattice.pitch.y * 1.5));
                frame(
                    Pose {
                        focus: Vec3::X * x,
                        ..whole
                    },
                    near,
                    free,
                    size.y,
                    MARGINS,
                )
            }
        })
    }

    /// What is to be drawn, seen from `eye`.
    pub(super) fn scene(&mut self, eye: Eye, seconds: f32) -> Option<Scene> {
        self.facts.eye = Some(eye);
        let lattice = self.facts.lattice?;
        let marked = self
            .requested
            .zip(self.scores.as_ref())
            .map(|(request, scores)| {
                Marked::new(scores, request.token, request.measure, request.scale)
            });
        let session = &self.facts.session;
        Some(Scene {
            eye,
            lattice,
            trace: self.trace.clone()?,
            largest: self.facts.largest,
            marked,
            solo: session.head.map(|head| lattice.shape.row(head)),
            hovered: self
                .facts
                .hover
                .as_ref()
                .map(|hover| lattice.shape.index(hover.cell)),
            palette: session.palette,
            time: if self.still { STILL } else { seconds },
        })
    }
}

/// Where a pulse of light stands in a still picture, in seconds of its flight.
const STILL: f32 = 1.7;

/// The bytes of a pending read-back, once they are there; then the slot is empty again.
fn taken<T>(
    slot: &mut Option<T>,
    pending: impl Fn(&T) -> &Pending,
    error: &mut Option<String>,
) -> Option<Vec<u8>> {
    let result = pending(slot.as_ref()?).take();
    match result {
        Ok(None) => None,
        Ok(Some(bytes)) => {
            *slot = None;
            Some(bytes)
        }
        Err(reason) => {
            *slot = None;
            *error = Some(reason.to_string());
            None
        }
    }
}
