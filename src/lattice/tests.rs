use bevy::math::Vec3;
use proptest::prelude::*;

use super::{Cell, HeadId, Lattice, Ray, Shape};

/// Every cell's box, one by one: slow and plain.
fn pick_by_search(lattice: &Lattice, ray: Ray) -> Option<(Cell, f32)> {
    let mut nearest: Option<(Cell, f32)> = None;
    for layer in 0..lattice.shape.layers {
        for head in 0..lattice.shape.heads {
            for token in 0..lattice.shape.tokens {
                let cell = Cell {
                    token,
                    head: HeadId { layer, head },
                };
                let (low, high) = (
                    lattice.position(cell) - lattice.half,
                    lattice.position(cell) + lattice.half,
                );
                let a = (low - ray.origin) / ray.direction;
                let b = (high - ray.origin) / ray.direction;
                let enter = a.min(b).max_element().max(0.0);
                let leave = a.max(b).min_element();
                if enter <= leave && nearest.is_none_or(|(_, distance)| enter < distance) {
                    nearest = Some((cell, enter));
                }
            }
        }
    }
    nearest
}

proptest! {
    #[test]
    fn picking_finds_the_nearest_box(
        tokens in 1usize..40, layers in 1usize..6, heads in 1usize..6,
        from in prop::array::uniform3(-1.0f32..1.0), to in prop::array::uniform3(-1.0f32..1.0),
    ) {
        let lattice = Lattice::new(Shape { tokens, layers, heads });
        let origin = Vec3::from(from).normalize_or(Vec3::Z) * 90.0;
        let direction = Vec3::from(to) * lattice.extent() - origin;
        prop_assume!(direction.abs().min_element() > 1e-3);
        let ray = Ray { origin, direction };
        let found = lattice.pick(ray).map(|hit| hit.cell);
        match (found, pick_by_search(&lattice, ray)) {
            (None, None) => {}
            (Some(found), Some((cell, distance))) if found != cell => {
                // Only where two boxes are entered at the same point may the answers differ.
                let hit = lattice.pick(ray).expect("found above");
                prop_assert!((hit.distance - distance).abs() < 1e-4);
            }
            (found, searched) => prop_assert_eq!(found, searched.map(|(cell, _)| cell)),
        }
    }

    #[test]
    fn a_ray_at_a_cell_from_anywhere_outside_hits_it_or_one_before_it(
        tokens in 1usize..300, token in 0usize..300, angle in 0.0f32..std::f32::consts::TAU, height in -1.4f32..1.4,
    ) {
        let lattice = Lattice::new(Shape { tokens, layers: 8, heads: 8 });
        let cell = Cell { token: token % tokens, head: HeadId { layer: 3, head: 5 } };
        let target = lattice.position(cell);
        let away = Vec3::new(angle.cos() * height.cos(), height.sin(), angle.sin() * height.cos());
        let origin = target + away * 1000.0;
        let hit = lattice.pick(Ray { origin, direction: target - origin });
        prop_assert!(hit.is_some_and(|hit| hit.distance <= 1.0));
    }
}

#[test]
fn axes_point_where_the_docs_say() {
    let lattice = Lattice::new(Shape {
        tokens: 10,
        layers: 3,
        heads: 4,
    });
    let at = |token, layer, head| {
        lattice.position(Cell {
            token,
            head: HeadId { layer, head },
        })
    };
    assert!(at(1, 0, 0).x > at(0, 0, 0).x);
    assert!(at(0, 1, 0).y > at(0, 0, 0).y);
    assert!(at(0, 0, 1).z < at(0, 0, 0).z);
    assert!((at(0, 0, 0) + at(9, 2, 3)).length() < 1e-4, "centred");
}

#[test]
fn an_arc_stays_inside_its_own_row() {
    let lattice = Lattice::new(Shape {
        tokens: 200,
        layers: 8,
        heads: 8,
    });
    for distance in [1.0, 10.0, 199.0] {
        let top = lattice.half.y + lattice.arc_height(distance);
        assert!(top < lattice.pitch.y * 0.5 + lattice.half.y);
    }
}

#[test]
fn indices_round_trip() {
    let shape = Shape {
        tokens: 7,
        layers: 3,
        heads: 5,
    };
    for row in 0..shape.rows() {
        assert_eq!(shape.row(shape.head(row)), row);
    }
    assert_eq!(
        shape.index(Cell {
            token: 6,
            head: HeadId { layer: 2, head: 4 }
        }),
        7 * 3 * 5 - 1
    );
}
