//! However a recording ends, what is left is a whole clip or nothing.

use std::path::{Path, PathBuf};

use arclight::record::{Format, Frame, RecordError, Recorder, Settings};

use super::{HEIGHT, WIDTH, names, record, scene, settings};

/// What every format is asked for by.
fn all() -> Vec<&'static str> {
    let names = ["clip.mp4", "clip.gif", "clip.apng", "clip/"];
    let built_in = |name: &&str| Format::of(name.as_ref()).is_ok_and(Format::is_built_in);
    names.into_iter().filter(built_in).collect()
}

#[test]
fn cancelled_at_any_moment_nothing_is_left() {
    for name in all() {
        for pushed in [0, 1, 3, 6] {
            let folder = tempfile::tempdir().expect("a folder");
            let clip = Settings {
                poster: Some(0),
                ..settings(30, 6)
            };
            let mut recorder =
                Recorder::start(&folder.path().join(name), &clip).expect("it starts");
            for at in 0..pushed {
                recorder.push(scene(WIDTH, HEIGHT, at)).expect("pushed");
            }
            if pushed == 6 {
                // All is encoded, but nobody has asked for it yet.
                while !recorder.is_done() {
                    std::thread::yield_now();
                }
                assert_eq!(recorder.progress().encoded, 6, "{name}");
            }
            recorder.cancel();
            assert!(
                names(folder.path()).is_empty(),
                "{name} after {pushed} frames"
            );
        }
    }
}

#[test]
fn what_was_there_stays_until_the_clip_is_whole() {
    for name in all().into_iter().filter(|name| !name.ends_with('/')) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, "before").expect("a file");
        let mut recorder = Recorder::start(&path, &settings(30, 2)).expect("it starts");
        recorder.push(scene(WIDTH, HEIGHT, 0)).expect("pushed");
        drop(recorder);
        assert_eq!(std::fs::read(&path).expect("the file"), b"before");
        record(&path, &settings(30, 2)).expect("recorded");
        assert_ne!(std::fs::read(&path).expect("the file"), b"before");
        assert_eq!(names(folder.path()), [name]);
    }
}

#[test]
fn a_missing_or_another_frame_is_an_error() {
    for name in all() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        let start = || Recorder::start(&path, &settings(30, 3)).expect("it starts");
        let mut recorder = start();
        recorder.push(scene(WIDTH, HEIGHT, 0)).expect("pushed");
        let error = recorder.finish().expect_err("two frames are missing");
        assert!(
            matches!(error, RecordError::Count { wanted: 3, came: 1 }),
            "{error}"
        );

        let mut recorder = start();
        let error = recorder
            .push(scene(WIDTH, HEIGHT + 2, 0))
            .expect_err("another size");
        assert!(error.to_string().contains("160×92"), "{error}");
        for at in 0..3 {
            recorder.push(scene(WIDTH, HEIGHT, at)).expect("it goes on");
        }
        let error = recorder
            .push(scene(WIDTH, HEIGHT, 3))
            .expect_err("one too many");
        assert!(
            matches!(error, RecordError::Count { wanted: 3, came: 4 }),
            "{error}"
        );
        drop(recorder);
        assert!(names(folder.path()).is_empty(), "{name}");
    }
    assert!(Frame::new(2, 2, vec![0; 15]).is_err());
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in all() {
        let path = folder.path().join("missing").join(name);
        let error = record(&path, &settings(30, 1)).expect_err("no such folder");
        let text = error.to_string();
        assert!(
            text.contains("cannot be written") && text.contains("clip"),
            "{text}"
        );
    }
    std::fs::create_dir_all(folder.path().join("clip.gif")).expect("a folder");
    std::fs::write(folder.path().join("file"), "").expect("a file");
    for name in ["clip.gif", "file/"] {
        let error = record(&folder.path().join(name), &settings(25, 1)).expect_err("refused");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    // The poster is looked after at once too.
    std::fs::create_dir(folder.path().join("talk.png")).expect("a folder");
    let clip = Settings::new(WIDTH, HEIGHT, 25, 4);
    let error = record(&folder.path().join("talk.gif"), &clip).expect_err("refused");
    assert!(error.to_string().contains("talk.png"), "{error}");
    assert_eq!(names(folder.path()), ["clip.gif", "file", "talk.png"]);
}

const PLACE: &str = "ARCLIGHT_TEST_RECORD_TO";

/// Run by the test below, in a process that may write no more than a few kilobytes to a file.
#[test]
#[ignore = "only another test runs it"]
fn recording_onto_a_full_disk() {
    let path: PathBuf = std::env::var_os(PLACE).expect("the clip's place").into();
    let settings = Settings {
        poster: Some(9),
        ..settings(25, 60)
    };
    let mut recorder = Recorder::start(&path, &settings).expect("it starts");
    let pushed = (0..60).find_map(|at| recorder.push(noise(at)).err());
    let finished = recorder.finish().expect_err("the disk is full");
    // An error that a push tells is told again at the end.
    if let Some(pushed) = pushed {
        assert_eq!(pushed.to_string(), finished.to_string());
    }
    println!("told: {finished}");
}

/// Nothing that compresses well.
fn noise(at: u32) -> Frame {
    let mut state = at.wrapping_mul(2_654_435_761) | 1;
    let pixels = (0..WIDTH * HEIGHT * 4).map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    });
    Frame::new(WIDTH, HEIGHT, pixels.collect()).expect("a frame")
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_nothing_is_left() {
    for name in all() {
        let folder = tempfile::tempdir().expect("a folder");
        let told = on_a_full_disk(&folder.path().join(name));
        assert!(
            told.contains("cannot be written") && told.contains("room"),
            "{name}: {told}"
        );
        assert!(names(folder.path()).is_empty(), "{name}: {told}");
    }
}

#[cfg(unix)]
fn on_a_full_disk(path: &Path) -> String {
    let test = "record::ends::recording_onto_a_full_disk";
    let output = std::process::Command::new("sh")
        // 64 blocks are at most 64 KiB; without the signal a write beyond them is an error.
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().expect("this program"))
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(PLACE, path)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    said.lines()
        .find_map(|line| line.strip_prefix("told: "))
        .unwrap_or_else(|| panic!("it ran: {said}{errors}"))
        .to_owned()
}
