//! The boxes of ISO/IEC 14496-12 and -15 that one H.264 track needs.

use crate::record::Settings;

/// Units of time a frame, so that any rate has a whole number of units a second.
const UNITS: u32 = 512;
const IDENTITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// What is known of the samples.
pub(super) struct Index {
    width: u16,
    height: u16,
    units_a_second: u32,
    /// Where the first sample stands.
    data_at: u64,
    /// Of all samples.
    pub bytes: u64,
    sizes: Vec<u32>,
    /// Of the key frames among them, counted from 0; each begins a chunk.
    keys: Vec<u32>,
    chunks: Vec<u64>,
    /// The sequence parameter set.
    pub sequence: Vec<u8>,
    /// The picture parameter set.
    pub picture: Vec<u8>,
}

impl Index {
    pub fn new(settings: &Settings, data_at: u64) -> Self {
        Self {
            // Settings::check has seen to it that they fit.
            width: settings.width as u16,
            height: settings.height as u16,
            units_a_second: settings.fps * UNITS,
            data_at,
            bytes: 0,
            sizes: Vec::new(),
            keys: Vec::new(),
            chunks: Vec::new(),
            sequence: Vec::new(),
            picture: Vec::new(),
        }
    }

    pub fn push(&mut self, length: u32, key: bool) {
        if key {
            self.keys.push(self.sizes.len() as u32);
            self.chunks.push(self.data_at + self.bytes);
        }
        self.sizes.push(length);
        self.bytes += u64::from(length);
    }

    /// The `moov` box.
    pub fn movie(&self) -> Vec<u8> {
        let duration = self.sizes.len() as u32 * UNITS;
        let mut out = Vec::new();
        atom(&mut out, b"moov", |out| {
            atom(out, b"mvhd", |out| {
                words(out, &[0, 0, 0, self.units_a_second, duration]);
                // Usual speed and volume.
                words(out, &[0x1_0000, 0x0100_0000, 0, 0]);
                words(out, &IDENTITY);
                words(out, &[0, 0, 0, 0, 0, 0, 2]);
            });
            atom(out, b"trak", |out| {
                atom(out, b"tkhd", |out| {
                    // Enabled, in the movie, in the preview; track 1.
                    words(out, &[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]);
                    words(out, &IDENTITY);
                    words(
                        out,
                        &[u32::from(self.width) << 16, u32::from(self.height) << 16],
                    );
                });
                atom(out, b"mdia", |out| self.media(out, duration));
            });
        });
        out
    }

    fn media(&self, out: &mut Vec<u8>, duration: u32) {
        atom(out, b"mdhd", |out| {
            // The language is "und".
            words(out, &[0, 0, 0, self.units_a_second, duration, 0x55c4_0000]);
        });
        atom(out, b"hdlr", |out| {
            words(out, &[0, 0, u32::from_be_bytes(*b"vide"), 0, 0, 0]);
            out.extend(b"VideoHandler\0");
        });
        atom(out, b"minf", |out| {
            atom(out, b"vmhd", |out| words(out, &[1, 0, 0]));
            atom(out, b"dinf", |out| {
                atom(out, b"dref", |out| {
                    words(out, &[0, 1]);
                    // The samples are in this file.
                    atom(out, b"url ", |out| words(out, &[1]));
                });
            });
            atom(out, b"stbl", |out| self.samples(out));
        });
    }

    fn samples(&self, out: &mut Vec<u8>) {
        let frames = self.sizes.len() as u32;
        atom(out, b"stsd", |out| {
            words(out, &[0, 1]);
            atom(out, b"avc1", |out| self.sample_entry(out));
        });
        atom(out, b"stts", |out| words(out, &[0, 1, frames, UNITS]));
        atom(out, b"stss", |out| {
            words(out, &[0, self.keys.len() as u32]);
            self.keys.iter().for_each(|key| words(out, &[key + 1]));
        });
        atom(out, b"stsc", |out| {
            let runs = self.runs();
            words(out, &[0, runs.len() as u32]);
            runs.iter().for_each(|run| words(out, run));
        });
        atom(out, b"stsz", |out| {
            words(out, &[0, 0, frames]);
            words(out, &self.sizes);
        });
        let small: Result<Vec<u32>, _> = self.chunks.iter().map(|&at| u32::try_from(at)).collect();
        let count = self.chunks.len() as u32;
        match small {
            Ok(chunks) => atom(out, b"stco", |out| {
                words(out, &[0, count]);
                words(out, &chunks);
            }),
            Err(_) => atom(out, b"co64", |out| {
                words(out, &[0, count]);
                self.chunks
                    .iter()
                    .for_each(|at| out.extend(at.to_be_bytes()));
            }),
        }
    }

