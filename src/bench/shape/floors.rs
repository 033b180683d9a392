use serde::Serialize;

use super::{Rates, Shape};
use crate::{
    model::Version,
    trace::{Precision, Stored},
};

/// What a part of a selection cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Bytes read and written, each once.
    pub bytes: u64,
    /// Fused multiply-adds, where they weigh more than the bytes.
    pub operations: u64,
}

/// The parts of a selection over a whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// The row of the last token.
    pub row: Load,
    /// The column of the first.
    pub column: Load,
    /// RWKV-7's W-K norms of the row.
    pub wk: Load,
    /// Full colour, arcs, statistics and one value a token.
    pub marks: Load,
}

impl Work {
    /// Counted from the formulas. Vectors are f16; y and results are f32.
    #[must_use]
    pub fn new(shape: &Shape) -> Self {
        let cells = (shape.layers * shape.heads * shape.tokens) as u64;
        let channels = cells * shape.head_size as u64;
        let stored = channels * Stored::of(shape.version, Precision::F16).bytes();
        let v7 = shape.version == Version::V7;
        // Of a row k, v, w, of a column r, w, y; RWKV-7: a and κ̂ too. Each leaves four measures a cell.
        let (row, column) = if v7 { (5, 4) } else { (3, 2) };
        let bytes = |bytes| Load {
            bytes,
            operations: 0,
        };
        Self {
            row: bytes(row * stored + 16 * cells),
            column: bytes(column * stored + 4 * channels + 16 * cells),
            // P k, P b and P − (P b) κ̂ᵀ, for every token.
            wk: Load {
                bytes: 4 * stored + 4 * cells,
                operations: 3 * channels * shape.head_size as u64,
            },
            marks: bytes(4 * cells),
        }
    }
}

/// A part of a selection: GPU time and the least that it could be.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// `row`, `column`, `wk` or `marks`.
    pub name: &'static str,
    /// Milliseconds.
    pub ms: f64,
    /// Bytes that must be read and written.
    pub bytes: u64,
    /// Milliseconds that these bytes take at the rate of a copy.
    pub bytes_ms: f64,
    /// Fused multiply-adds that must be done, where they weigh more than the bytes; else 0.
    pub operations: u64,
    /// Milliseconds that these take at the rate of a kernel that does nothing else.
    pub operations_ms: f64,
}

impl Part {
    /// Sets a time beside its floors.
    #[must_use]
    pub fn new(name: &'static str, ms: f64, load: Load, rates: &Rates) -> Self {
        Self {
            name,
            ms,
            bytes: load.bytes,
            bytes_ms: load.bytes as f64 / rates.bytes_per_s * 1e3,
            operations: load.operations,
            operations_ms: load.operations as f64 / rates.fma_per_s * 1e3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2.9B over 4,096 tokens.
    #[test]
    fn bytes_are_those_of_the_formulas() {
        let mut shape = Shape {
            version: Version::V7,
            layers: 32,
            heads: 40,
            head_size: 64,
            tokens: 4096,
        };
        let cells = 32 * 40 * 4096;
        let work = Work::new(&shape);
        assert_eq!(work.row.bytes, cells * (5 * 64 * 2 + 16));
        assert_eq!(work.column.bytes, cells * (4 * 64 * 2 + 64 * 4 + 16));
        assert_eq!(work.wk.operations, cells * 3 * 64 * 64);
        shape.version = Version::V6;
        let work = Work::new(&shape);
        assert_eq!(work.row.bytes, cells * (3 * 64 * 2 + 16));
        assert_eq!(work.column.bytes, cells * (2 * 64 * 2 + 64 * 4 + 16));
    }
}
