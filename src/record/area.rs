/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// Its bytes out of those of a picture of `row` pixels a row and `size` bytes a pixel.
    pub fn cut(self, picture: &[u8], row: usize, size: usize) -> Vec<u8> {
        picture
            .chunks_exact(row * size)
            .skip(self.top)
            .take(self.height)
            .flat_map(|line| &line[self.left * size..(self.left + self.width) * size])
            .copied()
            .collect()
    }
}

/// The smallest area that holds every difference of two pictures; one pixel where there is none, for a frame cannot be
/// empty.
pub(super) fn changed(old: &[u8], new: &[u8], row: usize, size: usize) -> Area {
    let mut area: Option<(usize, usize, usize, usize)> = None;
    let lines = old
        .chunks_exact(row * size)
        .zip(new.chunks_exact(row * size));
    for (y, (old, new)) in lines.enumerate() {
        if old == new {
            continue;
        }
        let differs = |x: &usize| old[x * size..][..size] != new[x * size..][..size];
        let first = (0..row).find(differs).unwrap_or(0);
        let last = (0..row).rev().find(differs).unwrap_or(0);
        area = Some(match area {
            None => (first, last, y, y),
            Some((left, right, top, _)) => (left.min(first), right.max(last), top, y),
        });
    }
    let (left, right, top, bottom) = area.unwrap_or((0, 0, 0, 0));
    Area {
        left,
        top,
        width: right - left + 1,
        height: bottom - top + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_holds_every_change_and_no_more() {
        let old = [0; 5 * 4];
        let mut new = old;
        assert_eq!(changed(&old, &new, 5, 1), area(0, 0, 1, 1), "none");
        new[5 + 3] = 1;
        assert_eq!(changed(&old, &new, 5, 1), area(3, 1, 1, 1));
        new[15 + 1] = 1;
        assert_eq!(changed(&old, &new, 5, 1), area(1, 1, 3, 3));
        new[0] = 1;
        new[19] = 1;
        assert_eq!(changed(&old, &new, 5, 1), area(0, 0, 5, 4), "all");
        // Two bytes a pixel: a change of either counts.
        let mut wide = [0; 10 * 2];
        wide[10 + 7] = 1;
        assert_eq!(changed(&[0; 20], &wide, 5, 2), area(3, 1, 1, 1));
    }

    #[test]
    fn a_cut_is_the_pixels_of_the_area() {
        let picture: Vec<u8> = (0..20).collect();
        assert_eq!(area(1, 1, 3, 2).cut(&picture, 5, 1), [6, 7, 8, 11, 12, 13]);
        assert_eq!(area(4, 0, 1, 2).cut(&picture, 5, 2), [8, 9, 18, 19]);
    }

    fn area(left: usize, top: usize, width: usize, height: usize) -> Area {
        Area {
            left,
            top,
            width,
            height,
        }
    }
}
