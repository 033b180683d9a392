use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use bevy::math::UVec2;
use rand::{RngExt as _, SeedableRng, rngs::ChaCha8Rng, seq::IndexedRandom as _};
use serde::Serialize;

use super::peak::process_bytes;
use crate::{
    app::{self, Stage, Start},
    gpu::Gpu,
    lattice::Layout,
    session::{Export, Intent, PictureOptions, Session, actions, film::Track},
};

/// What came of hours of use.
#[derive(Debug, Clone, Serialize)]
pub struct Endurance {
    /// The adapter's name.
    pub adapter: String,
    /// Where the chance began.
    pub seed: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Frames that were drawn.
    pub frames: u64,
    /// What was done, and how often.
    pub done: BTreeMap<&'static str, u64>,
    /// What the user would have been told went wrong, and when each text was told first.
    pub told: BTreeMap<String, Told>,
    /// Memory, twice a second.
    pub samples: Vec<Sample>,
    /// How much more memory the process had in the last third of the time than in the second.
    pub process_growth: Option<f64>,
    /// The same of the device.
    pub device_growth: Option<f64>,
}

/// When a user would have been told something.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Told {
    /// Seconds from the start.
    pub at_s: f64,
    /// What was done last.
    pub after: &'static str,
}

/// What is in use at a moment.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sample {
    /// Seconds from the start.
    pub at_s: f64,
    /// Bytes of the process that lie in memory; none where the system does not tell.
    pub process_bytes: Option<u64>,
    /// Bytes that are in use on the device; none where the driver does not tell.
    pub device_bytes: Option<u64>,
}

/// Uses the program as people do, at random: runs texts, selects, presses keys, changes layouts, opens models, sessions and
/// traces, saves, exports, records, writes on, and cancels. Files go into `folder`.
///
/// # Errors
/// When the program cannot be set up.
pub fn endure(
    time: Duration,
    seed: u64,
    size: UVec2,
    folder: &Path,
    note: &dyn Fn(&str),
) -> anyhow::Result<Endurance> {
    let gpu = Gpu::new()?;
    let session = Session {
        model: "demo-v7".to_owned(),
        ..Session::default()
    };
    let start = Start {
        session,
        live: true,
        ..Start::default()
    };
    let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu))?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut came = Endurance {
        adapter: gpu.report().adapter,
        seed,
        seconds: 0.0,
        frames: 0,
        done: BTreeMap::new(),
        told: BTreeMap::new(),
        samples: Vec::new(),
        process_growth: None,
        device_growth: None,
    };
    let begun = Instant::now();
    let mut next_sample = Duration::ZERO;
    while begun.elapsed() < time {
        let (name, intents) = step(&mut stage, &mut random, folder);
        *came.done.entry(name).or_default() += 1;
        for intent in intents {
            stage.desk().ask(intent);
        }
        for _ in 0..random.random_range(1..30) {
            stage.turn(0.003);
            stage.frame();
            came.frames += 1;
            let at = begun.elapsed();
            if at >= next_sample {
                next_sample = at + Duration::from_millis(500);
                came.samples.push(sample(&gpu, at));
                note(&format!(
                    "{:.0} s of {:.0} s, {name}",
                    at.as_secs_f64(),
                    time.as_secs_f64()
                ));
            }
        }
        hear(&mut stage, &mut came, begun.elapsed(), name);
    }
    stage.desk().ask(Intent::Cancel);
    loop {
        stage.frame();
        hear(&mut stage, &mut came, begun.elapsed(), "cancel");
        if stage.desk().is_settled() {
            break;
        }
    }
    came.seconds = begun.elapsed().as_secs_f64();
    came.process_growth = growth(&came.samples, |sample| sample.process_bytes);
    came.device_growth = growth(&came.samples, |sample| sample.device_bytes);
    Ok(came)
}

/// Takes note of what the user is told, and puts it away.
fn hear(stage: &mut Stage, came: &mut Endurance, at: Duration, after: &'static str) {
    if let Some(text) = stage.desk().facts.error.take() {
        let at_s = at.as_secs_f64();
        came.told.entry(text).or_insert(Told { at_s, after });
    }
}

fn sample(gpu: &Gpu, at: Duration) -> Sample {
    let report = gpu.device().generate_allocator_report();
    Sample {
        at_s: at.as_secs_f64(),
        process_bytes: process_bytes(),
        device_bytes: report.map(|report| report.total_allocated_bytes),
    }
}

