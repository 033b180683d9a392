use quantette::{
    PaletteBuf, PaletteCounts, PaletteSize,
    color_map::{IndexedColorMap, NearestNeighborColorMap},
    color_space::{oklab_to_srgb8, srgb8_to_oklab},
    deps::palette::{Oklab, Srgb},
    wu::{BinnerF32x3, WuF32x3},
};

use crate::record::{Frame, job::Trouble};

/// The last of the 256 leaves a pixel as it was.
const COLOURS: u16 = 255;
/// The dark ground is nearly all of a frame; less than its share leaves colours to what is drawn on it.
const WEIGHT: f64 = 0.7;
/// How often the palette is drawn nearer to the colours that there are.
const ROUNDS: usize = 8;
/// Bits of a channel that are told apart when counting.
const BITS: u32 = 7;

/// How often each colour occurs in all frames.
pub(super) struct Histogram {
    counts: Vec<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; 1 << (3 * BITS)],
        }
    }
}

impl Histogram {
    pub fn add(&mut self, frame: &Frame) {
        for colour in frame.rgb() {
            let [r, g, b] = colour.map(|channel| usize::from(channel >> (8 - BITS)));
            self.counts[(((r << BITS) | g) << BITS) | b] += 1;
        }
    }

    /// The colours that all frames are drawn with, at most 255.
    pub fn palette(&self) -> Vec<[u8; 3]> {
        let mut colours = Vec::new();
        let mut weights = Vec::new();
        for (key, &count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let channel = |shift: u32| {
                let value = (key >> shift) as u32 & ((1 << BITS) - 1);
                ((value << (8 - BITS)) | (value >> (2 * BITS - 8))) as u8
            };
            colours.push(Srgb::new(channel(2 * BITS), channel(BITS), channel(0)));
            weights.push((count as f64).powf(WEIGHT) as u32);
        }
        let chosen = choose(&colours, weights);
        oklab_to_srgb8(&chosen)
            .into_iter()
            .map(|colour| [colour.red, colour.green, colour.blue])
            .collect()
    }
}

/// Wu's palette, drawn to the middles of what each of its colours stands for.
fn choose(colours: &[Srgb<u8>], weights: Vec<u32>) -> Vec<Oklab> {
    let lab = srgb8_to_oklab(colours);
    let binner = BinnerF32x3::<64, 32, 32>::new(
        BinnerF32x3::<64, 32, 32>::OKLAB_COMPONENT_RANGES_FROM_SRGB8,
    );
    let Ok(counted) = PaletteCounts::new(lab, weights) else {
        return Vec::new();
    };
    let Some(wu) = WuF32x3::run_palette_counts(&counted, binner) else {
        return Vec::new();
    };
    let mut palette = wu.palette(PaletteSize::from_u16_clamped(COLOURS));
    for _ in 0..ROUNDS {
        let nearest = NearestNeighborColorMap::new(palette.clone());
        let mut sums = vec![[0.0; 4]; palette.len()];
        let indices = nearest.map_to_indices(counted.palette());
        for ((colour, weight), index) in counted.palette().iter().zip(counted.counts()).zip(indices)
        {
            let weight = f64::from(*weight);
            let parts = [colour.l, colour.a, colour.b].map(|part| f64::from(part) * weight);
            let sum = &mut sums[usize::from(index)];
            *sum = [
                sum[0] + parts[0],
                sum[1] + parts[1],
                sum[2] + parts[2],
                sum[3] + weight,
            ];
        }
        for (colour, [l, a, b, weight]) in palette.as_mut_slice().iter_mut().zip(sums) {
            if weight > 0.0 {
                *colour = Oklab::new(
                    (l / weight) as f32,
                    (a / weight) as f32,
                    (b / weight) as f32,
                );
            }
        }
    }
    palette.into_vec()
}

const UNKNOWN: u16 = u16::MAX;
const ASKED: u16 = u16::MAX - 1;

/// From pixels to indices of a palette; a colour's index is looked for once.
pub(super) struct Mapper {
    nearest: NearestNeighborColorMap<Oklab, f32, 3>,
    /// By colour, 24 bits.
    known: Vec<u16>,
}

impl Mapper {
    pub fn new(palette: Vec<[u8; 3]>) -> Result<Self, Trouble> {
        let palette: Vec<_> = palette.into_iter().map(Srgb::from).collect();
        let palette = PaletteBuf::new(srgb8_to_oklab(&palette))
            .map_err(|_| Trouble::Encoder("no colours were found".into()))?;
        Ok(Self {
            nearest: NearestNeighborColorMap::new(palette),
            known: vec![UNKNOWN; 1 << 24],
        })
    }

    /// `rgb` has three bytes a pixel.
    pub fn map(&mut self, rgb: &[u8]) -> Vec<u8> {
        let pixels = rgb.as_chunks().0;
        let key =
            |&[r, g, b]: &[u8; 3]| usize::from(r) << 16 | usize::from(g) << 8 | usize::from(b);
        let mut new = Vec::new();
        for pixel in pixels {
            let known = &mut self.known[key(pixel)];
            if *known == UNKNOWN {
                *known = ASKED;
                new.push(Srgb::from(*pixel));
            }
        }
        let indices = self.nearest.map_to_indices(&srgb8_to_oklab(&new));
        for (colour, index) in new.iter().zip(indices) {
            self.known[key(&[colour.red, colour.green, colour.blue])] = index.into();
        }
        pixels
            .iter()
            .map(|pixel| self.known[key(pixel)] as u8)
            .collect()
    }
}
