use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{Cli, output};

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write arclight.1 and a page for each subcommand, as arclight-info.1, into this folder, which is made
    /// if it is not there; without it the program's page is printed
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl ManArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut program = Cli::command().disable_help_subcommand(true);
        // Gives subcommands their full names.
        program.build();
        let Some(folder) = &self.output else {
            let mut page = Vec::new();
            page_of(program).render(&mut page)?;
            output::say(String::from_utf8(page)?.trim_end())?;
            return Ok(ExitCode::SUCCESS);
        };
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "{} cannot be made a folder: choose a place where you may write",
                folder.display()
            )
        })?;
        let subcommands: Vec<Command> = program.get_subcommands().cloned().collect();
        for command in std::iter::once(program).chain(subcommands) {
            let page = page_of(command);
            output::write_whole(&folder.join(page.get_filename()), |file| {
                Ok(page.render(file)?)
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn page_of(command: Command) -> Man {
    Man::new(command).source(concat!("arclight ", env!("CARGO_PKG_VERSION")))
}
