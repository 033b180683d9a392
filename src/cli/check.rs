use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{ModelArgs, PromptArgs, output, subject::Subject};
use crate::{
    lattice::HeadId,
    model::Unit,
    score::{self, tolerance},
};

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// Print `{"tolerance", "worst", "passed", "unit", "heads": [{"layer", "head", "error"}, …]}`, worst last. unit:
    /// what a head is: `head`, or in RWKV-4 `group of 64 channels`
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    tolerance: f32,
    worst: f32,
    passed: bool,
    #[serde(serialize_with = "whole_name")]
    unit: Unit,
    heads: Vec<Head>,
}

#[derive(Serialize)]
struct Head {
    layer: usize,
    head: usize,
    error: f32,
}

impl CheckArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let subject = Subject::open(&self.model, &self.prompt)?;
        let (gpu, trace) = subject.run(&self.model, &self.prompt)?;
        let rows: Vec<_> = (0..trace.filled()).collect();
        let errors = score::conservation(&gpu, &trace, &rows)?;
        let first = trace.origin.layers.start;
        let heads_a_layer = trace.dimensions.heads;
        let mut heads: Vec<_> = errors
            .iter()
            .enumerate()
            .map(|(row, error)| Head {
                layer: first + row / heads_a_layer,
                head: row % heads_a_layer,
                error: *error,
            })
            .collect();
        heads.sort_by(|a, b| a.error.total_cmp(&b.error));
        let worst = heads.last().map_or(0.0, |head| head.error);
        let tolerance = tolerance(trace.origin.precision);
        let passed = worst <= tolerance;
        let report = Report {
            tolerance,
            worst,
            passed,
            unit: trace.dimensions.version.unit(),
            heads,
        };
        if self.json {
            output::say_json(&report)?;
        } else {
            output::say(&report.text())?;
        }
        Ok(if passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn whole_name<S: serde::Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(unit.whole_name())
}

impl Report {
    fn text(&self) -> String {
        let unit = self.unit;
        let mut lines: Vec<_> = self
            .heads
            .iter()
            .map(|of| {
                let (layer, head) = (of.layer, of.head);
                format!("{}  {:.2e}", HeadId { layer, head }.name(unit), of.error)
            })
            .collect();
        lines.push(format!(
            "{}: the scores give every {}'s output back to within {:.2e} (tolerance {:.0e})",
            if self.passed { "passed" } else { "FAILED" },
            unit.whole_name(),
            self.worst,
            self.tolerance,
        ));
        lines.join("\n")
    }
}
