use super::vocabularies::built_in;
use crate::model::{TextSpan, text_spans, token_texts, words};

/// The words of tokens, each as its tokens together.
fn joined(texts: &[&str]) -> Vec<String> {
    let spans: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| TextSpan {
            tokens: at..at + 1,
            text: (*text).to_owned(),
        })
        .collect();
    let of = words(&spans);
    assert_eq!(of.len(), spans.len());
    let mut found: Vec<String> = Vec::new();
    for (span, word) in spans.iter().zip(of) {
        if word == found.len() {
            found.push(String::new());
        }
        found[word].push_str(&span.text);
    }
    found
}

#[test]
fn tokens_that_go_on_a_word_are_joined() {
    assert_eq!(
        joined(&[" Mar", "low", "e", " was", " 19", "84", "_", "x"]),
        [" Marlowe", " was", " 1984_x"]
    );
}

#[test]
fn punctuation_and_line_breaks_stand_alone() {
    assert_eq!(
        joined(&["def", " fib", "(", "n", "):", "\n", "    ", "if", "."]),
        ["def", " fib", "(", "n", "):", "\n", "    ", "if", "."]
    );
}

#[test]
fn apostrophes_between_letters_belong_to_the_word() {
    assert_eq!(joined(&["don", "'", "t", " say"]), ["don't", " say"]);
    assert_eq!(joined(&["don", "'t", "."]), ["don't", "."]);
    assert_eq!(joined(&["l’", "eau"]), ["l’eau"]);
    assert_eq!(joined(&["the", "'", " a"]), ["the", "'", " a"]);
    assert_eq!(joined(&[" '", "tis"]), [" '", "tis"]);
}

#[test]
fn characters_of_scripts_without_spaces_stay_apart() {
    assert_eq!(
        joined(&["東", "京", "タ", "x", "y"]),
        ["東", "京", "タ", "xy"]
    );
    // Korean has spaces.
    assert_eq!(joined(&["안", "녕", " 세", "상"]), ["안녕", " 세상"]);
}

#[test]
fn marks_belong_to_the_character_before_them() {
    assert_eq!(joined(&["e", "\u{301}", "t"]), ["e\u{301}t"]);
    assert_eq!(
        joined(&["👩", "\u{200D}", "🚀", "❤", "\u{FE0F}"]),
        ["👩\u{200D}🚀", "❤\u{FE0F}"]
    );
    assert_eq!(joined(&["👍", "\u{1F3FD}", "👍"]), ["👍\u{1F3FD}", "👍"]);
}

#[test]
fn bytes_that_are_no_character_and_the_end_stand_alone() {
    assert_eq!(
        joined(&["a", "⟨E4 BD⟩", "b", "⟨end⟩"]),
        ["a", "⟨E4 BD⟩", "b", "⟨end⟩"]
    );
    assert!(joined(&[]).is_empty());
}

#[test]
fn spans_of_a_vocabulary_of_bytes_become_words() {
    let bytes = built_in(256);
    let ids: Vec<u32> = "größer Öl 你好".bytes().map(u32::from).collect();
    let spans = text_spans(&token_texts(Some(&bytes), &ids));
    let of = words(&spans);
    let count = of.last().map_or(0, |last| last + 1);
    // größer, space, Öl, space, and each of the two characters.
    assert_eq!(count, 6, "{of:?}");
}
