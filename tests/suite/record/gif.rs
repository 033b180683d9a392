use std::{fs::File, path::Path};

use arclight::record::{Format, Recorder, estimate};
use gif::Repeat;

use super::{
    HEIGHT, WIDTH, assert_frames, assert_same_twice, decode, has_ffmpeg, probe, recorded, scene,
    settings,
};

/// The delays of all frames, in hundredths of a second, and how often they are repeated.
fn delays(path: &Path) -> (Vec<u16>, Repeat) {
    let file = File::open(path).expect("the clip is there");
    let mut decoder = gif::DecodeOptions::new().read_info(file).expect("a GIF");
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a frame") {
        delays.push(frame.delay);
    }
    (delays, decoder.repeat())
}

#[test]
fn a_gif_lasts_as_long_as_its_frames() {
    if !has_ffmpeg() {
        return;
    }
    for (fps, frames, hundredths) in [
        (25, 10, 40),
        (30, 30, 100),
        (24, 12, 50),
        (50, 5, 10),
        (1, 2, 200),
    ] {
        let (_folder, path, report) = recorded("clip.gif", &settings(fps, frames));
        let (delays, repeat) = delays(&path);
        assert_eq!(delays.len(), frames as usize);
        assert_eq!(
            delays.iter().map(|delay| u32::from(*delay)).sum::<u32>(),
            hundredths
        );
        assert!(delays.iter().all(|delay| *delay >= 2), "{delays:?}");
        assert_eq!(repeat, Repeat::Infinite);
        let stream = probe(&path);
        assert_eq!(stream["codec_name"], "gif");
        assert_eq!(stream["width"], WIDTH);
        assert_eq!(stream["height"], HEIGHT);
        assert_eq!(stream["nb_read_frames"], frames.to_string());
        assert_eq!(stream["format"]["size"], report.bytes.to_string());
    }
}

#[test]
fn the_frames_of_a_gif_are_those_given() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path, _) = recorded("clip.gif", &settings(25, 12));
    assert_frames(&path, 12, 45.0);
}

#[test]
fn what_stands_still_does_not_flicker() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path, _) = recorded("clip.gif", &settings(25, 12));
    let decoded = decode(&path);
    let mut still = 0;
    for at in 0..11 {
        let (now, next) = (scene(WIDTH, HEIGHT, at), scene(WIDTH, HEIGHT, at + 1));
        let pixels = now
            .pixels()
            .chunks_exact(4)
            .zip(next.pixels().chunks_exact(4));
        let shown = decoded[at as usize]
            .chunks_exact(3)
            .zip(decoded[at as usize + 1].chunks_exact(3));
        for ((now, next), (shown, shown_next)) in pixels.zip(shown) {
            if now == next {
                assert_eq!(shown, shown_next);
                still += 1;
            }
        }
    }
    assert!(still > 10_000, "much stands still: {still}");
}

#[test]
fn a_clip_that_stands_still_is_small() {
    let settings = settings(25, 50);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clip.gif");
    let mut recorder = Recorder::start(&path, &settings).expect("it starts");
    for _ in 0..50 {
        recorder.push(scene(WIDTH, HEIGHT, 0)).expect("pushed");
    }
    let still = recorder.finish().expect("finished").bytes;
    let (_folder, path, one) = recorded("clip.gif", &super::settings(25, 1));
    assert_eq!(delays(&path).0, [4]);
    assert!(
        still < one.bytes + 50 * 40,
        "{still} bytes, one frame is {}",
        one.bytes
    );
    assert_eq!(delays(&folder.path().join("clip.gif")).0, [4; 50]);
}

#[test]
fn a_gif_is_the_same_twice() {
    assert_same_twice("clip.gif", &settings(25, 8));
}

#[test]
fn the_size_of_a_gif_is_foreseen() {
    let settings = settings(25, 50);
    let (_folder, _path, report) = recorded("clip.gif", &settings);
    let first: Vec<_> = (0..6).map(|at| scene(WIDTH, HEIGHT, at)).collect();
    let foreseen = estimate(Format::Gif, &settings, &first).expect("an estimate");
    let ratio = foreseen as f64 / report.bytes as f64;
    assert!(
        (0.7..1.4).contains(&ratio),
        "{foreseen} for {}",
        report.bytes
    );
}
