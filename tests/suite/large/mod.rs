//! Large lattices: what is found in sight against a search in double precision, merged cells against the rule, arcs by
//! squares against ribbons.

mod found;
mod seen;

use arclight::{
    bench::{self, random_scene},
    camera::{Pose, frame},
    draw::{Rehearsal, Scene},
    gpu::Gpu,
    lattice::{Lattice, Layout, Shape},
    model::Unit,
    session::Session,
};
use bevy::math::{UVec2, Vec2, Vec3};

use crate::support::Random;

const SHAPE: Shape = Shape {
    unit: Unit::Head,
    tokens: 900,
    layers: 3,
    first_layer: 0,
    heads: 4,
};

/// Tokens that are there.
const WRITTEN: usize = 850;

const SIZE: UVec2 = UVec2::new(200, 112);

/// With a fold, heads in another order, and the last tokens not written yet.
fn scene(gpu: &Gpu, layout: Layout, arcs: u32) -> Scene {
    let session = Session {
        folds: vec![100..300, 500..501],
        passage: Some(40..700),
        written: Some(WRITTEN),
        layout,
        ..Session::default()
    };
    let slots = (0..SHAPE.rows() as u32).map(|row| 3 - row % 4).collect();
    let slots = std::sync::Arc::new(slots);
    let lattice = Lattice::arranged(SHAPE, layout, &session.folds, Some(slots));
    random_scene(gpu, lattice, &session, arcs)
}

fn rehearsal(gpu: &Gpu, samples: u32) -> Rehearsal {
    on_ground(gpu, samples, false)
}

fn on_ground(gpu: &Gpu, samples: u32, is_light: bool) -> Rehearsal {
    let mut rehearsal = Rehearsal::new(gpu, SIZE, samples, is_light);
    rehearsal.painter.least = 0;
    rehearsal.painter.squares = true;
    rehearsal.painter.rays = false;
    rehearsal
}

/// From anywhere: far away, close by, and inside.
fn look(scene: &mut Scene, random: &mut Random) {
    let extent = scene.lattice.extent();
    let mut within = |half: f32| random.between(f64::from(-half), f64::from(half)) as f32;
    let focus = Vec3::new(within(extent.x), within(extent.y), within(extent.z));
    let (yaw, pitch) = (within(3.1), within(1.5));
    let pose = Pose {
        focus,
        yaw,
        pitch,
        radius: 1.0,
    };
    let framed = frame(pose, extent, SIZE.as_vec2(), SIZE.y as f32, Vec2::ZERO);
    let part = random.between(0.001, 1.2).powi(3) as f32;
    let radius = (framed.radius * part).max(2.0);
    scene.eye = bench::eye(Pose { radius, ..pose }, SIZE.as_vec2());
}
