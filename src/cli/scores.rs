use std::{ops::Range, path::PathBuf, process::ExitCode};

use anyhow::{anyhow, bail};
use clap::Args;

use super::{ModelArgs, PromptArgs, output, subject::Subject};
use crate::{
    export::Npz,
    score::{self, Measure},
};

#[derive(Debug, Args)]
pub(super) struct ScoresArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// The number to compute
    #[arg(long, value_enum)]
    measure: Measure,
    /// One layer, counted from 0; the axis stays, with length 1
    #[arg(long)]
    layer: Option<usize>,
    /// One head a layer, in RWKV-4 one group of 64 channels, counted from 0; the axis stays, with length 1
    #[arg(long)]
    head: Option<usize>,
    /// File to write: `scores` float32 [layers, heads, T, T], rows reader t, columns writer s, 0 above the
    /// diagonal; `tokens` uint32 [T], with --window or --state first 4294967295, which stands for what came before; `layers` uint32, their numbers; `unit`, what a head is: `head`, or in RWKV-4 `group of 64 channels`
    #[arg(short, long, value_name = "FILE.npz")]
    output: PathBuf,
}

impl ScoresArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self
            .output
            .extension()
            .is_none_or(|extension| extension != "npz")
        {
            bail!(
                "{} does not end in .npz: the scores are written in that format",
                self.output.display()
            );
        }
        let subject = Subject::open(&self.model, &self.prompt)?;
        let layers = chosen("layer", self.layer, subject.layers(&self.model)?)?;
        let unit = subject.card().version.unit();
        let heads = chosen(unit.name(), self.head, 0..subject.card().heads)?;
        let (gpu, trace) = subject.run(&self.model, &self.prompt)?;
        let first = trace.origin.layers.start;
        let tokens = trace.filled();
        let shape = [layers.len(), heads.len(), tokens, tokens];

        let count: usize = shape.iter().product();
        let mut pairs = Vec::new();
        pairs.try_reserve_exact(count).map_err(|_| {
            anyhow!(
                "{} MiB of scores do not fit in memory: choose --layer or --head",
                (count * 4) >> 20
            )
        })?;
        pairs.resize(count, 0.0f32);
        score::lines(
            &gpu,
            &trace,
            self.measure,
            |layer, head, line, from, values| {
                let layer = first + layer;
                if !layers.contains(&layer) || !heads.contains(&head) {
                    return;
                }
                let base =
                    ((layer - layers.start) * heads.len() + head - heads.start) * tokens * tokens;
                for (at, value) in (from..).zip(values) {
                    let (reader, writer) = if self.measure == Measure::Wk {
                        (at, line)
                    } else {
                        (line, at)
                    };
                    pairs[base + reader * tokens + writer] = *value;
                }
            },
        )?;

        output::write_whole(&self.output, |file| {
            let mut arrays = Npz::new(file);
            arrays.add("scores", &shape, &pairs)?;
            arrays.add("tokens", &[tokens], &trace.tokens)?;
            let numbers: Vec<u32> = layers.clone().map(|layer| layer as u32).collect();
            arrays.add("layers", &[layers.len()], &numbers)?;
            arrays.add_texts("unit", &[], &[unit.whole_name().to_owned()])?;
            Ok(arrays.finish()?)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn chosen(what: &str, index: Option<usize>, all: Range<usize>) -> anyhow::Result<Range<usize>> {
    match index {
        None => Ok(all),
        Some(index) if all.contains(&index) => Ok(index..index + 1),
        Some(index) => Err(anyhow!(
            "{what} {index} is out of range: there are {} to {}",
            all.start,
            all.end - 1
        )),
    }
}
