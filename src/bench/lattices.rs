use std::{path::Path, time::Duration};

use bevy::math::{URect, UVec2, Vec2, Vec3};
use serde::Serialize;

use super::{
    Times,
    random_scene::{eye, random_scene},
};
use crate::{
    camera::{MARGINS, Pose, frame},
    draw::{Rehearsal, Scene, Stopwatch},
    gpu::Gpu,
    lattice::{Cell, HeadId, Lattice, Layout, Shape},
    picture::{Finish, Tile, write_png},
    session::Session,
};

const LEAST: usize = 8;
const MOST: usize = 60;
const SPAN: Duration = Duration::from_secs(2);

/// From where a lattice is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Sight {
    /// The whole, as it is framed first.
    Whole,
    /// From five times as far.
    Far,
    /// A few cells of the front, two thirds along the text.
    Near,
    /// Between the rows, in the middle.
    Within,
    /// The whole from above.
    Above,
    /// The whole along the text.
    Along,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    /// Counts.
    pub shape: Shape,
    /// How it is laid out.
    pub layout: Layout,
    /// Arcs in all.
    pub arcs: u32,
    /// Of the picture, in pixels.
    pub size: UVec2,
    /// Samples a pixel.
    pub samples: u32,
    /// From where.
    pub sight: Sight,
}

/// One step of a frame.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What it does.
    pub name: &'static str,
    /// GPU time: the median, in milliseconds.
    pub ms: f64,
    /// Bytes it has to read and write at least: each buffer and each sample of a texture that it uses once.
    pub bytes: u64,
}

/// What frames at a shape cost.
#[derive(Debug, Clone, Serialize)]
pub struct ShapeFrames {
    /// Layers.
    pub layers: usize,
    /// Heads a layer.
    pub heads: usize,
    /// Tokens.
    pub tokens: usize,
    /// Arcs.
    pub arcs: u32,
    /// From where.
    pub sight: Sight,
    /// Samples a pixel.
    pub samples: u32,
    /// Median in milliseconds, from the first command until the GPU has finished.
    pub wall_ms: f64,
    /// GPU time of the steps; empty where the adapter does not tell the time within a pass.
    pub steps: Vec<Step>,
    /// GPU time in all.
    pub gpu_ms: Option<f64>,
    /// Bytes of a frame.
    pub bytes: u64,
    /// Blocks drawn as bars, cells drawn as boxes (no rays list them), and segments of arcs in squares; none when the
    /// lattice is small.
    pub in_sight: Option<[usize; 3]>,
}

/// Draws random values and takes the time.
///
/// # Errors
/// When the device fails.
pub fn frames_at(gpu: &Gpu, drawing: &Drawing) -> anyhow::Result<ShapeFrames> {
    let scene = scene_of(gpu, drawing);
    let light = scene.colours.is_light();
    let mut rehearsal = Rehearsal::new(gpu, drawing.size, drawing.samples, light);
    let mut watch = Stopwatch::new(gpu);
    let mut wall = Times::default();
    let (mut names, mut steps) = (Vec::new(), Vec::<Times>::new());
    // The first compiles and makes room.
    rehearsal.draw(&scene, watch.as_mut());
    while !wall.are_enough(LEAST, MOST, SPAN) {
        let Ok(()) = wall.take(|| {
            rehearsal.draw(&scene, watch.as_mut());
            Ok::<_, std::convert::Infallible>(())
        });
        if let Some(watch) = &watch {
            let read = watch.read(gpu)?;
            names = read.iter().map(|(name, _)| *name).collect();
            steps.resize_with(names.len(), Times::default);
            for (times, (_, ms)) in steps.iter_mut().zip(read) {
                times.push_ms(ms);
            }
        }
    }
    let in_sight = rehearsal.painter.in_sight(gpu)?;
    let in_sight = in_sight.map(|it| [it.bars.len(), it.boxes.len(), it.segments as usize]);
    let steps: Vec<_> = names
        .into_iter()
        .zip(&steps)
        .map(|(name, times)| Step {
            name,
            ms: times.median_ms(),
            bytes: bytes_of(name, drawing, in_sight),
        })
        .collect();
    Ok(ShapeFrames {
        layers: drawing.shape.layers,
        heads: drawing.shape.heads,
        tokens: drawing.shape.tokens,
        arcs: drawing.arcs,
        sight: drawing.sight,
        samples: drawing.samples,
        wall_ms: wall.median_ms(),
        gpu_ms: watch.map(|_| steps.iter().map(|step| step.ms).sum()),
        bytes: steps.iter().map(|step| step.bytes).sum(),
        in_sight,
        steps,
    })
}

