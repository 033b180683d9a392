//! Vocabularies: lines, and JSON.

use std::path::Path;

use arclight::model::{Card, ModelFile, Source, Vocabulary};

use super::{edit_text, survives};
use crate::support::checkpoint::fixture;

fn card() -> Card {
    let file = ModelFile::open(&Source::File(fixture("tiny-v7-f32.pth"))).expect("it opens");
    Card {
        vocab: 65_536,
        ..file.card().clone()
    }
}

pub fn vocabulary(path: &Path) -> Result<(), String> {
    let vocabulary =
        Vocabulary::for_model(&card(), Some(path)).map_err(|error| error.to_string())?;
    let vocabulary = vocabulary.expect("it was given");
    let text = "The cat sat on the mat. 猫 \u{202e}\0\n".as_bytes();
    // It may lack what is in the text.
    if let Ok(ids) = vocabulary.encode(text) {
        let bytes: Vec<u8> = ids
            .iter()
            .flat_map(|id| vocabulary.bytes(*id).unwrap_or_default())
            .copied()
            .collect();
        assert_eq!(bytes, text);
    }
    Ok(())
}

pub const LINES: &str = include_str!("../../../assets/rwkv_vocab_v20230424.txt");

/// Lines of the World vocabulary: its bytes, and words of several scripts.
fn some_lines() -> String {
    let bytes = LINES.lines().take(260);
    let words = LINES.lines().skip(260).step_by(400);
    bytes.chain(words).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn vocabularies_of_lines() {
    survives(
        "vocabulary.txt",
        vocabulary,
        edit_text::spoiled(vec![some_lines()]),
    );
}

#[test]
fn vocabularies_in_json() {
    let text = "{\n\"1\": \"a\",\n\"2\": \"the cat\",\n\"3\": [227, 129, 130],\n\"4\": \"é\\n\",\n\"65535\": [255]\n}\n";
    survives(
        "vocabulary.json",
        vocabulary,
        edit_text::spoiled(vec![text.to_owned()]),
    );
}
