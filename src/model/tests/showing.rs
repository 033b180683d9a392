use proptest::prelude::*;

use super::vocabularies::built_in;
use crate::model::{TextSpan, text_spans, token_texts, visible};

fn span(tokens: std::ops::Range<usize>, text: &str) -> TextSpan {
    TextSpan {
        tokens,
        text: text.to_owned(),
    }
}

#[test]
fn whole_characters_stand_alone() {
    let world = built_in(65_536);
    let tokens = token_texts(Some(&world), &[7334, 21676, 111, 501]);
    let texts: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(texts, ["def", " fib", "n", "):"]);
    assert_eq!(
        tokens.iter().map(|token| token.span).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(text_spans(&tokens)[1], span(1..2, " fib"));
    assert_eq!(tokens[0].bytes, b"def");
}

#[test]
fn halves_of_a_character_are_bytes_alone_and_a_character_together() {
    let bytes = built_in(256);
    // 你 is E4 BD A0.
    let ids: Vec<u32> = "a你b".bytes().map(u32::from).collect();
    let tokens = token_texts(Some(&bytes), &ids);
    let texts: Vec<_> = tokens.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(texts, ["a", "⟨E4⟩", "⟨BD⟩", "⟨A0⟩", "b"]);
    assert_eq!(
        tokens.iter().map(|token| token.span).collect::<Vec<_>>(),
        [0, 1, 1, 1, 2]
    );
    assert_eq!(
        text_spans(&tokens),
        [span(0..1, "a"), span(1..4, "你"), span(4..5, "b")]
    );
}

#[test]
fn a_character_over_two_tokens_of_world() {
    let world = built_in(65_536);
    // World writes rare characters as several tokens.
    let text = "x𠀀y𓀀";
    let ids = world.encode(text.as_bytes()).expect("encodes");
    let tokens = token_texts(Some(&world), &ids);
    let spans = text_spans(&tokens);
    assert!(
        spans.len() < tokens.len(),
        "no character is spread over tokens"
    );
    assert!(
        spans
            .iter()
            .any(|span| span.text == "𠀀" && span.tokens.len() > 1),
        "{spans:?}"
    );
    assert_eq!(
        spans.into_iter().map(|span| span.text).collect::<String>(),
        text
    );
    let broken = tokens
        .iter()
        .find(|token| token.text.starts_with('⟨'))
        .expect("a half character");
    assert!(broken.text.ends_with('⟩') && broken.bytes.len() < 4);
}

#[test]
fn what_never_becomes_a_character_stays_apart() {
    let bytes = built_in(256);
    let tokens = token_texts(Some(&bytes), &[0xE4, 0xBD, 0x61, 0xBD, 0xA0]);
    assert_eq!(text_spans(&tokens).len(), 5);
    let demo = built_in(8_192);
    let half = |byte: u8| u32::from(byte) + 1;
    let tokens = token_texts(Some(&demo), &[half(0xE4), 0, half(0xBD), half(0xA0)]);
    let texts: Vec<_> = text_spans(&tokens)
        .into_iter()
        .map(|span| span.text)
        .collect();
    assert_eq!(texts, ["⟨E4⟩", "⟨end⟩", "⟨BD⟩", "⟨A0⟩"]);
}

#[test]
fn ids_without_text() {
    let world = built_in(65_536);
    let shown = |vocabulary, ids: &[u32]| -> Vec<String> {
        token_texts(vocabulary, ids)
            .into_iter()
            .map(|token| token.text)
            .collect()
    };
    assert_eq!(shown(Some(&world), &[0, 65_531]), ["⟨end⟩", "⟨65531⟩"]);
    assert_eq!(shown(None, &[0, 5]), ["⟨0⟩", "⟨5⟩"]);
    assert_eq!(shown(Some(&built_in(256)), &[0]), ["\0"]);
    assert!(token_texts(None, &[]).is_empty());
    assert!(text_spans(&[]).is_empty());
}

#[test]
fn white_space_is_made_visible() {
    assert_eq!(visible(" a\n\tb "), "␣a⏎⇥b␣");
    assert_eq!(visible("\r\0\u{7f}"), "⟨0D⟩⟨00⟩⟨7F⟩");
    assert_eq!(
        visible("\u{3000}\u{200b}\u{202e}"),
        "⟨E3 80 80⟩⟨E2 80 8B⟩⟨E2 80 AE⟩"
    );
    assert_eq!(visible("你好é😀⟨E4⟩"), "你好é😀⟨E4⟩");
}

proptest! {
    #[test]
    fn spans_make_up_the_text(text in ".{0,80}", cuts in prop::collection::vec(any::<bool>(), 400)) {
        // Bytes, so that every character is spread; some ids of another size between them.
        let bytes = built_in(256);
        let ids: Vec<u32> = text.bytes().map(u32::from).collect();
        let tokens = token_texts(Some(&bytes), &ids);
        let spans = text_spans(&tokens);
        prop_assert_eq!(spans.len(), text.chars().count());
        prop_assert_eq!(spans.iter().map(|span| span.text.as_str()).collect::<String>(), text);

        // With unknown ids between them the spans still cover every token once, in order.
        let ids = ids.iter().zip(cuts).flat_map(|(&id, cut)| [Some(id), cut.then_some(999)]);
        let ids: Vec<u32> = ids.flatten().collect();
        let tokens = token_texts(Some(&bytes), &ids);
        let mut next = 0;
        for (number, span) in text_spans(&tokens).into_iter().enumerate() {
            prop_assert_eq!(span.tokens.start, next);
            prop_assert!(tokens[span.tokens.clone()].iter().all(|token| token.span == number));
            next = span.tokens.end;
        }
        prop_assert_eq!(next, tokens.len());
    }
}
