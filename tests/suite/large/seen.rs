use std::collections::BTreeSet;

use arclight::{
    bench,
    camera::{Pose, frame},
    draw::{Excerpt, Rehearsal, Scene},
    lattice::{Cell, Layout},
    session::Theme,
};
use bevy::math::{UVec2, Vec2, Vec3Swizzles};

use super::{SHAPE, SIZE, look, on_ground, rehearsal, scene};
use crate::support::{Random, device};

/// Pixels of which a channel differs by more than `channel`.
fn differing(a: &[u8], b: &[u8], channel: u8) -> usize {
    let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > channel);
    a.chunks(4)
        .zip(b.chunks(4))
        .filter(|pair| differs(*pair))
        .count()
}

fn whole(scene: &Scene, part: f32) -> Pose {
    let size = SIZE.as_vec2();
    let pose = frame(
        Pose::of(scene.lattice.layout),
        scene.lattice.extent(),
        size,
        size.y,
        Vec2::ZERO,
    );
    Pose {
        radius: pose.radius * part,
        ..pose
    }
}

fn drawn(rehearsal: &mut Rehearsal, scene: &Scene, (is_large, squares): (bool, bool)) -> Vec<u8> {
    rehearsal.painter.squares = squares;
    rehearsal.painter.least = if is_large { 0 } else { usize::MAX };
    rehearsal.draw(scene, None);
    let pixels = rehearsal.pixels().expect("read");
    rehearsal.draw(scene, None);
    assert!(
        pixels == rehearsal.pixels().expect("read"),
        "two frames of a scene differ"
    );
    pixels
}

#[test]
fn near_cells_are_drawn_as_in_a_small_lattice() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut rehearsal = rehearsal(&gpu, 4);
    for layout in Layout::ALL {
        let mut scene = scene(&gpu, layout, 0);
        let head = SHAPE.head(5);
        let focus = scene.lattice.position(Cell { token: 600, head });
        let pose = Pose {
            focus,
            radius: 2.0,
            ..Pose::of(layout)
        };
        scene.eye = bench::eye(pose, SIZE.as_vec2());
        let all = drawn(&mut rehearsal, &scene, (false, false));
        let found = drawn(&mut rehearsal, &scene, (true, false));
        let count = differing(&all, &found, 2);
        println!("{layout:?}: {count} pixels differ");
        assert!(count < 20, "{layout:?}: {count}");
    }
}

#[test]
fn far_cells_that_are_alike_are_as_bright_as_they_were() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut rehearsal = rehearsal(&gpu, 4);
    for layout in Layout::ALL {
        let mut scene = scene(&gpu, layout, 0);
        scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
        let values = &scene.marked.as_ref().expect("a token is selected").values;
        let same: Vec<f32> = vec![0.6; values.size() as usize / 4];
        gpu.queue()
            .write_buffer(values, 0, bytemuck::cast_slice(&same));
        let mean = |pixels: Vec<u8>| {
            let sum: u64 = pixels.iter().map(|it| u64::from(*it)).sum();
            sum as f64 / pixels.len() as f64
        };
        let all = mean(drawn(&mut rehearsal, &scene, (false, false)));
        let merged = mean(drawn(&mut rehearsal, &scene, (true, false)));
        println!("{layout:?}: {all:.2} became {merged:.2}");
        assert!((all - merged).abs() < 3.0, "{layout:?}: {all}, {merged}");
    }
}

#[test]
fn one_strong_cell_among_many_is_seen_from_afar() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut rehearsal = rehearsal(&gpu, 4);
    let mut scene = scene(&gpu, Layout::Lattice, 0);
    scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
    let marked = scene
        .marked
        .as_ref()
        .expect("a token is selected")
        .values
        .clone();
    let quiet = vec![0u8; marked.size() as usize];
    gpu.queue().write_buffer(&marked, 0, &quiet);
    let without = drawn(&mut rehearsal, &scene, (true, false));
    let cell = Cell {
        token: 400,
        head: SHAPE.head(4),
    };
    gpu.queue().write_buffer(
        &marked,
        SHAPE.index(cell) as u64 * 4,
        bytemuck::bytes_of(&1.0f32),
    );
    let with = drawn(&mut rehearsal, &scene, (true, false));
    let at = scene
        .eye
        .project(scene.lattice.position(cell))
        .expect("in front");
    let pixels: Vec<usize> = (0..without.len() / 4)
        .filter(|pixel| differing(&without[pixel * 4..][..4], &with[pixel * 4..][..4], 20) > 0)
        .collect();
    assert!(!pixels.is_empty(), "it is not seen");
    for pixel in pixels {
        let (x, y) = (pixel % SIZE.x as usize, pixel / SIZE.x as usize);
        let away = (Vec2::new(x as f32, y as f32) + 0.5 - at).length();
        assert!(away < 12.0, "{away} pixels from where it stands");
    }
}

#[test]
fn arcs_by_squares_are_those_of_ribbons() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut rehearsal = rehearsal(&gpu, 4);
    let mut random = Random::new(23);
    for layout in Layout::ALL {
        let mut scene = scene(&gpu, layout, 40);
        for turn in 0..3 {
            if turn == 0 {
                scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
            } else {
                look(&mut scene, &mut random);
            }
            let ribbons = drawn(&mut rehearsal, &scene, (true, false));
            let squares = drawn(&mut rehearsal, &scene, (true, true));
            let pixels = f64::from(SIZE.x * SIZE.y);
            let part = differing(&ribbons, &squares, 24) as f64 / pixels;
            println!("{layout:?}: {:.2} % differ", part * 100.0);
            assert!(part < 0.02, "{layout:?}: {part}");
        }
    }
}

