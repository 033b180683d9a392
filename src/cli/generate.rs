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
    inference::{Ended, RunOptions, Sampler, Sampling, Written},
    model::{ASKING_BACK, question},
    trace::{self, Part},
};

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
                tokens: written.ids(),
                text: String::from_utf8_lossy(written.bytes()).into_owned(),
                ended: written.ended(),
            })?;
        } else {
            output::say(&String::from_utf8_lossy(written.rest()))?;
        }
        if let Some(path) = &self.trace {
            let ids = [&prompt, written.ids()].concat();
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
            prompt: Some(question(&text)),
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
