use std::{fs::File, io::BufReader, path::Path, process::Command, sync::atomic::AtomicBool};

use arclight::{
    app::{Picture, Stage},
    camera::Pose,
    files::Watch,
    overlay::PictureStatus,
    session::{Intent, PictureOptions},
};
use bevy::math::UVec2;

use super::{SIZE, differing, picture, session, stage};
use crate::support::device;

fn read(path: &Path) -> Picture {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    Picture {
        width: info.width,
        height: info.height,
        pixels,
    }
}

/// Goes on until the first part is drawn.
fn begin(stage: &mut Stage, intent: Intent) {
    stage.desk().ask(intent);
    for _ in 0..1000 {
        stage.frame();
        if let Some(PictureStatus::Drawing { total: 2.., .. }) = stage.desk().facts.picture {
            return;
        }
    }
    panic!("it has not begun: {:?}", stage.desk().facts.picture);
}

fn files(folder: &Path) -> usize {
    folder.read_dir().expect("it is listed").count()
}

#[test]
fn a_session_gives_the_picture_that_was_saved() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mut stage = stage(&gpu, session());
    let options = PictureOptions {
        supersample: 2,
        ..PictureOptions::of(SIZE)
    };
    let pose = Pose {
        yaw: 0.3,
        pitch: 0.5,
        radius: 61.0,
        ..Pose::default()
    };
    for intent in [
        Intent::Camera(Some(pose)),
        Intent::SelectToken(Some(6)),
        Intent::SavePicture {
            path: path("saved.png"),
            options,
        },
        Intent::SaveSession(path("view.toml")),
    ] {
        stage.desk().ask(intent);
        stage.settle().expect("it is done");
    }
    let status = stage.desk().facts.picture.clone();
    assert_eq!(status, Some(PictureStatus::Saved(path("saved.png"))));
    let saved = read(&path("saved.png"));
    assert_eq!(saved, picture(&mut stage, &options));

    let output = Command::new(env!("CARGO_BIN_EXE_arclight"))
        .args([
            "render",
            "--size",
            "640x360",
            "--supersample",
            "2",
            "--session",
        ])
        .arg(path("view.toml"))
        .arg("-o")
        .arg(path("rendered.png"))
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    assert!(read(&path("rendered.png")) == saved, "the pictures differ");
}

#[test]
fn what_is_chosen_meanwhile_is_not_in_it() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wide.png");
    let mut stage = stage(&gpu, session());
    // Three parts.
    let options = PictureOptions::of(UVec2::new(4200, 100));
    let before = picture(&mut stage, &options);
    let intent = Intent::SavePicture {
        path: path.clone(),
        options,
    };
    begin(&mut stage, intent);
    stage.desk().ask(Intent::SelectToken(Some(1)));
    stage.settle().expect("it is done");
    let saved = read(&path);
    assert!(saved == before, "{} differ", differing(&saved, &before, 0));
    let after = picture(&mut stage, &options);
    assert!(
        differing(&after, &before, 8) > 500,
        "the choice changes nothing"
    );
}

#[test]
fn nothing_is_left_of_a_picture_that_is_cancelled() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("never.png");
    let mut stage = stage(&gpu, session());
    let options = PictureOptions::of(UVec2::new(4200, 2200));
    let intent = Intent::SavePicture {
        path: path.clone(),
        options,
    };
    begin(&mut stage, intent.clone());
    assert!(
        stage.desk().facts.situation().is_busy,
        "the key to cancel is dead"
    );
    stage.desk().ask(intent);
    stage.frame();
    let error = stage.desk().facts.error.take().expect("one at a time");
    assert!(error.contains("is being drawn"), "{error}");
    stage.desk().ask(Intent::Cancel);
    stage.settle().expect("nothing is wrong");
    assert_eq!(stage.desk().facts.picture, None);

    let cancel = AtomicBool::new(false);
    let mut count = |done, _| cancel.store(done > 1, std::sync::atomic::Ordering::Relaxed);
    let error = stage
        .write_picture(&path, &options, &mut Watch::new(&cancel, &mut count))
        .expect_err("it is cancelled");
    assert_eq!(error.to_string(), "cancelled");
    // The thread that wrote it may still be on its way out.
    for _ in 0..500 {
        if files(folder.path()) == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("something is left");
}

#[test]
fn what_cannot_be_drawn_or_written_is_said() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = stage(&gpu, session());
    let options = PictureOptions::of(SIZE);
    let inside = |name: &str| folder.path().join(name);
    for (path, options, part) in [
        (folder.path().to_owned(), options, "is a folder"),
        (inside("no/folder/a.png"), options, "cannot be written"),
        (
            inside("a.png"),
            PictureOptions::of(UVec2::new(20_000, 100)),
            "20000×100 pixels are not possible",
        ),
    ] {
        stage.desk().ask(Intent::SavePicture { path, options });
        let error = stage.settle().expect_err("it fails").to_string();
        assert!(error.contains(part) && !error.contains('\n'), "{error}");
        assert_eq!(stage.desk().facts.picture, None);
        stage.desk().ask(Intent::DismissError);
        stage.settle().expect("it goes on");
    }
    assert_eq!(files(folder.path()), 0);
}
