use std::path::Path;

use crate::record::{Format, RecordError, Settings};

fn of(path: &str) -> Result<Format, String> {
    Format::of(Path::new(path)).map_err(|error| error.to_string())
}

#[test]
fn the_ending_says_what_is_written() {
    assert_eq!(of("a.mp4"), Ok(Format::Mp4));
    assert_eq!(of("a.b/c.d.GIF"), Ok(Format::Gif));
    assert_eq!(of("a.apng"), Ok(Format::Apng));
    assert_eq!(of("frames/"), Ok(Format::Pngs));
    assert_eq!(of("a.mp4/"), Ok(Format::Pngs));
    for (path, found) in [
        ("clip.avi", ".avi is not known"),
        ("clip.png", "a .png is one picture"),
        ("clip", "the name has no ending"),
        (".mp4", "the name has no ending"),
        ("", "the name has no ending"),
    ] {
        let error = of(path).expect_err("refused");
        assert!(error.starts_with(&format!("{path}: {found}")), "{error}");
        for format in Format::ALL
            .into_iter()
            .filter(|format| format.is_built_in())
        {
            assert!(error.contains(format.pattern()), "{error}");
        }
    }
}

fn check(format: Format, width: u32, height: u32, fps: u32, frames: u32) -> Result<(), String> {
    let settings = Settings {
        poster: None,
        ..Settings::new(width, height, fps, frames)
    };
    settings.check(format).map_err(|error| error.to_string())
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    for format in [Format::Gif, Format::Apng, Format::Pngs] {
        assert_eq!(check(format, 1279, 721, 25, 1), Ok(()));
        for (width, height, fps, frames, says) in [
            (100, 100, 25, 0, "at least one frame"),
            (100, 100, 0, 9, "choose 1 to 120"),
            (100, 100, 121, 9, "choose 1 to 120"),
            (0, 100, 25, 9, "0×100"),
            (100, 16385, 25, 9, "100×16385"),
            (100, 100, 25, 1_000_001, "1000000 is the most"),
            (u32::MAX, u32::MAX, u32::MAX, u32::MAX, "too many"),
        ] {
            let error = check(format, width, height, fps, frames).expect_err("refused");
            assert!(error.contains(says), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
    let error = check(Format::Gif, 100, 100, 60, 9).expect_err("too fast for a GIF");
    assert!(
        error.contains("60") && error.contains("50 is the most"),
        "{error}"
    );
    assert_eq!(check(Format::Gif, 100, 100, 50, 9), Ok(()));
    assert_eq!(check(Format::Apng, 100, 100, 120, 9), Ok(()));
    let poster = Settings {
        poster: Some(9),
        ..Settings::new(100, 100, 25, 9)
    };
    assert!(matches!(
        poster.check(Format::Gif),
        Err(RecordError::Poster {
            poster: 9,
            frames: 9
        })
    ));
}

#[cfg(feature = "mp4")]
#[test]
fn an_mp4_has_even_sides_of_at_most_4k() {
    for (width, height) in [
        (1280, 720),
        (3840, 2160),
        (2160, 3840),
        (16, 16),
        (2160, 2160),
    ] {
        assert_eq!(check(Format::Mp4, width, height, 60, 9), Ok(()));
    }
    for (width, height, says) in [
        (
            1279,
            720,
            "1279×720 cannot be an MP4, both sides have to be even: try 1280×720",
        ),
        (1280, 721, "try 1280×722"),
        (3842, 2160, "3840×2160 or 2160×3840 is the most"),
        (2162, 3840, "3840×2160 or 2160×3840 is the most"),
        (2400, 2400, "is the most"),
        (14, 720, "16×16 is the least"),
    ] {
        let error = check(Format::Mp4, width, height, 30, 9).expect_err("refused");
        assert!(error.contains(says), "{error}");
    }
}

#[cfg(not(feature = "mp4"))]
#[test]
fn without_the_feature_an_mp4_is_refused_with_what_can_be_had() {
    let error = check(Format::Mp4, 1280, 720, 30, 9).expect_err("refused");
    assert!(
        error.contains("the feature `mp4`") && error.contains("ffmpeg"),
        "{error}"
    );
    assert!(
        error.contains("FILE.gif") && !error.contains("FILE.mp4"),
        "{error}"
    );
}