/// What a step of a frame has to move.
fn bytes_of(step: &str, drawing: &Drawing, in_sight: Option<[usize; 3]>) -> u64 {
    let shape = drawing.shape;
    let cells = (shape.rows() * shape.tokens) as u64;
    let pixels = u64::from(drawing.size.x) * u64::from(drawing.size.y);
    let samples = pixels * u64::from(drawing.samples);
    let [bars, boxes, segments] = in_sight.unwrap_or_default().map(|count| count as u64);
    let arcs = u64::from(drawing.arcs);
    match step {
        // A value read, itself and what it is merged to written.
        "pool" => cells * (4 + 8),
        // The coarsest level twice, both lists.
        "cull" => cells / 64 * 4 * 2 + (bars + boxes) * 4,
        // The list, a value each; colours and depths are cleared and written.
        "boxes" => boxes * (4 + 4) + samples * (4 + 4) * 2,
        "cells" => cells * 4 + samples * (4 + 4) * 2,
        // The list, all that is merged; colours and depths.
        "bars" => bars * 4 + cells * 8 + samples * (4 + 4),
        // All that is merged; colours and depths are written.
        "trace" => cells * 8 + pixels * (8 + 16),
        // Every arc and its value twice, every segment once.
        "find arcs" => arcs * (4 + 4) * 2 + segments * 4,
        // Every segment, its arc and its value; depths, and the light that is written.
        "light" => segments * (4 + 4 + 4) + samples * 4 + pixels * 8,
        // Light is read, colours are read and written.
        "arcs" if segments > 0 => pixels * 8 + samples * 4 * 2,
        "arcs" => arcs * (4 + 4) + samples * 4 * 2,
        // Colours and light are read, the picture is written.
        "compose" => pixels * (8 + 12 + 4),
        "plane" => 0,
        _ => samples * 4 + pixels * 4,
    }
}

/// Draws the same as a PNG.
///
/// # Errors
/// When it cannot be drawn or written.
pub fn picture_at(gpu: &Gpu, drawing: &Drawing, path: &Path) -> anyhow::Result<()> {
    let scene = scene_of(gpu, drawing);
    let light = scene.colours.is_light();
    let mut rehearsal = Rehearsal::new(gpu, drawing.size, drawing.samples, light);
    rehearsal.draw(&scene, None);
    let tile = Tile {
        rect: URect::from_corners(UVec2::ZERO, drawing.size),
        pixels: rehearsal.pixels()?,
    };
    let finish = Finish {
        grain: 1,
        cut_out: None,
    };
    write_png(path, drawing.size, finish, [Ok(tile)])?;
    Ok(())
}

fn scene_of(gpu: &Gpu, drawing: &Drawing) -> Scene {
    let lattice = Lattice::arranged(drawing.shape, drawing.layout, &[], None);
    let size = drawing.size.as_vec2();
    let pose = pose(&lattice, drawing.sight, size);
    let mut scene = random_scene(gpu, lattice, &Session::default(), drawing.arcs);
    scene.eye = eye(pose, size);
    scene
}

fn pose(lattice: &Lattice, sight: Sight, size: Vec2) -> Pose {
    let first = Pose::of(lattice.layout);
    let whole = |pose| frame(pose, lattice.extent(), size, size.y, MARGINS);
    match sight {
        Sight::Whole => whole(first),
        Sight::Far => {
            let framed = whole(first);
            Pose {
                radius: framed.radius * 5.0,
                ..framed
            }
        }
        Sight::Above => whole(Pose {
            pitch: 1.3,
            ..first
        }),
        Sight::Along => whole(Pose { yaw: 1.4, ..first }),
        Sight::Near | Sight::Within => {
            let inside = sight == Sight::Within;
            let shape = lattice.shape;
            let head = HeadId {
                layer: shape.layers / 2,
                head: if inside { shape.heads / 2 } else { 0 },
            };
            let token = shape.tokens * 2 / 3;
            let near = 60.0 * lattice.arrangement.step.max(lattice.arrangement.half.x);
            Pose {
                focus: lattice.position(Cell { token, head }) + Vec3::Y,
                radius: if inside { 0.25 * near } else { 3.0 * near },
                ..first
            }
        }
    }
}
