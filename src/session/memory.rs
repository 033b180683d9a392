//! What the program keeps from one start to the next: the files opened last, and the last session if the user
//! wants to go on with it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{Session, TextSize};
use crate::files::{WriteError, as_text, read_regular, write_text};

/// Files that are remembered.
const RECENT: usize = 10;
const MEMORY: &str = "memory.toml";
const LAST: &str = "last.toml";

/// Kept in a folder of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    folder: PathBuf,
    kept: Kept,
}

/// The file. What a later version adds is left out, and what is wrong is forgotten: nobody wrote it by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// Begin with the last session.
    remember: bool,
    /// In percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    text_size: Option<u32>,
    /// The last one first.
    recent: Vec<PathBuf>,
}

impl Memory {
    /// That of the user; none where the system has no folder for it.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", "arclight")?;
        Some(Self::at(folders.config_dir().to_owned()))
    }

    /// What is kept in a folder; nothing yet if it is not there.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        let text = read_regular(&folder.join(MEMORY))
            .and_then(as_text)
            .unwrap_or_default();
        let kept = toml::from_str(&text).unwrap_or_default();
        Self { folder, kept }
    }

    /// The files opened or saved last, the very last one first.
    #[must_use]
    pub fn recent(&self) -> &[PathBuf] {
        &self.kept.recent
    }

    /// Whether the program begins with the last session.
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.kept.remember
    }

    /// The session to begin with, if the user wants that and there is one that can be read.
    #[must_use]
    pub fn last(&self) -> Option<Session> {
        let path = self.folder.join(LAST);
        let wanted = self.kept.remember && path.is_file();
        wanted.then(|| Session::open(&path).ok()).flatten()
    }

    /// How large letters and panels are.
    #[must_use]
    pub fn text_size(&self) -> TextSize {
        TextSize::of(self.kept.text_size.unwrap_or(100))
    }

    /// Letters and panels are so large from now on.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn set_text_size(&mut self, size: TextSize) -> Result<(), WriteError> {
        let usual = size == TextSize::default();
        self.kept.text_size = (!usual).then(|| size.percent());
        self.write()
    }

    /// Takes note of a file that was opened or saved.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn note(&mut self, path: &Path) -> Result<(), WriteError> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if self.kept.recent.first() == Some(&path) {
            return Ok(());
        }
        self.kept.recent.retain(|known| *known != path);
        self.kept.recent.insert(0, path);
        self.kept.recent.truncate(RECENT);
        self.write()
    }

    /// Forgets the files.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn forget(&mut self) -> Result<(), WriteError> {
        self.kept.recent.clear();
        self.write()
    }

    /// Begins with the last session from now on, or no longer.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn remember(&mut self, remember: bool) -> Result<(), WriteError> {
        self.kept.remember = remember;
        if !remember {
            // It may hold a text that nobody else should read.
            let _ = fs::remove_file(self.folder.join(LAST));
        }
        self.write()
    }

    /// Keeps the session to go on with, if the user wants that.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn keep(&self, session: &Session) -> Result<(), super::TextFileError> {
        if self.kept.remember {
            self.make_folder()?;
            session.save(&self.folder.join(LAST))?;
        }
        Ok(())
    }

    fn make_folder(&self) -> Result<(), WriteError> {
        fs::create_dir_all(&self.folder).map_err(|error| WriteError::refused(&self.folder, &error))
    }

    fn write(&self) -> Result<(), WriteError> {
        self.make_folder()?;
        let path = self.folder.join(MEMORY);
        // Plain data: paths that are not Unicode cannot be written, and are not worth an error.
        let Ok(text) = toml::to_string_pretty(&self.kept) else {
            return Ok(());
        };
        write_text(&path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, Memory) {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::at(folder.path().join("a/b"));
        (folder, memory)
    }

    #[test]
    fn the_last_files_come_first_and_once() {
        let (_folder, mut memory) = fresh();
        for number in 0..2 * RECENT {
            memory
                .note(Path::new(&format!("/m/{number}.st")))
                .expect("it is kept");
        }
        memory.note(Path::new("/m/15.st")).expect("it is kept");
        let recent = memory.recent();
        assert_eq!(recent.len(), RECENT);
        assert_eq!(recent[0], Path::new("/m/15.st"));
        assert_eq!(recent[1], Path::new("/m/19.st"));
        assert_eq!(
            recent.iter().filter(|path| path.ends_with("15.st")).count(),
            1
        );
        assert_eq!(Memory::at(memory.folder.clone()), memory, "it comes back");
        memory.forget().expect("it is kept");
        assert!(Memory::at(memory.folder.clone()).recent().is_empty());
    }

    #[test]
    fn the_last_session_is_kept_only_if_that_is_wanted() {
        let (_folder, mut memory) = fresh();
        let session = Session {
            model: "demo-v7".into(),
            prompt: "A cat".into(),
            token: Some(1),
            ..Session::default()
        };
        memory.keep(&session).expect("nothing to do");
        assert_eq!(memory.last(), None);
        memory.remember(true).expect("it is kept");
        assert_eq!(memory.last(), None, "there was none");
        memory.keep(&session).expect("it is kept");
        let later = Memory::at(memory.folder.clone());
        assert_eq!(later.last(), Some(session));
        memory.remember(false).expect("it is kept");
        assert_eq!(memory.last(), None);
        assert!(
            !memory.folder.join(LAST).exists(),
            "its text is still there"
        );
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        let (_folder, mut memory) = fresh();
        memory.remember(true).expect("it is kept");
        for text in ["remember = 7", "[[[", "recent = [1]"] {
            fs::write(memory.folder.join(MEMORY), text).expect("written");
            assert_eq!(
                Memory::at(memory.folder.clone()).kept,
                Kept::default(),
                "{text}"
            );
        }
        fs::write(
            memory.folder.join(LAST),
            "version = 1\n[session]\ntoken = \"x\"\n",
        )
        .expect("written");
        assert_eq!(memory.last(), None);
    }
}
