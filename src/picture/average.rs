use std::sync::LazyLock;

/// Linear light of each byte, in parts of 65,535.
static LINEAR: LazyLock<[u16; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        let encoded = byte as f64 / 255.0;
        let linear = if encoded <= 0.040_45 {
            encoded / 12.92
        } else {
            ((encoded + 0.055) / 1.055).powf(2.4)
        };
        (linear * 65_535.0).round() as u16
    })
});

/// The byte of each part of 65,535 of linear light.
static ENCODED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .map(|part| {
            let linear = f64::from(part) / 65_535.0;
            let encoded = if linear <= 0.003_130_8 {
                linear * 12.92
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
        .collect()
});

/// Averages squares of `grain` × `grain` RGBA pixels, in rows of `width` squares, to one pixel each: colours in
/// linear light, alpha as it is. In whole numbers, so that every machine comes to the same.
#[must_use]
pub fn average(pixels: Vec<u8>, width: usize, grain: usize) -> Vec<u8> {
    if grain <= 1 || width == 0 {
        return pixels;
    }
    let (linear, encoded) = (&*LINEAR, &*ENCODED);
    let count = (grain * grain) as u32;
    let row = width * grain * 4;
    let mut averaged = Vec::with_capacity(pixels.len() / (grain * grain));
    let mut sums = vec![[0u32; 4]; width];
    for rows in pixels.chunks_exact(row * grain) {
        sums.fill([0; 4]);
        for line in rows.chunks_exact(row) {
            for (sum, square) in sums.iter_mut().zip(line.chunks_exact(grain * 4)) {
                for pixel in square.chunks_exact(4) {
                    for (sum, byte) in sum.iter_mut().zip(&pixel[..3]) {
                        *sum += u32::from(linear[usize::from(*byte)]);
                    }
                    sum[3] += u32::from(pixel[3]);
                }
            }
        }
        for [red, green, blue, alpha] in &sums {
            let colour = |sum: &u32| encoded[((sum + count / 2) / count) as usize];
            let alpha = ((alpha + count / 2) / count) as u8;
            averaged.extend([colour(red), colour(green), colour(blue), alpha]);
        }
    }
    averaged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn light(byte: u8) -> f64 {
        let encoded = f64::from(byte) / 255.0;
        if encoded <= 0.040_45 {
            encoded / 12.92
        } else {
            ((encoded + 0.055) / 1.055).powf(2.4)
        }
    }

    fn byte(light: f64) -> f64 {
        let encoded = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        encoded * 255.0
    }

    proptest! {
        #[test]
        fn it_is_the_mean_of_the_light(
            grain in 1usize..=4, width in 1usize..6, height in 1usize..5,
            bytes in prop::collection::vec(any::<u8>(), 4 * 4 * 5 * 4 * 4),
        ) {
            let row = width * grain * 4;
            let pixels = bytes[..row * height * grain].to_vec();
            let found = average(pixels.clone(), width, grain);
            prop_assert_eq!(found.len(), width * height * 4);
            for (at, found) in found.iter().enumerate() {
                let (x, y, channel) = (at / 4 % width, at / 4 / width, at % 4);
                let square = (0..grain * grain).map(|i| {
                    let (column, line) = (x * grain + i % grain, y * grain + i / grain);
                    pixels[line * row + column * 4 + channel]
                });
                let count = (grain * grain) as f64;
                let expected = if channel == 3 {
                    square.map(f64::from).sum::<f64>() / count
                } else {
                    byte(square.map(light).sum::<f64>() / count)
                };
                // Half for rounding to a byte, the rest for parts of 65,535.
                prop_assert!((f64::from(*found) - expected).abs() < 0.55, "{found}, {expected}");
            }
        }
    }

    #[test]
    fn one_colour_stays_as_it_is() {
        for byte in 0..=255 {
            let square = vec![byte; 3 * 3 * 4];
            assert_eq!(average(square, 1, 3), [byte; 4]);
        }
    }

    /// A mean of the bytes would be 128.
    #[test]
    fn black_and_white_meet_where_the_light_is_half() {
        let pixels = [[0, 0, 0, 255], [255; 4], [0, 0, 0, 255], [255; 4]].concat();
        assert_eq!(average(pixels, 1, 2), [188, 188, 188, 255]);
    }
}
