use std::ops::Range;

use crate::model::{TokenText, text_spans, words};

/// A span as it stands in the text: tokens that share a character are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes in the shown text.
    pub bytes: Range<usize>,
    /// Its tokens.
    pub tokens: Range<usize>,
    /// Which word it belongs to.
    pub word: usize,
    /// It stands for a passage that is folded away.
    pub folded: bool,
}

/// The text as it is shown, and its pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces {
    /// All of it.
    pub text: String,
    /// In order; those of one word are neighbours.
    pub pieces: Vec<Piece>,
}

impl Pieces {
    /// Of tokens, some of them folded away; `show` appends a span's text so that each of its characters has a
    /// place, and at least one.
    #[must_use]
    pub fn new(
        tokens: &[TokenText],
        folds: &[Range<usize>],
        show: impl Fn(&str, &mut String),
    ) -> Self {
        let spans = text_spans(tokens);
        let mut text = String::new();
        let mut pieces: Vec<Piece> = Vec::with_capacity(spans.len());
        let folded = |token: usize| folds.iter().find(|fold| fold.contains(&token));
        // A fold is a word of its own, and so is what comes after it.
        let mut words_before = 0;
        for (span, word) in spans.iter().zip(words(&spans)) {
            let start = text.len();
            let mut tokens = span.tokens.clone();
            let fold = folded(tokens.start);
            if let Some(fold) = fold {
                if let Some(last) = pieces
                    .last_mut()
                    .filter(|last| last.folded && fold.contains(&last.tokens.start))
                {
                    last.tokens.end = tokens.end;
                    continue;
                }
                tokens = fold.start..tokens.end;
                words_before += 1;
                text += &fold_text(fold.len());
            } else {
                show(&span.text, &mut text);
            }
            pieces.push(Piece {
                bytes: start..text.len(),
                tokens,
                word: word + words_before,
                folded: fold.is_some(),
            });
            words_before += usize::from(fold.is_some());
        }
        Self { text, pieces }
    }
}

/// The tokens that are shown as one with one of the pieces: its own, or all of its word.
#[must_use]
pub fn together(pieces: &[Piece], piece: usize, by_word: bool) -> Range<usize> {
    let Piece { tokens, word, .. } = &pieces[piece];
    if !by_word {
        return tokens.clone();
    }
    let first = pieces.partition_point(|other| other.word < *word);
    let end = pieces.partition_point(|other| other.word <= *word);
    pieces[first].tokens.start..pieces[end - 1].tokens.end
}

/// What stands in place of a folded passage.
fn fold_text(tokens: usize) -> String {
    format!(" ⋯ {tokens} tokens ⋯ ")
}
