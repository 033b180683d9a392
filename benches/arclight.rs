//! The hot paths by themselves: `cargo bench`. For whole-run figures there is `arclight bench`.

use std::{
    hint::black_box,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use arclight::{
    bench,
    camera::{Eye, Pose, frame},
    draw::ARC_VERTICES,
    gpu::{self, Gpu},
    inference::{InferenceError, Model, RunOptions},
    lattice::{Lattice, Shape},
    model::{ModelFile, Source, Vocabulary, token_texts},
    overlay::{self, Drafts, Facts},
    record::{Format, Frame, RecordError, Recorder, Settings},
    score::{Request, Scores, Shown},
    trace::Precision,
};
use bevy::math::{EulerRot, Mat4, Quat, Vec2, Vec3};
use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};

fn main() -> anyhow::Result<()> {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let gpu = Gpu::new()?;
    let file = Arc::new(ModelFile::open(&Source::DemoV7)?);
    let vocabulary = Vocabulary::for_model(file.card(), None)?;
    let model = Model::load(&gpu, &file, Precision::F16)?;
    let text = |tokens| bench::ids(vocabulary.as_ref(), file.card().vocab, tokens);

    prefill(&mut criterion, &gpu, &model, &text(128)?)?;
    for tokens in [256, 1024] {
        select(&mut criterion, &gpu, &model, text(tokens)?)?;
    }
    pick(&mut criterion);
    record(&mut criterion)?;
    if let Some(vocabulary) = &vocabulary {
        panels(&mut criterion, vocabulary, 10_000);
        let prompt = include_bytes!("../assets/demo_prompt.txt");
        criterion.bench_function("encode the demo prompt", |bencher| {
            bencher.iter(|| vocabulary.encode(black_box(prompt)));
        });
    }
    criterion.final_summary();
    Ok(())
}

/// Work of a tenth of a second and more, the same number of times in each sample.
fn slow<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat)
        .measurement_time(Duration::from_secs(12));
    group
}

fn prefill(
    criterion: &mut Criterion,
    gpu: &Gpu,
    model: &Model,
    ids: &[u32],
) -> Result<(), InferenceError> {
    let mut group = slow(criterion, &format!("prefill {} tokens", ids.len()));
    let mut failed = Ok(());
    for (name, capture) in [("with capture", true), ("without capture", false)] {
        let options = RunOptions {
            capture,
            ..RunOptions::default()
        };
        let run = || {
            let trace = model.trace(ids.to_vec())?;
            model.run(&trace, &options, &AtomicBool::new(false), |_| {})?;
            gpu::wait_idle(gpu);
            Ok(())
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| failed = std::mem::replace(&mut failed, Ok(())).and_then(|()| run()));
        });
    }
    failed
}

fn select(
    criterion: &mut Criterion,
    gpu: &Gpu,
    model: &Model,
    ids: Vec<u32>,
) -> Result<(), InferenceError> {
    let tokens = ids.len();
    let trace = model.trace(ids)?;
    let never = AtomicBool::new(false);
    model.run(&trace, &RunOptions::default(), &never, |_| {})?;
    let mut scores = Scores::new(gpu, &trace)?;
    let heads = trace.dimensions.layers * trace.dimensions.heads;
    let shown = Arc::new(Shown::all(tokens, heads, None));
    let mut request = Request::new(0, shown, ARC_VERTICES);
    let mut failed = Ok(());
    slow(criterion, "select").bench_function(format!("one of {tokens} tokens"), |bencher| {
        bencher.iter(|| {
            // The token scored last would not be scored again.
            request.token = tokens - 1 - usize::from(request.token + 1 == tokens);
            if let Err(error) = scores.select(&request).wait(gpu) {
                failed = Err(error.into());
            }
        });
    });
    failed
}

