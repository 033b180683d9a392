use std::path::Path;

use bevy::{prelude::*, window::FileDragAndDrop};

use super::Desk;
use crate::session::Intent;

/// A file dropped on the window is opened: a session, a text to read, or else a model or a trace.
pub(super) fn dropped(mut files: MessageReader<FileDragAndDrop>, mut desk: ResMut<Desk>) {
    for file in files.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = file {
            for intent in open(path_buf) {
                match intent {
                    Ok(intent) => desk.ask(intent),
                    Err(reason) => desk.facts.error = Some(reason),
                }
            }
        }
    }
}

fn open(path: &Path) -> Vec<Result<Intent, String>> {
    let is = |ending: &str| {
        let own = path.extension().and_then(|own| own.to_str());
        own.is_some_and(|own| own.eq_ignore_ascii_case(ending))
    };
    if is("toml") {
        return vec![Ok(Intent::OpenSession(path.to_owned()))];
    }
    if is("txt") || is("md") {
        return match std::fs::read_to_string(path) {
            Ok(text) => vec![Ok(Intent::Prompt(text)), Ok(Intent::Run)],
            Err(_) => vec![Err(format!(
                "{} cannot be read as text: drop a text in UTF-8",
                path.display()
            ))],
        };
    }
    vec![Ok(Intent::Open(path.to_string_lossy().into_owned()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_by_what_it_is() {
        let ask = |path: &str| open(Path::new(path));
        let session = Intent::OpenSession("some/View.TOML".into());
        assert_eq!(ask("some/View.TOML"), [Ok(session)]);
        let model = Intent::Open("a/model.st".into());
        assert_eq!(ask("a/model.st"), [Ok(model)]);
        let missing = ask("no/such/text.txt");
        assert!(matches!(&missing[..], [Err(reason)] if reason.contains("no/such/text.txt")));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "A cat").expect("written");
        assert_eq!(
            open(&path),
            [Ok(Intent::Prompt("A cat".into())), Ok(Intent::Run)]
        );
    }
}
