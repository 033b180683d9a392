use std::{
    cell::Cell,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use bevy::math::UVec2;
use clap::Args;

use super::{bench_shape, inputs::parse_size, output};
use crate::{
    bench::{self, Brush, Drawing, Figures, Plan, ShapePlan, Sight, Sizes, Subject},
    files,
    gpu::Gpu,
    lattice::{Layout, Shape},
    model::{Lora, Quantisation, Source, Unit, Version},
    trace::Precision,
};

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// `demo-v6`, `demo-v7`, or a file
    #[arg(default_value = "demo-v6")]
    model: String,
    /// Vocabulary (.txt or .json) in place of the one chosen by size
    #[arg(long, value_name = "FILE")]
    vocab: Option<PathBuf>,
    /// Number format of the frames while the model runs
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
    #[command(flatten)]
    quantisation: Quantisation,
    /// LoRA to merge into the model as it is opened; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    lora: Vec<Lora>,
    /// Lengths of text to select and draw; the first is that of the click
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "256,1024,4096",
        value_parser = clap::value_parser!(u32).range(2..)
    )]
    tokens: Vec<u32>,
    /// Size of the picture in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = parse_size)]
    size: UVec2,
    /// A model's size in place of a model: layers, heads, head size, tokens, as 32,40,64,4096 for 2.9B. Scores and frames
    /// over random numbers, what they take beside the least that they could take on this adapter, how that grows, and a
    /// model of random weights, from a temporary file of its size
    #[arg(long, value_name = "L,H,N,T", conflicts_with_all = ["model", "vocab", "tokens", "precision"])]
    shape: Option<Sizes>,
    /// RWKV version of the shape
    #[arg(long = "version", value_name = "6|7", default_value_t = 7, value_parser = clap::value_parser!(u8).range(6..=7))]
    rwkv: u8,
    /// What to measure of a shape
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "PART,…",
        default_value = "scores,frames,model",
        requires = "shape"
    )]
    only: Vec<Subject>,
    /// Arcs of a shape's frames
    #[arg(long, default_value_t = 100_000, requires = "shape")]
    arcs: u32,
    /// Draw the whole text of a shape's model, its last token selected, to a PNG
    #[arg(long, value_name = "FILE", requires = "shape")]
    picture: Option<PathBuf>,
    /// Print one line: `{"adapter", "backend", "driver", "model", "precision", "int8", "nf4", "opening": {"first_frame_s",
    /// "lattice_s"}, "load_s", "prefill": {"tokens", "chunk", "with_capture_tps", "without_capture_tps", "capture_cost"},
    /// "select": [{"tokens", "ms", "gpu_scan_ms", "gpu_mark_ms"}, …], "frames": [{"tokens", "selected", "overlay",
    /// "median_ms", "worst_ms"}, …], "running": {"tokens", "tps", "frames", "median_ms", "worst_ms",
    /// "slowest": [{"at_s", "ms"}, …]}, "writing": the same,
    /// "click_to_arcs_ms", "process_peak_bytes", "reserved_peak_bytes"}`; …_peak_bytes: the most memory in use of this
    /// process and set aside on the device, null where nobody tells; _s: seconds, _ms: milliseconds, _tps: tokens a second, capture_cost: time with capture
    /// over time without, less 1; opening: from the start, without a window, with the demo model; running: from frame to
    /// frame while a text runs; writing: while 64 tokens are written on; gpu_…: null where the adapter does not tell the time.
    /// Of a shape: `{"adapter", "backend", "driver", "values": "random", "version", "layers", "heads", "head_size",
    /// "tokens", "bytes_per_s", "fma_per_s", "scores": {"trace_bytes", "select_ms", "parts": [{"name", "ms", "bytes",
    /// "bytes_ms", "operations", "operations_ms"}, …], "growth": [{"with", "of", "sizes", "ms", "exponent"}, …]},
    /// "frames": {"layers", "heads", "tokens", "arcs", "sight", "samples", "wall_ms", "steps": [{"name", "ms", "bytes"}, …],
    /// "gpu_ms", "bytes", "in_sight", "growth"}, "model": {"load": {"bytes", "load_s", "web_rwkv_s"}, "prefill", "running",
    /// "writing", "frames"}, "process_peak_bytes", "reserved_peak_bytes"}`; scores, frames, model: null where --only leaves them out; bytes_per_s: of a copy, read
    /// and written; fma_per_s: fused multiply-adds; bytes, operations: the least that a part needs, and …_ms how long that
    /// takes at these rates; web_rwkv_s: by web-rwkv alone
    #[arg(long)]
    json: bool,
    /// Use the program at random for so many minutes, without a window, and see whether its memory stays as it is; JSON:
    /// `{"adapter", "seed", "seconds", "frames", "done", "told", "samples": [{"at_s", "process_bytes", "device_bytes"}, …],
    /// "process_growth", "device_growth"}`; done: what was done how often, told: errors as a user would read them, each with
    /// "at_s" and "after", the deed before it; growth: the last third of the time over the second, less 1
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["model", "vocab", "tokens", "precision", "shape", "lattice"])]
    endurance: Option<f64>,
    /// Where the chance of --endurance begins
    #[arg(long, default_value_t = 1, requires = "endurance")]
    seed: u64,
    /// Take all of the device's memory but so many MiB, do what takes more (open a model of random weights, --shape or 12
    /// layers, 12 heads; run; write on; draw; a matrix), and see what becomes of it; JSON: `{"adapter", "held_bytes", "deeds":
    /// [{"what", "told", "lost", "after"}, …]}`; told: what a user would read, lost: what is not as it was before, after: why it
    /// cannot be done once there is room again
    #[arg(long, value_name = "MIB", conflicts_with_all = ["model", "vocab", "tokens", "precision", "lattice", "endurance"])]
    full_device: Option<u64>,
    /// Only draw lattices of random values, a JSON line each: layers, heads, tokens, arcs
    #[arg(long, value_name = "L,H,T,ARCS")]
    lattice: Vec<String>,
    /// From where lattices are drawn
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "whole",
        requires = "lattice"
    )]
    sight: Vec<Sight>,
    /// How lattices are laid out
    #[arg(long, value_enum, default_value = "lattice", requires = "lattice")]
    layout: Layout,
    /// Samples a pixel of lattices and shapes
    #[arg(long, default_value_t = 4)]
    samples: u32,
    /// Write pictures of lattices into this folder instead
    #[arg(long, value_name = "FOLDER", requires = "lattice")]
    pictures: Option<PathBuf>,
}

