//! Where cells are to be seen, worked out without the program.

use arclight::{
    camera::{Eye, MARGINS, Pose, frame},
    lattice::{Cell, HeadId, Lattice, Shape},
    overlay::covered,
};
use bevy::math::{EulerRot, Mat4, Quat, Vec2, Vec3};

use super::screen::{HEIGHT, WIDTH};

/// Sizes of the demo models.
const LAYERS: usize = 8;
const HEADS: usize = 8;

/// Some cells with a pixel of each: of the nearest heads, and of the top layer.
pub fn cells(tokens: usize) -> Vec<(Cell, i32, i32)> {
    let shape = Shape {
        tokens,
        layers: LAYERS,
        first_layer: 0,
        heads: HEADS,
        unit: arclight::model::Unit::Head,
    };
    let lattice = Lattice::new(shape);
    let eye = first_view(&lattice);
    [(3, 1, 0), (2, 5, 0), (2, 7, 3), (4, 4, 0)]
        .into_iter()
        .map(|(part, layer, head)| {
            let cell = Cell {
                token: tokens / part,
                head: HeadId { layer, head },
            };
            let near = lattice.position(cell) + lattice.arrangement.half * Vec3::new(0.0, 0.2, 1.0);
            let pixel = eye.project(near).expect("it is in front").round();
            let hit = lattice.pick(eye.ray(pixel));
            assert_eq!(hit.map(|hit| hit.cell), Some(cell), "another is before it");
            (cell, pixel.x as i32, pixel.y as i32)
        })
        .collect()
}

fn first_view(lattice: &Lattice) -> Eye {
    let size = Vec2::new(WIDTH as f32, HEIGHT as f32);
    let (left, right) = covered(false);
    let free = size - Vec2::X * (left + right);
    let pose = frame(Pose::default(), lattice.extent(), free, size.y, MARGINS);
    let turn = Quat::from_euler(EulerRot::YXZ, pose.yaw, -pose.pitch, 0.0);
    let back = turn * Vec3::Z * pose.radius;
    Eye::new(
        Mat4::from_rotation_translation(turn, back),
        size,
        left - right,
    )
}
