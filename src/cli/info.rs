use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::model::{ModelFile, Source};

#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// `demo-v6`, `demo-v7`, or a file
    model: String,
    /// Print `{"name", "version", "layers", "heads", "head_size", "width", "hidden", "vocab", "parameters"}`
    #[arg(long)]
    json: bool,
}

impl InfoArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let file = ModelFile::open(&Source::from(self.model.as_str()))?;
        let card = file.card();
        if self.json {
            let mut value = serde_json::to_value(card)?;
            value["name"] = file.name().into();
            output::say_json(&value)?;
        } else {
            output::say(&format!(
                "{}: {}\nlayers      {}\nheads       {}\nhead size   {}\nwidth       {}\nhidden      {}\nvocabulary  {}\nparameters  {:.1} M",
                file.name(),
                card.version,
                card.layers,
                card.heads,
                card.head_size,
                card.width,
                card.hidden,
                card.vocab,
                card.parameters as f64 / 1e6,
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
