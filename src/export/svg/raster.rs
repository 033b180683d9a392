//! The cells of a matrix as a PNG.

use std::io::{self, Write};

use crate::{export::matrix::Matrix, session::Colours};

/// Pixels of the picture, both ways, if its cells are that many.
const MOST_PIXELS: usize = 2048;

/// Pixels of a cell, both ways: programs that smooth pictures whatever they are told then blur only its edge.
fn zoom(count: usize) -> usize {
    (MOST_PIXELS / count.max(1)).clamp(1, 64)
}

/// A square a pair, nothing above the diagonal.
pub(super) fn png(matrix: &Matrix<'_>) -> io::Result<Vec<u8>> {
    let count = matrix.tokens.len();
    let zoom = zoom(count);
    let side = count * zoom;
    let session = &matrix.of.session;
    let shades = Shading::new(session.colours(), session.is_signless(), matrix.full.0);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side as u32, side as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    // The rows of a cell are the same: nothing is left of all but the first.
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for (reader, row) in matrix.scores.chunks(count).enumerate() {
        let colours = row.iter().enumerate().map(|(writer, score)| match writer {
            writer if writer > reader => [0; 4],
            _ => shades.of(*score),
        });
        let line: Vec<u8> = colours.flat_map(|colour| colour.repeat(zoom)).collect();
        for _ in 0..zoom {
            stream.write_all(&line)?;
        }
    }
    stream.finish()?;
    writer.finish()?;
    Ok(out)
}

/// Colours of values, as `matrix.wgsl` has them.
struct Shading {
    table: Vec<[u8; 4]>,
    full: f32,
    signless: bool,
}

impl Shading {
    fn new(colours: Colours, signless: bool, full: f32) -> Self {
        Self {
            table: colours.table(),
            full: full.max(1e-30),
            signless,
        }
    }

    fn of(&self, score: f32) -> [u8; 4] {
        let part = (score / self.full).clamp(-1.0, 1.0);
        let place = if self.signless {
            256 + (part.abs() * 255.0 + 0.5) as usize
        } else {
            ((part * 0.5 + 0.5) * 255.0 + 0.5) as usize
        };
        self.table.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Theme, bytes};

    #[test]
    fn colours_are_those_of_the_palette() {
        let colours = Colours {
            theme: Theme::Light,
            ..Colours::default()
        };
        let opaque = |colour| {
            let [red, green, blue] = bytes(colour);
            [red, green, blue, 255]
        };
        let signed = Shading::new(colours, false, 2.0);
        assert_eq!(signed.of(2.0), opaque(colours.diverging(1.0)));
        assert_eq!(signed.of(-9.0), opaque(colours.diverging(-1.0)));
        assert_eq!(
            signed.of(-1.0),
            opaque(colours.diverging(2.0 * 64.0 / 255.0 - 1.0))
        );
        let sizes = Shading::new(colours, true, 2.0);
        assert_eq!(sizes.of(-2.0), opaque(colours.sequential(1.0)));
        assert_eq!(sizes.of(0.0), opaque(colours.sequential(0.0)));
        assert_eq!(sizes.of(f32::NAN), opaque(colours.sequential(0.0)));
    }
}
