use super::{Ffmpeg, Format, Frame, RecordError};

/// The most frames a second.
pub const MAX_FPS: u32 = 120;

/// The most frames of a clip: more than nine hours at 30 a second, and every number of a file has room for it.
pub const MAX_FRAMES: u32 = 1_000_000;

/// How much of a frame an MP4 keeps; other formats keep all they can at any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Quality {
    /// Small, for a first look.
    Draft,
    /// Clean lines at a size that mails take.
    #[default]
    Good,
    /// No difference to be seen, and the largest file.
    Best,
}

/// What a clip is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second, 1 to [`MAX_FPS`].
    pub fps: u32,
    /// Frames in all.
    pub frames: u32,
    /// Of an MP4.
    pub quality: Quality,
    /// The frame, counted from 0, that is written beside the clip as a picture.
    pub poster: Option<u32>,
    /// Give the frames to the user's own ffmpeg, whatever the ending, instead of encoding here.
    pub ffmpeg: Option<Ffmpeg>,
}

impl Settings {
    /// A clip of good quality with its middle frame as poster.
    #[must_use]
    pub fn new(width: u32, height: u32, fps: u32, frames: u32) -> Self {
        Self {
            width,
            height,
            fps,
            frames,
            quality: Quality::default(),
            poster: Some(frames / 2),
            ffmpeg: None,
        }
    }

    /// How long the clip is to be, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        f64::from(self.frames) / f64::from(self.fps.max(1))
    }

    /// Whether a clip can be so. Nothing but the numbers is looked at.
    ///
    /// # Errors
    /// When it cannot; the message says what can.
    pub fn check(&self, format: Format) -> Result<(), RecordError> {
        self.check_numbers()?;
        let (width, height, fps) = (self.width, self.height, self.fps);
        let bounds = |format, bounds| {
            Err(RecordError::Size {
                width,
                height,
                format,
                bounds,
            })
        };
        let longest = width.max(height);
        match format {
            Format::Mp4 if !format.is_built_in() => Err(RecordError::NoMp4),
            // What OpenH264 takes.
            Format::Mp4 if longest > 3840 || width.min(height) > 2160 => {
                bounds("an MP4", "3840×2160 or 2160×3840 is the most")
            }
            Format::Mp4 if width.min(height) < 16 => bounds("an MP4", "16×16 is the least"),
            Format::Mp4 => self.check_even(),
            Format::Gif if longest > u32::from(u16::MAX) => {
                bounds("a GIF", "65535 is the longest side")
            }
            Format::Gif if fps > 50 => Err(RecordError::GifRate { fps }),
            Format::Gif | Format::Apng | Format::Pngs => Ok(()),
        }
    }

    /// What holds in every format.
    pub(super) fn check_numbers(&self) -> Result<(), RecordError> {
        let (width, height, fps, frames) = (self.width, self.height, self.fps, self.frames);
        if frames == 0 {
            return Err(RecordError::NoFrames);
        }
        if frames > MAX_FRAMES {
            return Err(RecordError::TooLong { frames });
        }
        if !(1..=MAX_FPS).contains(&fps) {
            return Err(RecordError::Rate { fps });
        }
        if !(1..=LONGEST).contains(&width) || !(1..=LONGEST).contains(&height) {
            return Err(RecordError::Size {
                width,
                height,
                format: "a clip",
                bounds: "1 to 16384 is what a side can have",
            });
        }
        match self.poster {
            Some(poster) if poster >= frames => Err(RecordError::Poster { poster, frames }),
            _ => Ok(()),
        }
    }

    pub(super) fn check_even(&self) -> Result<(), RecordError> {
        let (width, height) = (self.width, self.height);
        if width % 2 == 0 && height % 2 == 0 {
            Ok(())
        } else {
            Err(RecordError::Odd { width, height })
        }
    }

    pub(super) fn check_frame(&self, frame: &Frame) -> Result<(), RecordError> {
        let (width, height) = (frame.width(), frame.height());
        if (width, height) == (self.width, self.height) {
            Ok(())
        } else {
            Err(RecordError::FrameSize {
                width,
                height,
                wanted_width: self.width,
                wanted_height: self.height,
            })
        }
    }
}

/// Four such sides squared still fit a frame's bytes in memory and in 32 bits' worth of pixels.
const LONGEST: u32 = 16384;
