use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{ModelArgs, PromptArgs, inputs::Ran, output};
use crate::{
    model::{Vocabulary, token_texts, visible},
    trace::{Prediction, TOP},
};

#[derive(Debug, Args)]
pub(super) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// Candidates a position
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    top: u32,
    /// Print `{"positions": [{"id", "text", "surprise", "top": [{"id", "text", "logit", "prob"}, …]}, …]}`;
    /// a position's surprise is −ln p of its token given those before it, and null for the first, unless --window leaves
    /// tokens out before that
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Positions {
    positions: Vec<Position>,
}

#[derive(Serialize)]
struct Position {
    id: u32,
    text: String,
    surprise: Option<f32>,
    top: Vec<Candidate>,
}

#[derive(Serialize)]
struct Candidate {
    id: u32,
    text: String,
    logit: f32,
    prob: f32,
}

fn text(vocabulary: Option<&Vocabulary>, id: u32) -> String {
    token_texts(vocabulary, &[id])
        .pop()
        .map(|token| token.text)
        .unwrap_or_default()
}

impl PredictArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let ran = Ran::new(&self.model, &self.prompt)?;
        let top = self.top as usize;
        let first = ran.trace.first();
        let tokens = &ran.trace.tokens[first..];
        let predictions: Vec<Prediction> = if top <= TOP {
            (first..first + tokens.len())
                .filter_map(|at| ran.trace.prediction(at))
                .collect()
        } else {
            // More than a run keeps: read all logits back.
            ran.model
                .logits_of(&ran.trace)?
                .iter()
                .enumerate()
                .map(|(at, logits)| {
                    Prediction::from_logits(logits, top, tokens.get(at + 1).copied())
                })
                .collect()
        };
        // After a window's first token something is known of what comes.
        let at_first = first.checked_sub(1).and_then(|at| ran.trace.prediction(at));
        let at_first = at_first.as_ref().and_then(Prediction::surprise);
        let before = std::iter::once(at_first).chain(predictions.iter().map(Prediction::surprise));
        let vocabulary = ran.vocabulary.as_ref();
        let texts = token_texts(vocabulary, tokens);
        let positions: Vec<_> = texts
            .into_iter()
            .zip(&predictions)
            .zip(before)
            .map(|((token, prediction), surprise)| Position {
                id: token.id,
                text: token.text,
                surprise,
                top: prediction
                    .top
                    .iter()
                    .take(top)
                    .map(|candidate| Candidate {
                        id: candidate.id,
                        text: text(vocabulary, candidate.id),
                        logit: candidate.logit,
                        prob: candidate.probability,
                    })
                    .collect(),
            })
            .collect();
        if self.json {
            output::say_json(&Positions { positions })?;
        } else {
            let lines: Vec<_> = positions
                .iter()
                .map(|position| {
                    let top: Vec<_> = position
                        .top
                        .iter()
                        .map(|candidate| {
                            format!(
                                "{} {:.1} %",
                                visible(&candidate.text),
                                candidate.prob * 100.0
                            )
                        })
                        .collect();
                    // Of the first token nothing was expected.
                    let surprise = position
                        .surprise
                        .map_or_else(String::new, |nats| format!("{nats:.2}"));
                    let token = visible(&position.text);
                    format!("{token:16} {surprise:>6} → {}", top.join("   "))
                })
                .collect();
            let heading = format!("{:16} {:>6} → {}", "token", "nats", "expected next");
            output::say(&format!("{heading}\n{}", lines.join("\n")))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
