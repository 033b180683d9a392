mod atlas;
mod beside;
mod changes;
mod chosen;
mod events;
mod export;
mod files;
mod film;
mod forget;
mod head_state;
mod looking;
mod matrix;
mod moment;
mod preview;
mod recording;
mod room;
mod scoring;
mod start;
mod testing;
mod view;
mod walk;
mod writing;

use std::{path::PathBuf, sync::Arc};

use bevy::prelude::Resource;

use self::chosen::Chosen;
use super::{Recorded, pictures::Destination};
use crate::{
    gpu::{Gpu, Pending},
    inference::{Attention, Chunk, Command, Prompt, RunOptions, Worker},
    lattice::Cell,
    model::{Source, Vocabulary},
    overlay::{CompareDraft, Drafts, Facts, Lamp, Status},
    score::{Atlas, Marker, Request, Scores, Shown},
    session::{Browse, History, Intent, Memory, PictureOptions, Session, film::Film},
    trace::{Part, Trace},
};
pub(super) use beside::Picked;
use export::{Exports, Target};
use matrix::Matrix;
pub(super) use moment::Moment;
use preview::Preview;
pub use start::{Run, Start};
use view::View;
pub(super) use view::Wish;
use writing::Writer;

/// Tokens a chunk while somebody watches a CPU, which is five times as slow with fewer.
const SOFTWARE_CHUNK: usize = 32;

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
    /// Tells the worker whether somebody moves what is seen.
    attention: Attention,
    vocab: Option<PathBuf>,
    vocabulary: Option<Vocabulary>,
    ids: Option<Vec<u32>>,
    /// The text that was run last; none for ids.
    ran: Option<String>,
    /// What it kept.
    kept: Part,
    /// The run that was on show until one began of which nothing is there yet.
    before: Option<Run>,
    /// What was chosen about it, and about the model that is there.
    chosen: Chosen,
    /// What the figures on memory were worked out for.
    room: Option<room::Asked>,
    history: History,
    run_when_loaded: bool,
    trace: Option<Arc<Trace>>,
    marker: Marker,
    scores: Option<Scores>,
    /// Tokens and heads on show.
    shown: Arc<Shown>,
    requested: Option<Request>,
    marks: Option<Pending>,
    /// Tokens whose contributions were asked for last, whether as a difference, and the answer on its way.
    contributed: Option<(usize, bool, Arc<Shown>)>,
    contributions: Option<Pending>,
    cell: Option<(Cell, Pending)>,
    matrix: Matrix,
    atlas: Option<Atlas>,
    changed: changes::Changed,
    beside: beside::Beside,
    /// What the other run had selected when the marks were made.
    requested_beside: Option<beside::Theirs>,
    walk: walk::Walk,
    writer: Writer,
    looking: looking::Looking,
    remembered: head_state::Remembered,
    /// Heads that were tested.
    tests: u64,
    /// The film on show.
    preview: Option<Preview>,
    exports: Exports,
    run_lamp: Option<Lamp>,
    view: View,
    recording: Option<recording::Job<Recorded>>,
    estimating: Option<recording::Job<u64>>,
    memory: Option<Memory>,
    /// What the user is to be asked for a file for.
    browse: Option<Browse>,
    /// The clipboard's text is wanted.
    paste: bool,
    /// The picture that is to be drawn next.
    pub(super) wanted: Option<(Destination, PictureOptions)>,
    /// The picture that is being drawn is not wanted any more.
    pub(super) unwanted: bool,
    /// The program is to end.
    over: bool,
    /// The session that all of this follows from; none when something else has changed.
    followed: Option<Session>,
}

