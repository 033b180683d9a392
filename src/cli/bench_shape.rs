//! `arclight bench --shape`: scores at the size of a real model.

use std::process::ExitCode;

use super::output;
use crate::{
    bench::{self, Shape, ShapeFigures},
    gpu::Gpu,
};

pub(super) fn run(shape: &Shape, prefill: bool, json: bool) -> anyhow::Result<ExitCode> {
    let bar = indicatif::ProgressBar::new_spinner();
    let figures = bench::measure_shape(&Gpu::new()?, shape, prefill, |what| {
        bar.set_message(what.to_owned());
        bar.tick();
    })?;
    bar.finish_and_clear();
    if json {
        output::say_json(&figures)?;
    } else {
        output::say(&text(&figures))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(figures: &ShapeFigures) -> String {
    let ShapeFigures {
        adapter,
        backend,
        driver,
        shape,
        rates,
        trace_bytes,
        reserved_bytes,
        select_ms,
        ..
    } = figures;
    let gib = |bytes: u64| format!("{:.2} GiB", bytes as f64 / (1u64 << 30) as f64);
    let mut text = format!(
        "adapter                   {adapter} · {backend}\ndriver                    {driver}\n\
         random numbers            {shape}\n\
         a copy                    {:.0} GB/s, read and written\n\
         fused multiply-adds       {:.2} · 10¹² a second\n\
         trace                     {}\n\
         set aside on the device   {}\n\
         select, numbers back      {select_ms:.2} ms\n\n\
         part      GPU time         bytes      take at least   multiply-adds   take at least",
        rates.bytes_per_s * 1e-9,
        rates.fma_per_s * 1e-12,
        gib(*trace_bytes),
        reserved_bytes.map_or("–".to_owned(), gib),
    );
    for part in &figures.parts {
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
    if let Some(prefill) = &figures.prefill {
        text += &format!(
            "\n\nprefill, random weights    {:.0} tokens/s with capture, {:.0} without ({} tokens, chunks of {})",
            prefill.with_capture_tps, prefill.without_capture_tps, prefill.tokens, prefill.chunk
        );
    }
    text += "\n\ntime grows as size^x\npart     with         x   at sizes: ms";
    for growth in &figures.growth {
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