    /// First chunk, frames a chunk, description 1: an entry wherever the number of frames changes.
    fn runs(&self) -> Vec<[u32; 3]> {
        let ends = self.keys.iter().skip(1).copied();
        let ends = ends.chain([self.sizes.len() as u32]);
        let mut runs: Vec<[u32; 3]> = Vec::new();
        for (chunk, (start, end)) in self.keys.iter().zip(ends).enumerate() {
            let frames = end - start;
            if runs.last().is_none_or(|run| run[1] != frames) {
                runs.push([chunk as u32 + 1, frames, 1]);
            }
        }
        runs
    }

    fn sample_entry(&self, out: &mut Vec<u8>) {
        words(out, &[0, 1, 0, 0, 0, 0]);
        words(out, &[u32::from(self.width) << 16 | u32::from(self.height)]);
        // 72 dots an inch, one frame a sample, no compressor's name, 24 bits deep.
        words(out, &[0x48_0000, 0x48_0000, 0]);
        out.extend([0, 1]);
        out.extend([0; 32]);
        out.extend([0, 24, 0xff, 0xff]);
        atom(out, b"avcC", |out| {
            let profile = self.sequence.get(1..4).unwrap_or(&[77, 0, 40]);
            out.push(1);
            out.extend(profile);
            // Lengths have four bytes; one set of each kind.
            out.extend([0xff, 0xe1]);
            out.extend((self.sequence.len() as u16).to_be_bytes());
            out.extend(&self.sequence);
            out.push(1);
            out.extend((self.picture.len() as u16).to_be_bytes());
            out.extend(&self.picture);
        });
        atom(out, b"colr", |out| {
            // BT.709 primaries, transfer and matrix, limited range.
            out.extend(b"nclx\0\x01\0\x01\0\x01\0");
        });
        atom(out, b"pasp", |out| words(out, &[1, 1]));
    }
}

/// The `ftyp` box.
pub(super) fn file_type() -> Vec<u8> {
    let mut out = Vec::new();
    atom(&mut out, b"ftyp", |out| {
        out.extend(b"isom\0\0\x02\0isomiso2avc1mp41");
    });
    out
}

/// What stands before so many bytes of samples.
pub(super) fn data_head(bytes: u64) -> Vec<u8> {
    match u32::try_from(bytes + 8) {
        Ok(size) => [size.to_be_bytes(), *b"mdat"].concat(),
        Err(_) => [&[0, 0, 0, 1][..], b"mdat", &(bytes + 16).to_be_bytes()].concat(),
    }
}

/// The head of a box of so many bytes, head included, that holds nothing.
pub(super) fn free_head(bytes: u64) -> Vec<u8> {
    // The room of an index is far below 2^32 bytes.
    [(bytes as u32).to_be_bytes(), *b"free"].concat()
}

fn atom(out: &mut Vec<u8>, kind: &[u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend([0; 4]);
    out.extend(kind);
    body(out);
    let size = (out.len() - at) as u32;
    out[at..at + 4].copy_from_slice(&size.to_be_bytes());
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(keys: &[u32], frames: u32) -> Index {
        let mut index = Index::new(&Settings::new(64, 64, 30, frames), 1000);
        (0..frames).for_each(|at| index.push(10, keys.contains(&at)));
        index
    }

    #[test]
    fn every_key_frame_begins_a_chunk() {
        let whole = index(&[0, 4, 8], 12);
        assert_eq!(whole.runs(), [[1, 4, 1]]);
        assert_eq!(whole.chunks, [1000, 1040, 1080]);
        assert_eq!(whole.bytes, 120);
        assert_eq!(index(&[0, 4, 8], 10).runs(), [[1, 4, 1], [3, 2, 1]]);
        assert_eq!(index(&[0], 1).runs(), [[1, 1, 1]]);
    }

    #[test]
    fn large_files_have_wide_numbers() {
        let has = |index: &Index, kind: &[u8; 4]| index.movie().windows(4).any(|four| four == kind);
        let mut index = index(&[0], 1);
        assert!(has(&index, b"stco") && !has(&index, b"co64"));
        index.bytes = u64::from(u32::MAX);
        index.push(10, true);
        assert!(has(&index, b"co64") && !has(&index, b"stco"));
        assert_eq!(data_head(92), *b"\0\0\0\x64mdat");
        let wide = *b"\0\0\0\x01mdat\0\0\0\x01\0\0\0\x10";
        assert_eq!(data_head(1 << 32), wide);
    }
}
