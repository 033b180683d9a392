//! What is looked at, and how: the choices of a session on the command line.

use std::{ops::Range, path::PathBuf};

use anyhow::{anyhow, bail};
use clap::Args;

use super::{ModelArgs, PromptArgs, compare::CompareArgs, inputs::RunArgs, subject::Subject};
use crate::{
    app::Start,
    lattice::{HeadId, HeadSet, Layout},
    score::{EXPOSURE, Filter, Measure, Scale},
    session::{Palette, Session, TextOption, TextView, Theme},
};

/// What a session has chosen already.
const CHOICES: [&str; 28] = [
    "model",
    "vocab",
    "precision",
    "int8",
    "nf4",
    "lora",
    "layers",
    "window",
    "state",
    "prompt",
    "prompt_file",
    "ids",
    "select",
    "layer",
    "measure",
    "scale",
    "exposure",
    "absolute",
    "filter",
    "passage",
    "layout",
    "palette",
    "theme",
    "text",
    "compare_text",
    "compare_model",
    "with",
    "compare_view",
];

/// A model or a trace with choices, or a session that has them all.
#[derive(Debug, Args)]
pub(super) struct ViewArgs {
    /// `demo-v6`, `demo-v7`, or a file: a model or a trace
    #[arg(required_unless_present = "session")]
    model: Option<String>,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// A saved session as it was, instead of a model and choices of its own
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = CHOICES)]
    session: Option<PathBuf>,
    /// Token to select, counted from 0; negative: from the end
    #[arg(long, value_name = "TOKEN", allow_negative_numbers = true)]
    select: Option<isize>,
    /// With --head: the only head to show
    #[arg(long, requires = "head")]
    layer: Option<usize>,
    /// With --layer: the only head to show; in RWKV-4 the only group of 64 channels
    #[arg(long, requires = "layer")]
    head: Option<usize>,
    /// The number to show
    #[arg(long, value_enum, default_value_t)]
    measure: Measure,
    /// What full colour stands for: per-head, per-layer, global, or a number
    #[arg(long, default_value = "per-head", value_name = "SCALE")]
    scale: Scale,
    /// Brightness: full colour stands for 1 / X of that
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    exposure: f32,
    /// Show sizes without their sign
    #[arg(long)]
    absolute: bool,
    /// Draw the strongest arcs of each head
    #[arg(long, value_name = "N", group = "filter")]
    top_k: Option<u32>,
    /// Draw arcs whose |value| is at least this
    #[arg(long, value_name = "X", group = "filter")]
    threshold: Option<f32>,
    /// Draw the fewest arcs of each head that hold this part of its Σ |value|
    #[arg(long, value_name = "0…1", group = "filter")]
    mass: Option<f32>,
    /// Limit everything to a passage: its first and its last token
    #[arg(long, value_name = "FIRST:LAST", value_parser = parse_passage)]
    passage: Option<Range<usize>>,
    /// How everything is laid out
    #[arg(long, value_enum, default_value_t)]
    layout: Layout,
    /// Colours of scores
    #[arg(long, value_enum, default_value_t)]
    palette: Palette,
    /// The ground they stand on
    #[arg(long, value_enum, default_value_t)]
    theme: Theme,
    /// How to show the text: words, whitespace, surprise, or several of them
    #[arg(long, value_enum, value_delimiter = ',', value_name = "OPTION")]
    text: Vec<TextOption>,
    #[command(flatten)]
    compare: CompareArgs,
}

