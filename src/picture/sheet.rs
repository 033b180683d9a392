use bevy::math::{URect, UVec2};

use super::{average, cut_out};
use crate::files::Cancelled;

/// A part of a picture as it was drawn.
pub struct Tile {
    /// Where it is, in pixels of the picture.
    pub rect: URect,
    /// RGBA bytes, `grain` × `grain` pixels for each of the picture.
    pub pixels: Vec<u8>,
}

/// What is done to the drawn pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finish {
    /// Pixels drawn for one of the picture, in each direction.
    pub grain: u32,
    /// The ground, in sRGB, when it is to be cut out; otherwise the picture is opaque.
    pub cut_out: Option<[u8; 3]>,
}

impl Finish {
    /// The part's pixels in the picture.
    fn apply(&self, tile: Tile) -> Vec<u8> {
        let width = tile.rect.width() as usize;
        let mut pixels = average(tile.pixels, width, self.grain as usize);
        let (every, _) = pixels.as_chunks_mut::<4>();
        match self.cut_out {
            Some(ground) => every
                .iter_mut()
                .for_each(|pixel| *pixel = cut_out(*pixel, ground)),
            None => every.iter_mut().for_each(|pixel| pixel[3] = 255),
        }
        pixels
    }
}

/// Puts parts together, in the order of [`super::tiles`]; `take` gets some whole rows at a time.
///
/// # Errors
/// When the parts end before the picture is whole, and those of `take`.
pub fn assemble<E: From<Cancelled>>(
    size: UVec2,
    finish: Finish,
    parts: impl IntoIterator<Item = Result<Tile, Cancelled>>,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let row = size.x as usize * 4;
    let mut band = Vec::new();
    let mut rows = 0;
    for part in parts {
        let part = part?;
        let rect = part.rect;
        let pixels = finish.apply(part);
        if rect.width() == size.x {
            take(&pixels)?;
            rows = rect.max.y;
            continue;
        }
        band.resize(row * rect.height() as usize, 0);
        let (from, to) = (rect.min.x as usize * 4, rect.max.x as usize * 4);
        let lines = pixels.chunks_exact(to - from);
        for (line, whole) in lines.zip(band.chunks_exact_mut(row)) {
            whole[from..to].copy_from_slice(line);
        }
        if rect.max.x == size.x {
            take(&band)?;
            rows = rect.max.y;
        }
    }
    if rows < size.y {
        return Err(Cancelled.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::tiles, *};

    const SIZE: UVec2 = UVec2::new(7, 5);
    const PLAIN: Finish = Finish {
        grain: 1,
        cut_out: None,
    };

    /// Each pixel tells where it is.
    fn parts(most: u32) -> impl Iterator<Item = Result<Tile, Cancelled>> {
        let part = |rect: URect| Tile {
            rect,
            pixels: (rect.min.y..rect.max.y)
                .flat_map(|y| (rect.min.x..rect.max.x).flat_map(move |x| [x as u8, y as u8, 9, 4]))
                .collect(),
        };
        tiles(SIZE, most)
            .into_iter()
            .map(move |rect| Ok(part(rect)))
    }

    fn put_together(
        parts: impl Iterator<Item = Result<Tile, Cancelled>>,
    ) -> Result<Vec<u8>, Cancelled> {
        let mut all = Vec::new();
        assemble(SIZE, PLAIN, parts, |rows| {
            assert_eq!(rows.len() % (SIZE.x as usize * 4), 0);
            all.extend_from_slice(rows);
            Ok::<_, Cancelled>(())
        })?;
        Ok(all)
    }

    #[test]
    fn parts_come_together_wherever_they_were_cut() {
        let whole: Vec<u8> = (0..SIZE.y)
            .flat_map(|y| (0..SIZE.x).flat_map(move |x| [x as u8, y as u8, 9, 255]))
            .collect();
        for most in 1..9 {
            assert_eq!(put_together(parts(most)), Ok(whole.clone()), "{most}");
        }
    }

    #[test]
    fn what_is_not_whole_is_none() {
        assert_eq!(put_together(parts(3).take(5)), Err(Cancelled));
        assert_eq!(put_together(parts(3).take(0)), Err(Cancelled));
        // It may be given up after its last part.
        let given_up = parts(3).chain([Err(Cancelled)]);
        assert_eq!(put_together(given_up), Err(Cancelled));
    }
}
