use std::{ops::Range, path::PathBuf, process::ExitCode};

use anyhow::{anyhow, bail};
use bevy::math::UVec2;
use clap::Args;

use super::{
    ModelArgs, PromptArgs,
    inputs::{RunArgs, parse_size},
    output,
    subject::Subject,
};
use crate::{
    app::{self, Start},
    gpu::Gpu,
    lattice::{HeadId, HeadSet, Layout},
    score::{EXPOSURE, Filter, Measure, Scale},
    session::{Palette, PictureOptions, Session, TextOption, TextView, Theme},
};

/// What a session has chosen already.
const CHOICES: [&str; 20] = [
    "model",
    "vocab",
    "precision",
    "int8",
    "nf4",
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
];

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    /// `demo-v6`, `demo-v7`, or a file: a model or a trace
    #[arg(required_unless_present = "session")]
    model: Option<String>,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// Draw a saved session as it was, instead of a model and choices of its own
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = CHOICES)]
    session: Option<PathBuf>,
    /// Token whose arcs to draw, counted from 0; negative: from the end
    #[arg(long, value_name = "TOKEN", allow_negative_numbers = true)]
    select: Option<isize>,
    /// With --head: the only head to show
    #[arg(long, requires = "head")]
    layer: Option<usize>,
    /// With --layer: the only head to show
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
    /// With --layer and --head: show the matrix of that head
    #[arg(long, requires = "head")]
    matrix: bool,
    /// Size in pixels
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    size: UVec2,
    /// Draw the lattice and its labels only
    #[arg(long)]
    no_overlay: bool,
    /// Leave the ground out, so that the picture can be laid over another
    #[arg(long)]
    transparent: bool,
    /// Draw so many times larger in each direction, and average
    #[arg(long, value_name = "1…4", default_value_t = 1)]
    supersample: u32,
    /// File to write
    #[arg(short, long, value_name = "FILE.png")]
    output: PathBuf,
}

impl RenderArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self
            .output
            .extension()
            .is_none_or(|extension| extension != "png")
        {
            bail!(
                "{} does not end in .png: pictures are written in that format",
                self.output.display()
            );
        }
        let mut options = PictureOptions {
            size: self.size,
            transparent: self.transparent,
            overlay: true,
            supersample: self.supersample,
        };
        options.check()?;
        let start = self.start()?;
        options.overlay = !start.session.bare;
        let gpu = Gpu::new()?;
        output::watched(|watch| app::render(&gpu, start, &self.output, &options, watch))?;
        Ok(ExitCode::SUCCESS)
    }

    fn start(&self) -> anyhow::Result<Start> {
        if let Some(path) = &self.session {
            let session = Session::open(path)?;
            let bare = session.bare || self.no_overlay;
            return Ok(Start {
                session: Session { bare, ..session },
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
                ids.insert(given).len()
            }
            Subject::Trace(trace) => trace.tokens().len(),
        };
        let token = self.select.map(|token| place(token, tokens)).transpose()?;
        let card = subject.card();
        model.run.quantisation.require(subject.name(), card)?;
        let heads = match self.layer.zip(self.head) {
            Some((layer, head)) if layer < card.layers && head < card.heads => {
                HeadId { layer, head }.into()
            }
            Some((layer, head)) => bail!(
                "L{layer} H{head} is out of range: {} has layers 0 to {} and heads 0 to {}",
                subject.name(),
                card.layers - 1,
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
        let session = Session {
            model: model.model.clone(),
            prompt: text
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .unwrap_or_default(),
            precision: model.run.precision(),
            quantisation: model.run.quantisation,
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
            matrix: self.matrix,
            bare: self.no_overlay,
            ..Session::default()
        };
        Ok(Start {
            session,
            vocab: model.run.vocab,
            ids,
            still: true,
        })
    }
}

impl RenderArgs {
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

fn place(token: isize, tokens: usize) -> anyhow::Result<usize> {
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
