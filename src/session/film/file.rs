//! A film as a file: TOML, made to be read and edited by people.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{Card, Film, Keyframe};
use crate::{
    files::write_text,
    model::one_line,
    score::Filter,
    session::text_file::{TextFileError, VERSION, read, require_version, wrong},
};

const WHAT: &str = "film";

/// The file as it is written.
#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    film: &'a Film,
}

/// The file as it is read, with the places of what may be wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    duration: Option<Spanned<f64>>,
    #[serde(default)]
    constant_speed: bool,
    title: Option<Spanned<Card>>,
    end: Option<Spanned<Card>>,
    #[serde(rename = "key", default)]
    keys: Vec<Spanned<Keyframe>>,
}

impl Film {
    /// Reads a film.
    ///
    /// # Errors
    /// When the file cannot be read, or something in it is wrong; the line and the field are named.
    pub fn open(path: &Path) -> Result<Self, TextFileError> {
        Self::parse(&read(path, WHAT)?, path)
    }

    /// Reads a film's text; `path` is where it came from.
    ///
    /// # Errors
    /// When something in it is wrong; the line and the field are named.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TextFileError> {
        let unread = |error: &toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or(text).matches('\n').count();
            let line = text.lines().nth(line).unwrap_or_default().trim();
            let message = one_line(error.message());
            let line = one_line(line);
            wrong(text, path, at, format!("{message}, in \"{line}\""))
        };
        require_version(text, path, WHAT, unread)?;
        let file: Read = toml::from_str(text).map_err(|error| unread(&error))?;
        let at = |span: std::ops::Range<usize>, reason| wrong(text, path, span.start, reason);
        let mut film = Self {
            constant_speed: file.constant_speed,
            ..Self::default()
        };
        if let Some(duration) = file.duration {
            film.duration = *duration.get_ref();
            if let Some(reason) = length_fault("duration", film.duration) {
                return Err(at(duration.span(), reason));
            }
        }
        for (name, card, place) in [
            ("title", file.title, &mut film.title),
            ("end", file.end, &mut film.end),
        ] {
            let Some(card) = card else { continue };
            let span = card.span();
            let card = card.into_inner();
            if let Some(reason) = card_fault(name, &card) {
                return Err(at(span, reason));
            }
            *place = Some(card);
        }
        for key in file.keys {
            let span = key.span();
            let key = key.into_inner();
            if let Some(reason) = key_fault(&key, film.duration) {
                return Err(at(span, reason));
            }
            film.keys.push(key);
        }
        film.sort();
        Ok(film)
    }

    /// What is wrong with a film that was read as a part of something else.
    pub(in crate::session) fn fault(&self) -> Option<String> {
        let cards = [("title", &self.title), ("end", &self.end)];
        let mut cards = cards
            .into_iter()
            .filter_map(|(name, card)| card_fault(name, card.as_ref()?));
        let mut keys = self
            .keys
            .iter()
            .filter_map(|key| key_fault(key, self.duration));
        length_fault("duration", self.duration)
            .or_else(|| cards.next())
            .or_else(|| keys.next())
    }

    /// Writes a film beside its place and moves it there once it is whole.
    ///
    /// # Errors
    /// When the place cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), TextFileError> {
        Ok(write_text(path, &self.text()?)?)
    }

    /// The text of a film's file.
    ///
    /// # Errors
    /// When a number is one that TOML cannot hold.
    pub fn text(&self) -> Result<String, TextFileError> {
        let film = Written {
            version: VERSION,
            film: self,
        };
        let text = toml::to_string_pretty(&film);
        let text = text.map_err(|reason| TextFileError::Write { what: WHAT, reason })?;
        Ok(format!("# A film of arclight.\n{text}"))
    }
}

fn length_fault(name: &str, seconds: f64) -> Option<String> {
    let is_length = seconds > 0.0 && seconds <= Film::LONGEST;
    (!is_length).then(|| format!("{name} = {seconds}: give seconds, more than 0 and at most 3600"))
}