impl Desk {
    /// Starts the inference thread and asks for the session's model.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(gpu: &Gpu, start: Start, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let attention = Attention::default();
        let options = RunOptions {
            chunk: match start.live {
                true if gpu.is_software() => Chunk::Of(SOFTWARE_CHUNK),
                true => Chunk::Live(attention.clone()),
                false => Chunk::default(),
            },
            ..RunOptions::default()
        };
        let worker = Worker::start(gpu.clone(), options, wake)?;
        let report = gpu.report();
        let drafts = Drafts {
            prompt: start.session.prompt.clone(),
            model: start.session.model.clone(),
            ..Drafts::default()
        };
        let facts = Facts {
            device: format!("{} · {}", report.adapter, report.backend),
            session: start.session,
            still: start.still,
            ..Facts::default()
        };
        let mut desk = Self {
            facts,
            drafts,
            from_panels: Vec::new(),
            inbox: Vec::new(),
            gpu: gpu.clone(),
            worker,
            attention,
            vocab: start.vocab,
            vocabulary: None,
            run_when_loaded: start.ids.is_some(),
            ids: start.ids,
            ran: None,
            kept: Part::default(),
            before: None,
            chosen: Chosen::default(),
            room: None,
            history: History::default(),
            trace: None,
            marker: Marker::new(gpu),
            scores: None,
            shown: Arc::default(),
            requested: None,
            marks: None,
            contributed: None,
            contributions: None,
            cell: None,
            matrix: Matrix::default(),
            atlas: None,
            changed: changes::Changed::default(),
            beside: beside::Beside::default(),
            requested_beside: None,
            walk: walk::Walk::default(),
            writer: Writer::default(),
            looking: looking::Looking::default(),
            remembered: head_state::Remembered::default(),
            tests: 0,
            preview: None,
            exports: Exports::default(),
            run_lamp: None,
            view: View::default(),
            recording: None,
            estimating: None,
            memory: start.memory,
            browse: None,
            paste: false,
            wanted: None,
            unwanted: false,
            over: false,
            followed: None,
        };
        desk.run_when_loaded |= !desk.facts.session.prompt.is_empty();
        let _ = desk.remembering(|_| Ok(()));
        match start.run {
            Some(run) => desk.take_run(run),
            None => desk.load(),
        }
        Ok(desk)
    }

    /// Shows a run that is there already.
    fn take_run(&mut self, run: Run) {
        self.run_when_loaded = false;
        self.vocabulary = run.vocabulary;
        self.facts.model = Some(run.model);
        self.show_trace(run.trace.clone());
        self.finish(&run.trace, &[], 0);
        self.run_lamp = run.lamp;
        self.facts.lamp = run.lamp;
        self.take_changes(run.changed);
        self.take_looked(run.looked);
        self.take_beside(run.beside);
    }

    /// Takes note of an intent; it is applied in the same frame.
    pub fn ask(&mut self, intent: Intent) {
        self.inbox.push(intent);
    }

    /// The session as it will be with all that has been asked for.
    pub(super) fn session_as_asked(&self) -> Session {
        let mut session = self.own_session();
        for intent in &self.inbox {
            session.apply(intent, self.facts.shape());
        }
        session
    }

    /// Asks for a run of token ids in place of the session's prompt.
    pub fn feed(&mut self, ids: Vec<u32>) {
        self.ids = Some(ids);
        self.ask(Intent::Run);
    }

    /// Takes note of whether the camera or the pointer moves.
    pub(super) fn moves(&self, moving: bool) {
        self.attention.set(moving);
    }

    /// All that was asked for has been done.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_still() && !self.facts.draws_picture()
    }

    /// The same, whatever pictures are being drawn.
    pub(super) fn is_still(&self) -> bool {
        !self.facts.is_busy()
            && self.inbox.is_empty()
            && self.from_panels.is_empty()
            && self.marks.is_none()
            && self.contributions.is_none()
            && self.matrix.is_settled()
            && self.has_atlas()
            && self.has_changes()
            && self.has_beside()
            && !self.writes()
            && self.has_walked()
            && self.has_looked()
            && self.has_state()
            && self.exports.is_settled()
            && self.followed.as_ref() == Some(&self.facts.session)
            && !self.view.is_moving()
            && !self.preview.as_ref().is_some_and(Preview::is_due)
    }

    /// The program is to end.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// No face is looked for that some text needs.
    #[must_use]
    pub fn has_faces(&self) -> bool {
        self.drafts.faces.is_settled()
    }

    /// The device that everything is on.
    pub(super) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// The trace on show.
    #[must_use]
    pub fn trace(&self) -> Option<&Arc<Trace>> {
        self.trace.as_ref()
    }

    /// Applies intents, then asks for the work they imply.
    pub(super) fn decide(&mut self) {
        let shape = self.facts.shape();
        let mut intents = std::mem::take(&mut self.inbox);
        intents.append(&mut self.from_panels);
        for intent in intents {
            bevy::log::debug!("{intent:?}");
            if self.give_way(&intent) || intent == Intent::Back && self.end_walk() {
                continue;
            }
            let before = self.own_session();
            self.chosen.note(&intent, &before);
            self.facts.session.apply(&intent, shape);
            if self.own_session() != before {
                self.history.note(before.clone(), &intent);
            }
            // The bar is gone with what it showed.
            if intent == Intent::Compare(None) {
                self.drafts.compare = CompareDraft::default();
            }
            match intent {
                Intent::Open(model) => {
                    self.drafts.model = model;
                    // The new model reads the same text.
                    self.run_when_loaded = !self.facts.session.prompt.is_empty();
                    self.load();
                }
                // A dropped text comes from elsewhere than the field.
                Intent::Prompt(text) if self.drafts.prompt != text => self.drafts.prompt = text,
                Intent::Run => self.run(),
                Intent::Test(head) => self.test(head),
                Intent::StepArc(steps) => self.step_arc(steps),
                Intent::Write(what) => self.write(what),
                Intent::Writing(_) => self.writing_changed(),
                Intent::Cancel => {
                    self.worker.cancel();
                    self.stop_writing();
                    self.exports.cancel();
                    if let Some(job) = &self.recording {
                        job.cancel();
                    }
                    self.unwanted = self.facts.draws_picture();
                }
                Intent::FrameAll
                | Intent::Layout(_)
                | Intent::Matrix(_)
                | Intent::Lens(_)
                | Intent::Compare(_)
                | Intent::StateView(_) => {
                    self.wish_for(Wish::whole());
                }
                Intent::FocusSelection => self.wish_for(Wish::selection()),
                Intent::Look(side) => self.look(Wish::along(side)),
                Intent::GoToBookmark(number) => {
                    if let Some(pose) = self.facts.session.bookmarks.get(number) {
                        self.look(Wish::pose(pose));
                    }
                }
                Intent::ToggleFlight => self.facts.drive = self.facts.drive.flight_or_rest(),
                Intent::ToggleTurntable => self.facts.drive = self.facts.drive.turntable_or_rest(),
                Intent::Count(wanted) => self.facts.wanted = wanted,
                Intent::Reload => {
                    self.ask(Intent::Quantise(self.facts.wanted));
                    self.ask(Intent::Open(self.facts.session.model.clone()));
                }
                Intent::ChooseCompare => {
                    let open = &mut self.drafts.compare.open;
                    *open = !*open;
                }
                Intent::WritePrompt => self.drafts.write_prompt = true,
                Intent::Show(sheet) => self.drafts.sheets.toggle(sheet),
                Intent::Quit => self.over = true,
                Intent::Camera(Some(pose)) => self.look(Wish::pose(pose)),
                Intent::Film(film) => {
                    let keys =
                        |film: &Option<Film>| film.as_ref().map_or(0, |film| film.keys.len());
                    self.drafts
                        .timeline
                        .recount(keys(&before.film), keys(&film));
                    self.film_changed();
                }
                Intent::Track(track) => self.want_film(track),
                Intent::Play(playback) => self.play(playback),
                Intent::Timeline => self.drafts.timeline.toggle(),
                Intent::Undo => self.travel(History::undo),
                Intent::Redo => self.travel(History::redo),
                Intent::SaveTrace(path) => self.save_trace(path),
                Intent::SavePicture { path, options } => {
                    self.want_picture(Destination::File(path), options);
                }
                Intent::CopyPicture(options) => {
                    self.want_picture(Destination::Clipboard, options);
                }
                Intent::Record(path) => self.record(path),
                Intent::EstimateClip => self.estimate(),
                Intent::SaveSession(path) => self.save_session(&path),
                Intent::OpenSession(path) => self.open_session(&path),
                Intent::OpenFile(path) => self.open_file(&path),
                Intent::Browse(browse) => self.browse = Some(browse),
                Intent::Paste => self.paste = true,
                Intent::TextSize(size) => {
                    self.facts.text_size = size;
                    // That it cannot be kept for the next start is no reason to disturb now.
                    let _ = self.remembering(|memory| memory.set_text_size(size));
                }
                Intent::Remember(remember) => {
                    if let Err(error) = self.remembering(|memory| memory.remember(remember)) {
                        self.facts.error = Some(error.to_string());
                    }
                }
                Intent::ForgetRecent => {
                    if let Err(error) = self.remembering(Memory::forget) {
                        self.facts.error = Some(error.to_string());
                    }
                }
                Intent::Export { what, path } => self.export(what, Target::File(path)),
                Intent::Copy(what) => self.export(what, Target::Clipboard),
                Intent::DismissError => (self.facts.error, self.facts.note) = (None, None),
                _ => {}
            }
        }
        self.advance_preview();
        self.follow_writing();
        self.follow_looking();
        self.follow_beside();
        self.follow();
        self.follow_walk();
        self.follow_matrix();
        self.follow_state();
        self.follow_atlas();
        self.follow_changes();
        self.follow_exports();
        self.follow_room();
        self.predict();
        self.predict_changed();
        self.expect();
    }

    /// Brings everything in line with the session, once something has changed.
    fn follow(&mut self) {
        if self.followed.as_ref() == Some(&self.facts.session) {
            return;
        }
        self.followed = Some(self.facts.session.clone());
        self.show();
        self.arrange();
        self.contribute();
        self.score();
    }

    /// Goes to another session of the history.
    fn travel(&mut self, step: fn(&mut History, &mut Session) -> bool) {
        let mut session = self.facts.session.clone();
        if step(&mut self.history, &mut session) {
            self.restore(session);
        }
    }

    /// Puts a session in place of the one that is there, and asks for the work that this implies.
    fn restore(&mut self, session: Session) {
        let old = std::mem::replace(&mut self.facts.session, session);
        let session = &self.facts.session;
        self.drafts.prompt.clone_from(&session.prompt);
        self.drafts.model.clone_from(&session.model);
        self.facts.wanted = session.quantisation;
        let loads = |session: &Session| {
            (
                session.model.clone(),
                session.precision,
                session.quantisation,
                session.lora.clone(),
                session.state.clone(),
            )
        };
        if loads(&old) != loads(session) {
            self.run_when_loaded = !session.prompt.is_empty();
            self.load();
        } else if self.ran.as_ref().is_some_and(|ran| *ran != session.asked())
            || self.ran.is_some() && self.kept != session.part()
        {
            self.run();
        } else {
            let framed = |session: &Session| {
                (
                    session.layout,
                    session.matrix,
                    session.lens,
                    session.state_view,
                    session.compare.clone(),
                )
            };
            if framed(&old) != framed(session) {
                self.wish_for(Wish::whole());
            }
            self.take_camera();
        }
    }

    /// Looks from where the session says, once.
    fn take_camera(&mut self) {
        let pose = self.facts.session.camera.take();
        self.view.is_given = pose.is_some();
        if let Some(pose) = pose {
            self.wish_for(Wish::pose(pose).at_once());
        }
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
            lora: session.lora.clone(),
            state: session.state.clone(),
        };
        let name = session.model.clone();
        self.ask_worker(command, Status::Loading(name));
    }

    fn run(&mut self) {
        self.facts.error = None;
        self.stop_writing();
        // A run waits for nothing that is read again.
        if self.is_reading_again() {
            self.worker.cancel();
            self.beside = beside::Beside::default();
        }
        let text = self.facts.session.asked();
        let (prompt, ran) = match self.ids.take() {
            Some(ids) => (Prompt::Ids(ids), None),
            None => (Prompt::Text(text.clone()), Some(text)),
        };
        self.ran = ran;
        self.make_room(&prompt);
        self.kept = self.facts.session.part();
        self.ask_worker(Command::Run(prompt, self.kept), Status::BEGUN);
    }

    /// Passes a command on; `status` holds until an event says otherwise.
    fn ask_worker(&mut self, command: Command, status: Status) {
        if self.is_taken(command) && self.facts.status == Status::Idle {
            self.facts.status = status;
        }
    }

    /// Passes a command on, or says that the worker is too busy.
    fn is_taken(&mut self, command: Command) -> bool {
        let taken = self.worker.ask(command);
        if !taken {
            self.facts.error = Some(
                "too much is asked for at once: wait for what is running, or cancel it".into(),
            );
        }
        taken
    }
}
