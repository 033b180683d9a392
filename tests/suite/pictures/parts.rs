use arclight::{
    app::{Stage, Start},
    lattice::HeadId,
    picture::average,
    session::{Against, Compare, CompareView, PictureOptions, Session},
};
use bevy::{math::UVec2, prelude::Msaa};

use super::{SIZE, differing, keep, picture, session, stage};
use crate::support::device;

/// Corners are moved from the whole to its parts in single floats, and the rasteriser rounds them to a part of a
/// pixel: a sample here and there falls on the other side of an edge. So many pixels may differ at all.
const PIXELS: f64 = 0.002;
/// Nothing may differ by more than two of four samples can.
const CHANNEL: u8 = 128;

#[test]
fn in_parts_it_is_the_same() {
    let device = device();
    let gpu = device.gpu.clone();
    let head = HeadId { layer: 7, head: 1 };
    let with_matrix = Session {
        heads: head.into(),
        matrix: true,
        ..session()
    };
    let beside = |view| Session {
        compare: Some(Compare {
            with: Against::Text("Tom gave Ann a book. Ann gave Kim a".into()),
            view,
        }),
        ..session()
    };
    let [across, stacked] = [CompareView::SideBySide, CompareView::Stacked].map(beside);
    for session in [session(), with_matrix, across, stacked] {
        let mut stage = stage(&gpu, session);
        // No multiple of any part.
        let options = PictureOptions::of(UVec2::new(613, 347));
        let whole = picture(&mut stage, &options);
        for most in [100, 256] {
            let parts = stage.picture_in_parts(&options, most).expect("drawn");
            let part = differing(&whole, &parts, 2) as f64 / f64::from(613 * 347);
            println!("{:.4} % of the pixels differ", part * 100.0);
            assert!(part <= PIXELS, "in parts of {most}: {part}");
            assert_eq!(differing(&whole, &parts, CHANNEL), 0);
        }
        // A row of pixels further, nearly everything differs.
        let mut moved = whole.clone();
        moved.pixels.rotate_left(613 * 4);
        let part = differing(&whole, &moved, 2) as f64 / f64::from(613 * 347);
        assert!(part > 20.0 * PIXELS, "{part}");
    }
}

#[test]
fn a_picture_is_what_a_frame_shows() {
    let device = device();
    let gpu = device.gpu.clone();
    let beside = Session {
        compare: Some(Compare::with(Against::Model("demo-v7".into()))),
        ..session()
    };
    for session in [session(), beside] {
        let start = Start {
            session,
            ..Start::default()
        };
        let mut stage = Stage::new(&gpu, start, SIZE, Msaa::Sample4).expect("a stage");
        stage.settle().expect("it runs");
        let frame = stage.drawn().expect("it is drawn");
        let picture = picture(&mut stage, &PictureOptions::of(SIZE));
        let part = differing(&frame, &picture, 2) as f64 / f64::from(SIZE.x * SIZE.y);
        println!("{:.4} % of the pixels differ", part * 100.0);
        if part > PIXELS {
            let kept = [("frame", &frame), ("picture", &picture)].map(|(name, of)| keep(name, of));
            panic!("{part} of the pixels differ: look at {kept:?}");
        }
    }
}

#[test]
fn panels_are_as_large_in_a_picture_of_any_size() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(&gpu, session());
    let small = picture(&mut stage, &PictureOptions::of(SIZE));
    let large = picture(&mut stage, &PictureOptions::of(SIZE * 3));
    // The ground of the side panel ends at the same part of the width.
    let edge = |picture: &arclight::app::Picture| {
        let row = &picture.pixels[(picture.width * (picture.height - 2) * 4) as usize..];
        let first = &row[..4];
        let end = row.chunks_exact(4).position(|pixel| pixel != first);
        end.expect("it ends") as f64 / f64::from(picture.width)
    };
    let (small, large) = (edge(&small), edge(&large));
    assert!((small - large).abs() < 2e-3, "{small}, {large}");
    assert!((small - 304.0 / 1280.0).abs() < 2e-3, "{small}");
}

/// A window paints the matrix on 640 pixels at most; in a large picture it is as large all the same.
#[test]
fn the_matrix_is_as_large_in_a_large_picture() {
    const GRAIN: u32 = 3;
    let device = device();
    let gpu = device.gpu.clone();
    let head = HeadId { layer: 7, head: 1 };
    let mut stage = stage(
        &gpu,
        Session {
            heads: head.into(),
            matrix: true,
            ..session()
        },
    );
    let small = picture(&mut stage, &PictureOptions::of(SIZE * 2));
    let large = picture(&mut stage, &PictureOptions::of(SIZE * 2 * GRAIN));
    let large = average(large.pixels, small.width as usize, GRAIN as usize);
    // Where the matrix is; `up` moves one of them.
    let differing = |up: usize| {
        let mut count = 0;
        for (x, y) in (400..600).flat_map(|x| (420..600).map(move |y| (x, y))) {
            let at = |y: usize| (y * small.width as usize + x) * 4;
            let (a, b) = (&small.pixels[at(y)..][..3], &large[at(y - up)..][..3]);
            count += usize::from(a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > 16));
        }
        count as f64 / f64::from(200 * 180)
    };
    let (same, moved) = (differing(0), differing(30));
    println!("{same} of it differs, and {moved} of one that is moved");
    assert!(same < 0.1 && moved > 2.0 * same, "{same}, {moved}");
}

/// Glyphs that no frame had before are there in the first that shows them: a window at rest draws no second one.
#[test]
fn new_glyphs_are_there_at_once() {
    let device = device();
    let gpu = device.gpu.clone();
    let start = Start {
        session: session(),
        ..Start::default()
    };
    let mut stage = Stage::new(&gpu, start, SIZE, Msaa::Sample4).expect("a stage");
    stage.settle().expect("it runs");
    let before = stage.drawn().expect("it is drawn");
    stage.desk().drafts.prompt = "Ψ ξ Щ я ¶ § æ".into();
    stage.frame();
    let at_once = stage.drawn().expect("it is drawn");
    for _ in 0..3 {
        stage.frame();
    }
    let later = stage.drawn().expect("it is drawn");
    assert!(differing(&before, &later, 64) > 50, "the text is not seen");
    assert_eq!(differing(&at_once, &later, 2), 0);
}
