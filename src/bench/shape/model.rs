//! Models with random weights, of the size that a shape's model has. They measure speed and say nothing.

use std::io::{self, BufWriter, Write};

use half::f16;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use super::Shape;
use crate::{
    bench::random_ids,
    model::{Dim, Extent, Version, required},
};

/// That of the World models.
pub(super) const VOCAB: usize = 65_536;
/// Weights written over and over.
const BLOCK: usize = 1 << 20;
/// Largest weight.
const MOST: f32 = 0.03;

/// A temporary file with a model of that shape, which goes when it is dropped.
///
/// # Errors
/// When it cannot be written.
pub fn random_model(shape: &Shape) -> io::Result<NamedTempFile> {
    let mut header = Map::new();
    let mut end = 0;
    for (name, extent) in required(shape.version, shape.layers) {
        let sizes = sizes(shape, extent);
        let start = end;
        end += sizes.iter().product::<usize>() * 2;
        let entry = json!({"dtype": "F16", "shape": sizes, "data_offsets": [start, end]});
        header.insert(name, entry);
    }
    let mut header = Value::Object(header).to_string();
    // Numbers begin at a multiple of 8.
    header += &" ".repeat(header.len().next_multiple_of(8) - header.len());

    let weight = |id: u32| f16::from_f32((id as f32 / BLOCK as f32 - 0.5) * 2.0 * MOST);
    let block: Vec<f16> = random_ids(BLOCK).take(BLOCK).map(weight).collect();
    let block: &[u8] = bytemuck::cast_slice(&block);
    let file = tempfile::Builder::new()
        .prefix("arclight-random-")
        .suffix(".st")
        .tempfile()?;
    let mut out = BufWriter::new(file.as_file());
    out.write_all(&(header.len() as u64).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    let mut left = end;
    while left > 0 {
        let part = left.min(block.len());
        out.write_all(&block[..part])?;
        left -= part;
    }
    out.flush()?;
    drop(out);
    Ok(file)
}

fn sizes(shape: &Shape, extent: Extent) -> Vec<usize> {
    let of = |dim| size(shape, dim);
    match extent {
        Extent::Vector => vec![of(Dim::Width)],
        Extent::Matrix(rows, columns) => vec![of(rows), of(columns)],
        Extent::Stack(count, rows, columns) => vec![of(count), of(rows), of(columns)],
    }
}

/// Ranks are those of the 2.9B models.
fn size(shape: &Shape, dim: Dim) -> usize {
    let width = shape.heads * shape.head_size;
    match dim {
        Dim::Width => width,
        // RWKV-6 has three and a half times the width, in whole multiples of 32.
        Dim::Hidden if shape.version == Version::V6 => (width * 7 / 2) / 32 * 32,
        Dim::Hidden => 4 * width,
        Dim::Vocab => VOCAB,
        Dim::Heads => shape.heads,
        Dim::HeadSize => shape.head_size,
        Dim::Five => 5,
        Dim::Mix => 32,
        Dim::FiveMix => 160,
        Dim::Decay | Dim::V => 64,
        Dim::W | Dim::A => 96,
        Dim::G => 320,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ModelFile, Source};

    #[test]
    fn a_random_model_opens_as_one_of_its_shape() {
        for version in [Version::V6, Version::V7] {
            let shape = Shape {
                version,
                layers: 2,
                heads: 2,
                head_size: 32,
                tokens: 16,
            };
            let file = random_model(&shape).expect("it is written");
            let model = ModelFile::open(&Source::File(file.path().to_owned())).expect("it opens");
            let card = model.card();
            assert_eq!(
                (card.version, card.layers, card.heads, card.head_size),
                (version, 2, 2, 32)
            );
            let key = model.f16("blocks.1.att.key.weight").expect("it is read");
            let most = key
                .iter()
                .fold(0.0_f32, |most, x| most.max(x.to_f32().abs()));
            assert!(most > 0.9 * MOST && most <= MOST * 1.01, "{most}");
        }
    }
}
