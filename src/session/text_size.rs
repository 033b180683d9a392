/// How large letters and panels are, in percent of what the screen asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextSize(u32);

impl Default for TextSize {
    fn default() -> Self {
        Self(100)
    }
}

impl TextSize {
    /// From the smallest to the largest.
    const SIZES: [u32; 8] = [80, 90, 100, 115, 130, 150, 175, 200];

    /// The nearest that there is.
    #[must_use]
    pub fn of(percent: u32) -> Self {
        let nearest = Self::SIZES
            .into_iter()
            .min_by_key(|size| size.abs_diff(percent));
        nearest.map_or_else(Self::default, Self)
    }

    /// In percent.
    #[must_use]
    pub fn percent(self) -> u32 {
        self.0
    }

    /// The next larger or smaller one; none after the last.
    #[must_use]
    pub fn step(self, up: bool) -> Option<Self> {
        let at = Self::SIZES.iter().position(|size| *size == self.0)?;
        let at = if up {
            at.checked_add(1)
        } else {
            at.checked_sub(1)
        };
        Self::SIZES.get(at?).copied().map(Self)
    }

    /// Pixels a point, where the screen asks for `usual` and the window has so many pixels a side: as many as leave `least`
    /// points.
    #[must_use]
    pub fn scale(self, usual: f32, window: [f32; 2], least: [f32; 2]) -> f32 {
        let room = (window[0] / least[0]).min(window[1] / least[1]);
        let wanted = usual * self.0 as f32 / 100.0;
        // What the screen asks for is never more than there is room for by this.
        wanted.min(room.max(usual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_go_up_and_down_and_end() {
        let mut size = TextSize::default();
        let mut seen = Vec::new();
        while let Some(next) = size.step(true) {
            size = next;
            seen.push(size.percent());
        }
        assert_eq!(seen, [115, 130, 150, 175, 200]);
        assert_eq!(size.step(false), Some(TextSize(175)));
        assert_eq!(TextSize(80).step(false), None);
        assert_eq!(
            [TextSize::of(0), TextSize::of(99), TextSize::of(u32::MAX)],
            [TextSize(80), TextSize(100), TextSize(200)]
        );
    }

    #[test]
    fn panels_keep_their_room() {
        let least = [880.0, 560.0];
        let large = TextSize(150);
        assert_eq!(large.scale(1.0, [1920.0, 1080.0], least), 1.5);
        assert_eq!(large.scale(1.0, [1280.0, 720.0], least), 720.0 / 560.0);
        assert_eq!(large.scale(2.0, [1280.0, 720.0], least), 2.0);
        assert_eq!(TextSize(80).scale(1.0, [800.0, 500.0], least), 0.8);
    }
}
