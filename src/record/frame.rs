use super::RecordError;

/// A finished picture: RGBA in sRGB, straight, 8 bits each, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Frame {
    /// `pixels` are `4 × width × height` bytes.
    ///
    /// # Errors
    /// When there are fewer or more bytes.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, RecordError> {
        let wanted = u64::from(width) * u64::from(height) * 4;
        let bytes = pixels.len() as u64;
        if wanted == bytes {
            Ok(Self {
                width,
                height,
                pixels,
            })
        } else {
            Err(RecordError::FrameBytes {
                width,
                height,
                wanted,
                bytes,
            })
        }
    }

    /// Pixels a row.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// `4 × width × height` bytes.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The bytes, for another use of their memory.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// The pixels without alpha, three bytes each.
    pub(super) fn rgb(&self) -> impl Iterator<Item = [u8; 3]> + '_ {
        self.pixels
            .as_chunks()
            .0
            .iter()
            .map(|&[r, g, b, _]| [r, g, b])
    }

    /// Nothing shines through.
    pub(super) fn is_opaque(&self) -> bool {
        self.pixels
            .as_chunks()
            .0
            .iter()
            .all(|&[_, _, _, a]| a == 255)
    }
}
