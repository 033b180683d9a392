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
    /// Print `{"positions": [{"id", "text", "top": [{"id", "text", "logit", "prob"}, …]}, …]}`
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
        let tokens = &ran.trace.tokens;
        let predictions: Vec<Prediction> = if top <= TOP {
            (0..tokens.len())
                .filter_map(|at| ran.trace.prediction(at))
                .collect()
        } else {
            // More than a run keeps: read all logits back.
            ran.model
                .logits(tokens)?
                .iter()
                .map(|logits| Prediction::from_logits(logits, top))
                .collect()
        };
        let vocabulary = ran.vocabulary.as_ref();
        let texts = token_texts(vocabulary, tokens);
        let positions: Vec<_> = texts
            .into_iter()
            .zip(&predictions)
            .map(|(token, prediction)| Position {
                id: token.id,
                text: token.text,
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
                    format!("{:16} → {}", visible(&position.text), top.join("   "))
                })
                .collect();
            output::say(&lines.join("\n"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
