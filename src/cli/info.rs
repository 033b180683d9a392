use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{output, subject};
use crate::{
    estimate::{Needs, Plan},
    files::size,
    gpu::Gpu,
    inference::InferenceError,
    model::{Card, Lora, Merged, ModelFile, Quantisation, Source, Unit},
    trace::{Layers, Precision, Stored, TraceFile},
};

#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// `demo-v6`, `demo-v7`, a file, or a folder: a model or a trace
    model: String,
    #[command(flatten)]
    quantisation: Quantisation,
    /// Length of the text that memory is told for
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    tokens: u32,
    /// Number format of the frames [default: f16]
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// Layers whose vectors are kept, as in a run
    #[arg(long, value_name = "FIRST-LAST")]
    layers: Option<Layers>,
    /// LoRA to merge into the model as it is opened; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    lora: Vec<Lora>,
    /// Print `{"name", "version", "unit", "layers", "heads", "head_size", "width", "hidden", "vocab", "parameters",
    /// "lora": [{"name", "alpha"}, …], "matrix_bytes_f16", "matrix_bytes"}` of the model; unit: what a head is, `head` or
    /// in RWKV-4 `group of 64 channels`; matrix_…: what the layers' large matrices take on the GPU in f16, and with
    /// --int8 and --nf4; and `"memory": {"tokens", "model", "trace", "scores", "picture", "sum", "total", "free"}`, bytes on
    /// the device; total and free: null where no adapter tells. Of a trace, in place of the last three, `"tokens", "candidates", "texts",
    /// "stored", "precision", "int8", "nf4", "kept_layers", "before", "sha256", "arclight", "bytes"`;
    /// before: `{"state", "tokens"}` where the first token stands for a state that the model started from or for tokens that
    /// were read and not kept, else null
    #[arg(long)]
    json: bool,
}

impl InfoArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if let Some(trace) = subject::trace(&self.model)? {
            let is_run = self.precision.is_some() || self.layers.is_some();
            if is_run || !self.quantisation.is_none() || !self.lora.is_empty() {
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
            value["memory"] = serde_json::to_value(self.memory(file.name(), card)?)?;
            output::say_json(&value)?;
        } else {
            let whole = whole as f64 / 1e6;
            let mut text = text(file.name(), card, file.merged());
            text += &format!("\nmatrices    {whole:.1} MB in f16");
            if !self.quantisation.is_none() {
                let packed = packed as f64 / 1e6;
                text += &format!(", {packed:.1} MB with {}", self.quantisation);
            }
            text += &self.memory(file.name(), card)?.text();
            output::say(&text)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What a run takes on the adapter that is there.
    fn memory(&self, name: &str, card: &Card) -> anyhow::Result<Memory> {
        let layers = self.layers.map_or(0..card.layers, Layers::range);
        if let Some(layers) = self.layers
            && layers.range().end > card.layers
        {
            let (model, last) = (name.to_owned(), card.layers - 1);
            Err(InferenceError::NoSuchLayers {
                layers,
                model,
                last,
            })?;
        }
        // Without an adapter the model can be told of all the same.
        let gpu = Gpu::new().ok();
        let limits = gpu.as_ref().map(|gpu| gpu.report().limits);
        let needs = Needs::of(&Plan {
            card,
            precision: self.precision.unwrap_or_default(),
            quantisation: self.quantisation,
            tokens: self.tokens as usize,
            layers: layers.len(),
            binding: limits.map_or(u64::MAX, |limits| limits.max_binding),
            pixels: PIXELS,
            squares: gpu.as_ref().is_none_or(|gpu| !gpu.is_software()),
        });
        let memory = gpu.and_then(|gpu| gpu.memory());
        Ok(Memory {
            tokens: self.tokens as usize,
            needs,
            sum: needs.sum(),
            total: memory.map(|memory| memory.total),
            free: memory.and_then(|memory| memory.free),
        })
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
            let kept = origin.part().map(|layers| layers.to_string());
            value["kept_layers"] = kept.into();
            let state = origin.state.as_ref().map(|state| &state.name);
            let before = serde_json::json!({"state": state, "tokens": origin.read_before});
            value["before"] = origin.has_before().then_some(before).into();
            value["sha256"] = sha256.into();
            value["arclight"] = trace.writer().into();
            value["bytes"] = trace.bytes().into();
            output::say_json(&value)?;
        } else {
            let precision = clap::ValueEnum::to_possible_value(&origin.precision);
            let precision = precision.as_ref().map_or("", |value| value.get_name());
            let kept = origin
                .part()
                .map(|layers| format!("\nkept        {}", layers.words()));
            let kept = kept.unwrap_or_default();
            let before = origin.before();
            let before = before.map(|before| format!("\nbefore      {before}"));
            let before = before.unwrap_or_default();
            output::say(&format!(
                "trace of {}{kept}{before}\nsha256      {sha256}\ntokens      {}\ncandidates  {} a token\ntexts       {}\n\
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

/// Of the picture that memory is told for.
const PIXELS: u64 = 1920 * 1080;

/// What a run takes on the device, in bytes, and what there is.
#[derive(Serialize)]
struct Memory {
    tokens: usize,
    #[serde(flatten)]
    needs: Needs,
    sum: u64,
    total: Option<u64>,
    free: Option<u64>,
}

impl Memory {
    fn text(&self) -> String {
        let Needs {
            model,
            trace,
            scores,
            picture,
        } = self.needs;
        let [model, trace, scores, picture, sum] =
            [model, trace, scores, picture, self.sum].map(size);
        let tokens = self.tokens;
        let free = match (self.free, self.total) {
            (Some(free), Some(total)) => format!("{} of {}", size(free), size(total)),
            (None, Some(total)) => format!("not told, of {}", size(total)),
            (_, None) => "not told by the adapter".to_owned(),
        };
        let fits = match self.free {
            Some(free) if self.sum > free => ": it does not fit",
            _ => "",
        };
        format!(
            "\n\non the device, with {tokens} tokens\nmodel       {model}\ntrace       {trace}\nscores      {scores}\n\
             picture     {picture}\nsum         {sum}{fits}\nfree        {free}"
        )
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
