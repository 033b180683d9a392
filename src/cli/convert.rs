use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::Args;

use super::output;
use crate::model::{self, Lora, ModelFile, Source};

#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// `demo-v6`, `demo-v7`, or a file: .st, .safetensors or .pth, or a folder with a Hugging Face model
    #[arg(value_name = "IN")]
    model: String,
    /// File to write, in web-rwkv's layout and f16
    #[arg(value_name = "OUT.st")]
    output: PathBuf,
    /// LoRA to merge into the model; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    lora: Vec<Lora>,
}

impl ConvertArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let extension = self.output.extension();
        if extension.is_none_or(|extension| extension != "st" && extension != "safetensors") {
            bail!(
                "{} ends neither in .st nor in .safetensors: models are written in that format",
                self.output.display()
            );
        }
        let file = ModelFile::open_with(&Source::from(self.model.as_str()), &self.lora)?;
        output::watched_bytes(|watch| model::convert(&file, &self.output, watch))?;
        Ok(ExitCode::SUCCESS)
    }
}
