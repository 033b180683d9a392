use bevy::math::UVec2;
use serde::Serialize;

use super::{Growth, Shape, eighths};
use crate::{
    bench::{Drawing, Peak, ShapeFrames, Sight, frames_at},
    gpu::Gpu,
    lattice::{self, Layout},
    model::Unit,
};

/// What drawing costs, over random values. Every time is a median.
#[derive(Debug, Clone, Serialize)]
pub struct FrameFigures {
    /// The whole lattice, as it is framed first.
    #[serde(flatten)]
    pub whole: ShapeFrames,
    /// How the time of such a frame grows.
    pub growth: Vec<Growth>,
}

/// How lattices of a shape are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Brush {
    /// Of the picture, in pixels.
    pub size: UVec2,
    /// Samples a pixel.
    pub samples: u32,
    /// Arcs in all.
    pub arcs: u32,
}

/// Draws a lattice of random values, and smaller ones.
///
/// # Errors
/// When the device fails.
pub fn measure_lattices(
    gpu: &Gpu,
    shape: &Shape,
    brush: &Brush,
    peak: &mut Peak,
    note: &dyn Fn(&str),
) -> anyhow::Result<FrameFigures> {
    let draw = |[layers, tokens, arcs]: [usize; 3]| {
        note(&format!(
            "drawing {layers} layers of {tokens} tokens, {arcs} arcs"
        ));
        let drawing = Drawing {
            shape: lattice::Shape {
                unit: Unit::Head,
                first_layer: 0,
                tokens,
                layers,
                heads: shape.heads,
            },
            layout: Layout::default(),
            arcs: arcs as u32,
            size: brush.size,
            samples: brush.samples,
            sight: Sight::Whole,
        };
        frames_at(gpu, &drawing)
    };
    let all = [shape.layers, shape.tokens, brush.arcs as usize];
    let whole = draw(all)?;
    peak.look(gpu);
    let mut growth = Vec::new();
    // What grows, which of the three it is, and how many there are of one.
    for (with, at, each) in [("tokens", 1, 1), ("heads", 0, shape.heads), ("arcs", 2, 1)] {
        let mut points = Vec::new();
        for size in eighths(all[at]) {
            let mut counts = all;
            counts[at] = size;
            let smaller = (counts != all).then(|| draw(counts)).transpose()?;
            let frames = smaller.as_ref().unwrap_or(&whole);
            points.push((size * each, frames.gpu_ms.unwrap_or(frames.wall_ms)));
        }
        growth.push(Growth::fit(with, "frame", &points));
    }
    Ok(FrameFigures { whole, growth })
}
