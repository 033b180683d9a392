//! Files that the user names: opened by what they are, saved, remembered.

use std::path::{Path, PathBuf};

use super::Desk;
use crate::{
    files::{WriteError, as_text, read_regular},
    inference::Command,
    model::{self, Source},
    overlay::Status,
    session::{Browse, Intent, Memory, Session},
    trace::{TraceError, Transfer},
};

impl Desk {
    /// A file for which the user is to be asked where it is.
    pub(in crate::app) fn take_browse(&mut self) -> Option<Browse> {
        self.browse.take()
    }

    /// A name for a file that is to be written.
    pub(in crate::app) fn suggestion(&self, browse: Browse) -> String {
        let model = self.facts.model.as_ref();
        browse.suggestion(model.map_or("", |model| &model.name))
    }

    /// The clipboard's text is wanted.
    pub(in crate::app) fn take_paste(&mut self) -> bool {
        std::mem::take(&mut self.paste)
    }

    /// Reads a text that comes from elsewhere than the field.
    pub(in crate::app) fn read(&mut self, text: String) {
        self.ask(Intent::Prompt(text));
        self.ask(Intent::Run);
    }

    /// Opens a file: a session, a text to read, a state for the model that is there, or else a model or a trace.
    pub(super) fn open_file(&mut self, path: &Path) {
        let is = |ending: &str| {
            let own = path.extension().and_then(|own| own.to_str());
            own.is_some_and(|own| own.eq_ignore_ascii_case(ending))
        };
        if is("toml") {
            self.ask(Intent::OpenSession(path.to_owned()));
        } else if is("txt") || is("md") {
            match read_regular(path).and_then(as_text) {
                Ok(text) => {
                    self.read(text);
                    self.note(path);
                }
                Err(error) => {
                    self.facts.error = Some(format!(
                        "{} cannot be read as text ({error}): give a text in UTF-8",
                        path.display()
                    ));
                }
            }
        } else if self.facts.model.is_some() && model::is_state(path) {
            // It is the model's that is there.
            self.ask(Intent::State(Some(path.to_owned())));
            self.ask(Intent::Open(self.facts.session.model.clone()));
        } else {
            self.ask(Intent::Open(path.to_string_lossy().into_owned()));
        }
    }

    pub(super) fn save_session(&mut self, path: &Path) {
        match self.session_here().save(path) {
            Ok(()) => {
                bevy::log::info!("saved {}", path.display());
                self.facts.saved = Some(path.to_owned());
                self.note(path);
            }
            Err(error) => self.facts.error = Some(error.to_string()),
        }
    }

    pub(super) fn open_session(&mut self, path: &Path) {
        match Session::open(path) {
            Ok(session) => {
                let before = self.facts.session.clone();
                self.history
                    .note(before, &Intent::OpenSession(path.to_owned()));
                self.restore(session);
                self.note(path);
            }
            Err(error) => self.facts.error = Some(error.to_string()),
        }
    }

    pub(super) fn save_trace(&mut self, path: PathBuf) {
        self.facts.error = None;
        let Some(trace) = self.trace.clone() else {
            self.facts.error = Some(TraceError::Empty.to_string());
            return;
        };
        let status = Status::Transferring {
            transfer: Transfer::Saving,
            done: 0,
            total: 0,
            seconds: 0.0,
        };
        let vocabulary = self.vocabulary.clone();
        let command = Command::Save {
            trace,
            vocabulary,
            path,
        };
        self.ask_worker(command, status);
    }

    /// The session with the camera where it stands.
    pub(in crate::app) fn session_here(&self) -> Session {
        Session {
            camera: self.own_pose(),
            ..self.own_session()
        }
    }

    /// Keeps the session to go on with, if the user wants that.
    pub(in crate::app) fn keep(&self) {
        if let Some(memory) = &self.memory
            && let Err(error) = memory.keep(&self.session_here())
        {
            bevy::log::warn!("{error}");
        }
    }

    /// Takes note of the model's file, now that it has been opened.
    pub(super) fn note_model(&mut self) {
        if let Source::File(path) = Source::from(self.facts.session.model.as_str()) {
            self.note(&path);
        }
    }

    /// Takes note of a file for the list of recent ones.
    pub(super) fn note(&mut self, path: &Path) {
        // That it cannot be kept for the next start is no reason to disturb now.
        let _ = self.remembering(|memory| memory.note(path));
    }

    /// Changes what is remembered, and shows it.
    pub(super) fn remembering(
        &mut self,
        change: impl FnOnce(&mut Memory) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let Some(memory) = &mut self.memory else {
            return Ok(());
        };
        let changed = change(memory);
        self.facts.text_size = memory.text_size();
        self.facts.recent = memory.recent().to_vec();
        self.facts.remembers = memory.remembers();
        changed
    }
}
