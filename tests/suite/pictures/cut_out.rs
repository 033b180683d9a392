use arclight::{
    app::Picture,
    lattice::Layout,
    session::{PictureOptions, Session, Theme, bytes},
};

use super::{SIZE, differing, picture, session, stage};
use crate::support::device;

/// Lays a picture over a ground, as most programs do: in sRGB.
fn over(picture: &Picture, ground: [u8; 3]) -> Picture {
    let pixels = picture.pixels.chunks_exact(4).flat_map(|pixel| {
        let alpha = f64::from(pixel[3]) / 255.0;
        let channel = |i: usize| {
            (f64::from(pixel[i]) * alpha + f64::from(ground[i]) * (1.0 - alpha)).round() as u8
        };
        [channel(0), channel(1), channel(2), 255]
    });
    Picture {
        pixels: pixels.collect(),
        ..*picture
    }
}

fn count(picture: &Picture, alpha: impl Fn(u8) -> bool) -> f64 {
    let pixels = picture.pixels.chunks_exact(4);
    let all = pixels.len() as f64;
    pixels.filter(|pixel| alpha(pixel[3])).count() as f64 / all
}

#[test]
fn over_its_own_ground_it_is_the_opaque_picture() {
    let device = device();
    let gpu = device.gpu.clone();
    for (theme, layout, token, overlay, supersample) in [
        (Theme::Dark, Layout::Lattice, Some(5), true, 1),
        (Theme::Light, Layout::Lattice, Some(5), false, 2),
        (Theme::Dark, Layout::Rings, Some(7), false, 1),
        (Theme::Light, Layout::Grid, None, true, 1),
    ] {
        let session = Session {
            theme,
            layout,
            token,
            bare: !overlay,
            ..session()
        };
        let ground = bytes(session.colours().ground());
        let mut stage = stage(&gpu, session);
        let options = PictureOptions {
            overlay,
            supersample,
            ..PictureOptions::of(SIZE)
        };
        let opaque = picture(&mut stage, &options);
        assert_eq!(count(&opaque, |alpha| alpha == 255), 1.0);
        let cut = PictureOptions {
            transparent: true,
            ..options
        };
        let cut = picture(&mut stage, &cut);
        let what = format!("{theme:?}, {layout:?}");
        // Rounding of a colour, and of the sum.
        assert_eq!(differing(&over(&cut, ground), &opaque, 1), 0, "{what}");
        // Over another ground, it is another picture; the ground is gone, and cells are not.
        let other = ground.map(|channel| channel.abs_diff(40));
        let differs = differing(&over(&cut, other), &opaque, 1) as f64;
        assert!(differs > 0.2 * f64::from(SIZE.x * SIZE.y), "{what}");
        let gone = count(&cut, |alpha| alpha == 0);
        let part = count(&cut, |alpha| alpha > 40);
        assert!(gone > 0.15, "{what}: {gone} of it is nothing");
        assert!(part > 0.03, "{what}: {part} of it is something");
    }
}

/// Cells that fog veils on the ground are veiled by whatever else lies below.
#[test]
fn cells_sink_into_what_the_picture_lies_over() {
    let device = device();
    let gpu = device.gpu.clone();
    let session = Session {
        token: None,
        bare: true,
        ..session()
    };
    let mut stage = stage(&gpu, session);
    let options = PictureOptions {
        transparent: true,
        overlay: false,
        ..PictureOptions::of(SIZE)
    };
    let cut = picture(&mut stage, &options);
    let veiled = count(&cut, |alpha| (60..250).contains(&alpha));
    assert!(veiled > 0.05, "{veiled} of it is veiled");
}
