use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::AtomicBool,
};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::{
    ModelArgs, PromptArgs,
    changes::ChangeArgs,
    inputs::Loaded,
    output::{self, Usage},
};
use crate::{
    inference::{RunOptions, Sampler, Sampling},
    model::{Vocabulary, token_texts},
    trace::{self, Part},
};

/// Where the published models end an answer.
const ASKING_BACK: &str = "\n\nUser:";

#[derive(Debug, Args)]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    changes: ChangeArgs,
    /// Most tokens to write
    #[arg(long, default_value_t = 100)]
    tokens: usize,
    /// Above 1 less probable tokens come more often, below 1 more rarely; 0: always the most probable one
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true, value_parser = not_negative)]
    temperature: f32,
    /// Choose among the most probable tokens that have this much of the probability together
    #[arg(long, default_value_t = 0.7, allow_negative_numbers = true, value_parser = part)]
    top_p: f32,
    /// Taken from the logit of a token that was written already
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    presence: f32,
    /// Taken from it each time that it was written
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    frequency: f32,
    /// The same seed writes the same text
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Always the most probable token, as --temperature 0
    #[arg(long)]
    greedy: bool,
    /// End before this is written. May be given again
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// Ask as the published models were taught: "User: PROMPT", and end where they ask back
    #[arg(long)]
    chat: bool,
    /// Read the prompt and what was written once more, and write that run to a trace
    #[arg(long, value_name = "FILE.safetensors")]
    trace: Option<PathBuf>,
    /// Print `{"prompt": [id, …], "tokens": [id, …], "text", "ended": "tokens" | "end of text" | "stop"}`
    #[arg(long)]
    json: bool,
}

/// Why no more was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Tokens,
    EndOfText,
    Stop,
}

#[derive(Serialize)]
struct Generated<'a> {
    prompt: &'a [u32],
    tokens: &'a [u32],
    text: String,
    ended: Ended,
}

impl GenerateArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.model.run.window.is_some() || self.model.run.layers.is_some() {
            Err(Usage(
                "--window and --layers say what a trace keeps: leave them out, or run `arclight trace` over the text afterwards",
            ))?;
        }
        if self.trace.is_some() && !self.changes.changes().is_empty() {
            Err(Usage(
                "a trace does not tell what was changed: leave --trace out, or the interventions",
            ))?;
        }
        let (file, vocabulary) = self.model.open()?;
        let prompt = self.asked()?.tokens(&file, vocabulary.as_ref())?;
        let mut sampler = Sampler::new(Sampling {
            temperature: if self.greedy { 0.0 } else { self.temperature },
            top_p: self.top_p,
            presence: self.presence,
            frequency: self.frequency,
            seed: self.seed,
        });
        let mut stops: Vec<_> = self
            .stop
            .iter()
            .map(|stop| stop.clone().into_bytes())
            .collect();
        stops.retain(|stop| !stop.is_empty());
        if self.chat {
            stops.push(ASKING_BACK.into());
        }
        let mut written = Written::new(vocabulary.clone(), stops);
        let options = RunOptions {
            capture: false,
            changes: self.changes.changes(),
            ..RunOptions::default()
        };
        let never = AtomicBool::new(false);
        let mut shown = Ok(());
        let loaded = Loaded::of(&file, vocabulary, &self.model.run)?;
        let model = &loaded.model;
        model.generate(&prompt, self.tokens, &mut sampler, &options, &never, |id| {
            let goes_on = written.take(id);
            if !self.json {
                shown = show(written.fresh());
            }
            match &shown {
                Ok(()) => goes_on,
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        match shown {
            // Who reads along has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(ExitCode::SUCCESS);
            }
            shown => shown.context("standard output cannot be written to")?,
        }
        if self.json {
            output::say_json(&Generated {
                prompt: &prompt,
                tokens: &written.ids,
                text: String::from_utf8_lossy(&written.bytes).into_owned(),
                ended: written.ended,
            })?;
        } else {
            output::say(&String::from_utf8_lossy(written.rest()))?;
        }
        if let Some(path) = &self.trace {
            let ids = [prompt, written.ids].concat();
            let ran = loaded.run(ids, Part::default())?;
            output::watched(|watch| {
                trace::save(&ran.gpu, &ran.trace, ran.vocabulary.as_ref(), path, watch)
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The prompt, as a question where it is one.
    fn asked(&self) -> anyhow::Result<PromptArgs> {
        if !self.chat {
            return Ok(self.prompt.clone());
        }
        let text = self.prompt.text()?;
        let text = text.ok_or(Usage(
            "--chat asks in words: give --prompt or --prompt-file",
        ))?;
        let text = String::from_utf8_lossy(&text);
        Ok(PromptArgs {
            prompt: Some(format!("User: {}\n\nAssistant:", text.trim())),
            prompt_file: None,
            ids: None,
        })
    }
}

/// Writes what has come at once.
fn show(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn not_negative(text: &str) -> Result<f32, String> {
    let number = text
        .parse()
        .ok()
        .filter(|it: &f32| it.is_finite() && *it >= 0.0);
    number.ok_or_else(|| format!("{text:?} is no temperature: write a number from 0 on"))
}

fn part(text: &str) -> Result<f32, String> {
    let number = text
        .parse()
        .ok()
        .filter(|it: &f32| (0.0..=1.0).contains(it));
    number.ok_or_else(|| format!("{text:?} is no part: write a number from 0 to 1"))
}

/// What has been written so far.
struct Written {
    vocabulary: Option<Vocabulary>,
    stops: Vec<Vec<u8>>,
    ids: Vec<u32>,
    bytes: Vec<u8>,
    /// Bytes that have been shown.
    shown: usize,
    ended: Ended,
}

impl Written {
    fn new(vocabulary: Option<Vocabulary>, stops: Vec<Vec<u8>>) -> Self {
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
    fn take(&mut self, id: u32) -> ControlFlow<()> {
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
    fn fresh(&mut self) -> &[u8] {
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
    fn rest(&self) -> &[u8] {
        &self.bytes[self.shown.min(self.bytes.len())..]
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
