use bevy::math::UVec2;

/// How to draw a picture of what is on show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureOptions {
    /// In pixels.
    pub size: UVec2,
    /// Cut the ground out.
    pub transparent: bool,
    /// Draw the panels too.
    pub overlay: bool,
    /// Draw so many times larger in each direction, and average.
    pub supersample: u32,
}

/// Why a picture is not drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureOptionsError {
    /// Too small or too large.
    #[error("{}×{} pixels are not possible: each side has to be {} to {}",
        size.x, size.y, PictureOptions::LEAST, PictureOptions::MOST)]
    Size {
        /// In pixels.
        size: UVec2,
    },
    /// Too few or too many pixels for one.
    #[error(
        "a supersampling of {supersample} is not possible: choose 1 to {}",
        PictureOptions::FINEST
    )]
    Supersample {
        /// What was asked for.
        supersample: u32,
    },
}

impl Default for PictureOptions {
    fn default() -> Self {
        Self::of(UVec2::new(1920, 1080))
    }
}

impl PictureOptions {
    /// The least pixels of a side.
    pub const LEAST: u32 = 16;
    /// The most pixels of a side.
    pub const MOST: u32 = 16_384;
    /// The largest supersampling.
    pub const FINEST: u32 = 4;

    /// Panels and all, on the ground, as large as that.
    #[must_use]
    pub fn of(size: UVec2) -> Self {
        Self {
            size,
            transparent: false,
            overlay: true,
            supersample: 1,
        }
    }

    /// Whether such a picture can be drawn.
    ///
    /// # Errors
    /// When the size or the supersampling is out of range.
    pub fn check(&self) -> Result<(), PictureOptionsError> {
        let (size, supersample) = (self.size, self.supersample);
        if size.min_element() < Self::LEAST || size.max_element() > Self::MOST {
            return Err(PictureOptionsError::Size { size });
        }
        if !(1..=Self::FINEST).contains(&supersample) {
            return Err(PictureOptionsError::Supersample { supersample });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_drawn_is_said_in_one_line() {
        let of = |width, height, supersample| PictureOptions {
            supersample,
            ..PictureOptions::of(UVec2::new(width, height))
        };
        for good in [of(16, 16, 1), of(7680, 4320, 4), of(16_384, 16_384, 1)] {
            assert_eq!(good.check(), Ok(()));
        }
        for (bad, part) in [
            (
                of(15, 400, 1),
                "15×400 pixels are not possible: each side has to be 16 to 16384",
            ),
            (of(400, 16_385, 1), "400×16385"),
            (
                of(400, 400, 0),
                "a supersampling of 0 is not possible: choose 1 to 4",
            ),
            (of(400, 400, 5), "supersampling of 5"),
        ] {
            let error = bad.check().expect_err("out of range").to_string();
            assert!(error.contains(part) && !error.contains('\n'), "{error}");
        }
    }
}
