use bevy::math::{URect, UVec2};

/// The parts that a picture is drawn in, each side `most` pixels at most: row by row, from the left.
#[must_use]
pub fn tiles(size: UVec2, most: u32) -> Vec<URect> {
    let most = most.max(1);
    let starts = |length: u32| (0..length).step_by(most as usize);
    starts(size.y)
        .flat_map(|y| starts(size.x).map(move |x| UVec2::new(x, y)))
        .map(|min| URect {
            min,
            max: (min + most).min(size),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_pixel_is_in_one_tile(width in 1u32..70, height in 1u32..70, most in 1u32..40) {
            let mut seen = vec![0; (width * height) as usize];
            let mut last = (0, 0);
            for tile in tiles(UVec2::new(width, height), most) {
                prop_assert!(tile.width() <= most && tile.height() <= most);
                prop_assert!((tile.min.y, tile.min.x) >= last, "not in order");
                last = (tile.min.y, tile.min.x);
                for y in tile.min.y..tile.max.y {
                    for x in tile.min.x..tile.max.x {
                        seen[(y * width + x) as usize] += 1;
                    }
                }
            }
            prop_assert!(seen.iter().all(|count| *count == 1));
        }
    }
}
