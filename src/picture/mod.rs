//! From the parts of a picture, as they are drawn, to its file: averaging, cutting out the ground, rows.

mod average;
mod cut_out;
mod error;
mod sheet;
mod tiles;
mod write;

pub use average::average;
pub use cut_out::cut_out;
pub use error::PictureError;
pub use sheet::{Finish, Tile, assemble};
pub use tiles::tiles;
pub use write::write_png;

use bevy::math::UVec2;

use crate::files::Cancelled;

/// A picture, RGBA in sRGB, 8 bits each, rows from the top; alpha is straight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `4 × width × height` bytes.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Puts a picture together from its parts.
    ///
    /// # Errors
    /// When there is no memory for it, or the parts end before it is whole.
    pub fn assembled(
        size: UVec2,
        finish: Finish,
        parts: impl IntoIterator<Item = Result<Tile, Cancelled>>,
    ) -> Result<Self, PictureError> {
        let bytes = size.x as usize * size.y as usize * 4;
        let mut pixels = Vec::new();
        pixels
            .try_reserve_exact(bytes)
            .map_err(|_| PictureError::Memory { size })?;
        assemble(size, finish, parts, |rows| {
            pixels.extend_from_slice(rows);
            Ok::<_, PictureError>(())
        })?;
        Ok(Self {
            width: size.x,
            height: size.y,
            pixels,
        })
    }
}