impl BenchArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let version = match self.rwkv {
            6 => Version::V6,
            _ => Version::V7,
        };
        if let Some(minutes) = self.endurance {
            return self.endure(minutes);
        }
        if let Some(left) = self.full_device {
            return self.fill(left, version);
        }
        if let Some(sizes) = self.shape {
            let plan = ShapePlan {
                shape: sizes.of(version),
                subjects: &self.only,
                brush: Brush {
                    size: self.size,
                    samples: self.samples,
                    arcs: self.arcs,
                },
                picture: self.picture.as_deref(),
            };
            return bench_shape::run(&plan, self.json);
        }
        if !self.lattice.is_empty() {
            return self.lattices();
        }
        let plan = Plan {
            source: Source::from(self.model.as_str()),
            vocab: self.vocab.clone(),
            precision: self.precision,
            quantisation: self.quantisation,
            lora: self.lora.clone(),
            tokens: self.tokens.iter().map(|tokens| *tokens as usize).collect(),
            size: self.size,
        };
        let figures = output::spin(|note| bench::measure(&plan, note))?;
        if self.json {
            output::say_json(&figures)?;
        } else {
            output::say(&text(&figures, self.size))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn endure(&self, minutes: f64) -> anyhow::Result<ExitCode> {
        let time = Duration::try_from_secs_f64(60.0 * minutes);
        let time =
            time.with_context(|| format!("--endurance {minutes}: give minutes, at least 0"))?;
        let folder = tempfile::tempdir().context("the system gives no temporary folder")?;
        let came = output::spin(|note| {
            // Lines of a log, not one a second.
            let last = Cell::new(Instant::now());
            bench::endure(time, self.seed, self.size, folder.path(), &|text| {
                if last.get().elapsed() > Duration::from_secs(10) {
                    last.set(Instant::now());
                    note(text);
                }
            })
        })?;
        if self.json {
            output::say_json(&came)?;
        } else {
            let grown = |part: Option<f64>| {
                part.map_or("not told".to_owned(), |part| {
                    format!("{:+.1} %", 100.0 * part)
                })
            };
            let done: Vec<_> = came
                .done
                .iter()
                .map(|(what, count)| format!("{what} {count}"))
                .collect();
            let told: String = came
                .told
                .iter()
                .map(|(text, told)| format!("\n  {text} ({:.1} s, {})", told.at_s, told.after))
                .collect();
            output::say(&format!(
                "{}: {:.0} s, {} frames, seed {}\n{}\nmemory of the process {}, of the device {}\ntold:{told}",
                came.adapter,
                came.seconds,
                came.frames,
                came.seed,
                done.join(", "),
                grown(came.process_growth),
                grown(came.device_growth),
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn fill(&self, left: u64, version: Version) -> anyhow::Result<ExitCode> {
        let gpu = Gpu::new()?;
        let sizes = self.shape.unwrap_or(Sizes::SMALL);
        let came = output::spin(|note| bench::fill(&gpu, left << 20, &sizes.of(version), note))?;
        if self.json {
            output::say_json(&came)?;
        } else {
            let line = |deed: &bench::Deed| {
                let told = deed.told.as_deref().unwrap_or("nothing");
                format!(
                    "\n{}\n  told    {told}\n  lost    {}\n  after   {}",
                    deed.what,
                    deed.lost.as_deref().unwrap_or("nothing"),
                    deed.after.as_deref().unwrap_or("done")
                )
            };
            let lines: String = came.deeds.iter().map(line).collect();
            let held = files::size(came.held_bytes);
            output::say(&format!("{}: {held} taken{lines}", came.adapter))?;
        }
        Ok(match came.is_survived() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn lattices(&self) -> anyhow::Result<ExitCode> {
        let gpu = Gpu::new()?;
        for text in &self.lattice {
            let counts: Vec<usize> = text.split(',').filter_map(|it| it.parse().ok()).collect();
            let [layers, heads, tokens, arcs] = counts[..] else {
                bail!("{text} is no lattice: give layers, heads, tokens and arcs, as 8,8,1024,500");
            };
            for &sight in &self.sight {
                let drawing = Drawing {
                    shape: Shape {
                        unit: Unit::Head,
                        tokens,
                        layers,
                        first_layer: 0,
                        heads,
                    },
                    layout: self.layout,
                    arcs: arcs as u32,
                    size: self.size,
                    samples: self.samples,
                    sight,
                };
                match &self.pictures {
                    None => output::say_json(&bench::frames_at(&gpu, &drawing)?)?,
                    Some(folder) => {
                        let counts = text.replace(',', "-");
                        let name = format!("{counts}-{}-{sight:?}.png", self.layout.name());
                        bench::picture_at(&gpu, &drawing, &folder.join(name))?;
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "not told".to_owned(), files::size)
}

fn text(figures: &Figures, size: UVec2) -> String {
    let Figures {
        adapter,
        backend,
        driver,
        model,
        quantisation,
        opening,
        load_s,
        prefill,
        running,
        writing,
        ..
    } = figures;
    let precision = clap::ValueEnum::to_possible_value(&figures.precision);
    let precision = precision.as_ref().map_or("", |value| value.get_name());
    let mut text = format!(
        "adapter                   {adapter} · {backend}\ndriver                    {driver}\n\
         model                     {model}, {precision}, {quantisation}\n\
         first frame               {:.2} s after the start, without a window\n\
         the demo's lattice        {:.2} s\n\
         load                      {load_s:.2} s\n\
         prefill with capture      {:.0} tokens/s ({} tokens, chunks of {})\n\
         prefill without           {:.0} tokens/s\n\
         capture costs             {:.1} %\n\
         click to arcs             {:.1} ms\n\
         memory at most            {}, on the device {}\n\n\
         select     median   GPU scans   GPU marks",
        opening.first_frame_s,
        opening.lattice_s,
        prefill.with_capture_tps,
        prefill.tokens,
        prefill.chunk,
        prefill.without_capture_tps,
        prefill.capture_cost * 100.0,
        figures.click_to_arcs_ms,
        bytes(figures.peak.process_peak_bytes),
        bytes(figures.peak.reserved_peak_bytes),
    );
    let ms = |ms: Option<f64>| ms.map_or("–".to_owned(), |ms| format!("{ms:.2} ms"));
    for select in &figures.select {
        text += &format!(
            "\n{:6}  {:8.2} ms  {:>10}  {:>10}",
            select.tokens,
            select.ms,
            ms(select.gpu_scan_ms),
            ms(select.gpu_mark_ms)
        );
    }
    text += &format!(
        "\n\nframes at {}×{}\ntokens   selection   panels     median       worst",
        size.x, size.y
    );
    let yes = |is: bool| if is { "yes" } else { "no" };
    for frames in &figures.frames {
        text += &format!(
            "\n{:6}   {:9}   {:6}  {:6.1} ms   {:6.1} ms",
            frames.tokens,
            yes(frames.selected),
            yes(frames.overlay),
            frames.median_ms,
            frames.worst_ms
        );
    }
    text += "\n\n";
    text += &bench_shape::running_text("run", running);
    text + "\n" + &bench_shape::running_text("come", writing)
}
