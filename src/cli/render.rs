use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::bail;
use bevy::math::UVec2;
use clap::Args;

use super::{inputs::parse_size, output, view::ViewArgs};
use crate::{
    app::{self, Picture, Start},
    gpu::Gpu,
    session::Session,
};

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    #[command(flatten)]
    view: ViewArgs,
    /// With --layer and --head: show the matrix of that head
    #[arg(long, requires = "head")]
    matrix: bool,
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
        let start = self.view.start()?;
        let session = Session {
            matrix: start.session.matrix || self.matrix,
            bare: start.session.bare || self.no_overlay,
            ..start.session
        };
        Ok(Start { session, ..start })
    }
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
