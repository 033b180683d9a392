use std::{fmt::Write as _, process::ExitCode, sync::atomic::AtomicBool};

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::{ModelArgs, PromptArgs, inputs::Ran, output, view::place};
use crate::{
    inference::{Attribution, Glimpse, Lens, RunOptions, place_name},
    lattice::HeadId,
    model::{Vocabulary, token_text, token_texts, visible},
    score,
};

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// The reader, counted from 0; negative: from the end
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    select: isize,
    /// Id of the next token whose logit is taken apart [default: the one that came, or else the most probable]
    #[arg(long, value_name = "ID")]
    target: Option<u32>,
    /// Arcs and heads that are listed
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// Print `{"token", "target": {"id", "text"}, "heads": [{"layer", "head", "adds", "fixed"}, …], "arcs": [{"layer", "head",
    /// "writer", "adds"}, …], "lens": [{"after", "id", "text", "prob", "kl"}, …]}`: adds: to the logit, by all of a head and by
    /// one earlier token through it, the largest first; fixed: by GroupNorm's β alone; kl: from the final distribution, in nats
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Explained {
    token: usize,
    target: Token,
    heads: Vec<Head>,
    arcs: Vec<Arc>,
    lens: Vec<Layer>,
}

#[derive(Serialize)]
struct Token {
    id: u32,
    text: String,
}

#[derive(Serialize)]
struct Head {
    layer: usize,
    head: usize,
    adds: f32,
    fixed: f32,
}

#[derive(Serialize)]
struct Arc {
    layer: usize,
    head: usize,
    writer: usize,
    adds: f32,
}

#[derive(Serialize)]
struct Layer {
    after: String,
    id: u32,
    text: String,
    prob: f32,
    kl: f64,
}

impl ExplainArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let ran = Ran::new(&self.model, &self.prompt)?;
        let trace = &ran.trace;
        let token = place(self.select, trace.filled())?;
        if token < trace.first() {
            bail!(
                "--select {} stands for what came before the text: choose a later token",
                self.select
            );
        }
        let came = trace.tokens.get(token + 1).copied();
        let Some(target) = self.target.or_else(|| trace.next_or_likely(token)) else {
            bail!("nothing is expected after token {token}: give --target ID");
        };
        let (options, never) = (RunOptions::default(), AtomicBool::new(false));
        let inside = ran.model.inside(trace, token, &options, &never)?;
        let parts = ran.model.attribution(trace, &inside, target)?;
        let lens = ran.model.lens(&inside, came)?;
        let arcs = score::parts_of_logit(&ran.gpu, trace, token, (&parts.pull, &parts.own))?;
        let vocabulary = ran.vocabulary.as_ref();
        let head = |row: usize| {
            let heads = trace.dimensions.heads;
            let layer = trace.origin.layers.start + row / heads;
            HeadId {
                layer,
                head: row % heads,
            }
        };
        let explained = Explained {
            token,
            target: named(vocabulary, target),
            heads: heads(&parts, head),
            arcs: largest(&arcs, head, self.top),
            lens: layers(&lens, vocabulary),
        };
        if self.json {
            output::say_json(&explained)?;
        } else {
            let texts = token_texts(vocabulary, &trace.tokens);
            let text = |token: usize| texts.get(token).map_or("", |token| &token.text);
            output::say(&self.words(&explained, text)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn words<'a>(
        &self,
        explained: &Explained,
        text: impl Fn(usize) -> &'a str,
    ) -> anyhow::Result<String> {
        let Explained {
            token,
            target,
            heads,
            arcs,
            lens,
        } = explained;
        let mut out = String::new();
        let all: f32 = heads.iter().map(|head| head.adds).sum();
        writeln!(
            out,
            "after {} (token {token}), the logit of {} ({}): heads add {all:+.3}",
            visible(text(*token)),
            visible(&target.text),
            target.id
        )?;
        writeln!(out, "\nheads that add most")?;
        for head in heads.iter().take(self.top) {
            writeln!(out, "{:+9.3}  L{} H{}", head.adds, head.layer, head.head)?;
        }
        writeln!(out, "\narcs that add most")?;
        for arc in arcs {
            let from = visible(text(arc.writer));
            let (layer, head, writer) = (arc.layer, arc.head, arc.writer);
            writeln!(
                out,
                "{:+9.3}  L{layer} H{head}  from {writer} {from}",
                arc.adds
            )?;
        }
        writeln!(
            out,
            "\nif the model ended there: expected next, and KL(final ‖ there) in nats"
        )?;
        for layer in lens.iter().rev() {
            let (after, text, percent) = (&layer.after, visible(&layer.text), layer.prob * 100.0);
            writeln!(out, "{:8.3}  {after:<12}  {text} {percent:.1} %", layer.kl)?;
        }
        Ok(out.trim_end().to_owned())
    }
}

fn named(vocabulary: Option<&Vocabulary>, id: u32) -> Token {
    let text = token_text(vocabulary, id).text;
    Token { id, text }
}

/// All heads, the one that adds most first, whatever the sign.
fn heads(parts: &Attribution, name: impl Fn(usize) -> HeadId) -> Vec<Head> {
    let all = parts.direct.iter().zip(&parts.fixed).enumerate();
    let mut all: Vec<Head> = all
        .map(|(row, (&adds, &fixed))| {
            let HeadId { layer, head } = name(row);
            Head {
                layer,
                head,
                adds,
                fixed,
            }
        })
        .collect();
    all.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()));
    all
}

/// The arcs that add most.
fn largest(rows: &[Vec<f32>], name: impl Fn(usize) -> HeadId, top: usize) -> Vec<Arc> {
    let mut all = Vec::new();
    for (row, line) in rows.iter().enumerate() {
        let HeadId { layer, head } = name(row);
        all.extend(line.iter().enumerate().map(|(writer, &adds)| Arc {
            layer,
            head,
            writer,
            adds,
        }));
    }
    all.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()));
    all.truncate(top);
    all
}

fn layers(lens: &Lens, vocabulary: Option<&Vocabulary>) -> Vec<Layer> {
    let layer = |(at, glimpse): (usize, &Glimpse)| {
        let best = glimpse.expected.top.first();
        let (id, prob) = best.map_or((0, f32::NAN), |best| (best.id, best.probability));
        Layer {
            after: place_name(at),
            id,
            text: token_text(vocabulary, id).text,
            prob,
            kl: glimpse.kl,
        }
    };
    lens.iter().enumerate().map(layer).collect()
}
