//! Pictures of what is on show: in parts, cut out, averaged, and while the program goes on.

mod cut_out;
mod export;
mod parts;
mod supersampled;

use std::path::PathBuf;

use arclight::{
    app::{Picture, Stage, Start},
    gpu::Gpu,
    session::{PictureOptions, Session},
};
use bevy::math::UVec2;

pub const SIZE: UVec2 = UVec2::new(640, 360);

fn session() -> Session {
    Session {
        model: "demo-v6".into(),
        prompt: "Tom gave Ann a book. Ann gave Tom a".into(),
        token: Some(5),
        ..Session::default()
    }
}

/// A program that draws pictures only, with what the session shows.
pub fn stage(gpu: &Gpu, session: Session) -> Stage {
    let start = Start {
        session,
        ..Start::default()
    };
    let mut stage = Stage::for_pictures(gpu, start, SIZE).expect("a stage");
    stage.settle().expect("it runs");
    stage
}

fn picture(stage: &mut Stage, options: &PictureOptions) -> Picture {
    let picture = stage.picture(options).expect("it is drawn");
    assert_eq!(UVec2::new(picture.width, picture.height), options.size);
    picture
}

/// Keeps a picture to be looked at.
fn keep(name: &str, picture: &Picture) -> PathBuf {
    let path = std::env::temp_dir().join(format!("arclight-{name}.png"));
    let file = std::fs::File::create(&path).expect("it can be written");
    let mut encoder = png::Encoder::new(file, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("it is written");
    writer
        .write_image_data(&picture.pixels)
        .expect("it is written");
    path
}

/// Pixels of which a channel differs by more than `by`, of 255.
fn differing(a: &Picture, b: &Picture, by: u8) -> usize {
    assert_eq!((a.width, a.height), (b.width, b.height), "sizes differ");
    let pairs = a.pixels.chunks_exact(4).zip(b.pixels.chunks_exact(4));
    let differs = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > by);
    pairs.filter(differs).count()
}
