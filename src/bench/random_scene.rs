use bevy::math::Vec2;
use bytemuck::{Pod, Zeroable};

use crate::{
    camera::{Eye, Pose},
    draw::{ARC_VERTICES, Marked, Scene, Tables},
    gpu::{self, Gpu, Kernel},
    lattice::Lattice,
    session::Session,
};

/// In step with `Params` in `random_scene.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    tokens: u32,
    rows: u32,
    arcs: u32,
    vertices: u32,
}

/// A lattice of random values, its last token selected, with `arcs` arcs: always the same for the same counts. No
/// model is needed.
#[must_use]
pub fn random_scene(gpu: &Gpu, lattice: Lattice, session: &Session, arcs: u32) -> Scene {
    let device = gpu.device();
    let shape = lattice.shape;
    let params = Params {
        tokens: shape.tokens as u32,
        rows: shape.rows() as u32,
        arcs: arcs.min((shape.rows() * shape.tokens) as u32),
        vertices: ARC_VERTICES,
    };
    let uniform = gpu::uniform(device, "random", &params);
    let words = |label, count: u32| gpu::storage(device, label, u64::from(count) * 4);
    let cells = params.tokens * params.rows;
    let values = words("random values", cells);
    let norms = words("random norms", cells);
    let scales = words("random scales", params.rows + 1);
    let arcs = words("random arcs", params.arcs);
    let indirect = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("random indirect"),
        size: 16,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::INDIRECT
            | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    let text = include_str!("../../shaders/random_scene.wgsl");
    let [fill, spread] = ["fill", "spread"].map(|entry| Kernel::new(device, entry, text, entry));
    let filled = fill.bind(
        device,
        &[
            (0, &uniform),
            (1, &values),
            (2, &norms),
            (3, &scales),
            (5, &indirect),
        ],
    );
    let spread_over = spread.bind(device, &[(0, &uniform), (1, &values), (4, &arcs)]);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    fill.dispatch(&mut pass, &filled, [params.rows, 1, 1]);
    spread.dispatch(
        &mut pass,
        &spread_over,
        [params.arcs.div_ceil(64).max(1), 1, 1],
    );
    drop(pass);
    gpu.queue().submit([encoder.finish()]);
    Scene {
        eye: eye(Pose::of(lattice.layout), Vec2::ONE),
        morph: None,
        tables: Tables::new(device, &lattice, session),
        norms,
        stride: shape.tokens,
        largest: 1.0,
        marked: Some(Marked {
            token: shape.tokens.saturating_sub(1),
            signless: false,
            values,
            scales,
            arcs,
            indirect,
        }),
        hovered: None,
        colours: session.colours(),
        time: 1.7,
        lattice,
    }
}

/// The eye of a pose.
#[must_use]
pub fn eye(pose: Pose, size: Vec2) -> Eye {
    Eye::new(pose.world_from_view(), size, 0.0)
}
