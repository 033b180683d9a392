use bytemuck::{Pod, Zeroable};

use super::{Excerpt, Tables, pool::Cut};
use crate::{
    camera::Eye,
    lattice::{Arrangement, Lattice, Layout},
    score::{Measure, Scores},
    session::Colours,
};

/// What the shaders of draws have in common. A device that is a CPU is taken for lavapipe, which `holds` is about.
pub(super) fn shaders(device: &wgpu::Device) -> String {
    let is_cpu = device.adapter_info().device_type == wgpu::DeviceType::Cpu;
    let text = include_str!("../../shaders/scene.wgsl");
    format!("const COMPILES_ANEW: bool = {is_cpu};\n{text}")
}

/// Seconds a pulse of light takes along an arc.
const FLIGHT: f32 = 2.4;

/// What is to be drawn. Cheap to clone: handles and a few numbers.
#[derive(Clone)]
pub struct Scene {
    /// Where it is seen from.
    pub eye: Eye,
    /// Where cells stand.
    pub lattice: Lattice,
    /// On its way there: what it comes from, and how far it has come, 0 … 1.
    pub morph: Option<(Arrangement, f32)>,
    /// Which tokens and heads are on show.
    pub tables: Tables,
    /// Contribution norms, f32 `[layers, heads, stride]`.
    pub norms: wgpu::Buffer,
    /// Token slots a head has in `norms`.
    pub stride: usize,
    /// The largest contribution norm, for full colour with nothing selected.
    pub largest: f32,
    /// The selection's scores, if a token is selected.
    pub marked: Option<Marked>,
    /// The cell under the pointer, as an index of `[layers, heads, tokens]`.
    pub hovered: Option<usize>,
    /// Colours.
    pub colours: Colours,
    /// Seconds; moves the light along the arcs.
    pub time: f32,
}

/// A selected token's scores.
#[derive(Clone)]
pub struct Marked {
    /// The selected token.
    pub token: usize,
    /// Sizes are shown without their sign.
    pub signless: bool,
    /// Scores, f32 `[layers, heads, tokens]`.
    pub values: wgpu::Buffer,
    /// Full colour of each head, f32 `[layers, heads]`.
    pub scales: wgpu::Buffer,
    /// Cells that carry an arc, u32.
    pub arcs: wgpu::Buffer,
    /// Arguments of the arcs' draw.
    pub indirect: wgpu::Buffer,
}

impl Marked {
    /// Takes the handles of a selection's buffers.
    #[must_use]
    pub fn new(scores: &Scores, token: usize, measure: Measure, signless: bool) -> Self {
        Self {
            token,
            signless,
            values: scores.marked(measure).clone(),
            scales: scores.scales.clone(),
            arcs: scores.arcs.clone(),
            indirect: scores.indirect.clone(),
        }
    }

    /// A copy of its own, which no later selection writes over.
    #[must_use]
    pub fn frozen(&self, device: &wgpu::Device, queue: &wgpu::Queue) -> Self {
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut copy = |source: &wgpu::Buffer| {
            let copy = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("frozen"),
                size: source.size(),
                usage: source.usage() | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            encoder.copy_buffer_to_buffer(source, 0, &copy, 0, source.size());
            copy
        };
        let frozen = Self {
            values: copy(&self.values),
            scales: copy(&self.scales),
            arcs: copy(&self.arcs),
            indirect: copy(&self.indirect),
            ..*self
        };
        queue.submit([encoder.finish()]);
        frozen
    }
}

/// In step with `Arrangement` in `scene.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct ArrangementUniform {
    origin: [f32; 4],
    layer: [f32; 4],
    head: [f32; 4],
    half: [f32; 4],
}

/// In step with `Scene` in `scene.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct SceneUniform {
    clip_from_world: [[f32; 4]; 4],
    eye: [f32; 4],
    ground: [f32; 4],
    selected_colour: [f32; 4],
    was: ArrangementUniform,
    becomes: ArrangementUniform,
    viewport: [f32; 2],
    time: f32,
    largest: f32,
    tokens: u32,
    layers: u32,
    heads: u32,
    selected: u32,
    hovered: u32,
    stride: u32,
    blend: f32,
    flags: u32,
    tile: [f32; 4],
    grain: [f32; 4],
    always: [[u32; 4]; 2],
}

const SIGNLESS: u32 = 1;
const LIGHT: u32 = 2;
const CUT_OUT: u32 = 4;
const THROUGH: u32 = 8;

fn with([x, y, z]: [f32; 3], w: f32) -> [f32; 4] {
    [x, y, z, w]
}

fn or_none(index: Option<usize>) -> u32 {
    index.map_or(u32::MAX, |index| index as u32)
}

impl From<&Arrangement> for ArrangementUniform {
    fn from(arrangement: &Arrangement) -> Self {
        Self {
            origin: with(arrangement.origin.to_array(), arrangement.radius),
            layer: with(arrangement.layer.to_array(), arrangement.arc_room),
            head: with(arrangement.head.to_array(), arrangement.arc_reach),
            half: with(arrangement.half.to_array(), arrangement.step),
        }
    }
}

impl SceneUniform {
    pub fn new(scene: &Scene, excerpt: Excerpt, cut: Cut) -> Self {
        let (eye, lattice) = (&scene.eye, &scene.lattice);
        let shape = lattice.shape;
        let (fog_begins, fog_ends) = fog(scene);
        let arrangement = &lattice.arrangement;
        let (was, blend) = scene.morph.map_or((*arrangement, 1.0), |morph| morph);
        let signless = scene.marked.as_ref().is_some_and(|marked| marked.signless);
        let flag = |on: bool, bit| if on { bit } else { 0 };
        Self {
            clip_from_world: eye.clip_from_world.to_cols_array_2d(),
            eye: with(eye.position.to_array(), FLIGHT),
            ground: with(scene.colours.ground(), fog_begins),
            selected_colour: with(scene.colours.selected(), fog_ends),
            was: (&was).into(),
            becomes: arrangement.into(),
            viewport: eye.viewport.to_array(),
            time: scene.time,
            largest: scene.largest,
            tokens: shape.tokens as u32,
            layers: shape.layers as u32,
            heads: shape.heads as u32,
            selected: or_none(scene.marked.as_ref().map(|marked| marked.token)),
            hovered: or_none(scene.hovered),
            stride: scene.stride as u32,
            blend,
            flags: flag(signless, SIGNLESS)
                | flag(scene.colours.is_light(), LIGHT)
                | flag(excerpt.cut_out, CUT_OUT)
                | flag(lattice.layout == Layout::Rings, THROUGH),
            tile: excerpt.clip(),
            grain: [excerpt.grain, cut.places, cut.width, cut.padded()].map(|it| it as f32),
            always: [[1; 4]; 2],
        }
    }
}

/// Where fog begins and where it is complete: from the nearest to the farthest corner, as seen from here.
fn fog(scene: &Scene) -> (f32, f32) {
    // The grid is flat: no part of it is meant to be further away.
    if scene.lattice.layout == Layout::Grid {
        return (1e30, 2e30);
    }
    let away = scene.eye.position.length();
    let radius = scene.lattice.extent().length();
    ((away - radius * 0.6).max(0.05 * radius), away + radius)
}
