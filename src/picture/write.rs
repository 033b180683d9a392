use std::{
    io::{self, Write as _},
    path::Path,
};

use bevy::math::UVec2;

use super::{Finish, PictureError, Tile, assemble};
use crate::files::{Cancelled, WriteError, write_whole};

/// Bytes of compressed rows in a piece of the file.
const PIECE: usize = 1 << 18;

/// Writes parts, in the order of [`super::tiles`], as a PNG: 8 bits, RGBA, sRGB. Only one row of parts is kept in
/// memory.
///
/// # Errors
/// When the file cannot be written, or the parts end before the picture is whole; no file is left then.
pub fn write_png(
    path: &Path,
    size: UVec2,
    finish: Finish,
    parts: impl IntoIterator<Item = Result<Tile, Cancelled>>,
) -> Result<(), PictureError> {
    let refused = |error: io::Error| WriteError::refused(path, &error);
    let failed = |error: png::EncodingError| match error {
        png::EncodingError::IoError(error) => refused(error),
        error => refused(io::Error::other(error)),
    };
    write_whole(path, |file| {
        let mut encoder = png::Encoder::new(file, size.x, size.y);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        let mut writer = encoder.write_header().map_err(failed)?;
        let mut stream = writer.stream_writer_with_size(PIECE).map_err(failed)?;
        assemble(size, finish, parts, |rows| {
            stream.write_all(rows).map_err(refused)?;
            Ok::<_, PictureError>(())
        })?;
        stream.finish().map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(())
    })
}
