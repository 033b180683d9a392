use std::{path::Path, time::Instant};

use anyhow::{Context as _, bail};
use bevy::math::UVec2;
use serde::Serialize;

use super::{ids::ids, shape::random_model};
use crate::{
    app::{self, Stage, Start},
    estimate,
    gpu::{self, Gpu},
    lattice::HeadId,
    session::{Intent, PictureOptions, Session, Write, Writing},
    trace::Precision,
};

/// Bytes of a buffer that takes room, at first.
const LARGEST: u64 = 1 << 30;
/// At last.
const SMALLEST: u64 = 1 << 20;
/// Of a frame: frames are not what this is about.
const SIZE: UVec2 = UVec2::new(320, 180);
/// Seconds after which something that neither comes nor fails is given up.
const PATIENCE: f64 = 240.0;

/// What becomes of the program on a device that has no memory left.
#[derive(Debug, Clone, Serialize)]
pub struct Full {
    /// The adapter's name.
    pub adapter: String,
    /// Bytes that were taken, so that about as many were left as were asked for.
    pub held_bytes: u64,
    /// What was tried.
    pub deeds: Vec<Deed>,
}

/// Something that takes more memory than there is.
#[derive(Debug, Clone, Serialize)]
pub struct Deed {
    /// What.
    pub what: &'static str,
    /// Why it could not be done, as the user is told; none when it was done all the same.
    pub told: Option<String>,
    /// What is not as it was before; none where the model, the run and the selection are, and another token can be selected.
    pub lost: Option<String>,
    /// Why it cannot be done once there is room again; none when it can.
    pub after: Option<String>,
}

impl Full {
    /// Whether everything was kept, and everything could be done afterwards.
    #[must_use]
    pub fn is_survived(&self) -> bool {
        let good = |deed: &Deed| deed.lost.is_none() && deed.after.is_none();
        self.deeds.iter().all(good)
    }
}

/// Takes all of the device's memory but about `left` bytes, does what takes more, gives it back, and does it again. What the
/// driver says of free memory is not listened to: as on adapters that say nothing, or where another program was faster.
///
/// # Errors
/// When the program cannot be set up, or does not work with all of the memory.
pub fn fill(
    gpu: &Gpu,
    left: u64,
    shape: &super::Shape,
    note: &dyn Fn(&str),
) -> anyhow::Result<Full> {
    let gpu = gpu.without_figures();
    let folder = tempfile::tempdir().context("the system gives no temporary folder")?;
    let large = random_model(shape).context("a model cannot be written to the temporary folder")?;
    let session = Session {
        model: "demo-v7".to_owned(),
        prompt: "The cat sat on the mat.".to_owned(),
        ..Session::default()
    };
    let start = Start {
        session,
        live: true,
        ..Start::default()
    };
    let mut stage = Stage::new(&gpu, start, SIZE, app::samples(&gpu))?;
    stage.settle()?;

    // A text that takes twice as much as will be left grows by half of that and its copy.
    let lengths = [2, 8].map(|times| times * left / a_token(&mut stage, &gpu));
    let [own, long] = lengths.map(|tokens| tokens as usize);
    note(&format!("running {own} tokens"));
    stage.desk().feed(ids(None, 8192, own)?);
    stage.settle()?;
    let head = HeadId { layer: 0, head: 0 };
    stage.desk().ask(Intent::Heads(head.into()));
    stage.desk().ask(Intent::SelectToken(Some(own - 1)));
    stage.settle()?;

    let picture = folder.path().join("large.png");
    let deeds: [(&'static str, Do<'_>); 5] = [
        ("open a model", &|stage| open(stage, large.path())),
        ("run a longer text", &|stage| run(stage, long)),
        ("write on", &write),
        ("a large picture", &|stage| draw(stage, &picture)),
        ("a matrix", &matrix),
    ];
    let mut came = Full {
        adapter: gpu.report().adapter,
        held_bytes: 0,
        deeds: Vec::new(),
    };
    for (what, deed) in deeds {
        note(what);
        let before = Shown::of(&mut stage);
        let held = hold(&gpu, left);
        came.held_bytes = held.iter().map(wgpu::Buffer::size).sum();
        let told = deed(&mut stage).err().map(|error| format!("{error:#}"));
        settle(&mut stage).ok();
        let now = Shown::of(&mut stage);
        let lost = match select(&mut stage, own - 2) {
            _ if now != before => Some(now.words()),
            came => came.err().map(|error| format!("{error:#}")),
        };
        drop(held);
        gpu.tidy();
        note(&format!("{what}, with room"));
        let after = deed(&mut stage);
        came.deeds.push(Deed {
            what,
            told,
            lost,
            after: after.err().map(|error| format!("{error:#}")),
        });
        // Back to where it was.
        stage.desk().facts.error = None;
        open(&mut stage, Path::new("demo-v7"))?;
        stage.desk().feed(ids(None, 8192, own)?);
        settle(&mut stage)?;
        select(&mut stage, own - 1)?;
    }
    Ok(came)
}

