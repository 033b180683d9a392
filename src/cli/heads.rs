use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    ModelArgs, PromptArgs,
    output::{self, Usage},
    subject::Subject,
};
use crate::{
    lattice::HeadId,
    model::Unit,
    score::{Atlas, Column, Labelled, Profile},
};

/// What the model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Probe {
    /// The prompt, or the trace's text
    #[default]
    Text,
    /// Random tokens, and then the same once more; readers are those of the second copy
    RandomRepeat,
}

#[derive(Debug, Args)]
pub(super) struct HeadsArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// What the model reads
    #[arg(long, value_enum, default_value_t)]
    probe: Probe,
    /// Tokens of one copy of random-repeat
    #[arg(long, value_name = "N", default_value_t = 48, value_parser = clap::value_parser!(u32).range(4..=1 << 20))]
    length: u32,
    /// Where random-repeat's tokens begin; as it stands, they are those of the demo models' card
    #[arg(long, default_value_t = 3)]
    seed: u64,
    /// The number that heads are sorted by, the largest first
    #[arg(long, value_enum, default_value_t)]
    sort: Column,
    /// Print so many heads [default: 20; with --json all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Print `{"probe", "tokens", "readers", "unit", "heads": [{"layer", "head", "mean_distance", "half_life", "entropy", "self",
    /// "previous", "first", "induction_0", "induction", "induction_2", "duplicate", "retrieval", "norm",
    /// "labels": [{"label", "value", "offset"}, …]}, …]}`; means over the readers of contribution shares: induction_0,
    /// induction, induction_2: of the last earlier token of the same id and the two after it; null where no reader has one;
    /// half_life: in tokens, null where it is longer than the text; offset: of induction, tokens after the same id.
    /// docs/NUMERICS.md has the formulas
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    probe: Probe,
    tokens: usize,
    readers: usize,
    unit: &'static str,
    heads: Vec<Head>,
}

#[derive(Serialize)]
struct Head {
    layer: usize,
    head: usize,
    #[serde(flatten)]
    profile: Profile,
    labels: Vec<Labelled>,
}

impl HeadsArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut prompt = self.prompt.clone();
        let mut readers = 0..usize::MAX;
        if self.probe == Probe::RandomRepeat {
            if prompt.is_given() {
                Err(Usage(
                    "random-repeat makes its own text: leave --prompt, --prompt-file and --ids out",
                ))?;
            }
            if self.model.run.window.is_some() {
                Err(Usage(
                    "random-repeat reads its whole text: leave --window out",
                ))?;
            }
            prompt.ids = Some(Vec::new());
        }
        let subject = Subject::open(&self.model, &prompt)?;
        if let Subject::Model(file, _) = &subject
            && self.probe == Probe::RandomRepeat
        {
            let length = self.length as usize;
            prompt.ids = Some(repeated(file.card().vocab, length, self.seed));
            let first = usize::from(file.has_state());
            readers = first + length..first + 2 * length;
        }
        let (gpu, trace) = subject.run(&self.model, &prompt)?;
        if trace.filled() < trace.first() + 2 {
            bail!("one token reads nothing: give a text of two or more");
        }

        let mut atlas = Atlas::new(&gpu, &trace, readers)?;
        let bar = indicatif::ProgressBar::new(atlas.progress().1 as u64);
        let profiles = atlas.wait(|done| bar.set_position(done as u64))?;
        bar.finish_and_clear();

        let unit = trace.dimensions.version.unit();
        let (first, width) = (trace.origin.layers.start, trace.dimensions.heads);
        let top = self.top.unwrap_or(if self.json { u32::MAX } else { 20 }) as usize;
        let order = self.sort.order(&profiles.heads);
        let left = order.len().saturating_sub(top);
        let head = |row: usize| Head {
            layer: first + row / width,
            head: row % width,
            labels: profiles.heads[row].labels(),
            profile: profiles.heads[row],
        };
        let heads = order.into_iter().take(top).map(head).collect();
        let report = Report {
            probe: self.probe,
            tokens: trace.filled(),
            readers: profiles.readers,
            unit: unit.whole_name(),
            heads,
        };
        if self.json {
            output::say_json(&report)?;
        } else {
            output::say(&report.text(unit, left))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Random ids, twice: by splitmix64, from 1 on, as 0 ends a text.
fn repeated(vocab: usize, length: usize, seed: u64) -> Vec<u32> {
    let mut state = seed;
    let count = (vocab as u64).saturating_sub(1).max(1);
    let id = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        1 + ((z ^ (z >> 31)) % count) as u32
    };
    let mut ids: Vec<u32> = std::iter::repeat_with(id).take(length).collect();
    ids.extend_from_within(..);
    ids
}

impl Report {
    fn text(&self, unit: Unit, left: usize) -> String {
        let mut text = format!(
            "{} tokens, means over {} readers; a label tells of a correlation\n\n{:8}",
            self.tokens,
            self.readers,
            unit.name()
        );
        for column in Column::ALL {
            text += &format!("  {:>9}", column.name());
        }
        for Head {
            layer,
            head,
            profile,
            labels,
        } in &self.heads
        {
            let (layer, head) = (*layer, *head);
            text += &format!("\n{:8}", HeadId { layer, head }.name(unit));
            for column in Column::ALL {
                text += &format!("  {:>9}", column.text(profile));
            }
            let names: Vec<_> = labels.iter().map(Labelled::words).collect();
            if !names.is_empty() {
                text += &format!("  {}", names.join(", "));
            }
        }
        if left > 0 {
            text += &format!("\n… and {left} more (--top)");
        }
        text
    }
}
