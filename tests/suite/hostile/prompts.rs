//! Texts to run, of any bytes and any length.

use std::{fs, path::Path};

use arclight::model::{
    Card, ModelFile, Source, Vocabulary, text_spans, token_texts, visible, words,
};
use proptest::{collection::vec, prelude::*};

use super::{Reading, survives_beside};
use crate::support::checkpoint::fixture;

/// Reads a text with every vocabulary that is built in, and takes it apart as panels do.
pub fn prompt(path: &Path) -> Result<(), String> {
    let text = fs::read(path).expect("it is there");
    let file = ModelFile::open(&Source::File(fixture("tiny-v7-f32.pth"))).expect("it opens");
    for vocab in [256, 8192, 65_536] {
        let card = Card {
            vocab,
            ..file.card().clone()
        };
        let vocabulary = Vocabulary::for_model(&card, None).expect("it is built in");
        let vocabulary = vocabulary.expect("it is built in");
        let ids = vocabulary
            .encode(&text)
            .map_err(|error| error.to_string())?;
        let bytes = ids
            .iter()
            .flat_map(|id| vocabulary.bytes(*id).expect("its own token"));
        assert!(bytes.eq(&text), "the tokens are not the text");
        let texts = token_texts(Some(&vocabulary), &ids);
        assert_eq!(texts.len(), ids.len());
        for text in &texts {
            let shown = visible(&text.text);
            assert!(
                !shown.chars().any(|c| c.is_control() && c != '\n'),
                "{shown:?} is shown"
            );
        }
        let spans = text_spans(&texts);
        let words = words(&spans);
        assert!(words.len() <= spans.len());
    }
    Ok(())
}

fn contents() -> impl Strategy<Value = Vec<u8>> {
    let plane = (0u32..17, 0u32..0x10000).prop_filter_map("no character", |(plane, at)| {
        char::from_u32(plane << 16 | at)
    });
    let odd = proptest::sample::select(
        &[
            '\0', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200d}', '\u{301}', '\u{feff}',
            '\n', '\r',
        ][..],
    );
    let right = proptest::char::range('\u{590}', '\u{6ff}');
    let text = |length| {
        vec(
            prop_oneof![
                plane.clone(),
                odd.clone(),
                right.clone(),
                proptest::char::range(' ', '~')
            ],
            length,
        )
        .prop_map(|chars| chars.into_iter().collect::<String>().into_bytes())
    };
    // A piece again and again.
    let long = (text(1..40), 1usize..8000).prop_map(|(piece, times)| {
        let mut bytes = piece.repeat(times);
        bytes.truncate(1 << 16);
        bytes
    });
    prop_oneof![
        4 => text(0..300),
        3 => vec(any::<u8>(), 0..600),
        1 => long,
    ]
}

#[test]
fn prompts() {
    let refused = survives_beside("prompt.txt", prompt, contents(), |_| {});
    assert_eq!(refused, 0, "a text was refused");
}

/// A megabyte of each kind.
#[test]
fn prompts_of_a_megabyte() {
    let reading = Reading::new(prompt);
    let path = reading.folder.path().join("long.txt");
    let kinds: [&[u8]; 8] = [
        b"a",
        b" ",
        b"\n",
        b"The cat sat. ",
        "猫".as_bytes(),
        "שלום ".as_bytes(),
        b"\xff",
        b"\0",
    ];
    for kind in kinds {
        let mut text = kind.repeat((1 << 20) / kind.len() + 1);
        text.truncate(1 << 20);
        fs::write(&path, text).expect("it is written");
        assert_eq!(reading.read(&path), Ok(Ok(())), "{kind:?}");
    }
}
