use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::{
    Aside, Command, Event, InferenceError, Inside, Look, Looked, Model, Other, Prompt, RunOptions,
    Sampler, beside::Reader, open_trace, room,
};
use crate::{
    files::Watch,
    gpu::Gpu,
    model::{ModelError, ModelFile, Quantisation, Source, Vocabulary},
    score,
    trace::{self, Part, Precision, Trace, TraceFile, Transfer},
};

/// Tokens at which a finished run's scores are checked against the model's own output.
const CHECKED_TOKENS: usize = 16;

/// The inference thread. Dropping it cancels the run and waits for the thread.
pub struct Worker {
    commands: Option<Sender<Command>>,
    events: Receiver<Event>,
    cancel: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `wake` is called after each event, so that an idle window looks.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        gpu: Gpu,
        options: RunOptions,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, incoming) = bounded(4);
        let (outgoing, events) = bounded(256);
        let cancel = Arc::new(AtomicBool::new(false));
        let flag = cancel.clone();
        let thread = std::thread::Builder::new()
            .name("inference".into())
            .spawn(move || {
                let mut state = State {
                    gpu,
                    options,
                    outgoing,
                    wake: Box::new(wake),
                    cancel: flag,
                    stock: Stock::Nothing,
                    opened: None,
                    fell: false,
                    inside: None,
                };
                for command in incoming {
                    state.take(command);
                }
            })?;
        Ok(Self {
            commands: Some(commands),
            events,
            cancel,
            thread: Some(thread),
        })
    }

    /// Asks for something. Returns false when the worker is too busy to take note of it.
    pub fn ask(&self, command: Command) -> bool {
        self.commands
            .as_ref()
            .is_some_and(|commands| commands.try_send(command).is_ok())
    }

    /// Ends the current run at its next chunk, and opening or saving at the next piece.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// What has happened since the last call. Never waits.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.events.try_iter()
    }

    /// The next event, waiting for it; none when the thread has ended.
    #[must_use]
    pub fn wait(&self) -> Option<Event> {
        self.events.recv().ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.cancel();
        self.commands = None;
        // A full event queue must not hold the thread back.
        while let Some(thread) = &self.thread
            && !thread.is_finished()
        {
            self.events.try_iter().for_each(drop);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed already.
            let _ = thread.join();
        }
    }
}

struct State {
    gpu: Gpu,
    options: RunOptions,
    outgoing: Sender<Event>,
    wake: Box<dyn Fn() + Send>,
    cancel: Arc<AtomicBool>,
    stock: Stock,
    /// How the model was opened.
    opened: Option<Command>,
    /// There was a model until a panic.
    fell: bool,
    /// What was seen last, of the run of that id.
    inside: Option<(u64, Inside)>,
}

/// What is open.
enum Stock {
    Nothing,
    Model(Box<Model>, Option<Vocabulary>),
    /// A trace of the model of that name.
    Trace(String),
}

impl State {
    /// Does what was asked for, and tells what became of it.
    fn take(&mut self, command: Command) {
        let load = matches!(command, Command::Load { .. }).then(|| command.clone());
        let came = catch_unwind(AssertUnwindSafe(|| {
            // Another model takes the place of the one that would be opened again.
            if load.is_none() {
                self.stand_up()?;
            }
            self.obey(command)
        }));
        match came {
            Ok(Ok(())) => {
                if load.is_some() {
                    self.opened = load;
                    self.fell = false;
                }
            }
            Ok(Err(error)) => self.tell(Event::Failed(error.to_string())),
            Err(panic) => {
                // What it left of the model is not to be trusted.
                self.fell |= matches!(self.stock, Stock::Model(..));
                self.stock = Stock::Nothing;
                self.inside = None;
                self.tell(Event::Failed(format!(
                    "arclight has failed at this ({}): what is on show stays, and the model is opened again when it is \
                     needed. Please tell us: arclight doctor --report",
                    room::said(&*panic).unwrap_or("no reason is known")
                )));
            }
        }
    }

    /// Opens the model again that was let go of after a panic.
    fn stand_up(&mut self) -> Result<(), InferenceError> {
        if !std::mem::take(&mut self.fell) {
            return Ok(());
        }
        let Some(Command::Load {
            source,
            vocab,
            precision,
            quantisation,
            lora,
            state,
        }) = self.opened.clone()
        else {
            return Ok(());
        };
        let file = Arc::new(ModelFile::open_with(&source, &lora)?.starting_from(state.as_deref())?);
        let (model, vocabulary) = self.bring(&file, vocab.as_deref(), precision, quantisation)?;
        self.stock = Stock::Model(Box::new(model), vocabulary);
        Ok(())
    }

    /// Puts a model on the device, with its vocabulary.
    fn bring(
        &mut self,
        file: &Arc<ModelFile>,
        vocab: Option<&Path>,
        precision: Precision,
        quantisation: Quantisation,
    ) -> Result<(Model, Option<Vocabulary>), InferenceError> {
        let vocabulary = Vocabulary::for_model(file.card(), vocab)?;
        self.make_room(file, precision, quantisation);
        let model = self.transfer(Transfer::Opening, |gpu, watch| {
            Model::load_watched(gpu, file, precision, quantisation, watch)
        })?;
        Ok((model, vocabulary))
    }

