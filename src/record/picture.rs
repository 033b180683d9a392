use std::{
    io::Write,
    path::{Path, PathBuf},
};

use super::{Frame, RecordError, job::Trouble};
use crate::files::{Partial, WriteError};

/// Where the poster of a clip stands: `talk.mp4` has `talk.png` beside it, and so has the folder `talk/`.
#[must_use]
pub fn poster_path(clip: &Path) -> PathBuf {
    // By parts, so that the `/` that ends a folder's name goes.
    let clip: PathBuf = clip.components().collect();
    let poster = clip.with_extension("png");
    if poster == clip {
        clip.with_extension("poster.png")
    } else {
        poster
    }
}

/// Writes one frame as a PNG.
///
/// # Errors
/// When the place cannot be written to; nothing is left there then.
pub fn write_png(path: &Path, frame: &Frame) -> Result<(), RecordError> {
    let mut file = Partial::beside(path)?;
    encode_png(&mut file, frame).map_err(|trouble| trouble.of(path))?;
    Ok(file.keep()?)
}

impl Trouble {
    /// With the name of the file.
    pub(super) fn of(self, path: &Path) -> RecordError {
        match self {
            Self::Io(error) => WriteError::refused(path, &error).into(),
            Self::Encoder(reason) => RecordError::Encode {
                file: path.display().to_string(),
                reason,
            },
            Self::Told(error) => error,
            Self::Cancelled => RecordError::Cancelled,
        }
    }
}

/// Three bytes a pixel when nothing shines through, else four.
pub(super) fn encode_png(out: impl Write, frame: &Frame) -> Result<(), Trouble> {
    let opaque = frame.is_opaque();
    let mut encoder = png::Encoder::new(out, frame.width(), frame.height());
    set_up(&mut encoder, opaque);
    let mut writer = encoder.write_header()?;
    if opaque {
        let rgb: Vec<u8> = frame.rgb().flatten().collect();
        writer.write_image_data(&rgb)?;
    } else {
        writer.write_image_data(frame.pixels())?;
    }
    Ok(writer.finish()?)
}

/// What every PNG of a clip has: eight bits, sRGB, and a compression that keeps pace with drawing.
pub(super) fn set_up<W: Write>(encoder: &mut png::Encoder<'_, W>, opaque: bool) {
    encoder.set_color(if opaque {
        png::ColorType::Rgb
    } else {
        png::ColorType::Rgba
    });
    encoder.set_depth(png::BitDepth::Eight);
    // A sixth larger than the default, and six times as fast.
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Paeth);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
}
