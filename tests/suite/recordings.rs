//! Films from end to end: the command line, and the desk that records while its program goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use arclight::{
    app::{self, Stage, Start},
    overlay::RecordDraft,
    record::{Format, Quality},
    session::{Intent, PictureOptions, Session, film::Track},
};
use bevy::math::UVec2;

use crate::support::device;

const TEXT: &str = "A small grey cat sat, and a small grey cat slept.";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arclight"));
    command
        .env("WGPU_ADAPTER_NAME", "llvmpipe")
        .arg("record")
        .args(arguments);
    command
}

fn record(arguments: &[&str], to: &Path) -> Output {
    command(arguments)
        .arg("-o")
        .arg(to)
        .output()
        .expect("the program starts")
}

fn recorded(arguments: &[&str], to: &Path) -> serde_json::Value {
    let output = record(&[arguments, &["--json"]].concat(), to);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The only line on standard error of a clip that cannot be had; nothing is left of it.
fn refused(arguments: &[&str], to: &Path) -> String {
    let output = record(arguments, to);
    assert!(!output.status.success());
    assert!(!to.exists(), "something is left");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn frames(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("listed").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| fs::read(file).expect("a frame"))
        .collect()
}

const SHORT: [&str; 7] = [
    "demo-v6", "--prompt", TEXT, "--size", "320x180", "--fps", "10",
];

#[test]
fn every_kind_of_clip_has_its_frames_and_its_poster() {
    let folder = tempfile::tempdir().expect("a folder");
    for (track, name) in [
        ("turntable", "a.mp4"),
        ("token-sweep", "b.gif"),
        ("head-tour", "c.apng"),
        ("layer-climb", "d/"),
    ] {
        let path = folder.path().join(name);
        let more = ["--track", track, "--duration", "0.5"];
        let said = recorded(&[&SHORT[..], &more].concat(), &path);
        assert_eq!(said["frames"], 5, "{name}");
        assert!(said["bytes"].as_u64().expect("a number") > 1000, "{said}");
        let poster = said["poster"].as_str().expect("a poster");
        assert!(Path::new(poster).is_file(), "{poster}");
        assert!(path.exists());
    }
    assert_eq!(frames(&folder.path().join("d")).len(), 5);
}

#[test]
fn two_recordings_of_a_film_are_the_same_to_the_byte_and_move() {
    let folder = tempfile::tempdir().expect("a folder");
    let film = folder.path().join("film.toml");
    let text = "version = 1\nduration = 0.6\n\
                [title]\ntext = \"A film\"\nseconds = 0.2\n\
                [[key]]\nat = 0.0\ntoken = 3\ncaption = \"three\"\n\
                camera = { focus = [0.0, 0.0, 0.0], yaw = 0.0, pitch = 0.3, radius = 60.0 }\n\
                [[key]]\nat = 0.4\ntoken = 9\nlayout = \"rings\"\nheads = [\"L3 H2\"]\n\
                camera = { focus = [0.0, 0.0, 0.0], yaw = 0.8, pitch = 0.3, radius = 50.0 }\n";
    fs::write(&film, text).expect("written");
    let [a, b] = ["a/", "b/"].map(|name| folder.path().join(name));
    let path = film.to_str().expect("plain");
    for to in [&a, &b] {
        let arguments = [&SHORT[..], &["--path", path, "--no-poster"]].concat();
        assert_eq!(recorded(&arguments, to)["frames"], 8);
    }
    let (a, b) = (frames(&a), frames(&b));
    assert!(a == b, "two runs differ");
    for (at, pair) in a.windows(2).enumerate().skip(1) {
        assert!(pair[0] != pair[1], "frames {at} and {} are one", at + 1);
    }
}

#[test]
fn what_cannot_be_recorded_is_said_before_a_model_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let film = at("film.toml");
    fs::write(&film, "version = 1\n[[key]]\nat = 99.0\n").expect("written");
    let film = film.to_str().expect("plain").to_owned();
    // No such model: it would be said if it were looked at first.
    for (arguments, name, words) in [
        (vec!["--size", "321x180"], "a.mp4", vec!["321×180", "even"]),
        (vec![], "a.webm", vec![".webm", ".mp4"]),
        (vec!["--duration", "0"], "a.mp4", vec!["--duration 0"]),
        (vec!["--duration", "-3"], "a.mp4", vec!["--duration -3"]),
        (vec!["--fps", "0"], "a.gif", vec!["frames"]),
        (vec!["--fps", "60"], "a.gif", vec!["60", "50"]),
        (
            vec!["--path", &film],
            "a.mp4",
            vec!["film.toml, line 2", "at = 99"],
        ),
        (
            vec!["--supersample", "9"],
            "a.mp4",
            vec!["supersampling of 9"],
        ),
    ] {
        let arguments = [&["no/such/model.st"], &arguments[..]].concat();
        let said = refused(&arguments, &at(name));
        for word in words {
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("no/such/folder/a.mp4");
    let said = refused(&SHORT, &path);
    assert!(said.contains("a.mp4"), "{said}");
}

/// As from a terminal: the clip and what it was begun in are put away.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = command(&SHORT)
        .args(["--duration", "600", "-o"])
        .arg(folder.path().join("a.mp4"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let begun = || fs::read_dir(folder.path()).expect("a folder").count() > 0;
    for _ in 0..1200 {
        if begun() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begun(), "it was not begun in a minute");
    let interrupt = Command::new("kill")
        .args(["-INT", &process.id().to_string()])
        .status();
    assert!(interrupt.expect("kill is there").success());
    let status = process.wait().expect("it ends");
    assert!(!status.success());
    assert!(!begun(), "something is left");
}

fn stage(gpu: &arclight::gpu::Gpu) -> Stage {
    let start = Start {
        session: Session {
            model: "demo-v7".into(),
            prompt: TEXT.into(),
            token: Some(8),
            ..Session::default()
        },
        ..Start::default()
    };
    let mut stage =
        Stage::new(gpu, start, UVec2::new(320, 180), app::samples(gpu)).expect("a stage");
    stage.settle().expect("it is shown");
    stage
}

/// Goes on until the clip is there, or is not to be.
fn wait(stage: &mut Stage) {
    while stage.desk().facts.recording.is_some() {
        stage.frame();
    }
}

#[test]
fn a_clip_is_recorded_while_the_program_goes_on_and_is_that_of_the_command_line() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = stage(&gpu);
    stage.desk().drafts.record = RecordDraft {
        track: Some(Track::TokenSweep),
        seconds: 0.5,
        picture: PictureOptions {
            overlay: false,
            ..PictureOptions::of(UVec2::new(320, 180))
        },
        fps: 10,
        format: Format::Pngs,
        quality: Quality::Good,
        ..RecordDraft::default()
    };
    let own = folder.path().join("own").join("");
    stage.desk().ask(Intent::Record(own.clone()));
    stage.frame();
    stage.frame();
    assert!(
        stage.desk().facts.recording.is_some(),
        "{:?}",
        stage.desk().facts.error
    );
    // Something else is chosen meanwhile.
    stage.desk().ask(Intent::SelectToken(Some(2)));
    wait(&mut stage);
    let facts = &stage.desk().facts;
    assert_eq!((&facts.error, facts.session.token), (&None, Some(2)));
    assert!(facts.recorded.is_some());
    drop(stage);
    drop(device);

    let other = folder.path().join("other").join("");
    let arguments = [
        "demo-v7",
        "--prompt",
        TEXT,
        "--select",
        "8",
        "--size",
        "320x180",
        "--fps",
        "10",
        "--track",
        "token-sweep",
        "--duration",
        "0.5",
    ];
    recorded(&arguments, &other);
    let (own, other) = (frames(&own), frames(&other));
    assert_eq!(own.len(), 5);
    assert!(own == other, "they differ");
}

#[test]
fn a_clip_that_is_cancelled_leaves_nothing() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = stage(&gpu);
    stage.desk().drafts.record.seconds = 60.0;
    stage
        .desk()
        .ask(Intent::Record(folder.path().join("a.mp4")));
    let begun = |stage: &mut Stage| stage.desk().facts.recording.is_some_and(|it| it.done > 0);
    while !begun(&mut stage) {
        stage.frame();
        assert_eq!(stage.desk().facts.error, None);
    }
    stage.desk().ask(Intent::Cancel);
    stage.frame();
    wait(&mut stage);
    let facts = &stage.desk().facts;
    assert!(
        facts
            .error
            .as_ref()
            .is_some_and(|error| error.contains("cancelled")),
        "{:?}",
        facts.error
    );
    assert_eq!(facts.recorded, None);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_clip_is_about_as_large_as_was_told_before() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = stage(&gpu);
    stage.desk().drafts.record = RecordDraft {
        seconds: 1.0,
        picture: PictureOptions {
            overlay: false,
            ..PictureOptions::of(UVec2::new(320, 180))
        },
        fps: 10,
        format: Format::Gif,
        ..RecordDraft::default()
    };
    stage.desk().ask(Intent::EstimateClip);
    stage.frame();
    let told = loop {
        stage.frame();
        let facts = &stage.desk().facts;
        assert_eq!(facts.error, None);
        let estimate = facts.estimate.as_ref().expect("it is on its way");
        if let Some(bytes) = estimate.bytes {
            break bytes;
        }
    };
    let path = folder.path().join("a.gif");
    stage.desk().ask(Intent::Record(path.clone()));
    stage.frame();
    stage.frame();
    wait(&mut stage);
    assert_eq!(stage.desk().facts.error, None);
    let bytes = fs::metadata(&path).expect("a clip").len();
    assert!(
        (bytes * 2 / 3..bytes * 3 / 2).contains(&told),
        "{told} were told, and it has {bytes}"
    );
}
