//! A session as a file: TOML, made to be read and edited by people.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    Session,
    faults::place,
    text_file::{TextFileError, VERSION, read, require_version, wrong},
};
use crate::{
    files::write_text,
    model::{Lora, Source, one_line},
};

const WHAT: &str = "session";

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned {
    version: u32,
    session: Session,
}

impl Session {
    /// Reads a session. A model, LoRA or state that is named by a relative path is looked for beside the file.
    ///
    /// # Errors
    /// When the file cannot be read, or something in it is wrong; the line is named.
    pub fn open(path: &Path) -> Result<Self, TextFileError> {
        let mut session = Self::parse(&read(path, WHAT)?, path)?;
        let beside = |own: &Path| {
            let beside = path.parent().map(|folder| folder.join(own));
            beside.filter(|beside| !own.as_os_str().is_empty() && beside.exists())
        };
        if let Source::File(own) = Source::from(session.model.as_str())
            && let Some(beside) = beside(&own)
        {
            session.model = beside.to_string_lossy().into_owned();
        }
        let loras = session.lora.iter_mut().map(|lora| &mut lora.file);
        for file in loras.chain(&mut session.state) {
            if let Some(beside) = beside(file) {
                *file = beside;
            }
        }
        Ok(session)
    }

    /// Writes a session beside its place and moves it there once it is whole. Paths of a model, its LoRAs and its
    /// state are written from the session's folder on if they lie in there, and whole otherwise.
    ///
    /// # Errors
    /// When the place cannot be written to.
    pub fn save(&self, path: &Path) -> Result<(), TextFileError> {
        let model = path_from(&self.model, path);
        let lora = self.lora.iter().map(|lora| Lora {
            file: path_from(&lora.file.to_string_lossy(), path).into(),
            alpha: lora.alpha,
        });
        let lora = lora.collect();
        let state = self.state.as_ref();
        let state = state.map(|file| path_from(&file.to_string_lossy(), path).into());
        let text = Self {
            model,
            lora,
            state,
            ..self.clone()
        }
        .text()?;
        Ok(write_text(path, &text)?)
    }

    /// Reads a session's text; `path` is where it came from.
    ///
    /// # Errors
    /// When something in it is wrong; the line is named.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TextFileError> {
        let unread = |error: &toml::de::Error| {
            let message = one_line(error.message());
            let reason = format!("{message}: correct it, or save the session anew");
            wrong(
                text,
                path,
                error.span().map_or(0, |span| span.start),
                reason,
            )
        };
        require_version(text, path, WHAT, unread)?;
        let file: Versioned = toml::from_str(text).map_err(|error| unread(&error))?;
        let mut session = file.session;
        if let Some((field, reason)) = session.fault() {
            let at = place(text, field);
            return Err(wrong(text, path, at, format!("{field}: {reason}")));
        }
        session.writing = session.writing.fitted();
        Ok(session)
    }

    /// The text of a session's file.
    ///
    /// # Errors
    /// When a number is one that TOML cannot hold.
    pub fn text(&self) -> Result<String, TextFileError> {
        let session = Versioned {
            version: VERSION,
            session: self.clone(),
        };
        let text = toml::to_string_pretty(&session);
        let text = text.map_err(|reason| TextFileError::Write { what: WHAT, reason })?;
        Ok(format!("# A session of arclight.\n{text}"))
    }
}

