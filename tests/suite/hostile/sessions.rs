//! Sessions, films, and what is remembered between two starts.

use std::{fs, path::Path};

use arclight::session::{
    Memory, Session,
    film::{CameraPath, Film},
};

use super::{edit_text, survives, survives_beside};
use crate::support::{checkpoint::fixture, device, stage};

pub fn session(path: &Path) -> Result<(), String> {
    let session = Session::open(path).map_err(|error| error.to_string())?;
    let text = session.text().map_err(|error| error.to_string())?;
    let again = Session::parse(&text, path).map_err(|error| error.to_string())?;
    let again = again.text().map_err(|error| error.to_string())?;
    assert_eq!(again, text, "it changes as it is saved and opened");
    Ok(())
}

pub fn film(path: &Path) -> Result<(), String> {
    let film = Film::open(path).map_err(|error| error.to_string())?;
    let way = CameraPath::of(&film);
    for at in [0.0, 0.1, 1.0, 7.3, 1e9] {
        let shot = film.at(at, &Session::default(), way.as_ref());
        if let Some(pose) = shot.pose {
            assert!(pose.focus.is_finite() && pose.radius > 0.0, "{pose:?}");
        }
    }
    let text = film.text().map_err(|error| error.to_string())?;
    let again = Film::parse(&text, path).map_err(|error| error.to_string())?;
    let again = again.text().map_err(|error| error.to_string())?;
    assert_eq!(again, text, "it changes as it is saved and opened");
    Ok(())
}

/// What cannot be read is forgotten, so nothing is refused.
fn memory(path: &Path) -> Result<(), String> {
    let memory = Memory::at(path.parent().expect("a folder").to_owned());
    let _ = (memory.last(), memory.recent());
    Ok(())
}

fn tutorial() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial");
    let entries = fs::read_dir(folder)
        .expect("the tutorial")
        .map(|entry| entry.expect("an entry").path());
    let sessions = entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    sessions
        .map(|path| fs::read_to_string(path).expect("a session"))
        .collect()
}

pub fn sessions_of_all_kinds() -> Vec<String> {
    let mut good = tutorial();
    good.push(include_str!("../../corpus/session/all.toml").to_owned());
    good
}

#[test]
fn sessions() {
    survives(
        "session.toml",
        session,
        edit_text::spoiled(sessions_of_all_kinds()),
    );
}

/// Every session of the corpus that is read, and the film as a part of one, is shown without a panic or an error.
#[test]
fn what_is_read_can_be_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/session");
    let device = device();
    let model = fixture("tiny-v7-f32.pth").to_string_lossy().into_owned();
    let mut shown = 0;
    for entry in fs::read_dir(folder).expect("the corpus") {
        let path = entry.expect("an entry").path();
        let Ok(session) = Session::open(&path) else {
            continue;
        };
        println!("{}", path.display());
        let mut stage = stage(
            &device.gpu,
            Session {
                model: model.clone(),
                prompt: "The cat sat on the mat.\n".to_owned(),
                // What a file says of how to run is refused or not by the run, and seen elsewhere.
                window: None,
                layers: None,
                state: None,
                lora: Vec::new(),
                compare: None,
                ..session
            },
        );
        assert_eq!(stage.desk().facts.error, None, "{}", path.display());
        shown += 1;
    }
    assert!(shown > 5, "{shown} sessions are read");
}

#[test]
fn films() {
    let good = vec![include_str!("../../corpus/film/all.toml").to_owned()];
    survives("film.toml", film, edit_text::spoiled(good));
}

#[test]
fn memories() {
    let text = "remember = false\nrecent = [\n  \"/a/b.toml\",\n  \"c.st\",\n]\n";
    let contents = edit_text::spoiled(vec![text.to_owned()]);
    let refused = survives_beside("memory.toml", memory, contents, |_| {});
    assert_eq!(refused, 0);
}