    fn obey(&mut self, command: Command) -> Result<(), InferenceError> {
        match command {
            Command::Load {
                source,
                vocab,
                precision,
                quantisation,
                lora,
                state,
            } => {
                let loras = &lora;
                let open = || ModelFile::open_with(&source, loras)?.starting_from(state.as_deref());
                self.load(&source, vocab, precision, quantisation, open)
            }
            Command::Run(prompt, part) => self.run(prompt, part),
            Command::Try(trace, places) => {
                self.cancel.store(false, Ordering::Relaxed);
                let (model, _) = self.model()?;
                let trial =
                    model.try_without(&trace, &places, &self.options.chunk, &self.cancel)?;
                self.tell(Event::Tried(trace.id, trial));
                Ok(())
            }
            Command::Compare(trace, changes) => {
                self.cancel.store(false, Ordering::Relaxed);
                let (chunk, cancel) = (&self.options.chunk, &self.cancel);
                let model = self.model();
                let came = model.and_then(|(own, _)| own.compare(&trace, &changes, chunk, cancel));
                let came = came.map(Box::new).map_err(|error| error.to_string());
                self.tell(Event::Compared(trace.id, changes, came));
                Ok(())
            }
            Command::Beside(trace, other, part) => {
                let came = self.beside(&trace, &other, part);
                let came = came.map_err(|error| error.to_string());
                self.tell(Event::Beside(trace.id, other, came));
                Ok(())
            }
            Command::Look(trace, look) => {
                let came = self.look(&trace, look).map(Box::new);
                let came = came.map_err(|error| error.to_string());
                self.tell(Event::Looked(trace.id, look, came));
                Ok(())
            }
            Command::GoOn(trace, sampler) => self.go_on(&trace, sampler),
            Command::Save {
                trace,
                vocabulary,
                path,
            } => self.save(&trace, vocabulary.as_ref(), path),
        }
    }

    fn load(
        &mut self,
        source: &Source,
        vocab: Option<PathBuf>,
        precision: Precision,
        quantisation: Quantisation,
        open: impl FnOnce() -> Result<ModelFile, ModelError>,
    ) -> Result<(), InferenceError> {
        self.tell(Event::Loading(source.clone()));
        if let Source::File(path) = source
            && let Some(file) = TraceFile::recognise(path)?
        {
            return self.open(path.clone(), &file, vocab);
        }
        let file = Arc::new(open()?);
        let (model, vocabulary) = self.bring(&file, vocab.as_deref(), precision, quantisation)?;
        self.tell(Event::Loaded {
            name: model.name().to_owned(),
            card: model.card().clone(),
            quantisation,
            merged: file.merged().to_vec(),
            state: model.tuned().cloned(),
            vocabulary: vocabulary.clone(),
        });
        self.stock = Stock::Model(Box::new(model), vocabulary);
        Ok(())
    }

    /// Lets go of the model that is there, where another has room only in its place.
    fn make_room(&mut self, file: &ModelFile, precision: Precision, quantisation: Quantisation) {
        let Stock::Model(old, _) = &self.stock else {
            return;
        };
        let free = self.gpu.memory().and_then(|memory| memory.free);
        let takes = Model::bytes(file.card(), precision, quantisation);
        if free.is_some_and(|free| takes > free && takes <= free + old.own_bytes()) {
            self.stock = Stock::Nothing;
            self.gpu.tidy();
        }
    }

    fn open(
        &mut self,
        path: PathBuf,
        file: &TraceFile,
        vocab: Option<PathBuf>,
    ) -> Result<(), InferenceError> {
        let vocabulary = file.vocabulary(vocab.as_deref())?;
        let trace = self.transfer(Transfer::Opening, |gpu, watch| open_trace(gpu, file, watch))?;
        let (conservation, rows) = self.check(&trace)?;
        self.stock = Stock::Trace(trace.origin.model.clone());
        self.tell(Event::Opened {
            path,
            trace,
            vocabulary,
            conservation,
            rows,
        });
        Ok(())
    }

    fn save(
        &self,
        trace: &Trace,
        vocabulary: Option<&Vocabulary>,
        path: PathBuf,
    ) -> Result<(), InferenceError> {
        self.transfer(Transfer::Saving, |gpu, watch| {
            trace::save(gpu, trace, vocabulary, &path, watch)
        })?;
        self.tell(Event::Saved(path));
        Ok(())
    }