fn card_fault(name: &str, card: &Card) -> Option<String> {
    length_fault(&format!("{name}: seconds"), card.seconds)
}

/// What is wrong with a key of a film of that duration.
fn key_fault(key: &Keyframe, duration: f64) -> Option<String> {
    if !(0.0..=duration).contains(&key.at) {
        let at = key.at;
        return Some(format!(
            "at = {at}: give seconds from 0 to {duration}, the duration"
        ));
    }
    if key.written == Some(0) {
        return Some("written = 0: give the number of tokens that are there, from 1 on".into());
    }
    if let Some(reason) = key.filter.and_then(Filter::fault) {
        return Some(format!("filter: {reason}"));
    }
    let reason = key.camera?.fault()?;
    Some(format!("camera: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::{super::Ease, *};
    use crate::{camera::Pose, lattice::HeadId, score::Measure};

    fn parse(text: &str) -> Result<Film, String> {
        Film::parse(text, Path::new("some.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_film_comes_back_as_it_was() {
        let film = Film {
            duration: 6.5,
            constant_speed: true,
            title: Some(Card {
                text: "What a comma reads\nRWKV-7".into(),
                seconds: 1.5,
            }),
            end: None,
            keys: vec![
                Keyframe {
                    camera: Some(Pose::default()),
                    token: Some(4),
                    caption: Some("A \"comma\"".into()),
                    ..Keyframe::at(0.0)
                },
                Keyframe {
                    ease: Ease::Hold,
                    heads: Some(HeadId { layer: 7, head: 1 }.into()),
                    measure: Some(Measure::Share),
                    overlay: Some(false),
                    written: Some(3),
                    ..Keyframe::at(2.25)
                },
            ],
        };
        let text = film.text().expect("plain data");
        assert_eq!(parse(&text).expect("own output"), film, "{text}");
    }

    #[test]
    fn keys_may_stand_in_any_order_and_name_what_they_change() {
        let film = parse("version = 1\n[[key]]\nat = 4.0\ntoken = 7\n[[key]]\nat = 1.0\n")
            .expect("it is enough");
        assert_eq!(film.duration, Film::USUAL);
        assert_eq!(
            film.keys.iter().map(|key| key.at).collect::<Vec<_>>(),
            [1.0, 4.0]
        );
        assert_eq!(film.keys[1].token, Some(7));
    }

    #[test]
    fn an_error_names_its_line_and_its_field() {
        let key = |text: &str| {
            format!("version = 1\nduration = 5.0\n[[key]]\nat = 1.0\n[[key]]\n{text}\n")
        };
        for (text, line, word) in [
            ("version = 1\nduration = 0.0\n".to_owned(), 2, "duration"),
            ("version = 1\nduration = \"long\"\n".into(), 2, "duration"),
            ("version = 1\nspeed = 2\n".into(), 2, "speed"),
            (
                "version = 1\n[title]\ntext = \"a\"\nseconds = -1.0\n".into(),
                2,
                "seconds",
            ),
            (key("at = 7.0"), 5, "at = 7"),
            (key("at = nan"), 5, "at = NaN"),
            (key("at = 2.0\nwritten = 0"), 5, "written"),
            (key("at = 2.0\nlayout = \"spiral\""), 7, "spiral"),
            (
                key(
                    "at = 2.0\ncamera = { focus = [0.0, 0.0, 0.0], yaw = 0.0, pitch = 0.0, radius = 0.0 }",
                ),
                5,
                "radius",
            ),
            (key("at = 2.0\ntokens = 5"), 7, "tokens"),
        ] {
            let reason = parse(&text).expect_err(&text);
            assert!(
                reason.starts_with(&format!("some.toml, line {line}: ")),
                "{text}: {reason}"
            );
            assert!(reason.contains(word) && !reason.contains('\n'), "{reason}");
        }
        let later = parse("version = 2\nnew = 1\n").expect_err("it is unknown");
        assert!(
            later.contains("version 2") && later.contains("newer"),
            "{later}"
        );
    }
}
