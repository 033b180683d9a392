//! `arclight bench --shape`: what the size of a real model costs.

use std::process::ExitCode;

use super::output;
use crate::{
    bench::{
        self, FrameFigures, Growth, ModelFigures, Running, ScoreFigures, ShapeFigures, ShapePlan,
    },
    gpu::Gpu,
};

pub(super) fn run(plan: &ShapePlan<'_>, json: bool) -> anyhow::Result<ExitCode> {
    let gpu = Gpu::new()?;
    let figures = output::spin(|note| bench::measure_shape(&gpu, plan, note))?;
    if json {
        output::say_json(&figures)?;
    } else {
        output::say(&text(&figures))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn gib(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / (1u64 << 30) as f64)
}

fn text(figures: &ShapeFigures) -> String {
    let ShapeFigures {
        adapter,
        backend,
        driver,
        shape,
        rates,
        peak,
        ..
    } = figures;
    let mut text = format!(
        "adapter                   {adapter} · {backend}\ndriver                    {driver}\n\
         random numbers            {shape}\n\
         a copy                    {:.0} GB/s, read and written\n\
         fused multiply-adds       {:.2} · 10¹² a second\n\
         memory at most            {}, on the device {}",
        rates.bytes_per_s * 1e-9,
        rates.fma_per_s * 1e-12,
        peak.process_peak_bytes.map_or("–".to_owned(), gib),
        peak.reserved_peak_bytes.map_or("–".to_owned(), gib),
    );
    let mut growth = Vec::new();
    if let Some(scores) = &figures.scores {
        text += &scores_text(scores);
        growth.extend(&scores.growth);
    }
    if let Some(frames) = &figures.frames {
        text += &frames_text(frames);
        growth.extend(&frames.growth);
    }
    if let Some(model) = &figures.model {
        text += &model_text(model);
    }
    if !growth.is_empty() {
        text += &growth_text(&growth);
    }
    text
}

fn scores_text(scores: &ScoreFigures) -> String {
    let mut text = format!(
        "\ntrace                     {}\nselect, numbers back      {:.2} ms\n\n\
         part      GPU time         bytes      take at least   multiply-adds   take at least",
        gib(scores.trace_bytes),
        scores.select_ms
    );
    for part in &scores.parts {
        let operations = match part.operations {
            0 => String::new(),
            count => format!(
                "{:9.1} · 10⁹   {:10.2} ms",
                count as f64 * 1e-9,
                part.operations_ms
            ),
        };
        text += &format!(
            "\n{:6}  {:7.2} ms   {:8.2} GB   {:11.2} ms   {operations}",
            part.name,
            part.ms,
            part.bytes as f64 * 1e-9,
            part.bytes_ms
        );
    }
    text
}

fn frames_text(frames: &FrameFigures) -> String {
    let whole = &frames.whole;
    let time = match whole.gpu_ms {
        Some(ms) => format!("{ms:.2} ms of GPU time"),
        None => format!("{:.2} ms", whole.wall_ms),
    };
    let mut text = format!(
        "\n\na frame                   {time}, {} arcs, {:.2} GB to move",
        whole.arcs,
        whole.bytes as f64 * 1e-9
    );
    for step in &whole.steps {
        text += &format!(
            "\n{:12}  {:7.2} ms   {:8.3} GB",
            step.name,
            step.ms,
            step.bytes as f64 * 1e-9
        );
    }
    text
}

fn model_text(model: &ModelFigures) -> String {
    let ModelFigures {
        load,
        prefill,
        running,
        writing,
        frames,
    } = model;
    let mut text = format!(
        "\n\na model of random weights {}\n\
         load                      {:.2} s, by web-rwkv alone {:.2} s\n\
         prefill                   {:.0} tokens/s with capture, {:.0} without ({} tokens, chunks of {})\n{}\n{}",
        gib(load.bytes),
        load.load_s,
        load.web_rwkv_s,
        prefill.with_capture_tps,
        prefill.without_capture_tps,
        prefill.tokens,
        prefill.chunk,
        running_text("run", running),
        running_text("come", writing),
    );
    for frames in frames {
        let with = match (frames.selected, frames.overlay) {
            (false, false) => "nothing selected",
            (false, true) => "nothing selected, panels",
            (true, false) => "a token selected",
            (true, true) => "a token selected, panels",
        };
        text += &format!(
            "\na frame, {with:24} {:.1} ms, at worst {:.1}",
            frames.median_ms, frames.worst_ms
        );
    }
    text
}

/// Frames while a text runs or is written on, in a line.
pub(super) fn running_text(what: &str, running: &Running) -> String {
    format!(
        "while {} tokens {what:<8} a frame each {:.1} ms, at worst {:.1} ({} frames, {:.0} tokens/s)",
        running.tokens, running.median_ms, running.worst_ms, running.frames, running.tps
    )
}

fn growth_text(growth: &[&Growth]) -> String {
    let mut text = "\n\ntime grows as size^x\npart     with         x   at sizes: ms".to_owned();
    for growth in growth {
        let points = growth.sizes.iter().zip(&growth.ms);
        let points: Vec<_> = points
            .map(|(size, ms)| format!("{size}: {ms:.2}"))
            .collect();
        text += &format!(
            "\n{:6}   {:6}   {:5.2}   {}",
            growth.of,
            growth.with,
            growth.exponent,
            points.join(", ")
        );
    }
    text
}
