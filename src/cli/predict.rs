use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{ModelArgs, PromptArgs, changes::ChangeArgs, inputs::Ran, output};
use crate::{
    change::Change,
    inference::{Shift, Standing},
    model::{Vocabulary, token_text, token_texts, visible},
    trace::{Prediction, TOP},
};

#[derive(Debug, Args)]
pub(super) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    #[command(flatten)]
    changes: ChangeArgs,
    /// Candidates a position
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    top: u32,
    /// Print `{"positions": [{"id", "text", "surprise", "top": [{"id", "text", "logit", "prob"}, …]}, …]}`;
    /// a position's surprise is −ln p of its token given those before it, and null for the first, unless --window leaves
    /// tokens out before that. With an intervention there is also `"changes": […], "mean": {"tokens", "surprise":
    /// [without, with], "kl"}`, and each position has `"changed": {"kl", "came": [{"logit", "prob", "rank", "surprise"}, …],
    /// "top"}`: kl in nats, of what is expected next, from without to with; came: of the token that came next, without and
    /// with, rank 0 the most probable
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Positions {
    #[serde(flatten)]
    all: Option<All>,
    positions: Vec<Position>,
}

/// What interventions come to.
#[derive(Serialize)]
struct All {
    changes: Vec<String>,
    mean: Mean,
}

/// Over the tokens that came after one of the text's.
#[derive(Serialize)]
struct Mean {
    tokens: usize,
    surprise: [f64; 2],
    kl: f64,
}

/// A position with interventions.
#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    shift: Shift,
    top: Vec<Candidate>,
}

#[derive(Serialize)]
struct Position {
    id: u32,
    text: String,
    surprise: Option<f32>,
    top: Vec<Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Changed>,
}

#[derive(Serialize)]
struct Candidate {
    id: u32,
    text: String,
    logit: f32,
    prob: f32,
}

fn text(vocabulary: Option<&Vocabulary>, id: u32) -> String {
    token_text(vocabulary, id).text
}

impl PredictArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let ran = Ran::new(&self.model, &self.prompt)?;
        let changes = self.changes.changes();
        let positions = if changes.is_empty() {
            self.positions(&ran)?
        } else {
            self.changed(&ran, &changes)?
        };
        if self.json {
            output::say_json(&positions)?;
        } else if let Some(all) = &positions.all {
            output::say(&with_changes(all, &positions.positions))?;
        } else {
            output::say(&plain(&positions.positions))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What is expected at each token.
    fn positions(&self, ran: &Ran) -> anyhow::Result<Positions> {
        let top = self.top as usize;
        let first = ran.trace.first();
        let tokens = &ran.trace.tokens[first..];
        let predictions: Vec<Prediction> = if top <= TOP {
            (first..first + tokens.len())
                .filter_map(|at| ran.trace.prediction(at))
                .collect()
        } else {
            // More than a run keeps: read all logits back.
            predictions(&ran.model.logits_of(&ran.trace, &[])?, top, tokens)
        };
        Ok(Positions {
            all: None,
            positions: self.listed(ran, &predictions),
        })
    }

    /// The same without and with interventions.
    fn changed(&self, ran: &Ran, changes: &[Change]) -> anyhow::Result<Positions> {
        let top = self.top as usize;
        let tokens = &ran.trace.tokens[ran.trace.first()..];
        let after = ran.model.logits_of(&ran.trace, changes)?;
        let before = ran.model.logits_of(&ran.trace, &[])?;
        let mut positions = self.listed(ran, &predictions(&before, top, tokens));
        let expected = predictions(&after, top, tokens);
        let (mut count, mut surprise, mut kl) = (0, [0.0; 2], 0.0);
        for (at, position) in positions.iter_mut().enumerate() {
            let Some(shift) = Shift::of(&before[at], &after[at], tokens.get(at + 1).copied())
            else {
                continue;
            };
            if let Some(came) = shift.came {
                count += 1;
                kl += shift.kl;
                for (sum, standing) in surprise.iter_mut().zip(came) {
                    *sum += standing.surprise;
                }
            }
            position.changed = Some(Changed {
                shift,
                top: self.candidates(ran, &expected[at]),
            });
        }
        let mean = |sum: f64| sum / f64::from(count.max(1));
        Ok(Positions {
            all: Some(All {
                changes: changes.iter().map(ToString::to_string).collect(),
                mean: Mean {
                    tokens: count as usize,
                    surprise: surprise.map(mean),
                    kl: mean(kl),
                },
            }),
            positions,
        })
    }

    fn listed(&self, ran: &Ran, predictions: &[Prediction]) -> Vec<Position> {
        let first = ran.trace.first();
        let tokens = &ran.trace.tokens[first..];
        // After a window's first token something is known of what comes.
        let at_first = first.checked_sub(1).and_then(|at| ran.trace.prediction(at));
        let at_first = at_first.as_ref().and_then(Prediction::surprise);
        let before = std::iter::once(at_first).chain(predictions.iter().map(Prediction::surprise));
        let texts = token_texts(ran.vocabulary.as_ref(), tokens);
        let positions = texts.into_iter().zip(predictions).zip(before);
        positions
            .map(|((token, prediction), surprise)| Position {
                id: token.id,
                text: token.text,
                surprise,
                top: self.candidates(ran, prediction),
                changed: None,
            })
            .collect()
    }

    fn candidates(&self, ran: &Ran, prediction: &Prediction) -> Vec<Candidate> {
        let vocabulary = ran.vocabulary.as_ref();
        let top = prediction.top.iter().take(self.top as usize);
        top.map(|candidate| Candidate {
            id: candidate.id,
            text: text(vocabulary, candidate.id),
            logit: candidate.logit,
            prob: candidate.probability,
        })
        .collect()
    }
}

