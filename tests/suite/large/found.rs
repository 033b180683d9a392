use std::collections::BTreeSet;

use arclight::{
    draw::{BOX_PIXELS, InSight, Scene},
    lattice::{Cell, Layout},
};
use bevy::math::{DVec3, DVec4, Vec3};

use super::{SHAPE, SIZE, WRITTEN, look, rehearsal, scene};
use crate::support::{Random, device};

/// What cannot be told apart in single precision, in parts of a length.
const CLOSE: f64 = 2e-3;

/// Certainly, certainly not, or too close to tell.
type Verdict = Option<bool>;

fn verdict(over: f64, scale: f64) -> Verdict {
    (over.abs() > CLOSE * scale).then_some(over > 0.0)
}

/// The same by a search in double precision.
struct Twin<'a> {
    scene: &'a Scene,
    planes: [DVec4; 5],
    width: usize,
    /// Tokens on show whose places lie in each block.
    tokens: Vec<Vec<usize>>,
}

impl<'a> Twin<'a> {
    fn new(scene: &'a Scene, width: usize) -> Self {
        let clip = scene.eye.clip_from_world.as_dmat4();
        let (x, y, z, w) = (clip.row(0), clip.row(1), clip.row(2), clip.row(3));
        let places = &scene.lattice.places;
        let blocks = (places.count() as usize).div_ceil(width);
        let mut tokens = vec![Vec::new(); blocks];
        for token in (0..WRITTEN).filter(|token| !places.is_hidden(*token)) {
            tokens[places.of(token) as usize / width].push(token);
        }
        let planes = [w + x, w - x, w + y, w - y, w - z];
        Self {
            scene,
            planes: planes.map(|plane| plane / plane.truncate().length()),
            width,
            tokens,
        }
    }

    fn is_in_sight(&self, centre: DVec3, radius: f64) -> Verdict {
        let reach = |plane: &DVec4| plane.dot(centre.extend(1.0)) + 1.01 * radius;
        let least = self.planes.iter().map(reach).fold(f64::INFINITY, f64::min);
        verdict(least, centre.length() + radius + 1.0)
    }

    fn place(&self, row: usize, place: f32) -> DVec3 {
        let lattice = &self.scene.lattice;
        let base = lattice.base(SHAPE.head(row));
        (base + lattice.arrangement.along(place).1).as_dvec3()
    }

    /// Whether a block is in sight, and whether its cells are boxes.
    fn block(&self, row: usize, block: usize) -> (Verdict, Verdict) {
        if self.tokens[block].is_empty() {
            return (Some(false), Some(false));
        }
        let arrangement = &self.scene.lattice.arrangement;
        let count = self.scene.lattice.places.count() as usize;
        let (first, end) = (block * self.width, ((block + 1) * self.width).min(count));
        let last = (end - 1) as f32;
        let middle = self.place(row, 0.5 * (first as f32 + last));
        let pitch = f64::from(
            arrangement.step
                * if arrangement.radius > 0.0 {
                    arrangement.radius
                } else {
                    1.0
                },
        );
        let half = f64::from(arrangement.half.length());
        let radius = middle.distance(self.place(row, last)) + half + 0.5 * pitch;
        let clip = self.scene.eye.clip_from_world.as_dmat4();
        let away = (clip.row(3).dot(middle.extend(1.0)) - radius).max(0.0);
        let pixels = clip.row(1).truncate().length() * 0.5 * f64::from(SIZE.y);
        let over = pitch * pixels - f64::from(BOX_PIXELS) * away;
        (
            self.is_in_sight(middle, radius),
            verdict(over, 3.0 * away + pitch),
        )
    }

    fn cell(&self, cell: Cell) -> Verdict {
        let centre = self.scene.lattice.position(cell).as_dvec3();
        self.is_in_sight(
            centre,
            f64::from(self.scene.lattice.arrangement.half.length()),
        )
    }
}

/// Both demands hold; neither is known to fail.
fn both(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn is_found(found: bool, expected: Verdict, what: &str) {
    assert!(
        expected.is_none_or(|expected| expected == found),
        "{what}: {found}"
    );
}

fn check(scene: &Scene, found: &InSight) -> [usize; 2] {
    let twin = Twin::new(scene, found.width as usize);
    let bars: BTreeSet<u32> = found.bars.iter().copied().collect();
    let boxes: BTreeSet<u32> = found.boxes.iter().copied().collect();
    assert_eq!(
        (bars.len(), boxes.len()),
        (found.bars.len(), found.boxes.len()),
        "none is listed twice"
    );
    let blocks = (scene.lattice.places.count() as usize).div_ceil(twin.width);
    for row in 0..SHAPE.rows() {
        for block in 0..blocks {
            let (in_sight, are_boxes) = twin.block(row, block);
            let number = (row * blocks + block) as u32;
            let is_bar = both(in_sight, are_boxes.map(|it| !it));
            is_found(
                bars.contains(&number),
                is_bar,
                &format!("bar {block} of {row}"),
            );
            for &token in &twin.tokens[block] {
                let cell = Cell {
                    token,
                    head: SHAPE.head(row),
                };
                let is_box = both(both(in_sight, are_boxes), twin.cell(cell));
                let index = SHAPE.index(cell) as u32;
                is_found(boxes.contains(&index), is_box, &format!("{cell:?}"));
                // By another way: no corner that is seen is left out.
                if has_corner_in_sight(scene, cell) {
                    assert!(
                        boxes.contains(&index) || bars.contains(&number),
                        "{cell:?} is seen"
                    );
                }
            }
        }
    }
    [bars.len(), boxes.len()]
}

fn has_corner_in_sight(scene: &Scene, cell: Cell) -> bool {
    let (centre, turn) = (scene.lattice.position(cell), scene.lattice.turn(cell));
    (0..8).any(|corner| {
        let sign = |bit: i32| if corner & bit == 0 { 1.0 } else { -1.0 };
        let offset = scene.lattice.arrangement.half * Vec3::new(sign(1), sign(2), sign(4));
        let clip = scene.eye.clip_from_world * (centre + turn * offset).extend(1.0);
        clip.w > 0.11 && clip.x.abs() < clip.w * 0.999 && clip.y.abs() < clip.w * 0.999
    })
}

#[test]
fn what_is_in_sight_is_found_and_nothing_else() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut random = Random::new(17);
    let mut rehearsal = rehearsal(&gpu, 1);
    rehearsal.painter.squares = false;
    for layout in Layout::ALL {
        let mut scene = scene(&gpu, layout, 60);
        let mut all = [0, 0];
        for _ in 0..12 {
            look(&mut scene, &mut random);
            rehearsal.draw(&scene, None);
            let found = rehearsal
                .painter
                .in_sight(&gpu)
                .expect("read")
                .expect("drawn");
            let counts = check(&scene, &found);
            all = [all[0] + counts[0], all[1] + counts[1]];
            // The order is always the same.
            rehearsal.draw(&scene, None);
            assert_eq!(rehearsal.painter.in_sight(&gpu).expect("read"), Some(found));
        }
        println!("{layout:?}: {all:?} bars and boxes");
        assert!(
            all[0] > 50 && all[1] > 100,
            "{layout:?}: {all:?} is no test"
        );
    }
}
