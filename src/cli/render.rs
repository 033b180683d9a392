use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use bevy::math::UVec2;
use clap::Args;

use super::{inputs::parse_size, output, view::ViewArgs};
use crate::{
    app::{self, Start},
    gpu::Gpu,
    session::{PictureOptions, Session},
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
        let start = self.view.start()?;
        let session = Session {
            matrix: start.session.matrix || self.matrix,
            bare: start.session.bare || self.no_overlay,
            ..start.session
        };
        Ok(Start { session, ..start })
    }
}