/// From all logits.
fn predictions(logits: &[Vec<f32>], top: usize, tokens: &[u32]) -> Vec<Prediction> {
    let next = |at: usize| tokens.get(at + 1).copied();
    let each = logits.iter().enumerate();
    each.map(|(at, logits)| Prediction::from_logits(logits, top, next(at)))
        .collect()
}

/// The most probable tokens of a position, for people.
fn expected(top: &[Candidate]) -> String {
    let each = top.iter().map(|candidate| {
        let percent = candidate.prob * 100.0;
        format!("{} {percent:.1} %", visible(&candidate.text))
    });
    each.collect::<Vec<_>>().join("   ")
}

/// The table for people.
fn plain(positions: &[Position]) -> String {
    let lines = positions.iter().map(|position| {
        // Of the first token nothing was expected.
        let surprise = position
            .surprise
            .map_or_else(String::new, |nats| format!("{nats:.2}"));
        let token = visible(&position.text);
        format!("{token:16} {surprise:>6} → {}", expected(&position.top))
    });
    let heading = format!("{:16} {:>6} → {}", "token", "nats", "expected next");
    std::iter::once(heading)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The same without and with interventions: two lines a position.
fn with_changes(all: &All, positions: &[Position]) -> String {
    let Mean {
        tokens,
        surprise: [without, with],
        kl,
    } = all.mean;
    let mut lines = vec![
        format!("changed: {}", all.changes.join(", ")),
        format!(
            "mean surprise of {tokens} tokens: {without:.3} nats without, {with:.3} nats with; mean KL {kl:.3} nats"
        ),
        String::new(),
        format!(
            "{:16} {:>7} {:>8} {:>6}   expected next, without and with",
            "token", "KL", "nats of", "rank"
        ),
        format!("{:16} {:>7} {:>8} {:>6}", "", "", "the next", "of it"),
    ];
    for position in positions {
        let Some(changed) = &position.changed else {
            continue;
        };
        let came = |place: usize| {
            let standing = changed.shift.came.as_ref().map(|came| &came[place]);
            standing.map_or_else(
                || format!("{:>8} {:>6}", "", ""),
                |Standing { surprise, rank, .. }| format!("{surprise:>8.2} {:>6}", rank + 1),
            )
        };
        let token = visible(&position.text);
        let kl = changed.shift.kl;
        lines.push(format!(
            "{token:16} {kl:>7.3} {}   {}",
            came(0),
            expected(&position.top)
        ));
        lines.push(format!(
            "{:16} {:>7} {}   {}",
            "",
            "",
            came(1),
            expected(&changed.top)
        ));
    }
    lines.join("\n")
}
