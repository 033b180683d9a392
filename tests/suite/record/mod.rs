//! Clips as ffmpeg, which knows nothing of how they were written, reads them.

mod ends;
mod exact;
mod gif;
#[cfg(feature = "mp4")]
mod mp4;
mod pipe;
mod scene;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use arclight::record::{Frame, RecordError, Recorder, Report, Settings};
use serde_json::Value;

pub use scene::scene;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 90;

/// Whether there are ffmpeg and ffprobe. Only outside of CI may they be missing.
fn has_ffmpeg() -> bool {
    let runs = |program| Command::new(program).arg("-version").output().is_ok();
    if runs("ffmpeg") && runs("ffprobe") {
        return true;
    }
    assert!(std::env::var_os("CI").is_none(), "there is no ffmpeg");
    println!("skipped: there is no ffmpeg");
    false
}

/// A clip of this many frames of [`scene`].
fn settings(fps: u32, frames: u32) -> Settings {
    Settings {
        poster: None,
        ..Settings::new(WIDTH, HEIGHT, fps, frames)
    }
}

fn record(path: &Path, settings: &Settings) -> Result<Report, RecordError> {
    let mut recorder = Recorder::start(path, settings)?;
    for at in 0..settings.frames {
        recorder.push(scene(settings.width, settings.height, at))?;
    }
    recorder.finish()
}

/// A fresh folder and the clip `name` in it.
fn recorded(name: &str, settings: &Settings) -> (tempfile::TempDir, PathBuf, Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let report = record(&path, settings).expect("the clip is recorded");
    assert_eq!(report.frames, settings.frames);
    (folder, path, report)
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is read");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("it runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && complaint.is_empty(),
        "{command:?}: {complaint}"
    );
    output.stdout
}

/// What ffprobe says of the one stream, with its frames counted by decoding; `format` is added.
fn probe(path: &Path) -> Value {
    let json = output(
        Command::new("ffprobe")
            .args(["-v", "error", "-of", "json", "-count_frames"])
            .args(["-show_streams", "-show_format", "-show_packets"])
            .arg(path),
    );
    let mut all: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(all["streams"].as_array().map(Vec::len), Some(1));
    let mut stream = all["streams"][0].take();
    stream["format"] = all["format"].take();
    stream["packets"] = all["packets"].take();
    stream
}

/// Every frame as ffmpeg decodes it, three bytes a pixel.
fn decode(path: &Path) -> Vec<Vec<u8>> {
    let bytes = output(
        Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(path)
            .args([
                "-fps_mode",
                "passthrough",
                "-sws_flags",
                "accurate_rnd+full_chroma_int",
            ])
            .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]),
    );
    let size = (WIDTH * HEIGHT * 3) as usize;
    assert_eq!(bytes.len() % size, 0, "whole frames");
    bytes.chunks_exact(size).map(<[u8]>::to_vec).collect()
}

/// How near a decoded frame is to the one that was given, in decibels (peak signal to noise). Means of 2 × 2 pixels are
/// compared, for a video keeps one colour for each of them; what is exact is compared bit by bit elsewhere.
fn nearness(decoded: &[u8], given: &Frame) -> f64 {
    let (decoded, given) = (halved(decoded, 3), halved(given.pixels(), 4));
    let squares = decoded.iter().zip(&given).map(|(a, b)| (a - b).powi(2));
    let mean = squares.sum::<f64>() / decoded.len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

/// Red, green and blue of each 2 × 2 pixels; a pixel has `size` bytes.
fn halved(pixels: &[u8], size: usize) -> Vec<f64> {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let at = |x: usize, y: usize, channel| f64::from(pixels[(y * width + x) * size + channel]);
    let mut means = Vec::with_capacity(width * height * 3 / 4);
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            means.extend((0..3).map(|channel| {
                let upper = at(x, y, channel) + at(x + 1, y, channel);
                (upper + at(x, y + 1, channel) + at(x + 1, y + 1, channel)) / 4.0
            }));
        }
    }
    means
}

/// Each decoded frame is the one that was given at its place, to `least` decibels, and no other one.
fn assert_frames(path: &Path, frames: u32, least: f64) {
    let decoded = decode(path);
    assert_eq!(decoded.len(), frames as usize, "frames");
    let mut worst = f64::MAX;
    for (at, frame) in (0..frames).zip(&decoded) {
        let right = nearness(frame, &scene(WIDTH, HEIGHT, at));
        assert!(right >= least, "frame {at}: {right:.1} dB");
        worst = worst.min(right);
        let wrong = nearness(frame, &scene(WIDTH, HEIGHT, at + 1));
        assert!(
            wrong < least - 3.0,
            "frame {at} passes as the next one: {wrong:.1} dB"
        );
    }
    println!("{}: {worst:.1} dB", path.display());
}

/// Recording the same frames twice leaves the same bytes.
fn assert_same_twice(name: &str, settings: &Settings) {
    let (_folder, first, _) = recorded(name, settings);
    let (_other, second, _) = recorded(name, settings);
    let read = |path| std::fs::read(path).expect("the clip is read");
    assert!(
        read(first) == read(second),
        "{name} differs from run to run"
    );
}