/// What is done next.
fn step(stage: &mut Stage, random: &mut ChaCha8Rng, folder: &Path) -> (&'static str, Vec<Intent>) {
    let desk = stage.desk();
    let tokens = desk.facts.tokens.len();
    match random.random_range(0..100) {
        0..18 => ("run", vec![Intent::Prompt(words(random)), Intent::Run]),
        18..38 => {
            let token = random.random_range(0..tokens.max(1));
            (
                "select",
                vec![Intent::SelectToken((tokens > 0).then_some(token))],
            )
        }
        38..70 => {
            let action = actions().choose(random);
            let intent = action.and_then(|action| action.ask(&desk.facts.situation()));
            ("key", intent.filter(is_harmless).into_iter().collect())
        }
        70..76 => (
            "layout",
            Layout::ALL
                .choose(random)
                .copied()
                .map(Intent::Layout)
                .into_iter()
                .collect(),
        ),
        76..80 => {
            let model = ["demo-v6", "demo-v7", "/no/such/model.st"]
                .choose(random)
                .copied();
            (
                "open",
                vec![Intent::Open(model.unwrap_or_default().to_owned())],
            )
        }
        80..83 => (
            "save session",
            vec![Intent::SaveSession(folder.join("a.toml"))],
        ),
        83..85 => (
            "open session",
            vec![Intent::OpenSession(folder.join("a.toml"))],
        ),
        85..87 => (
            "save trace",
            vec![Intent::SaveTrace(folder.join("a.safetensors"))],
        ),
        87..88 => (
            "open trace",
            vec![Intent::OpenFile(folder.join("a.safetensors"))],
        ),
        88..90 => {
            let options = PictureOptions::default();
            (
                "picture",
                vec![Intent::SavePicture {
                    path: folder.join("a.png"),
                    options,
                }],
            )
        }
        90..92 => {
            let path = folder.join("a.csv");
            (
                "export",
                vec![Intent::Export {
                    what: Export::Row,
                    path,
                }],
            )
        }
        92..94 => (
            "record",
            vec![
                Intent::Track(Track::Turntable),
                Intent::Record(folder.join("a.gif")),
            ],
        ),
        _ => ("cancel", vec![Intent::Cancel]),
    }
}

/// A text of some words, its length by chance.
fn words(random: &mut ChaCha8Rng) -> String {
    const WORDS: &str = include_str!("../../assets/demo_prompt.txt");
    let all: Vec<_> = WORDS.split_whitespace().collect();
    let count = random.random_range(3..160);
    let chosen = (0..count).filter_map(|_| all.choose(random).copied());
    chosen.collect::<Vec<_>>().join(" ")
}

/// Whether it changes nothing outside of the program, and does not end it.
fn is_harmless(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::Quit
            | Intent::Browse(_)
            | Intent::Paste
            | Intent::Copy(_)
            | Intent::CopyPicture(_)
            | Intent::Remember(_)
            | Intent::TextSize(_)
            | Intent::ForgetRecent
    )
}

/// The median of the last third over that of the second, less 1: the first is for warming up.
fn growth(samples: &[Sample], bytes: impl Fn(&Sample) -> Option<u64>) -> Option<f64> {
    let all: Vec<u64> = samples.iter().filter_map(bytes).collect();
    let third = all.len() / 3;
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).map(|bytes| *bytes as f64)
    };
    let before = median(all.get(third..2 * third)?)?;
    let after = median(all.get(2 * third..)?)?;
    (before > 0.0).then(|| after / before - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_seen_after_the_warming_up() {
        let sample = |at: usize, bytes: u64| Sample {
            at_s: at as f64,
            process_bytes: Some(bytes),
            device_bytes: None,
        };
        let warm = |at: usize| sample(at, 1000 - 900 / (at as u64 + 1));
        let flat: Vec<_> = (0..100).map(warm).collect();
        let found = growth(&flat, |sample| sample.process_bytes).expect("there are numbers");
        assert!(found.abs() < 0.05, "{found}");
        let rising: Vec<_> = (0..100)
            .map(|at| sample(at, 1000 + 10 * at as u64))
            .collect();
        let found = growth(&rising, |sample| sample.process_bytes).expect("there are numbers");
        assert!((found - 330.0 / 1490.0).abs() < 0.02, "{found}");
        assert_eq!(growth(&rising, |sample| sample.device_bytes), None);
    }
}
