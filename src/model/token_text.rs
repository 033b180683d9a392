use std::{fmt::Write, ops::Range};

use super::Vocabulary;

/// In place of an id: what a model brings along before its first token.
pub const BEFORE: u32 = u32::MAX;

/// A token as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenText {
    /// Its id.
    pub id: u32,
    /// The bytes it stands for; empty for the end of a text and for unknown ids.
    pub bytes: Vec<u8>,
    /// How it is shown alone. Bytes that are no whole character stand as `⟨E4 BD⟩`, an id without
    /// text as `⟨65531⟩`, the end of a text as `⟨end⟩`, [`BEFORE`] as `⟨before⟩`. White space is as it is: see [`visible`].
    pub text: String,
    /// Which of [`text_spans`] it belongs to.
    pub span: usize,
}

/// Neighbouring tokens that are shown as one, because a character is spread over them; most spans
/// are one token. In order, the spans cover all tokens, and their texts make up the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSpan {
    /// Positions of its tokens.
    pub tokens: Range<usize>,
    /// What they say together.
    pub text: String,
}

/// How the tokens of a text are shown; without a vocabulary, as ids.
#[must_use]
pub fn token_texts(vocabulary: Option<&Vocabulary>, ids: &[u32]) -> Vec<TokenText> {
    let mut tokens: Vec<_> = ids.iter().map(|&id| token_text(vocabulary, id)).collect();
    let joined = joined_to_previous(&tokens);
    let mut span = 0;
    for (position, token) in tokens.iter_mut().enumerate() {
        if position > 0 && !joined[position] {
            span += 1;
        }
        token.span = span;
    }
    tokens
}

/// The spans of tokens from [`token_texts`].
#[must_use]
pub fn text_spans(tokens: &[TokenText]) -> Vec<TextSpan> {
    let mut start = 0;
    let spans = tokens.chunk_by(|a, b| a.span == b.span).map(|chunk| {
        let tokens = start..start + chunk.len();
        start = tokens.end;
        let text = match chunk {
            [one] => one.text.clone(),
            several => {
                let bytes: Vec<_> = several
                    .iter()
                    .flat_map(|token| &token.bytes)
                    .copied()
                    .collect();
                readable(&bytes)
            }
        };
        TextSpan { tokens, text }
    });
    spans.collect()
}

/// `text` with its white space made visible: `␣`, `⏎`, `⇥`, and other characters without ink as
/// their bytes, `⟨0D⟩`.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => out.push('␣'),
            '\n' => out.push('⏎'),
            '\t' => out.push('⇥'),
            c if is_inkless(c) => push_bytes(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut out),
            c => out.push(c),
        }
    }
    out
}

/// How a token is shown by itself.
#[must_use]
pub fn token_text(vocabulary: Option<&Vocabulary>, id: u32) -> TokenText {
    let bytes = vocabulary
        .and_then(|vocabulary| vocabulary.bytes(id))
        .unwrap_or_default();
    let text = match bytes {
        [] if vocabulary.is_some_and(|vocabulary| vocabulary.is_end(id)) => "⟨end⟩".to_owned(),
        [] if id == BEFORE => "⟨before⟩".to_owned(),
        [] => format!("⟨{id}⟩"),
        bytes => readable(bytes),
    };
    TokenText {
        id,
        bytes: bytes.to_vec(),
        text,
        span: 0,
    }
}

/// For each token, whether a character begins before it and ends in it or after it.
fn joined_to_previous(tokens: &[TokenText]) -> Vec<bool> {
    let mut joined = Vec::with_capacity(tokens.len());
    // A token without bytes ends what could be joined.
    for run in tokens.split_inclusive(|token| token.bytes.is_empty()) {
        let first = joined.len();
        joined.resize(first + run.len(), false);
        let bytes: Vec<_> = run.iter().flat_map(|token| &token.bytes).copied().collect();
        let owner: Vec<_> = run
            .iter()
            .enumerate()
            .flat_map(|(token, text)| std::iter::repeat_n(first + token, text.bytes.len()))
            .collect();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                let last = owner[at + c.len_utf8() - 1];
                joined[owner[at] + 1..=last].fill(true);
                at += c.len_utf8();
            }
            at += chunk.invalid().len();
        }
    }
    joined
}

/// Bytes as text, those that are no whole character as `⟨E4 BD⟩`.
fn readable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut broken = Vec::new();
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            push_bytes(&broken, &mut out);
            broken.clear();
        }
        out.push_str(chunk.valid());
        broken.extend_from_slice(chunk.invalid());
    }
    push_bytes(&broken, &mut out);
    out
}

fn push_bytes(bytes: &[u8], out: &mut String) {
    for (position, byte) in bytes.iter().enumerate() {
        out.push(if position == 0 { '⟨' } else { ' ' });
        let _ = write!(out, "{byte:02X}");
    }
    if !bytes.is_empty() {
        out.push('⟩');
    }
}

/// Characters that take no ink, or turn the direction of those after them.
fn is_inkless(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
