//! Formats that keep every bit, and the poster.

use std::{fs::File, io::BufReader, path::Path};

use arclight::record::{Frame, Recorder, Settings, poster_path, write_png};

use super::{
    HEIGHT, WIDTH, assert_same_twice, decode, has_ffmpeg, names, probe, recorded, scene, settings,
};

/// A PNG's pixels, four bytes each, and whether it says that they are sRGB.
fn read_png(path: &Path) -> (Frame, bool) {
    let file = BufReader::new(File::open(path).expect("the picture is there"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let info = reader.info();
    let (width, height, srgb) = (info.width, info.height, info.srgb.is_some());
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("its pixels");
    if frame.color_type == png::ColorType::Rgb {
        pixels = pixels
            .chunks_exact(3)
            .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
            .collect();
    }
    (Frame::new(width, height, pixels).expect("a frame"), srgb)
}

/// Half of the pixels shine through.
fn glass(at: u32) -> Frame {
    let mut pixels = scene(WIDTH, HEIGHT, at).into_pixels();
    for pixel in pixels.chunks_exact_mut(8) {
        pixel[3] = 128;
    }
    Frame::new(WIDTH, HEIGHT, pixels).expect("a frame")
}

#[test]
fn an_apng_keeps_every_bit() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path, report) = recorded("clip.apng", &settings(30, 9));
    let stream = probe(&path);
    assert_eq!(stream["codec_name"], "apng");
    assert_eq!(stream["width"], WIDTH);
    assert_eq!(stream["height"], HEIGHT);
    assert_eq!(stream["nb_read_frames"], "9");
    assert_eq!(stream["r_frame_rate"], "30/1");
    assert_eq!(stream["format"]["size"], report.bytes.to_string());
    for (at, decoded) in (0..).zip(decode(&path)) {
        let given = scene(WIDTH, HEIGHT, at);
        let given: Vec<u8> = given
            .pixels()
            .chunks_exact(4)
            .flat_map(|rgba| rgba[..3].to_vec())
            .collect();
        assert!(decoded == given, "frame {at}");
    }
    let file = BufReader::new(File::open(&path).expect("the clip is there"));
    let reader = png::Decoder::new(file).read_info().expect("a PNG");
    let info = reader.info();
    assert_eq!(
        info.animation_control.map(|control| control.num_plays),
        Some(0)
    );
    assert!(info.srgb.is_some());
}

#[test]
fn an_apng_and_pictures_keep_what_shines_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(30, 1);
    for name in ["clip.apng", "clip/"] {
        let path = folder.path().join(name);
        let mut recorder = Recorder::start(&path, &settings).expect("it starts");
        recorder.push(glass(0)).expect("pushed");
        recorder.finish().expect("finished");
    }
    for name in ["clip.apng", "clip/frame-00001.png"] {
        let (frame, srgb) = read_png(&folder.path().join(name));
        assert!(frame == glass(0), "{name}");
        assert!(srgb, "{name}");
    }
}

#[test]
fn pictures_keep_every_bit() {
    let (folder, path, report) = recorded("clip/", &settings(30, 3));
    assert_eq!(names(folder.path()), ["clip"]);
    let pictures = ["frame-00001.png", "frame-00002.png", "frame-00003.png"];
    assert_eq!(names(&path), pictures);
    let mut bytes = 0;
    for (at, picture) in (0..).zip(pictures) {
        let picture = path.join(picture);
        bytes += picture.metadata().expect("its size").len();
        let (frame, srgb) = read_png(&picture);
        assert!(frame == scene(WIDTH, HEIGHT, at), "picture {at}");
        assert!(srgb);
    }
    assert_eq!(report.bytes, bytes);
    if has_ffmpeg() {
        let stream = probe(&path.join(pictures[0]));
        assert_eq!(stream["codec_name"], "png");
        assert_eq!(stream["pix_fmt"], "rgb24");
        assert_eq!(stream["width"], WIDTH);
        let all = decode(&path.join("frame-%05d.png"));
        assert_eq!(all.len(), 3, "ffmpeg reads them as a sequence");
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clip/");
    std::fs::create_dir(&path).expect("an empty folder");
    super::record(&path, &settings(30, 1)).expect("an empty folder makes way");
    let before = std::fs::read(path.join("frame-00001.png")).expect("the picture");
    let error = super::record(&path, &settings(30, 2)).expect_err("refused");
    assert!(error.to_string().contains("holds something"), "{error}");
    assert_eq!(names(&path), ["frame-00001.png"]);
    assert!(std::fs::read(path.join("frame-00001.png")).expect("the picture") == before);

    // One that is filled while the recording goes on.
    let path = folder.path().join("other/");
    let mut recorder = Recorder::start(&path, &settings(30, 1)).expect("it starts");
    recorder.push(scene(WIDTH, HEIGHT, 0)).expect("pushed");
    std::fs::create_dir(&path).expect("a folder");
    std::fs::write(path.join("mine.txt"), "mine").expect("a file");
    recorder.finish().expect_err("refused");
    assert_eq!(names(&path), ["mine.txt"]);
    assert_eq!(names(folder.path()), ["clip", "other"]);
}

#[test]
fn an_apng_is_the_same_twice() {
    assert_same_twice("clip.apng", &settings(30, 5));
}

#[test]
fn the_poster_is_the_frame_asked_for() {
    for (name, poster) in [
        ("talk.apng", "talk.png"),
        ("talk/", "talk.png"),
        ("a.b.gif", "a.b.png"),
    ] {
        let clip = Settings {
            poster: Some(2),
            ..settings(25, 4)
        };
        let (folder, path, report) = recorded(name, &clip);
        assert_eq!(poster_path(&path), folder.path().join(poster));
        assert_eq!(report.poster, Some(folder.path().join(poster)));
        let (frame, srgb) = read_png(&folder.path().join(poster));
        assert!(frame == scene(WIDTH, HEIGHT, 2), "{name}");
        assert!(srgb);
    }
    assert_eq!(
        Settings::new(WIDTH, HEIGHT, 25, 9).poster,
        Some(4),
        "the middle"
    );
    assert_eq!(
        poster_path("clip.png/".as_ref()),
        Path::new("clip.poster.png")
    );
}

#[test]
fn a_single_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.png");
    write_png(&path, &glass(3)).expect("written");
    assert!(read_png(&path).0 == glass(3));
}
