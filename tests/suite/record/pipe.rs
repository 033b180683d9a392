//! The user's own ffmpeg.

use arclight::record::{Ffmpeg, Recorder, Settings};

use super::{assert_frames, has_ffmpeg, names, probe, record, recorded, scene, settings};

fn by(program: &str, arguments: Option<&[&str]>) -> Settings {
    let arguments = arguments.map(|arguments| arguments.iter().map(Into::into).collect());
    Settings {
        ffmpeg: Some(Ffmpeg {
            program: program.into(),
            arguments,
        }),
        ..settings(30, 6)
    }
}

#[test]
fn ffmpeg_writes_what_its_ending_says() {
    if !has_ffmpeg() {
        return;
    }
    let (folder, path, report) = recorded("a: clip.mp4", &by("ffmpeg", None));
    let stream = probe(&path);
    for (name, value) in [
        ("codec_name", "h264"),
        ("pix_fmt", "yuv420p"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("nb_read_frames", "6"),
        ("duration", "0.200000"),
    ] {
        assert_eq!(stream[name], value, "{name}");
    }
    assert_eq!(stream["format"]["size"], report.bytes.to_string());
    assert_frames(&path, 6, 31.0);
    assert_eq!(names(folder.path()), ["a: clip.mp4"]);

    // Its own arguments, and an ending that is not known here.
    let settings = by("ffmpeg", Some(&["-c:v", "ffv1", "-pix_fmt", "bgr0"]));
    let (_folder, path, _) = recorded("clip.mkv", &settings);
    assert_eq!(probe(&path)["codec_name"], "ffv1");
    assert_frames(&path, 6, 90.0);
}

#[test]
fn what_ffmpeg_says_is_said() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, arguments, said) in [
        ("clip.mp4", &["-c:v", "nosuch"][..], "nosuch"),
        ("clip.nosuch", &[], "nosuch"),
        ("clip.mp4", &["-vf", "nosuch"], "nosuch"),
    ] {
        let error = record(&folder.path().join(name), &by("ffmpeg", Some(arguments)))
            .expect_err("it fails");
        let text = error.to_string();
        assert!(
            text.contains("ffmpeg could not write") && text.contains(said),
            "{text}"
        );
        assert!(!text.contains('\n') && text.contains(name), "{text}");
        assert!(names(folder.path()).is_empty());
    }
    let error = record(
        &folder.path().join("clip.mp4"),
        &by("/no/such/ffmpeg", None),
    )
    .expect_err("no ffmpeg");
    assert!(
        error
            .to_string()
            .contains("/no/such/ffmpeg cannot be started"),
        "{error}"
    );
    // A program that ends well and writes nothing.
    let error =
        record(&folder.path().join("clip.mp4"), &by("true", None)).expect_err("nothing written");
    assert!(error.to_string().contains("without a word"), "{error}");
    let odd = Settings {
        width: 161,
        ..by("ffmpeg", None)
    };
    let error = record(&folder.path().join("clip.mp4"), &odd).expect_err("odd");
    assert!(error.to_string().contains("try 162×90"), "{error}");
    assert!(names(folder.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_program_that_hangs_is_ended() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("hangs");
    // It neither reads nor ends.
    std::fs::write(&program, "#!/bin/sh\nexec sleep 600\n").expect("a script");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("its mode");
    let clips = tempfile::tempdir().expect("a folder");
    let settings = Settings {
        frames: 40,
        ..by(program.to_str().expect("a plain path"), None)
    };
    let mut recorder =
        Recorder::start(&clips.path().join("clip.mp4"), &settings).expect("it starts");
    let mut waits = false;
    for at in 0..40 {
        if recorder
            .try_push(scene(160, 90, at))
            .expect("no error")
            .is_some()
        {
            waits = true;
            break;
        }
    }
    assert!(waits, "the queue fills");
    recorder.cancel();
    assert!(names(clips.path()).is_empty());
}
