use std::{ops::Range, sync::Arc};

use bevy::math::Vec3;
use proptest::prelude::*;

use super::{Cell, HeadId, Lattice, Layout, Ray, Shape};

/// Every cell's box, one by one: slow and plain.
fn pick_by_search(lattice: &Lattice, ray: Ray) -> Option<(Cell, f32)> {
    let mut nearest: Option<(Cell, f32)> = None;
    for layer in 0..lattice.shape.layers {
        for head in 0..lattice.shape.heads {
            for token in 0..lattice.shape.tokens {
                if lattice.places.is_hidden(token) {
                    continue;
                }
                let head = HeadId { layer, head };
                let cell = Cell { token, head };
                let back = lattice.turn(cell).inverse();
                let origin = back * (ray.origin - lattice.position(cell));
                let direction = back * ray.direction;
                let a = (-lattice.arrangement.half - origin) / direction;
                let b = (lattice.arrangement.half - origin) / direction;
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

fn any_lattice() -> impl Strategy<Value = Lattice> {
    let counts = (1usize..40, 1usize..6, 1usize..6);
    let fold = (0usize..40, 0usize..12);
    (counts, 0usize..3, fold, any::<bool>()).prop_map(
        |(counts, layout, (start, length), turned)| {
            let (tokens, layers, heads) = counts;
            let shape = Shape {
                tokens,
                layers,
                first_layer: 0,
                heads,
                unit: crate::model::Unit::Head,
            };
            let folds: [Range<usize>; 2] = [start..start + length, 90..95];
            // Heads in the opposite order.
            let slots = (0..shape.rows())
                .map(|row| (heads - 1 - row % heads) as u32)
                .collect();
            let slots = turned.then(|| Arc::new(slots));
            Lattice::arranged(shape, Layout::ALL[layout], &folds, slots)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn picking_finds_the_nearest_box(
        lattice in any_lattice(),
        from in prop::array::uniform3(-1.0f32..1.0), to in prop::array::uniform3(-1.0f32..1.0),
    ) {
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
        tokens in 1usize..300, token in 0usize..300, layout in 0usize..3,
        angle in 0.0f32..std::f32::consts::TAU, height in -1.4f32..1.4,
    ) {
        let shape = Shape { tokens, layers: 8, first_layer: 0, heads: 8, unit: crate::model::Unit::Head };
        let lattice = Lattice::arranged(shape, Layout::ALL[layout], &[], None);
        let cell = Cell { token: token % tokens, head: HeadId { layer: 3, head: 5 } };
        let target = lattice.position(cell);
        let away = Vec3::new(angle.cos() * height.cos(), height.sin(), angle.sin() * height.cos());
        let origin = target + away * 1000.0;
        let hit = lattice.pick(Ray { origin, direction: target - origin });
        prop_assert!(hit.is_some_and(|hit| hit.distance <= 1.0));
    }

    #[test]
    fn a_cells_own_head_stands_at_its_slot(lattice in any_lattice()) {
        for row in 0..lattice.shape.rows() {
            let head = lattice.shape.head(row);
            prop_assert_eq!(lattice.head_at(head.layer, lattice.slot(head)), head);
        }
    }

    #[test]
    fn the_whole_is_centred_and_inside_its_extent(lattice in any_lattice()) {
        let half = lattice.arrangement.half;
        for layer in [0, lattice.shape.layers - 1] {
            for head in 0..lattice.shape.heads {
                for token in 0..lattice.shape.tokens {
                    let cell = Cell { token, head: HeadId { layer, head } };
                    for corner in 0..8 {
                        let sign = |bit: i32| if corner & bit == 0 { 1.0 } else { -1.0 };
                        let offset = lattice.turn(cell) * (half * Vec3::new(sign(1), sign(2), sign(4)));
                        let over = (lattice.position(cell) + offset).abs() - lattice.extent();
                        // The corners of a ring's cells stand out a little.
                        prop_assert!(over.max_element() <= half.x + 1e-3, "{over}");
                    }
                }
            }
        }
    }
}

#[test]
fn axes_point_where_the_docs_say() {
    let lattice = Lattice::new(Shape {
        tokens: 10,
        layers: 3,
        first_layer: 0,
        heads: 4,
        unit: crate::model::Unit::Head,
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
        first_layer: 0,
        heads: 8,
        unit: crate::model::Unit::Head,
    });
    for distance in [1.0, 10.0, 199.0] {
        assert!(lattice.arc_height(distance) < lattice.arrangement.layer.y * 0.5);
    }
}

#[test]
fn indices_round_trip() {
    let shape = Shape {
        tokens: 7,
        layers: 3,
        first_layer: 0,
        heads: 5,
        unit: crate::model::Unit::Head,
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

#[test]
fn a_ring_is_read_from_left_to_right_at_its_front() {
    let shape = Shape {
        tokens: 101,
        layers: 2,
        first_layer: 0,
        heads: 3,
        unit: crate::model::Unit::Head,
    };
    let lattice = Lattice::arranged(shape, Layout::Rings, &[], None);
    let at = |token| {
        lattice.position(Cell {
            token,
            head: HeadId { layer: 0, head: 0 },
        })
    };
    assert!(
        at(50).z > 0.0 && at(50).x.abs() < 1e-3,
        "the middle is in front"
    );
    assert!(at(51).x > at(50).x && at(49).x < at(50).x);
    assert!(
        at(0).z < 0.0 && at(100).z < 0.0,
        "both ends are at the back"
    );
}

/// Heads keep the model's numbers, and stand as those of a model of that many layers do.
#[test]
fn layers_that_begin_later_are_counted_as_in_their_model() {
    let whole = Shape {
        tokens: 20,
        layers: 3,
        first_layer: 0,
        heads: 4,
        unit: crate::model::Unit::Head,
    };
    let part = Shape {
        first_layer: 5,
        ..whole
    };
    assert_eq!(part.layer_numbers(), 5..8);
    for row in 0..part.rows() {
        let head = part.head(row);
        assert_eq!(part.row(head), row);
        assert_eq!((head.layer, head.head), (5 + row / 4, row % 4));
        assert!(part.has(head) && !whole.has(head));
        assert_eq!(part.place(head), (row / 4, row % 4));
    }
    assert!(!part.has(HeadId { layer: 8, head: 0 }) && !part.has(HeadId { layer: 0, head: 0 }));
    for layout in Layout::ALL {
        let [whole, part] = [whole, part].map(|shape| Lattice::arranged(shape, layout, &[], None));
        for row in 0..whole.shape.rows() {
            let at = |lattice: &Lattice| {
                let head = lattice.shape.head(row);
                lattice.position(Cell { token: 7, head })
            };
            assert_eq!(at(&whole), at(&part), "{layout:?}");
            let (origin, target) = (Vec3::new(500.0, 300.0, 900.0), at(&part));
            let ray = Ray {
                origin,
                direction: target - origin,
            };
            let picked = |lattice: &Lattice| lattice.pick(ray).map(|hit| hit.cell);
            let (found, expected) = (picked(&part), picked(&whole));
            let moved = expected.map(|cell| Cell {
                head: HeadId {
                    layer: cell.head.layer + 5,
                    ..cell.head
                },
                ..cell
            });
            assert!(found.is_some());
            assert_eq!(found, moved, "{layout:?}");
        }
    }
}
