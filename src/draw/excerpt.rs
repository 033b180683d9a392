use bevy::math::UVec2;

/// The part of a picture that is drawn at once, in pixels as they are drawn: a picture that is averaged down
/// has several of them for each of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    /// Size of the whole.
    pub whole: UVec2,
    /// Upper left corner of the part.
    pub origin: UVec2,
    /// Size of the part.
    pub size: UVec2,
    /// Pixels drawn for one of the picture, in each direction.
    pub grain: u32,
    /// Alpha says how much of a pixel is not ground; otherwise it is 1 wherever something stands.
    pub cut_out: bool,
}

impl Excerpt {
    /// All of a picture.
    #[must_use]
    pub fn whole(size: UVec2) -> Self {
        Self {
            whole: size,
            origin: UVec2::ZERO,
            size,
            grain: 1,
            cut_out: false,
        }
    }

    /// From the whole's clip space to the part's: factor x, y, then shift x, y.
    #[must_use]
    pub fn clip(&self) -> [f32; 4] {
        let (whole, size) = (self.whole.as_dvec2(), self.size.as_dvec2());
        let from = self.origin.as_dvec2();
        let factor = whole / size;
        let shift = (whole - size - 2.0 * from) / size;
        // Clip space rises, rows of pixels fall.
        [factor.x, factor.y, shift.x, -shift.y].map(|number| number as f32)
    }
}

#[cfg(test)]
mod tests {
    use bevy::math::{DVec2, dvec2};

    use super::*;

    /// The pixel of a place in clip space.
    fn pixel(clip: DVec2, size: UVec2) -> DVec2 {
        dvec2(clip.x + 1.0, 1.0 - clip.y) * 0.5 * size.as_dvec2()
    }

    #[test]
    fn a_part_has_the_pixels_of_the_whole() {
        let part = Excerpt {
            origin: UVec2::new(37, 250),
            size: UVec2::new(64, 90),
            ..Excerpt::whole(UVec2::new(640, 360))
        };
        let [x, y, right, up] = part.clip().map(f64::from);
        for clip in [dvec2(0.0, 0.0), dvec2(-0.7, 0.31), dvec2(0.99, -1.0)] {
            let expected = pixel(clip, part.whole) - part.origin.as_dvec2();
            let found = pixel(clip * dvec2(x, y) + dvec2(right, up), part.size);
            assert!((found - expected).length() < 1e-3, "{found}, {expected}");
        }
    }

    #[test]
    fn the_whole_is_left_as_it_is() {
        let whole = Excerpt::whole(UVec2::new(1919, 1081));
        assert_eq!(whole.clip(), [1.0, 1.0, 0.0, 0.0]);
    }
}
