mod asking;
mod full;
#[cfg(feature = "mp4")]
mod groups;

use super::Frame;

/// A small picture that differs from frame to frame and does not compress to nothing.
fn frame(width: u32, height: u32, at: u32) -> Frame {
    let pixels = (0..width * height).flat_map(|pixel| {
        let value = pixel.wrapping_mul(0x9e37_79b9).wrapping_add(at * 77) >> 24;
        [value as u8, (value / 3) as u8, (at * 9) as u8, 255]
    });
    Frame::new(width, height, pixels.collect()).expect("as many bytes as pixels")
}
