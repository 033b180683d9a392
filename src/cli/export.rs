use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::view::ViewArgs;
use crate::{
    app,
    export::{Format, Snapshot},
    gpu::Gpu,
    session::Export,
};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    view: ViewArgs,
    /// The part to write
    #[arg(long, value_enum)]
    what: Export,
    /// File to write; its ending says how: .csv (a table), .npz (arrays for numpy) or .svg (a picture). What stands
    /// in them is in docs/EXPORTS.md; a matrix as .csv has a line a reader, begun by its index, and a column a
    /// writer, headed by its index
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl ExportArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        // Before anything is loaded.
        Format::of(self.what, &self.output)?;
        let start = self.view.start()?;
        Snapshot::require(&start.session, self.what)?;
        app::export(&Gpu::new()?, start, self.what, &self.output)?;
        Ok(ExitCode::SUCCESS)
    }
}
