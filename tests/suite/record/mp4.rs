use std::path::Path;

use arclight::record::{Format, Quality, Settings, estimate};
use serde_json::Value;

use super::{
    HEIGHT, WIDTH, assert_frames, assert_same_twice, has_ffmpeg, probe, recorded, scene, settings,
};

/// Kinds and sizes of the boxes at the top of a file.
fn boxes(path: &Path) -> Vec<(String, u64)> {
    let bytes = std::fs::read(path).expect("the clip is read");
    let mut rest = bytes.as_slice();
    let mut boxes = Vec::new();
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let kind = String::from_utf8_lossy(&head[4..]).into_owned();
        boxes.push((kind, size.into()));
        rest = &rest[size as usize..];
    }
    assert!(rest.is_empty(), "bytes after the last box");
    boxes
}

#[test]
fn an_mp4_is_what_slides_need() {
    if !has_ffmpeg() {
        return;
    }
    // Two seconds and a half at 24 a second: key frames at 0 and 2 s.
    let settings = settings(24, 60);
    let (_folder, path, report) = recorded("clip.mp4", &settings);
    let stream = probe(&path);
    for (name, value) in [
        ("codec_name", "h264"),
        ("profile", "Main"),
        ("codec_tag_string", "avc1"),
        ("pix_fmt", "yuv420p"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
        ("sample_aspect_ratio", "1:1"),
        ("r_frame_rate", "24/1"),
        ("avg_frame_rate", "24/1"),
        ("duration", "2.500000"),
        ("nb_frames", "60"),
        ("nb_read_frames", "60"),
    ] {
        assert_eq!(stream[name], value, "{name} in {stream}");
    }
    assert_eq!(stream["width"], WIDTH);
    assert_eq!(stream["height"], HEIGHT);
    assert_eq!(stream["has_b_frames"], 0);
    assert_eq!(stream["format"]["duration"], "2.500000");
    assert_eq!(stream["format"]["size"], report.bytes.to_string());

    let packets = stream["packets"].as_array().expect("packets");
    let is_key = |packet: &Value| {
        packet["flags"]
            .as_str()
            .is_some_and(|flags| flags.contains('K'))
    };
    let keys: Vec<_> = (0..)
        .zip(packets)
        .filter(|(_, packet)| is_key(packet))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(keys, [0, 48]);
    for (at, packet) in (0..).zip(packets) {
        assert_eq!(packet["pts"], at * 512, "frame {at} stands at its time");
        assert_eq!(packet["dts"], packet["pts"]);
        assert_eq!(packet["duration"], 512);
    }
    let kinds: Vec<_> = boxes(&path).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["ftyp", "moov", "free", "mdat"]);
    let bytes = std::fs::read(&path).expect("the clip is read");
    let colours = b"colrnclx\0\x01\0\x01\0\x01\0";
    assert!(bytes.windows(colours.len()).any(|window| window == colours));
}

#[test]
fn the_frames_of_an_mp4_are_those_given() {
    if !has_ffmpeg() {
        return;
    }
    let mut bytes = Vec::new();
    for (quality, least) in [
        (Quality::Draft, 27.0),
        (Quality::Good, 33.0),
        (Quality::Best, 35.0),
    ] {
        let settings = Settings {
            quality,
            ..settings(30, 12)
        };
        let (_folder, path, report) = recorded("clip.mp4", &settings);
        assert_frames(&path, 12, least);
        bytes.push(report.bytes);
    }
    assert!(bytes.is_sorted_by(|a, b| a < b), "{bytes:?}");
}

#[test]
fn groups_follow_one_another() {
    if !has_ffmpeg() {
        return;
    }
    // Two groups of eight frames, and one frame.
    let (_folder, path, _) = recorded("clip.mp4", &settings(4, 17));
    assert_frames(&path, 17, 33.0);
}

#[test]
fn any_rate_and_size_lasts_exactly() {
    if !has_ffmpeg() {
        return;
    }
    // Portrait, not a multiple of 16, the least size, and rates that do not divide the usual clocks.
    for (width, height, fps, frames, seconds) in [
        (90, 160, 60, 3, "0.050000"),
        (130, 34, 7, 7, "1.000000"),
        (16, 16, 120, 1, "0.008333"),
    ] {
        let settings = Settings {
            width,
            height,
            ..settings(fps, frames)
        };
        let (_folder, path, _) = recorded("clip.mp4", &settings);
        let stream = probe(&path);
        assert_eq!(stream["width"], width);
        assert_eq!(stream["height"], height);
        assert_eq!(stream["duration"], seconds);
        assert_eq!(stream["nb_read_frames"], frames.to_string());
        assert_eq!(stream["avg_frame_rate"], format!("{fps}/1"));
    }
}

#[test]
fn every_frame_has_its_sample() {
    if !has_ffmpeg() {
        return;
    }
    // Frames that are all the same, and frames that share nothing, are what an encoder would leave out.
    let settings = settings(30, 40);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clip.mp4");
    let mut recorder = arclight::record::Recorder::start(&path, &settings).expect("it starts");
    for at in 0..40 {
        let shown = if at < 20 { 0 } else { at * 97 };
        recorder.push(scene(WIDTH, HEIGHT, shown)).expect("pushed");
    }
    recorder.finish().expect("finished");
    assert_eq!(probe(&path)["nb_read_frames"], "40");
}

#[test]
fn an_mp4_is_the_same_twice() {
    assert_same_twice("clip.mp4", &settings(30, 8));
}

#[test]
fn the_size_of_an_mp4_is_foreseen() {
    let settings = settings(30, 90);
    let (_folder, _path, report) = recorded("clip.mp4", &settings);
    let first: Vec<_> = (0..6).map(|at| scene(WIDTH, HEIGHT, at)).collect();
    let foreseen = estimate(Format::Mp4, &settings, &first).expect("an estimate");
    let ratio = foreseen as f64 / report.bytes as f64;
    assert!(
        (0.6..1.6).contains(&ratio),
        "{foreseen} for {}",
        report.bytes
    );
}
