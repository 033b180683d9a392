//! What a bug report needs, in one text.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;

use crate::{
    app::{last_lines, log_file, program},
    files,
    session::{Against, Memory, Session},
};

/// Bytes of the log that are packed at most.
const LOG: u64 = 64 << 10;

/// Writes it to `path`: what the program and the machine are, the session if there is one, the end of the log. Texts that
/// were run are left out unless they are wanted.
pub(super) fn write(
    path: &Path,
    doctor: &str,
    session: Option<&Path>,
    with_prompt: bool,
) -> anyhow::Result<()> {
    let session = match session {
        Some(path) => Some(Session::open(path)?),
        None => Memory::of_user().and_then(|memory| memory.last()),
    };
    let mut text = format!("{}\n{}\n\n", program(), system());
    let mut part = |heading: &str, body: &str| {
        // A String never refuses.
        let _ = writeln!(text, "## {heading}\n\n{}\n", body.trim_end());
    };
    part("arclight doctor", doctor);
    match session {
        Some(session) if with_prompt => part("Session", &session.text()?),
        Some(session) => part(
            "Session, without its texts",
            &without_texts(session).text()?,
        ),
        None => part("Session", "none is kept: give one with --session"),
    }
    let log = log_file().context("this system has no folder for a log")?;
    let lines = last_lines(&log, LOG);
    part(
        &format!("The end of {}", log.display()),
        lines.as_deref().unwrap_or("there is none yet"),
    );
    files::write_text(path, &text)?;
    Ok(())
}

fn system() -> String {
    let name = sysinfo::System::long_os_version().unwrap_or_default();
    let kernel = sysinfo::System::kernel_version().unwrap_or_default();
    format!("{name}, kernel {kernel}")
}

/// A session that says how long its texts are, and not what they are.
fn without_texts(session: Session) -> Session {
    let mut session = session;
    let hide = |text: &mut String| {
        if !text.is_empty() {
            *text = format!("({} characters left out)", text.chars().count());
        }
    };
    hide(&mut session.prompt);
    if let Some(compare) = &mut session.compare
        && let Against::Text(text) = &mut compare.with
    {
        hide(text);
    }
    session.writing.stops.iter_mut().for_each(hide);
    if let Some(film) = &mut session.film {
        let cards = [&mut film.title, &mut film.end];
        cards
            .into_iter()
            .flatten()
            .for_each(|card| hide(&mut card.text));
        let captions = film.keys.iter_mut().filter_map(|key| key.caption.as_mut());
        captions.for_each(hide);
    }
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_left() {
        let all = include_str!("../../tests/corpus/session/all.toml");
        let mut session = Session::parse(all, Path::new("all.toml")).expect("it is read");
        let film = include_str!("../../tests/corpus/film/all.toml");
        let film = crate::session::film::Film::parse(film, Path::new("all.toml"));
        session.film = Some(film.expect("it is read"));
        let before = session.text().expect("plain data");
        let text = without_texts(session).text().expect("plain data");
        for secret in [
            "captain",
            "Mary",
            "User:",
            "One token",
            "comma",
            "That was it",
        ] {
            assert!(before.contains(secret), "{secret} is not there at all");
            assert!(!text.contains(secret), "{secret} is left in {text}");
        }
        assert!(text.contains("characters left out)") && text.contains("rings"));
    }
}
