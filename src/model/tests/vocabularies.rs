use std::{collections::HashMap, path::PathBuf};

use proptest::prelude::*;

use crate::model::{Card, ModelError, Version, Vocabulary};

fn card(vocab: usize) -> Card {
    Card {
        version: Version::V7,
        layers: 2,
        heads: 2,
        head_size: 32,
        width: 64,
        hidden: 256,
        vocab,
        parameters: 0,
    }
}

pub(super) fn built_in(vocab: usize) -> Vocabulary {
    Vocabulary::for_model(&card(vocab), None)
        .expect("parses")
        .expect("is known")
}

fn from_text(text: impl AsRef<[u8]>, vocab: usize) -> Result<Vocabulary, ModelError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("own_vocab.txt");
    std::fs::write(&path, text).expect("writes");
    let vocabulary = Vocabulary::for_model(&card(vocab), Some(&path));
    vocabulary.map(|vocabulary| vocabulary.expect("was given"))
}

fn refused(text: impl AsRef<[u8]>, vocab: usize) -> String {
    let text = from_text(text, vocab).expect_err("was taken").to_string();
    assert!(
        text.contains("own_vocab.txt") && !text.contains('\n'),
        "{text}"
    );
    text
}

fn decode(vocabulary: &Vocabulary, ids: &[u32]) -> Vec<u8> {
    ids.iter()
        .flat_map(|&id| vocabulary.bytes(id).expect("has bytes"))
        .copied()
        .collect()
}

#[test]
fn world_gives_the_published_ids() {
    let world = built_in(65_536);
    assert_eq!(world.name(), "RWKV World");
    let ids = world.encode(b"def fibonacci(n):\n    ").expect("encodes");
    assert_eq!(ids, [7334, 21676, 41943, 41, 111, 501, 28352]);
    let ids = world.encode("你好，世界".as_bytes()).expect("encodes");
    assert_eq!(ids, [10464, 11685, 19137, 10267, 14610]);
    assert_eq!(world.bytes(0), None);
    assert_eq!(world.bytes(1), Some(&b"\0"[..]));
    assert_eq!(world.bytes(65_529), Some(&[b' '; 128][..]));
    assert_eq!(world.bytes(65_530), None);
    assert_eq!(world.bytes(u32::MAX), None);
    assert!(world.is_end(0) && !world.is_end(1) && !world.is_end(65_530));
}

#[test]
fn the_size_chooses_the_vocabulary() {
    let demo = built_in(8_192);
    assert_eq!(demo.bytes(8_191), Some(&b" responsibilities"[..]));
    assert_eq!(demo.encode(b" responsibilities").expect("encodes"), [8_191]);
    let bytes = built_in(256);
    assert_eq!(bytes.encode(b"\0a\xff").expect("encodes"), [0, 97, 255]);
    assert!(!bytes.is_end(0));
    assert!(
        Vocabulary::for_model(&card(50_277), None)
            .expect("no error")
            .is_none()
    );
}

