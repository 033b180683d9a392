use arclight::session::{PictureOptions, Session};
use bevy::math::UVec2;

use super::{differing, picture, session, stage};
use crate::support::device;

fn light(byte: u8) -> f64 {
    let encoded = f64::from(byte) / 255.0;
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

fn byte(light: f64) -> f64 {
    let encoded = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    encoded * 255.0
}

#[test]
fn a_pixel_is_the_mean_light_of_those_drawn_for_it() {
    let device = device();
    let gpu = device.gpu.clone();
    // Without arcs: their least width is one pixel of the picture, so that of a larger one is finer.
    let session = Session {
        token: None,
        ..session()
    };
    let mut stage = stage(&gpu, session);
    let size = UVec2::new(320, 180);
    let options = PictureOptions::of(size);
    let plain = picture(&mut stage, &options);
    for grain in [2, 3] {
        let fine = PictureOptions {
            supersample: grain,
            ..options
        };
        let found = picture(&mut stage, &fine);
        assert_eq!(found, picture(&mut stage, &fine), "two of the same differ");
        assert!(differing(&found, &plain, 8) > 500, "it changes nothing");

        let drawn = picture(&mut stage, &PictureOptions::of(size * grain));
        let mut worst = 0.0f64;
        for (at, pixel) in found.pixels.chunks_exact(4).enumerate() {
            let (x, y) = (at as u32 % size.x * grain, at as u32 / size.x * grain);
            for (channel, found) in pixel[..3].iter().enumerate() {
                let square = (0..grain * grain).map(|i| {
                    let (x, y) = (x + i % grain, y + i / grain);
                    light(drawn.pixels[((y * drawn.width + x) * 4) as usize + channel])
                });
                let mean = byte(square.sum::<f64>() / f64::from(grain * grain));
                worst = worst.max((f64::from(*found) - mean).abs());
            }
        }
        assert!(worst < 0.55, "{worst}");
    }
}

/// Arcs keep their width: the picture is as bright as before.
#[test]
fn nothing_becomes_thinner() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(
        &gpu,
        Session {
            bare: true,
            ..session()
        },
    );
    let options = PictureOptions {
        overlay: false,
        ..PictureOptions::of(UVec2::new(320, 180))
    };
    let mut light_of = |supersample| {
        let picture = picture(
            &mut stage,
            &PictureOptions {
                supersample,
                ..options
            },
        );
        let bytes = picture.pixels.iter();
        bytes.map(|byte| light(*byte)).sum::<f64>()
    };
    let (plain, fine) = (light_of(1), light_of(4));
    assert!((fine / plain - 1.0).abs() < 0.01, "{plain}, {fine}");
}
