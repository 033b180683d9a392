use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::{anyhow, bail};
use bevy::math::UVec2;
use clap::Args;

use super::{ModelArgs, PromptArgs, inputs::parse_size, output};
use crate::{
    app::{self, Picture, Start},
    gpu::Gpu,
    lattice::HeadId,
    model::{ModelFile, Source},
    score::{Filter, Measure, Scale},
    session::Session,
};

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
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
    /// What full colour stands for
    #[arg(long, value_enum, default_value_t)]
    scale: Scale,
    /// Draw arcs from this part of full colour on
    #[arg(long, value_name = "0…1", conflicts_with = "top_k")]
    threshold: Option<f32>,
    /// Draw the strongest arcs of each head
    #[arg(long, value_name = "N")]
    top_k: Option<u32>,
    /// Size in pixels
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    size: UVec2,
    /// Draw the lattice and its labels only
    #[arg(long)]
    no_overlay: bool,
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
        let start = self.start()?;
        let picture = app::render(&Gpu::new()?, start, self.size)?;
        output::write_whole(&self.output, |file| write_png(file, &picture))?;
        Ok(ExitCode::SUCCESS)
    }

    fn start(&self) -> anyhow::Result<Start> {
        let file = ModelFile::open(&Source::from(self.model.model.as_str()))?;
        let card = file.card();
        self.model.quantisation.require(file.name(), card)?;
        let vocabulary = crate::model::Vocabulary::for_model(card, self.model.vocab.as_deref())?;
        let prompt = self.prompt.or_demo();
        let ids = prompt.tokens(&file, vocabulary.as_ref())?;
        let token = self
            .select
            .map(|token| place(token, ids.len()))
            .transpose()?;
        let head = match self.layer.zip(self.head) {
            Some((layer, head)) if layer < card.layers && head < card.heads => {
                Some(HeadId { layer, head })
            }
            Some((layer, head)) => bail!(
                "L{layer} H{head} is out of range: {} has layers 0 to {} and heads 0 to {}",
                file.name(),
                card.layers - 1,
                card.heads - 1
            ),
            None => None,
        };
        let filter = match (self.threshold, self.top_k) {
            (Some(part), _) if (0.0..=1.0).contains(&part) => Filter::Threshold(part),
            (Some(part), _) => bail!("--threshold {part} is out of range: give a part from 0 to 1"),
            (None, Some(count)) => Filter::TopK(count.max(1)),
            (None, None) => Filter::default(),
        };
        let session = Session {
            model: self.model.model.clone(),
            prompt: prompt
                .text()?
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .unwrap_or_default(),
            precision: self.model.precision,
            quantisation: self.model.quantisation,
            token,
            head,
            measure: self.measure,
            scale: self.scale,
            filter,
            bare: self.no_overlay,
            ..Session::default()
        };
        Ok(Start {
            session,
            vocab: self.model.vocab.clone(),
            ids: Some(ids),
            still: true,
        })
    }
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

fn write_png(file: &mut impl Write, picture: &Picture) -> anyhow::Result<()> {
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.pixels)?;
    writer.finish()?;
    Ok(())
}