#[test]
fn a_file_in_both_forms() {
    let text = "1 'a' 1\n2 ' b' 2\r\n3 b'\\xe4\\xbd' 2\n7 'a b' 3\n";
    let json = r#"{"1": "a", "2": " b", "3": [228, 189], "7": "a b"}"#;
    for vocabulary in [
        from_text(text, 8).expect("parses"),
        from_text(json, 8).expect("parses"),
    ] {
        assert_eq!(
            vocabulary.encode(b"aa ba b b").expect("encodes"),
            [1, 7, 7, 2]
        );
        assert_eq!(
            vocabulary.encode(b"a\xe4\xbda").expect("encodes"),
            [1, 3, 1]
        );
        assert_eq!(vocabulary.bytes(5), None);
        let error = vocabulary.encode(b"a a").expect_err("has no lone space");
        assert!(
            matches!(
                error,
                ModelError::NoToken {
                    byte: b' ',
                    position: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn of_two_ids_with_the_same_bytes_the_lower_is_used() {
    let vocabulary = from_text("5 'a' 1\n3 'a' 1\n1 'b' 1\n0 '' 0\n", 8).expect("parses");
    assert_eq!(vocabulary.encode(b"ab").expect("encodes"), [3, 1]);
    assert_eq!(vocabulary.bytes(5), Some(&b"a"[..]));
    assert!(vocabulary.is_end(0));
}

#[test]
fn wrong_files_name_the_line() {
    for (text, says) in [
        (
            "1 'a' 1\n2 'b' 2\n",
            "line 2 gives the length 2 for 1 bytes",
        ),
        ("1 'a' 1\nx 'b' 1\n", "line 2 begins with x"),
        ("1 'a' 1\n\n2 'b' 1\n", "line 2 has no space"),
        ("1 'a' 1\n2 'b'\n", "line 2 has only two parts"),
        ("1 'a' 1\n2 'b 1\n", "line 2 has 'b, which is not in quotes"),
        ("1 'a' x\n", "line 1 gives the length x"),
        ("-1 'a' 1\n", "line 1 begins with -1"),
        ("", "it has no lines"),
        ("1 'a' 1\n1 'b' 1\n", "the token id 1 twice"),
        ("{\"1\": \"a\",\n\"2\": 5}", "line 2"),
        ("{\"x\": \"a\"}", "x is no token id"),
        ("{\"1\": [256]}", "line 1"),
        ("{\"1\": \"a\", \"1\": \"b\"}", "the token id 1 twice"),
        ("{\"1\": \"a\"", "line 1"),
        ("{}", "it has no lines"),
    ] {
        let message = refused(text, 8);
        assert!(message.contains(says), "{text:?}: {message}");
    }
    assert!(refused(b"1 'a' 1\n2 '\xff' 1\n", 8).contains("line 2 is not UTF-8"));
}

#[test]
fn a_vocabulary_of_a_larger_model_does_not_fit() {
    let message = refused("1 'a' 1\n8 'b' 1\n", 8);
    assert!(
        message.contains("the token id 8") && message.contains("below 8"),
        "{message}"
    );
    // No room is made for an id before it is found to fit.
    assert!(refused("4294967295 'a' 1\n", 8).contains("4294967295"));
    let absent = Vocabulary::for_model(&card(8), Some("no/such/vocab.txt".as_ref()));
    assert!(matches!(absent, Err(ModelError::Read { .. })));
}

/// The definition of the encoding, slow and plain.
fn by_definition(vocabulary: &Vocabulary, ids: u32, mut text: &[u8]) -> Vec<u32> {
    let tokens: HashMap<&[u8], u32> = (0..ids)
        .filter_map(|id| Some((vocabulary.bytes(id)?, id)))
        .collect();
    let mut out = Vec::new();
    while !text.is_empty() {
        let lengths = (1..=text.len().min(128)).rev();
        let (length, id) = lengths
            .filter_map(|length| Some((length, *tokens.get(&text[..length])?)))
            .next()
            .expect("single bytes are tokens");
        out.push(id);
        text = &text[length..];
    }
    out
}

fn any_text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        ".{0,100}".prop_map(String::into_bytes),
        "[ \n\t\\-#=a-e你好世界é😀]{0,300}".prop_map(String::into_bytes),
        "( the| of|ing|http|://|  |\n\n|    |0|\u{ff}\u{ff}){0,60}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn text_comes_back_from_its_tokens(text in any_text()) {
        for vocabulary in [built_in(65_536), built_in(8_192), built_in(256)] {
            let ids = vocabulary.encode(&text).expect("every byte is a token");
            prop_assert_eq!(&decode(&vocabulary, &ids), &text);
        }
    }

    #[test]
    fn the_longest_token_is_taken(text in any_text()) {
        let demo = built_in(8_192);
        prop_assert_eq!(demo.encode(&text).expect("encodes"), by_definition(&demo, 8_192, &text));
    }

    #[test]
    fn any_vocabulary_file_is_parsed_or_refused(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = from_text(&text, 300);
        let _ = from_text([b"1 '", &text[..]].concat(), 300);
        let _ = from_text([b"{\"1\":", &text[..]].concat(), 300);
    }
}

#[test]
fn world_takes_the_longest_token_too() {
    let world = built_in(65_536);
    let text = include_str!("../../../assets/MODEL_CARD.md").repeat(2)
        + "日本語のトークン 한국어 emoji 👩‍👩‍👧 \u{ff}";
    let ids = world.encode(text.as_bytes()).expect("encodes");
    assert_eq!(ids, by_definition(&world, 65_536, text.as_bytes()));
}