/// A path as a session in the file `session` names it.
fn path_from(model: &str, session: &Path) -> String {
    let own = Path::new(model);
    if !matches!(Source::from(model), Source::File(_)) || !own.exists() {
        return model.to_owned();
    }
    let (Ok(own), Ok(session)) = (std::path::absolute(own), std::path::absolute(session)) else {
        return model.to_owned();
    };
    let inside = session
        .parent()
        .and_then(|folder| own.strip_prefix(folder).ok());
    inside.unwrap_or(&own).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        camera::{Navigation, Pose},
        lattice::{HeadId, Layout},
        score::{Exclude, Filter, Measure, Pool, Scale, Statistic},
        session::{Bookmarks, Palette, Switched, Theme},
    };

    fn parse(text: &str) -> Result<Session, String> {
        Session::parse(text, Path::new("some.toml")).map_err(|error| error.to_string())
    }

    fn any_session() -> impl Strategy<Value = Session> {
        let head = (0usize..99, 0usize..99).prop_map(|(layer, head)| HeadId { layer, head });
        let span = || (0usize..999, 1usize..99).prop_map(|(start, length)| start..start + length);
        let filter = prop_oneof![
            (1u32..64).prop_map(Filter::TopK),
            (0.0f32..9.0).prop_map(Filter::Threshold),
            (0.01f32..1.0).prop_map(Filter::Mass),
        ];
        let scale = prop_oneof![
            Just(Scale::PerHead),
            Just(Scale::PerLayer),
            Just(Scale::Global),
            (1e-6f32..1e6).prop_map(Scale::Fixed),
        ];
        let words = ("[a-z0-9/.-]{0,12}", "\\PC{0,40}(\n|\t|\"|\\\\){0,3}");
        let pose = (
            prop::array::uniform3(-1e3f32..1e3),
            -9f32..9.0,
            -1.5f32..1.5,
            1f32..1e3,
        )
            .prop_map(|(focus, yaw, pitch, radius)| Pose {
                focus: focus.into(),
                yaw,
                pitch,
                radius,
            });
        let bookmarks = prop::collection::vec((1usize..=9, pose), 0..4).prop_map(|all| {
            let mut bookmarks = Bookmarks::default();
            all.into_iter()
                .for_each(|(number, pose)| bookmarks.set(number, pose));
            bookmarks
        });
        let places = (
            bookmarks,
            prop::option::of(0usize..9999),
            prop::collection::btree_set(head, 0..5),
            prop::option::of(span()),
            prop::collection::vec((1usize..99, 1usize..99), 0..3).prop_map(|gaps| {
                let mut end = 0;
                let fold = |(gap, length)| {
                    let start = end + gap;
                    end = start + length;
                    start..end
                };
                gaps.into_iter().map(fold).collect()
            }),
        );
        let kinds = (
            prop::sample::select(Measure::all(crate::model::Version::V7)),
            prop::sample::select(&Statistic::ALL[..]),
            prop::sample::select(&Layout::ALL[..]),
            prop::sample::select(&Palette::ALL[..]),
            prop::sample::select(&Theme::ALL[..]),
            prop::sample::select(&Pool::ALL[..]),
            prop::sample::select(&Navigation::ALL[..]),
        );
        let flags = prop::array::uniform7(any::<bool>());
        (words, places, kinds, flags, filter, scale, 1e-3f32..1e3).prop_map(
            |(
                (model, prompt),
                (bookmarks, token, heads, passage, folds),
                kinds,
                flags,
                filter,
                scale,
                exposure,
            )| {
                let (measure, statistic, layout, palette, theme, pool, navigation) = kinds;
                let [absolute, sorted, bare, first, itself, line_breaks, matrix] = flags;
                let alpha = first.then_some(exposure);
                let lora = sorted.then(|| Lora {
                    file: format!("{model}.pth").into(),
                    alpha,
                });
                let texts = [
                    "ablate L1H2 to its mean",
                    "cut 9:3@L0H1",
                    "no erasing in all",
                ];
                let changes = texts
                    .iter()
                    .zip([first, itself, bare])
                    .map(|(text, on)| Switched {
                        change: text.parse().expect("a change"),
                        on,
                    });
                let changes = changes.filter(|_| matrix).collect();
                Session {
                    changes,
                    difference: line_breaks,
                    model,
                    lora: lora.into_iter().collect(),
                    prompt,
                    token,
                    heads: heads.into_iter().collect(),
                    measure,
                    scale,
                    exposure,
                    absolute,
                    exclude: Exclude {
                        first,
                        itself,
                        line_breaks,
                    },
                    filter,
                    pool,
                    statistic,
                    sorted,
                    passage,
                    folds,
                    layout,
                    palette,
                    theme,
                    bare,
                    bookmarks,
                    navigation,
                    matrix,
                    ..Session::default()
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_session_comes_back_as_it_was(session in any_session()) {
            let text = session.text().expect("plain data");
            prop_assert_eq!(parse(&text).expect("own output"), session, "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused_in_one_line(text in "\\PC{0,80}") {
            if let Err(reason) = parse(&text) {
                prop_assert!(!reason.contains('\n'), "{reason}");
            }
        }
    }

    #[test]
    fn a_model_is_named_from_the_folder_that_both_are_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("in")).expect("made");
        std::fs::write(at("in/model.st"), "").expect("written");
        let whole = at("in/model.st").to_string_lossy().into_owned();
        let session = Session {
            model: whole.clone(),
            ..Session::default()
        };
        for (file, name) in [("view.toml", "in/model.st"), ("in/view.toml", "model.st")] {
            session.save(&at(file)).expect("it is saved");
            let text = std::fs::read_to_string(at(file)).expect("it is there");
            assert!(text.contains(&format!("model = \"{name}\"")), "{text}");
            let opened = Session::open(&at(file)).expect("it opens");
            assert_eq!(Path::new(&opened.model), Path::new(&whole));
        }
        std::fs::create_dir(at("other")).expect("made");
        session.save(&at("other/view.toml")).expect("it is saved");
        assert_eq!(
            Session::open(&at("other/view.toml")).expect("it opens"),
            session
        );
    }

    #[test]
    fn loras_go_with_the_model() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("model")).expect("made");
        std::fs::write(at("tuned=1.pth"), "").expect("written");
        let lora = |alpha| Lora {
            file: at("tuned=1.pth"),
            alpha,
        };
        let session = Session {
            model: at("model").to_string_lossy().into_owned(),
            lora: vec![lora(Some(0.5)), lora(None)],
            ..Session::default()
        };
        session.save(&at("view.toml")).expect("it is saved");
        let text = std::fs::read_to_string(at("view.toml")).expect("it is there");
        assert!(text.contains("model = \"model\""), "{text}");
        assert!(text.contains("\"tuned=1.pth=0.5\""), "{text}");
        let opened = Session::open(&at("view.toml")).expect("it opens");
        assert_eq!(opened, session);
    }

    #[test]
    fn what_is_left_out_is_as_at_first() {
        let session = parse("version = 1\n[session]\nmodel = \"demo-v7\"\n").expect("it is enough");
        assert_eq!(
            session,
            Session {
                model: "demo-v7".into(),
                ..Session::default()
            }
        );
    }

    #[test]
    fn bookmarks_are_a_table_by_number_and_not_there_when_empty() {
        let mut session = Session::default();
        assert!(!session.text().expect("plain data").contains("bookmark"));
        session.bookmarks.set(3, Pose::default());
        let text = session.text().expect("plain data");
        assert!(text.contains("[session.bookmarks.3]"), "{text}");
        assert_eq!(parse(&text).expect("own output"), session);
    }

    #[test]
    fn an_error_names_its_line() {
        for (text, line, word) in [
            ("version = 1\n[session]\nlayot = \"rings\"\n", 3, "layot"),
            (
                "version = 1\n[session]\n\nlayout = \"spiral\"\n",
                4,
                "spiral",
            ),
            ("version = 1\n[session]\nheads = [\"L1\"]\n", 3, "L1"),
            (
                "version = 1\n[session]\n[[session.changes]]\nchange = \"ablate 7\"\n",
                4,
                "write a head as L7H1",
            ),
            ("[session]\n", 1, "version"),
            (
                "version = 1\n[session]\n[session.bookmarks.10]\nfocus = [0.0, 0.0, 0.0]\nyaw = 0.0\npitch = 0.0\nradius = 9.0\n",
                3,
                "from 1 to 9",
            ),
            ("version = 1\n[session\n", 2, ""),
        ] {
            let reason = parse(text).expect_err(text);
            assert!(
                reason.starts_with(&format!("some.toml, line {line}: ")),
                "{reason}"
            );
            assert!(reason.contains(word), "{reason}");
        }
    }

    #[test]
    fn a_later_version_is_named() {
        let reason = parse("version = 2\n[session]\nnew = 1\n").expect_err("it is unknown");
        assert!(
            reason.contains("version 2") && reason.contains("newer"),
            "{reason}"
        );
    }
}
