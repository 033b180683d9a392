use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::model::{ModelFile, Quantisation, Source};

#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// `demo-v6`, `demo-v7`, or a file
    model: String,
    #[command(flatten)]
    quantisation: Quantisation,
    /// Print `{"name", "version", "layers", "heads", "head_size", "width", "hidden", "vocab", "parameters",
    /// "matrix_bytes_f16", "matrix_bytes"}`; matrix_…: what the layers' large matrices take on the GPU in f16,
    /// and with --int8 and --nf4
    #[arg(long)]
    json: bool,
}

impl InfoArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let file = ModelFile::open(&Source::from(self.model.as_str()))?;
        let card = file.card();
        self.quantisation.require(file.name(), card)?;
        let whole = Quantisation::default().bytes(card);
        let packed = self.quantisation.bytes(card);
        if self.json {
            let mut value = serde_json::to_value(card)?;
            value["name"] = file.name().into();
            value["matrix_bytes_f16"] = whole.into();
            value["matrix_bytes"] = packed.into();
            output::say_json(&value)?;
        } else {
            let mut text = format!(
                "{}: {}\nlayers      {}\nheads       {}\nhead size   {}\nwidth       {}\nhidden      {}\nvocabulary  {}\nparameters  {:.1} M\nmatrices    {:.1} MB in f16",
                file.name(),
                card.version,
                card.layers,
                card.heads,
                card.head_size,
                card.width,
                card.hidden,
                card.vocab,
                card.parameters as f64 / 1e6,
                whole as f64 / 1e6,
            );
            if !self.quantisation.is_none() {
                let packed = packed as f64 / 1e6;
                text += &format!(", {packed:.1} MB with {}", self.quantisation);
            }
            output::say(&text)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
