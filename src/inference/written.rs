//! A text as it is written: what of it can be shown, and where it ends.

use std::ops::ControlFlow;

use serde::Serialize;

use crate::model::{Vocabulary, token_texts};

/// Why no more is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// As many tokens as were asked for are there.
    Tokens,
    /// The model has ended the text.
    EndOfText,
    /// One of the texts came at which it was to end.
    Stop,
}

/// What a model has written so far.
pub struct Written {
    vocabulary: Option<Vocabulary>,
    stops: Vec<Vec<u8>>,
    ids: Vec<u32>,
    bytes: Vec<u8>,
    /// Bytes that have been shown.
    shown: usize,
    ended: Ended,
}

impl Written {
    /// Nothing yet; it is to end at any of `stops`.
    #[must_use]
    pub fn new(vocabulary: Option<Vocabulary>, stops: Vec<Vec<u8>>) -> Self {
        Self {
            vocabulary,
            stops,
            ids: Vec::new(),
            bytes: Vec::new(),
            shown: 0,
            ended: Ended::Tokens,
        }
    }

    /// Takes a token, unless it ends the text. Whether to go on.
    pub fn take(&mut self, id: u32) -> ControlFlow<()> {
        let vocabulary = self.vocabulary.as_ref();
        if vocabulary.is_some_and(|vocabulary| vocabulary.is_end(id)) {
            self.ended = Ended::EndOfText;
            return ControlFlow::Break(());
        }
        self.ids.push(id);
        // A stop may have begun before.
        let longest = self.stops.iter().map(Vec::len).max().unwrap_or_default();
        let from = self.bytes.len().saturating_sub(longest);
        for token in token_texts(vocabulary, &[id]) {
            match token.bytes.is_empty() {
                true => self.bytes.extend(token.text.bytes()),
                false => self.bytes.extend(token.bytes),
            }
        }
        let new = &self.bytes[from..];
        let found = self.stops.iter().filter_map(|stop| {
            let mut places = new.windows(stop.len());
            places.position(|place| place == stop)
        });
        match found.min() {
            None => ControlFlow::Continue(()),
            Some(place) => {
                self.bytes.truncate(from + place);
                self.ended = Ended::Stop;
                ControlFlow::Break(())
            }
        }
    }

    /// What can be shown now: whole characters, and nothing that may be the beginning of a stop.
    pub fn fresh(&mut self) -> &[u8] {
        let bytes = &self.bytes;
        let begun = |stop: &Vec<u8>| (1..stop.len()).rev().find(|n| bytes.ends_with(&stop[..*n]));
        let held = self
            .stops
            .iter()
            .filter_map(begun)
            .max()
            .unwrap_or_default();
        let end = bytes.len() - held.min(bytes.len() - self.shown);
        let start = self.shown;
        self.shown = match std::str::from_utf8(&bytes[start..end]) {
            // The rest of the character is still to come.
            Err(error) if error.error_len().is_none() => start + error.valid_up_to(),
            _ => end,
        };
        &self.bytes[start..self.shown]
    }

    /// All that has not been shown.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.shown.min(self.bytes.len())..]
    }

    /// Its tokens.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Its text, without the stop at its end.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why no more was written, if no more was.
    #[must_use]
    pub fn ended(&self) -> Ended {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Card, Version};

    /// Of plain bytes.
    fn written(stops: &[&str]) -> Written {
        let card = Card {
            version: Version::V7,
            layers: 1,
            heads: 1,
            head_size: 64,
            width: 64,
            hidden: 64,
            vocab: 256,
            parameters: 1,
        };
        let vocabulary = Vocabulary::for_model(&card, None).expect("it is built in");
        let stops = stops.iter().map(|stop| stop.as_bytes().to_vec());
        Written::new(vocabulary, stops.collect())
    }

    /// What is shown after each byte, and whether it goes on after the last.
    fn take(written: &mut Written, text: &str) -> (Vec<String>, bool) {
        let mut goes_on = true;
        let shown = text.bytes().map(|byte| {
            goes_on = written.take(u32::from(byte)).is_continue();
            String::from_utf8(written.fresh().to_vec()).expect("whole characters")
        });
        (shown.collect(), goes_on)
    }

    #[test]
    fn characters_are_shown_whole() {
        let (shown, goes_on) = take(&mut written(&[]), "aé");
        assert_eq!(
            (shown, goes_on),
            (vec!["a".into(), String::new(), "é".into()], true)
        );
        let mut half = written(&[]);
        let _ = half.take(0xe4);
        assert!(half.fresh().is_empty());
        assert_eq!(half.rest(), [0xe4]);
        // What is no text at all is not waited for.
        let _ = half.take(0xff);
        assert_eq!(half.fresh(), [0xe4, 0xff]);
    }

    #[test]
    fn nothing_of_a_stop_is_shown() {
        let mut some = written(&["END", "\n\n"]);
        let (shown, goes_on) = take(&mut some, "an E, a\nEN");
        assert_eq!(shown.concat(), "an E, a\n");
        assert!(goes_on);
        assert!(some.take(u32::from(b'D')).is_break());
        assert_eq!(String::from_utf8_lossy(&some.bytes), "an E, a\n");
        assert_eq!((some.ended, some.rest()), (Ended::Stop, &b""[..]));
        assert_eq!(some.ids.len(), 11);

        let mut other = written(&["END", "\n\n"]);
        let (shown, goes_on) = take(&mut other, "a\n\n");
        assert_eq!((shown.concat(), goes_on), ("a".to_owned(), false));
        // What only began to be one belongs to the text.
        let mut cut = written(&["END"]);
        let (shown, _) = take(&mut cut, "the EN");
        assert_eq!((shown.concat().as_str(), cut.rest()), ("the ", &b"EN"[..]));
    }
}