/// Does something to the end, and tells why it failed.
type Do<'a> = &'a dyn Fn(&mut Stage) -> anyhow::Result<()>;

/// What has to stay.
#[derive(Debug, PartialEq)]
struct Shown {
    model: Option<String>,
    tokens: usize,
    selected: Option<usize>,
    scores: Vec<f32>,
}

impl Shown {
    fn words(&self) -> String {
        format!(
            "model {}, {} tokens, token {} selected, {} scores",
            self.model.as_deref().unwrap_or("none"),
            self.tokens,
            self.selected
                .map_or("none".to_owned(), |token| token.to_string()),
            self.scores.len()
        )
    }

    fn of(stage: &mut Stage) -> Self {
        let desk = stage.desk();
        let facts = &desk.facts;
        Self {
            model: facts.model.as_ref().map(|model| model.name.clone()),
            tokens: desk.trace().map_or(0, |trace| trace.tokens.len()),
            selected: facts.session.token,
            scores: facts.summary.clone(),
        }
    }
}

/// Bytes that a token of the run on show takes, scores included.
fn a_token(stage: &mut Stage, gpu: &Gpu) -> u64 {
    const MANY: usize = 1024;
    let binding = gpu.report().limits.max_binding;
    let desk = stage.desk();
    let bytes = desk.trace().map_or(1, |trace| {
        let card = &trace.origin.card;
        estimate::run_bytes(card, Precision::F16, card.layers, MANY, binding) / MANY as u64
    });
    bytes.max(1)
}

/// Buffers that leave about so much.
fn hold(gpu: &Gpu, left: u64) -> Vec<wgpu::Buffer> {
    gpu.tidy();
    let mut held = Vec::new();
    let mut size = LARGEST.min(gpu.device().limits().max_buffer_size);
    while size >= SMALLEST {
        let made = gpu::attempt(gpu, || {
            gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("held"),
                size,
                usage: wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        });
        match made {
            Ok(buffer) => held.push(buffer),
            Err(_) => size /= 2,
        }
    }
    let mut free = 0;
    while free < left
        && let Some(buffer) = held.pop()
    {
        free += buffer.size();
    }
    gpu::poll(gpu);
    held
}

/// Draws frames until nothing is on its way.
fn settle(stage: &mut Stage) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        stage.frame();
        let desk = &mut *stage.desk();
        if let Some(error) = desk.facts.error.take() {
            bail!(error);
        }
        if desk.is_settled() {
            return Ok(());
        }
        if begun.elapsed().as_secs_f64() > PATIENCE {
            bail!("nothing comes of it");
        }
    }
}

fn select(stage: &mut Stage, token: usize) -> anyhow::Result<()> {
    stage.desk().ask(Intent::SelectToken(Some(token)));
    settle(stage)?;
    let desk = stage.desk();
    let is_there = desk.facts.session.token == Some(token) && !desk.facts.summary.is_empty();
    is_there.then_some(()).context("no scores come")
}

fn open(stage: &mut Stage, path: &Path) -> anyhow::Result<()> {
    let name = path.display().to_string();
    stage.desk().ask(Intent::Open(name));
    settle(stage)
}

fn run(stage: &mut Stage, tokens: usize) -> anyhow::Result<()> {
    stage.desk().feed(ids(None, 8192, tokens)?);
    settle(stage)
}

fn write(stage: &mut Stage) -> anyhow::Result<()> {
    const MORE: usize = 4;
    let before = stage.desk().facts.tokens.len();
    let writing = Writing {
        most: MORE,
        ..Writing::default()
    };
    stage.desk().ask(Intent::Writing(writing));
    stage.desk().ask(Intent::Write(Write::Toggle));
    settle(stage)?;
    let written = stage.desk().facts.tokens.len() - before;
    (written > 0).then_some(()).context("nothing is written")
}

fn draw(stage: &mut Stage, path: &Path) -> anyhow::Result<()> {
    let options = PictureOptions::of(UVec2::new(1920, 1080));
    let intent = Intent::SavePicture {
        path: path.to_owned(),
        options,
    };
    stage.desk().ask(intent);
    settle(stage)?;
    path.exists().then_some(()).context("no picture comes")
}

fn matrix(stage: &mut Stage) -> anyhow::Result<()> {
    stage.desk().ask(Intent::Matrix(true));
    let came = settle(stage);
    let refused = stage
        .desk()
        .facts
        .matrix
        .as_ref()
        .and_then(|matrix| matrix.refused.clone());
    stage.desk().ask(Intent::Matrix(false));
    settle(stage)?;
    came?;
    refused.map_or(Ok(()), |reason| bail!(reason))
}
