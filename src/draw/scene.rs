use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use crate::{
    camera::Eye,
    lattice::Lattice,
    score::{Measure, Scale, Scores},
    session::Palette,
    trace::Trace,
};

/// Seconds a pulse of light takes along an arc.
const FLIGHT: f32 = 2.4;

/// What is to be drawn. Cheap to clone: handles and a few numbers.
#[derive(Clone)]
pub struct Scene {
    /// Where it is seen from.
    pub eye: Eye,
    /// Where cells stand.
    pub lattice: Lattice,
    /// Kept alive, and the source of contribution norms.
    pub trace: Arc<Trace>,
    /// The largest contribution norm, for full colour with nothing selected.
    pub largest: f32,
    /// The selection's scores, if a token is selected.
    pub marked: Option<Marked>,
    /// The only head shown, as layer × heads + head.
    pub solo: Option<usize>,
    /// The cell under the pointer, as an index of `[layers, heads, tokens]`.
    pub hovered: Option<usize>,
    /// Colours.
    pub palette: Palette,
    /// Seconds; moves the light along the arcs.
    pub time: f32,
}

/// A selected token's scores.
#[derive(Clone)]
pub struct Marked {
    /// The selected token.
    pub token: usize,
    /// What full colour stands for.
    pub scale: Scale,
    pub(super) values: wgpu::Buffer,
    pub(super) scales: wgpu::Buffer,
    pub(super) arcs: wgpu::Buffer,
    pub(super) indirect: wgpu::Buffer,
}

impl Marked {
    /// Takes the handles of a selection's buffers.
    #[must_use]
    pub fn new(scores: &Scores, token: usize, measure: Measure, scale: Scale) -> Self {
        Self {
            token,
            scale,
            values: scores.values(measure).clone(),
            scales: scores.scales.clone(),
            arcs: scores.arcs.clone(),
            indirect: scores.indirect.clone(),
        }
    }
}

/// In step with `Scene` in `scene.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct SceneUniform {
    clip_from_world: [[f32; 4]; 4],
    eye: [f32; 4],
    origin: [f32; 4],
    pitch: [f32; 4],
    half: [f32; 4],
    ground: [f32; 4],
    selected_colour: [f32; 4],
    viewport: [f32; 2],
    time: f32,
    largest: f32,
    tokens: u32,
    layers: u32,
    heads: u32,
    selected: u32,
    solo: u32,
    hovered: u32,
    global_scale: u32,
    stride: u32,
}

fn with([x, y, z]: [f32; 3], w: f32) -> [f32; 4] {
    [x, y, z, w]
}

fn or_none(index: Option<usize>) -> u32 {
    index.map_or(u32::MAX, |index| index as u32)
}

impl SceneUniform {
    pub fn new(scene: &Scene) -> Self {
        let (eye, lattice) = (&scene.eye, &scene.lattice);
        let shape = lattice.shape;
        // Fog runs from the nearest to the farthest corner of the lattice, as seen from here.
        let away = eye.position.length();
        let radius = lattice.extent().length();
        Self {
            clip_from_world: eye.clip_from_world.to_cols_array_2d(),
            eye: with(eye.position.to_array(), 1.0),
            origin: with(lattice.origin().to_array(), FLIGHT),
            pitch: with(lattice.pitch.to_array(), lattice.arc_room()),
            half: with(lattice.half.to_array(), lattice.arc_reach()),
            ground: with(
                scene.palette.ground(),
                (away - radius * 0.6).max(0.05 * radius),
            ),
            selected_colour: with(scene.palette.selected(), away + radius),
            viewport: eye.viewport.to_array(),
            time: scene.time,
            largest: scene.largest,
            tokens: shape.tokens as u32,
            layers: shape.layers as u32,
            heads: shape.heads as u32,
            selected: or_none(scene.marked.as_ref().map(|marked| marked.token)),
            solo: or_none(scene.solo),
            hovered: or_none(scene.hovered),
            global_scale: u32::from(
                scene
                    .marked
                    .as_ref()
                    .is_some_and(|marked| marked.scale == Scale::Global),
            ),
            stride: scene.trace.tokens.len() as u32,
        }
    }
}