impl ViewArgs {
    /// The session that is asked for, still.
    ///
    /// # Errors
    /// When the model or the session cannot be opened, or a choice does not fit.
    pub fn start(&self) -> anyhow::Result<Start> {
        if let Some(path) = &self.session {
            return Ok(Start {
                session: Session::open(path)?,
                still: true,
                ..Start::default()
            });
        }
        let model = ModelArgs {
            model: self.model.clone().unwrap_or_default(),
            run: self.run.clone(),
        };
        let subject = Subject::open(&model, &self.prompt)?;
        let mut text = None;
        let mut ids = None;
        let tokens = match &subject {
            Subject::Model(file, vocabulary) => {
                let prompt = self.prompt.or_demo();
                text = prompt.text()?;
                let given = prompt.tokens(file, vocabulary.as_ref())?;
                model
                    .run
                    .kept_tokens(ids.insert(given).len(), file.has_state())?
            }
            Subject::Trace(trace) => trace.tokens().len(),
        };
        let token = self.select.map(|token| place(token, tokens)).transpose()?;
        let card = subject.card();
        model.run.quantisation.require(subject.name(), card)?;
        let kept = subject.layers(&model)?;
        let heads = match self.layer.zip(self.head) {
            Some((layer, head)) if kept.contains(&layer) && head < card.heads => {
                HeadId { layer, head }.into()
            }
            Some((layer, head)) => bail!(
                "{} is out of range: {} has layers {} to {} and {}s 0 to {}",
                HeadId { layer, head }.name(card.version.unit()),
                subject.name(),
                kept.start,
                kept.end - 1,
                card.version.unit().name(),
                card.heads - 1
            ),
            None => HeadSet::default(),
        };
        if !Measure::all(card.version).contains(&self.measure) {
            bail!(
                "{} has no {}: choose another --measure",
                card.version,
                self.measure.name()
            );
        }
        if !EXPOSURE.contains(&self.exposure) {
            let (least, most) = (EXPOSURE.start(), EXPOSURE.end());
            bail!(
                "--exposure {} is out of range: give a number from {least} to {most}",
                self.exposure
            );
        }
        if let Some(passage) = self.passage.as_ref().filter(|passage| passage.end > tokens) {
            bail!(
                "--passage {}:{} is out of range: the prompt has tokens 0 to {}",
                passage.start,
                passage.end - 1,
                tokens - 1
            );
        }
        let (changes, compare) = self.compare.chosen()?;
        let session = Session {
            changes,
            compare,
            model: model.model.clone(),
            prompt: text
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .unwrap_or_default(),
            precision: model.run.precision(),
            quantisation: model.run.quantisation,
            lora: model.run.lora,
            layers: model.run.layers,
            window: model.run.window,
            state: model.run.state,
            token,
            heads,
            measure: self.measure,
            scale: self.scale,
            exposure: self.exposure,
            absolute: self.absolute,
            filter: self.filter()?,
            passage: self.passage.clone(),
            layout: self.layout,
            palette: self.palette,
            theme: self.theme,
            text: TextView {
                words: self.text.contains(&TextOption::Words),
                whitespace: self.text.contains(&TextOption::Whitespace),
                surprise: self.text.contains(&TextOption::Surprise),
            },
            ..Session::default()
        };
        Ok(Start {
            session,
            vocab: model.run.vocab,
            ids,
            still: true,
            ..Start::default()
        })
    }
}

impl ViewArgs {
    fn filter(&self) -> anyhow::Result<Filter> {
        Ok(match (self.top_k, self.threshold, self.mass) {
            (Some(count), ..) => Filter::TopK(count.max(1)),
            (_, Some(least), _) if least >= 0.0 => Filter::Threshold(least),
            (_, Some(least), _) => {
                bail!("--threshold {least} is out of range: give a number from 0 on")
            }
            (.., Some(part)) if (0.0..=1.0).contains(&part) => Filter::Mass(part),
            (.., Some(part)) => bail!("--mass {part} is out of range: give a part from 0 to 1"),
            (None, None, None) => Filter::default(),
        })
    }
}

/// A passage as its first and its last token, `12:40`.
fn parse_passage(text: &str) -> Result<Range<usize>, String> {
    let wrong = || format!("{text:?} is no passage: write its first and last token as 12:40");
    let (first, last) = text.split_once(':').ok_or_else(wrong)?;
    let token = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
    let (first, last) = (token(first)?, token(last)?);
    if first > last || last == usize::MAX {
        return Err(wrong());
    }
    Ok(first..last + 1)
}

/// A token's number, counted from the end where it is negative.
pub(super) fn place(token: isize, tokens: usize) -> anyhow::Result<usize> {
    let index = if token < 0 {
        tokens.checked_add_signed(token)
    } else {
        usize::try_from(token).ok()
    };
    index.filter(|index| *index < tokens).ok_or_else(|| {
        anyhow!(
            "--select {token} is out of range: the prompt has tokens 0 to {}",
            tokens - 1
        )
    })
}
