use std::borrow::Cow;

/// web-rwkv has the five mixes of RWKV-6 as w k v r g, flash-linear-attention as r w k v g.
const MIXES: [usize; 5] = [1, 2, 3, 0, 4];

/// What of a stored tensor becomes one of web-rwkv's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it, as it is.
    Whole,
    /// All of it, with its last two dimensions swapped.
    Swapped,
    /// One of this many slices along the first dimension.
    Slice { at: usize, of: usize },
    /// `[5 · rank, width]`: the five blocks of rows in web-rwkv's order.
    MixDown,
    /// `[width, 5 · rank]` to `[5, width, rank]` in web-rwkv's order.
    MixUp,
}

impl Part {
    /// Its shape, from that of the stored tensor; or what that should have been.
    pub(super) fn shape(self, stored: &[usize]) -> Result<Vec<usize>, &'static str> {
        match (self, stored) {
            (Self::Swapped, &[ref outer @ .., rows, columns]) => {
                Ok([outer, &[columns, rows]].concat())
            }
            (Self::Whole | Self::Swapped, stored) => Ok(stored.to_vec()),
            (Self::Slice { of, .. }, &[first, ref rest @ ..])
                if first == of && !rest.is_empty() =>
            {
                Ok(rest.to_vec())
            }
            (Self::Slice { of: 6, .. }, _) => Err("six vectors"),
            (Self::Slice { .. }, _) => Err("five vectors"),
            (Self::MixDown, &[rows, _]) if rows.is_multiple_of(5) => Ok(stored.to_vec()),
            (Self::MixDown, _) => Err("a matrix with a multiple of 5 rows"),
            (Self::MixUp, &[width, columns]) if columns.is_multiple_of(5) => {
                Ok(vec![5, width, columns / 5])
            }
            (Self::MixUp, _) => Err("a matrix with a multiple of 5 columns"),
        }
    }

    /// Its bytes, from those of a stored tensor whose shape [`Part::shape`] has taken.
    pub(super) fn bytes<'a>(self, stored: Cow<'a, [u8]>, shape: &[usize]) -> Cow<'a, [u8]> {
        let values = shape.iter().product::<usize>();
        if self == Self::Whole || values == 0 {
            return stored;
        }
        let size = stored.len() / values;
        match (self, shape) {
            (Self::Swapped, &[.., rows, columns]) => Cow::Owned(swap(&stored, rows, columns, size)),
            (Self::Slice { at, of }, _) => {
                let length = stored.len() / of;
                let slice = at * length..(at + 1) * length;
                match stored {
                    Cow::Borrowed(stored) => Cow::Borrowed(&stored[slice]),
                    Cow::Owned(stored) => Cow::Owned(stored[slice].to_vec()),
                }
            }
            (Self::MixDown, _) => {
                let block = stored.len() / 5;
                let blocks = MIXES.iter().map(|at| &stored[at * block..(at + 1) * block]);
                Cow::Owned(blocks.collect::<Vec<_>>().concat())
            }
            (Self::MixUp, &[_, columns]) => {
                let (row, block) = (columns * size, columns / 5 * size);
                let mut out = Vec::with_capacity(stored.len());
                for at in MIXES {
                    for row in stored.chunks_exact(row) {
                        out.extend_from_slice(&row[at * block..(at + 1) * block]);
                    }
                }
                Cow::Owned(out)
            }
            _ => stored,
        }
    }
}

/// Swaps the last two dimensions; any others only count matrices.
fn swap(bytes: &[u8], rows: usize, columns: usize, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for matrix in bytes.chunks_exact(rows * columns * size) {
        for column in 0..columns {
            for row in 0..rows {
                let at = (row * columns + column) * size;
                out.extend_from_slice(&matrix[at..at + size]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(part: Part, stored: &[u8], shape: &[usize]) -> Vec<u8> {
        part.bytes(Cow::Borrowed(stored), shape).into_owned()
    }

    #[test]
    fn dimensions_are_swapped_matrix_by_matrix() {
        let stored: Vec<u8> = (0..12).collect();
        assert_eq!(Part::Swapped.shape(&[2, 2, 3]), Ok(vec![2, 3, 2]));
        assert_eq!(
            bytes(Part::Swapped, &stored, &[2, 2, 3]),
            [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
        );
        assert_eq!(Part::Swapped.shape(&[7]), Ok(vec![7]));
    }

    #[test]
    fn mixes_come_in_the_other_order() {
        let stored: Vec<u8> = (0..10).collect();
        assert_eq!(Part::MixDown.shape(&[10, 1]), Ok(vec![10, 1]));
        assert_eq!(
            bytes(Part::MixDown, &stored, &[10, 1]),
            [2, 3, 4, 5, 6, 7, 0, 1, 8, 9]
        );
        assert_eq!(Part::MixUp.shape(&[2, 5]), Ok(vec![5, 2, 1]));
        assert_eq!(
            bytes(Part::MixUp, &stored, &[2, 5]),
            [1, 6, 2, 7, 3, 8, 0, 5, 4, 9]
        );
    }

    #[test]
    fn a_slice_is_one_of_as_many_as_there_should_be() {
        let part = Part::Slice { at: 2, of: 6 };
        let stored: Vec<u8> = (0..24).collect();
        assert_eq!(part.shape(&[6, 1, 1, 2]), Ok(vec![1, 1, 2]));
        assert_eq!(bytes(part, &stored, &[6, 1, 1, 2]), [8, 9, 10, 11]);
        for shape in [&[5, 2][..], &[6], &[]] {
            assert!(part.shape(shape).is_err(), "{shape:?}");
        }
        for shape in [&[9, 2][..], &[10]] {
            assert!(Part::MixDown.shape(shape).is_err(), "{shape:?}");
        }
    }
}