/// A frame of the panels beside a long text, up to the triangles: when nothing has changed since the last
/// one, when another token has been selected, which colours all of the text anew, and with another text.
fn panels(criterion: &mut Criterion, vocabulary: &Vocabulary, tokens: usize) {
    let prompt = include_bytes!("../assets/demo_prompt.txt");
    let ids = vocabulary.encode(prompt).unwrap_or_default();
    let ids: Vec<_> = ids.iter().cycle().take(tokens).copied().collect();
    let mut facts = Facts {
        tokens: Arc::new(token_texts(Some(vocabulary), &ids)),
        summary: (0..tokens).map(|at| (at as f32).sin()).collect(),
        ..Facts::default()
    };
    facts.session.token = Some(tokens - 1);
    let mut drafts = Drafts::default();
    let ctx = egui::Context::default();
    overlay::apply_style(&ctx);
    let mut frame = |facts: &Facts| {
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 720.0));
        let input = egui::RawInput {
            screen_rect: Some(screen),
            ..egui::RawInput::default()
        };
        let output = ctx.run_ui(input, |ui| {
            overlay::show(ui.ctx(), facts, &mut drafts);
        });
        ctx.tessellate(output.shapes, output.pixels_per_point)
    };
    frame(&facts);
    let mut group = criterion.benchmark_group(format!("panels over {tokens} tokens"));
    group.bench_function("unchanged", |bencher| {
        bencher.iter(|| frame(black_box(&facts)));
    });
    group.bench_function("another selection", |bencher| {
        bencher.iter(|| {
            let at = facts.session.token.unwrap_or(0);
            facts.session.token = Some((at + 1) % tokens);
            facts.summary.rotate_left(1);
            frame(black_box(&facts))
        });
    });
    let mut other = Arc::new(facts.tokens.to_vec());
    group.bench_function("another text", |bencher| {
        bencher.iter(|| {
            std::mem::swap(&mut other, &mut facts.tokens);
            frame(black_box(&facts))
        });
    });
}

/// The cell under the pointer, at places all over a picture of a large lattice.
fn pick(criterion: &mut Criterion) {
    let lattice = Lattice::new(Shape {
        tokens: 4096,
        layers: 32,
        first_layer: 0,
        heads: 40,
        unit: arclight::model::Unit::Head,
    });
    let size = Vec2::new(1280.0, 720.0);
    let pose = frame(Pose::default(), lattice.extent(), size, size.y, Vec2::ZERO);
    let turn = Quat::from_euler(EulerRot::YXZ, pose.yaw, -pose.pitch, 0.0);
    let world_from_view = Mat4::from_rotation_translation(turn, turn * Vec3::Z * pose.radius);
    let eye = Eye::new(world_from_view, size, 0.0);
    let mut step = 0.0;
    criterion.bench_function("pick among 32 × 40 × 4096 cells", |bencher| {
        bencher.iter(|| {
            step = (step + 0.618_034) % 1.0;
            let pixel = size * Vec2::new(step, (step * 7.0) % 1.0);
            lattice.pick(black_box(eye.ray(pixel)))
        });
    });
}

/// Six frames of 1080p with lines that move, from the first frame to the whole file.
fn record(criterion: &mut Criterion) -> anyhow::Result<()> {
    let (width, height) = (1920, 1080);
    let frames = (0..6)
        .map(|at| Frame::new(width, height, stripes(width, height, at)))
        .collect::<Result<Vec<_>, _>>()?;
    let settings = Settings {
        poster: None,
        ..Settings::new(width, height, 30, frames.len() as u32)
    };
    let folder = tempfile::tempdir()?;
    let mut group = slow(criterion, "record six frames of 1080p");
    let mut failed: Result<(), RecordError> = Ok(());
    for (format, name) in [
        (Format::Mp4, "clip.mp4"),
        (Format::Gif, "clip.gif"),
        (Format::Apng, "clip.apng"),
    ] {
        if !format.is_built_in() {
            continue;
        }
        let path = folder.path().join(name);
        let run = || {
            let mut recorder = Recorder::start(&path, &settings)?;
            frames
                .iter()
                .try_for_each(|frame| recorder.push(frame.clone()))?;
            recorder.finish().map(drop)
        };
        group.bench_function(format.name(), |bencher| {
            bencher.iter(|| failed = std::mem::replace(&mut failed, Ok(())).and_then(|()| run()));
        });
    }
    Ok(failed?)
}

/// Bright slanted lines on a dark ground.
fn stripes(width: u32, height: u32, at: u32) -> Vec<u8> {
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x + y / 3 + at * 2) % 61))
        .flat_map(|away| match away {
            0..3 => [255, 150, 50, 255],
            30..32 => [70, 150, 255, 255],
            _ => [10, 13, 19 + (away / 8) as u8, 255],
        })
        .collect()
}