    /// Does what moves a model or a trace from or to its file, telling how far it is.
    fn transfer<T, E>(
        &self,
        transfer: Transfer,
        work: impl FnOnce(&Gpu, &mut Watch<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.cancel.store(false, Ordering::Relaxed);
        let start = Instant::now();
        let mut tell = |done, total| {
            self.tell(Event::Transferring {
                transfer,
                done,
                total,
                seconds: start.elapsed().as_secs_f64(),
            });
        };
        work(&self.gpu, &mut Watch::new(&self.cancel, &mut tell))
    }

    fn run(&mut self, prompt: Prompt, part: Part) -> Result<(), InferenceError> {
        // A cancel meant for an earlier run does not end this one.
        self.cancel.store(false, Ordering::Relaxed);
        let (model, vocabulary) = self.model()?;
        let tokens = match prompt {
            Prompt::Ids(ids) => ids,
            Prompt::Text(text) => model.encode(vocabulary.as_ref(), text.as_bytes())?,
        };
        let trace = model.trace_of(tokens, part)?;
        self.tell(Event::Started(trace.clone()));
        let start = Instant::now();
        model.run(&trace, &self.options, &self.cancel, |done| {
            let seconds = start.elapsed().as_secs_f64();
            self.tell(Event::Progress {
                done,
                total: trace.prefix.len() + trace.tokens.len() - trace.first(),
                seconds,
            });
        })?;
        let (conservation, rows) = self.check(&trace)?;
        self.tell(Event::Finished {
            trace,
            conservation,
            rows,
        });
        Ok(())
    }

    fn beside(
        &self,
        trace: &Trace,
        other: &Other,
        part: Part,
    ) -> Result<(Aside, Vec<f32>, usize), InferenceError> {
        self.cancel.store(false, Ordering::Relaxed);
        let reader = Reader {
            gpu: &self.gpu,
            options: &self.options,
            part,
            cancel: &self.cancel,
        };
        let aside = match other {
            Other::Text(text) => {
                let (model, vocabulary) = self.model()?;
                reader.text(model, vocabulary.as_ref(), text.as_bytes())?
            }
            Other::Model(source) => {
                let vocabulary = match &self.stock {
                    Stock::Model(_, vocabulary) => vocabulary.as_ref(),
                    _ => None,
                };
                reader.model(trace, vocabulary, source)?
            }
        };
        let (conservation, rows) = self.check(&aside.trace)?;
        Ok((aside, conservation, rows))
    }

    fn look(&mut self, trace: &Arc<Trace>, look: Look) -> Result<Looked, InferenceError> {
        self.cancel.store(false, Ordering::Relaxed);
        let known = self.inside.take();
        let known = known.filter(|(id, inside)| (*id, inside.token) == (trace.id, look.token));
        let (model, _) = self.model()?;
        let inside = match known {
            Some((_, inside)) => inside,
            None => model.inside(trace, look.token, &self.options, &self.cancel)?,
        };
        let target = look.target;
        let attribution = target.map(|target| model.attribution(trace, &inside, target));
        let came = trace.tokens.get(look.token + 1).copied();
        let lens = look.lens.then(|| model.lens(&inside, came));
        let looked = Looked {
            attribution: attribution.transpose()?,
            lens: lens.transpose()?,
        };
        self.inside = Some((trace.id, inside));
        Ok(looked)
    }

    fn go_on(&self, trace: &Arc<Trace>, mut sampler: Sampler) -> Result<(), InferenceError> {
        self.cancel.store(false, Ordering::Relaxed);
        let (model, vocabulary) = self.model()?;
        let is_end = |id| vocabulary.as_ref().is_some_and(|own| own.is_end(id));
        let longer = model.go_on(trace, &mut sampler, is_end, &self.options, &self.cancel)?;
        self.tell(Event::WentOn {
            from: trace.id,
            longer,
        });
        Ok(())
    }

    /// The model that is open.
    fn model(&self) -> Result<(&Model, &Option<Vocabulary>), InferenceError> {
        match &self.stock {
            Stock::Model(model, vocabulary) => Ok((model, vocabulary)),
            Stock::Trace(model) => Err(InferenceError::TraceOnly {
                model: model.clone(),
            }),
            Stock::Nothing => Err(InferenceError::NoModel),
        }
    }

    /// Conservation errors of a finished run, and at how many tokens they were taken.
    fn check(&self, trace: &Arc<Trace>) -> Result<(Vec<f32>, usize), InferenceError> {
        let rows = sample(trace.first()..trace.tokens.len());
        Ok((score::conservation(&self.gpu, trace, &rows)?, rows.len()))
    }

    fn tell(&self, event: Event) {
        // Progress may be lost when nobody listens; the rest waits for room.
        match self.outgoing.try_send(event) {
            Err(
                TrySendError::Full(Event::Progress { .. } | Event::Transferring { .. })
                | TrySendError::Disconnected(_),
            )
            | Ok(()) => {}
            Err(TrySendError::Full(event)) => {
                let _ = self.outgoing.send(event);
            }
        }
        (self.wake)();
    }
}

/// Tokens at which a finished run is checked: some from all along it, and the last.
fn sample(tokens: Range<usize>) -> Vec<usize> {
    let step = tokens.len().div_ceil(CHECKED_TOKENS).max(1);
    tokens
        .rev()
        .step_by(step)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}
