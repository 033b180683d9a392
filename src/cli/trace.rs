use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;

use super::{ModelArgs, PromptArgs, inputs::Ran, output};
use crate::trace;

#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// File to write: activations, predictions, tokens and their texts, and the model's name and hash, as
    /// docs/TRACE.md describes them
    #[arg(short, long, value_name = "FILE.safetensors")]
    output: PathBuf,
}

impl TraceArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let extension = self.output.extension();
        if extension.is_none_or(|extension| extension != "safetensors") {
            bail!(
                "{} does not end in .safetensors: traces are written in that format",
                self.output.display()
            );
        }
        let ran = Ran::new(&self.model, &self.prompt)?;
        output::watched(|watch| {
            let vocabulary = ran.vocabulary.as_ref();
            trace::save(&ran.gpu, &ran.trace, vocabulary, &self.output, watch)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
