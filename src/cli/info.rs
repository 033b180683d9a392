use std::process::ExitCode;

use clap::Args;

use super::{output, subject};
use crate::{
    model::{Card, Lora, Merged, ModelFile, Quantisation, Source, Unit},
    trace::{Stored, TraceFile},
};

#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// `demo-v6`, `demo-v7`, a file, or a folder: a model or a trace
    model: String,
    #[command(flatten)]
    quantisation: Quantisation,
    /// LoRA to merge into the model as it is opened; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    lora: Vec<Lora>,
    /// Print `{"name", "version", "unit", "layers", "heads", "head_size", "width", "hidden", "vocab", "parameters",
    /// "lora": [{"name", "alpha"}, …], "matrix_bytes_f16", "matrix_bytes"}` of the model; unit: what a head is, `head` or
    /// in RWKV-4 `group of 64 channels`; matrix_…: what the layers' large matrices take on the GPU in f16, and with
    /// --int8 and --nf4. Of a trace, in place of the last two, `"tokens", "candidates", "texts",
    /// "stored", "precision", "int8", "nf4", "sha256", "arclight", "bytes"`
    #[arg(long)]
    json: bool,
}

impl InfoArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if let Some(trace) = subject::trace(&self.model)? {
            if !self.quantisation.is_none() || !self.lora.is_empty() {
                Err(subject::ONE_RUN)?;
            }
            return self.trace(&trace);
        }
        let file = ModelFile::open_with(&Source::from(self.model.as_str()), &self.lora)?;
        let card = file.card();
        self.quantisation.require(file.name(), card)?;
        let whole = Quantisation::default().bytes(card);
        let packed = self.quantisation.bytes(card);
        if self.json {
            let mut value = json(file.name(), card, file.merged())?;
            value["matrix_bytes_f16"] = whole.into();
            value["matrix_bytes"] = packed.into();
            output::say_json(&value)?;
        } else {
            let whole = whole as f64 / 1e6;
            let mut text = text(file.name(), card, file.merged());
            text += &format!("\nmatrices    {whole:.1} MB in f16");
            if !self.quantisation.is_none() {
                let packed = packed as f64 / 1e6;
                text += &format!(", {packed:.1} MB with {}", self.quantisation);
            }
            output::say(&text)?;
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
            let mut value = json(&origin.model, &origin.card, &origin.merged)?;
            value["tokens"] = trace.tokens().len().into();
            value["candidates"] = trace.candidates().into();
            value["texts"] = trace.has_texts().into();
            value["stored"] = stored.into();
            value["precision"] = serde_json::to_value(origin.precision)?;
            value["int8"] = origin.quantisation.int8.into();
            value["nf4"] = origin.quantisation.nf4.into();
            value["sha256"] = sha256.into();
            value["arclight"] = trace.writer().into();
            value["bytes"] = trace.bytes().into();
            output::say_json(&value)?;
        } else {
            let precision = clap::ValueEnum::to_possible_value(&origin.precision);
            let precision = precision.as_ref().map_or("", |value| value.get_name());
            output::say(&format!(
                "trace of {}\nsha256      {sha256}\ntokens      {}\ncandidates  {} a token\ntexts       {}\n\
                 vectors     {stored}, {:.1} MiB in all\nframes      {precision}, {}\nwritten by  arclight {}",
                text(&origin.model, &origin.card, &origin.merged),
                trace.tokens().len(),
                trace.candidates(),
                if trace.has_texts() { "yes" } else { "no" },
                trace.bytes() as f64 / f64::from(1 << 20),
                origin.quantisation,
                trace.writer(),
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn json(name: &str, card: &Card, merged: &[Merged]) -> anyhow::Result<serde_json::Value> {
    let mut value = serde_json::to_value(card)?;
    value["name"] = name.into();
    value["unit"] = card.version.unit().whole_name().into();
    let lora = |lora: &Merged| serde_json::json!({"name": lora.name, "alpha": lora.alpha});
    value["lora"] = merged.iter().map(lora).collect();
    Ok(value)
}

fn text(name: &str, card: &Card, merged: &[Merged]) -> String {
    let lora = |lora: &Merged| format!("\nLoRA        {lora}");
    let loras: String = merged.iter().map(lora).collect();
    let [units, size] = match card.version.unit() {
        Unit::Head => ["heads", "head size"],
        Unit::Group => ["groups", "channels"],
    };
    format!(
        "{name}: {}\nlayers      {}\n{units:<11} {}\n{size:<11} {}\nwidth       {}\nhidden      {}\nvocabulary  {}\nparameters  {:.1} M{loras}",
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