#[test]
fn arcs_in_several_rounds_are_those_of_one() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut rehearsal = rehearsal(&gpu, 1);
    let mut random = Random::new(31);
    let enough = rehearsal.painter.segments;
    for turn in 0..6 {
        let mut scene = scene(&gpu, Layout::Lattice, 400);
        scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
        if turn > 0 {
            look(&mut scene, &mut random);
        }
        rehearsal.painter.segments = enough;
        let ribbons = drawn(&mut rehearsal, &scene, (true, false));
        let once = drawn(&mut rehearsal, &scene, (true, true));
        let found = rehearsal.painter.in_sight(&gpu).expect("read");
        let segments = u64::from(found.expect("it is large").segments);
        println!("{segments} segments");
        for rounds in [2, 3, 4] {
            rehearsal.painter.segments = segments / rounds;
            let several = drawn(&mut rehearsal, &scene, (true, true));
            assert!(several == once, "{segments} segments in {rounds} rounds");
        }
        if segments > 0 {
            rehearsal.painter.segments = (segments / 20).max(1);
            let too_many = drawn(&mut rehearsal, &scene, (true, true));
            assert!(
                too_many == ribbons && too_many != once,
                "{segments} segments"
            );
        }
    }
}

/// Whether the eye is, or nearly.
fn is_within_a_row(scene: &Scene) -> bool {
    let lattice = &scene.lattice;
    let arrangement = &lattice.arrangement;
    let half = arrangement.half + 0.12;
    (0..SHAPE.rows()).any(|row| {
        let off = scene.eye.position - lattice.base(SHAPE.head(row));
        let deep = match lattice.layout {
            Layout::Rings => off.xz().length() - arrangement.radius,
            Layout::Lattice | Layout::Grid => off.z,
        };
        off.y.abs() < half.y && deep.abs() < half.z
    })
}

/// What triangles and rays show of a scene, two frames of each.
fn both(rehearsal: &mut Rehearsal, scene: &Scene) -> [Vec<u8>; 2] {
    [false, true].map(|rays| {
        rehearsal.painter.rays = rays;
        drawn(rehearsal, scene, (true, true))
    })
}

/// Near and far, with folds and an end of what is written.
#[test]
fn rays_see_what_triangles_show() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut random = Random::new(29);
    for (samples, turns) in [(1, 2), (4, 4)] {
        let mut rehearsal = rehearsal(&gpu, samples);
        for layout in Layout::ALL {
            let mut scene = scene(&gpu, layout, 40);
            for turn in 0..turns {
                if turn == 0 {
                    scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
                } else {
                    look(&mut scene, &mut random);
                    // Within a cell there is nothing to see.
                    while is_within_a_row(&scene) {
                        look(&mut scene, &mut random);
                    }
                }
                let [triangles, rays] = both(&mut rehearsal, &scene);
                let pixels = f64::from(SIZE.x * SIZE.y);
                let part = differing(&triangles, &rays, 24) as f64 / pixels;
                println!(
                    "{layout:?}, {samples} samples: {:.2} % differ",
                    part * 100.0
                );
                assert!(part < 0.08, "{layout:?}: {part}");
            }
        }
    }
}

/// On a light ground, cut out, with nothing selected, and as a part of a larger picture.
#[test]
fn rays_see_it_on_any_ground() {
    let device = device();
    let gpu = device.gpu.clone();
    let grounds = [(true, true), (false, true), (false, false)];
    for (layout, (is_light, is_selected)) in Layout::ALL.into_iter().zip(grounds) {
        let mut rehearsal = on_ground(&gpu, 4, is_light);
        rehearsal.excerpt = Excerpt {
            whole: SIZE * 2,
            origin: UVec2::new(130, 40),
            grain: 2,
            cut_out: true,
            ..rehearsal.excerpt
        };
        let mut scene = scene(&gpu, layout, 40);
        scene.eye = bench::eye(whole(&scene, 1.0), (SIZE * 2).as_vec2());
        if is_light {
            scene.colours.theme = Theme::Light;
        }
        if !is_selected {
            scene.marked = None;
        }
        let [triangles, rays] = both(&mut rehearsal, &scene);
        let part = differing(&triangles, &rays, 24) as f64 / f64::from(SIZE.x * SIZE.y);
        println!("{layout:?}: {:.2} % differ", part * 100.0);
        let alphas: BTreeSet<u8> = rays.iter().skip(3).step_by(4).copied().collect();
        assert!(alphas.len() > 20, "{layout:?}: nothing is cut out");
        assert!(part < 0.02, "{layout:?}: {part}");
    }
}

/// Light that fills a square early is the same as all of it.
#[test]
fn many_arcs_are_as_bright_as_ribbons() {
    let device = device();
    let gpu = device.gpu.clone();
    for is_light in [false, true] {
        let mut rehearsal = on_ground(&gpu, 4, is_light);
        let mut scene = scene(&gpu, Layout::Lattice, 6000);
        if is_light {
            scene.colours.theme = Theme::Light;
        }
        scene.eye = bench::eye(whole(&scene, 1.0), SIZE.as_vec2());
        rehearsal.painter.rays = true;
        let squares = drawn(&mut rehearsal, &scene, (true, true));
        rehearsal.painter.rays = false;
        let ribbons = drawn(&mut rehearsal, &scene, (true, false));
        let part = differing(&ribbons, &squares, 24) as f64 / f64::from(SIZE.x * SIZE.y);
        println!("light ground {is_light}: {:.2} % differ", part * 100.0);
        assert!(part < 0.06, "{part}");
    }
}
