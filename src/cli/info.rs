use std::process::ExitCode;

use clap::Args;

use super::{output, subject};
use crate::{
    model::{Card, ModelFile, Source},
    trace::{Stored, TraceFile},
};

#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// `demo-v6`, `demo-v7`, or a file: a model or a trace
    model: String,
    /// Print `{"name", "version", "layers", "heads", "head_size", "width", "hidden", "vocab", "parameters"}` of the
    /// model; of a trace also `"tokens", "candidates", "texts", "stored", "precision", "sha256", "arclight", "bytes"`
    #[arg(long)]
    json: bool,
}

impl InfoArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if let Some(trace) = subject::trace(&self.model)? {
            return self.trace(&trace);
        }
        let file = ModelFile::open(&Source::from(self.model.as_str()))?;
        if self.json {
            output::say_json(&json(file.name(), file.card())?)?;
        } else {
            output::say(&text(file.name(), file.card()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn trace(&self, trace: &TraceFile) -> anyhow::Result<ExitCode> {
        let origin = trace.origin();
        let sha256 = origin.digest.taken().unwrap_or_default();
        let stored = match trace.stored() {
            Stored::F16 => "f16",
            Stored::F32 => "f32",
        };
        if self.json {
            let mut value = json(&origin.model, &origin.card)?;
            value["tokens"] = trace.tokens().len().into();
            value["candidates"] = trace.candidates().into();
            value["texts"] = trace.has_texts().into();
            value["stored"] = stored.into();
            value["precision"] = serde_json::to_value(origin.precision)?;
            value["sha256"] = sha256.into();
            value["arclight"] = trace.writer().into();
            value["bytes"] = trace.bytes().into();
            output::say_json(&value)?;
        } else {
            let precision = clap::ValueEnum::to_possible_value(&origin.precision);
            let precision = precision.as_ref().map_or("", |value| value.get_name());
            output::say(&format!(
                "trace of {}\nsha256      {sha256}\ntokens      {}\ncandidates  {} a token\ntexts       {}\n\
                 vectors     {stored}, {:.1} MiB in all\nframes      {precision}\nwritten by  arclight {}",
                text(&origin.model, &origin.card),
                trace.tokens().len(),
                trace.candidates(),
                if trace.has_texts() { "yes" } else { "no" },
                trace.bytes() as f64 / f64::from(1 << 20),
                trace.writer(),
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn json(name: &str, card: &Card) -> anyhow::Result<serde_json::Value> {
    let mut value = serde_json::to_value(card)?;
    value["name"] = name.into();
    Ok(value)
}

fn text(name: &str, card: &Card) -> String {
    format!(
        "{name}: {}\nlayers      {}\nheads       {}\nhead size   {}\nwidth       {}\nhidden      {}\nvocabulary  {}\nparameters  {:.1} M",
        card.version,
        card.layers,
        card.heads,
        card.head_size,
        card.width,
        card.hidden,
        card.vocab,
        card.parameters as f64 / 1e6,
    )
}
