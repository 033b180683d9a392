use std::path::Path;

#[cfg(feature = "mp4")]
use super::mp4::Mp4;
use super::{
    Format, Frame, RecordError, Settings,
    apng::Apng,
    ffmpeg::{Pipe, Running},
    gif::Gif,
    job::{Encode, Job, Trouble},
    pngs::{Folder, Pngs},
};
use crate::files::{Partial, WriteError, folder_of};

/// Where the frames go.
pub(super) enum Sink {
    File(Box<dyn Encode<Partial>>),
    Folder(Box<Pngs>),
}

/// A clip that is whole and not yet in its place.
pub(super) enum Whole {
    File(Partial),
    Folder(Folder),
}

impl Sink {
    /// What writes `path`, and what has to be killed to end it.
    pub fn new(path: &Path, settings: &Settings) -> Result<(Self, Option<Running>), RecordError> {
        if let Some(ffmpeg) = &settings.ffmpeg {
            settings.check_numbers()?;
            if ffmpeg.needs_even(path) {
                settings.check_even()?;
            }
            let pipe = Pipe::new(ffmpeg, path, settings)?;
            let running = pipe.running();
            return Ok((Self::File(Box::new(pipe)), Some(running)));
        }
        let format = Format::of(path)?;
        settings.check(format)?;
        if format == Format::Pngs {
            return Ok((Self::Folder(Box::new(Pngs::new(path, settings)?)), None));
        }
        let spool = || {
            tempfile::tempfile_in(folder_of(path))
                .map_err(|error| WriteError::refused(path, &error).into())
        };
        let encoder = encoder(format, Partial::beside(path)?, settings, spool);
        let encoder = encoder.map_err(|trouble| trouble.of(path))?;
        Ok((Self::File(encoder), None))
    }

    pub fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        match self {
            Self::File(encoder) => encoder.frame(frame, job),
            Self::Folder(pngs) => pngs.frame(frame, job),
        }
    }

    pub fn finish(self, job: &mut Job) -> Result<Whole, Trouble> {
        Ok(match self {
            Self::File(encoder) => Whole::File(encoder.finish(job)?),
            Self::Folder(pngs) => Whole::Folder(pngs.finish(job)?),
        })
    }
}

impl Whole {
    pub fn bytes(&mut self) -> Result<u64, WriteError> {
        match self {
            Self::File(file) => file.length(),
            Self::Folder(folder) => Ok(folder.bytes),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::File(file) => file.path(),
            Self::Folder(folder) => folder.path(),
        }
    }

    pub fn keep(self) -> Result<(), WriteError> {
        match self {
            Self::File(file) => file.keep(),
            Self::Folder(folder) => folder.keep(),
        }
    }
}

/// The encoder of a format that is one file. `spool` makes a nameless file for frames that have to wait.
pub(super) fn encoder<W: std::io::Write + std::io::Seek + Send + 'static>(
    format: Format,
    out: W,
    settings: &Settings,
    spool: impl FnOnce() -> Result<std::fs::File, RecordError>,
) -> Result<Box<dyn Encode<W>>, Trouble> {
    Ok(match format {
        #[cfg(feature = "mp4")]
        Format::Mp4 => Box::new(Mp4::new(out, settings)?),
        #[cfg(not(feature = "mp4"))]
        Format::Mp4 => return Err(Trouble::Told(RecordError::NoMp4)),
        Format::Gif => Box::new(Gif::new(out, spool().map_err(Trouble::Told)?, settings)),
        Format::Apng => Box::new(Apng::new(out, settings)?),
        Format::Pngs => return Err(Trouble::Encoder("pictures are many files".into())),
    })
}
