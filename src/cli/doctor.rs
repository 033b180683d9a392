use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde::Serialize;

use super::{output, report};
use crate::{
    files,
    gpu::{Gpu, Memory, Report},
    model::Version,
    trace::{Dimensions, Precision, Stored},
};

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print `{"adapter", "kind", "backend", "driver", "limits", "timestamps", "shader_f16", "memory": {"total", "free"}, "fits"}`; memory:
    /// bytes, null where the adapter does not tell
    #[arg(long)]
    json: bool,
    /// Write what a bug report needs to a file: this, the session of --session or the last one that is kept, and the end of
    /// the log; without the texts that were run
    #[arg(long, value_name = "FILE.txt", num_args = 0..=1, default_missing_value = "arclight-report.txt")]
    report: Option<PathBuf>,
    /// The session that the report is about
    #[arg(long, value_name = "FILE.toml", requires = "report")]
    session: Option<PathBuf>,
    /// With the texts
    #[arg(long, requires = "report")]
    with_prompt: bool,
}

#[derive(Serialize)]
struct Diagnosis {
    #[serde(flatten)]
    report: Report,
    memory: Option<Memory>,
    fits: Vec<Fit>,
}

/// Whether a published size of RWKV-7 fits.
#[derive(Serialize)]
struct Fit {
    model: &'static str,
    /// The output matrix fits one binding.
    loads: bool,
    /// Most tokens whose trace of one layer fits one binding.
    tokens: u64,
    /// MiB of a trace over 1,024 tokens in half floats.
    trace_mib: u64,
}

/// Layers, heads, width of the published RWKV-7 models.
const SIZES: [(&str, usize, usize, usize); 5] = [
    ("0.1B", 12, 12, 768),
    ("0.4B", 24, 16, 1024),
    ("1.5B", 24, 32, 2048),
    ("2.9B", 32, 40, 2560),
    ("7.2B", 32, 64, 4096),
];
const WORLD_VOCABULARY: usize = 65_536;

impl DoctorArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let Some(path) = &self.report else {
            return self.print(&Diagnosis::new()?);
        };
        // A machine without a device is one to report about.
        let doctor = Diagnosis::new().map_or_else(|error| error.to_string(), |found| found.text());
        report::write(path, &doctor, self.session.as_deref(), self.with_prompt)?;
        output::say(&format!(
            "wrote {}: read it before you send it",
            path.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, diagnosis: &Diagnosis) -> anyhow::Result<ExitCode> {
        if self.json {
            output::say_json(diagnosis)?;
        } else {
            output::say(&diagnosis.text())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Diagnosis {
    fn new() -> anyhow::Result<Self> {
        let gpu = Gpu::new()?;
        let (report, memory) = (gpu.report(), gpu.memory());
        let allowed = report.limits.max_binding.min(report.limits.max_buffer);
        let fits = SIZES
            .into_iter()
            .map(|(model, layers, heads, width)| {
                let version = Version::V7;
                let dimensions = Dimensions {
                    version,
                    layers,
                    heads,
                    head_size: 64,
                    width,
                    vocab: WORLD_VOCABULARY,
                };
                let stored = Stored::of(version, Precision::F16);
                let token_bytes = dimensions.trace_bytes(stored, 1) / layers as u64;
                Fit {
                    model,
                    loads: (2 * WORLD_VOCABULARY * width) as u64 <= allowed,
                    tokens: allowed / token_bytes,
                    trace_mib: dimensions.trace_bytes(stored, 1024) >> 20,
                }
            })
            .collect();
        Ok(Self {
            report,
            memory,
            fits,
        })
    }

    fn text(&self) -> String {
        let Report {
            adapter,
            kind,
            backend,
            driver,
            limits,
            timestamps,
            shader_f16,
        } = &self.report;
        let yes = |is: bool| if is { "yes" } else { "no" };
        let memory = match self.memory {
            Some(Memory { total, free }) => match free {
                Some(free) => format!("{}, {} of it free", files::size(total), files::size(free)),
                None => files::size(total),
            },
            None => "not told by the adapter".to_owned(),
        };
        let mut text = format!(
            "adapter           {adapter} ({kind})\nbackend           {backend}\ndriver            {driver}\n\
             largest buffer    {} MiB\nlargest binding   {} MiB\nlargest picture   {} pixels a side\n\
             memory            {memory}\nGPU timestamps    {}\nhalf floats       {}\n\n\
             RWKV-7   loads   tokens at most   trace of 1,024 tokens",
            limits.max_buffer >> 20,
            limits.max_binding >> 20,
            limits.max_texture,
            yes(*timestamps),
            yes(*shader_f16),
        );
        for Fit {
            model,
            loads,
            tokens,
            trace_mib,
        } in &self.fits
        {
            text += &format!(
                "\n{model:7}  {:5}   {tokens:14}   {trace_mib:10} MiB",
                yes(*loads)
            );
        }
        text
    }
}
