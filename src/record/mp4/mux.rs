use std::io::{self, Seek, SeekFrom, Write};

use super::{
    boxes::{self, Index},
    encoder::Sample,
};
use crate::record::{Settings, job::Trouble};

/// Samples go to the file as they come. The index, whose size is known beforehand, gets its room before them.
pub(super) struct Mux<W> {
    out: W,
    /// Where the index begins.
    room_at: u64,
    /// Bytes from there to the first sample.
    room: u64,
    index: Index,
}

impl<W: Write + Seek> Mux<W> {
    /// A key frame comes every `period` frames.
    pub fn new(mut out: W, settings: &Settings, period: u32) -> io::Result<Self> {
        let keys = u64::from(settings.frames.div_ceil(period));
        // For each frame its size, for each key frame its number, its place and its run of frames; the rest is less
        // than this.
        let room = 4 * u64::from(settings.frames) + 24 * keys + 2048;
        let start = boxes::file_type();
        out.write_all(&start)?;
        io::copy(&mut io::Read::take(io::repeat(0), room), &mut out)?;
        let room_at = start.len() as u64;
        Ok(Self {
            out,
            room_at,
            room,
            index: Index::new(settings, room_at + room),
        })
    }

    /// Writes the next frame.
    pub fn sample(&mut self, sample: &Sample) -> Result<(), Trouble> {
        let mut length = 0;
        for unit in &sample.units {
            let unit = without_start_code(unit);
            match unit.first().map(|first| first & 31) {
                None => {}
                Some(SEQUENCE) => keep(&mut self.index.sequence, unit)?,
                Some(PICTURE) => keep(&mut self.index.picture, unit)?,
                Some(_) => {
                    let size = u32::try_from(unit.len()).map_err(io::Error::other)?;
                    self.out.write_all(&size.to_be_bytes())?;
                    self.out.write_all(unit)?;
                    length += size + 4;
                }
            }
        }
        if length == 0 {
            return Err(Trouble::Encoder("OpenH264 left a frame out".into()));
        }
        self.index.push(length, sample.key);
        Ok(())
    }

    /// Writes the index before the samples.
    pub fn finish(mut self) -> Result<W, Trouble> {
        let index = self.index.movie();
        let head = boxes::data_head(self.index.bytes);
        let filling = (self.room)
            .checked_sub((index.len() + head.len()) as u64)
            .filter(|left| *left >= 8)
            .ok_or_else(|| Trouble::Encoder("the index outgrew its room".into()))?;
        self.out.seek(SeekFrom::Start(self.room_at))?;
        self.out.write_all(&index)?;
        self.out.write_all(&boxes::free_head(filling))?;
        self.out.seek(SeekFrom::Current(filling as i64 - 8))?;
        self.out.write_all(&head)?;
        self.out.seek(SeekFrom::End(0))?;
        Ok(self.out)
    }
}

/// Types of NAL units: the parameter sets stand in the index, not among the samples.
const SEQUENCE: u8 = 7;
const PICTURE: u8 = 8;

/// One set of each kind stands in the index, for all groups.
fn keep(set: &mut Vec<u8>, unit: &[u8]) -> Result<(), Trouble> {
    if set.is_empty() {
        *set = unit.to_vec();
    }
    if set == unit {
        Ok(())
    } else {
        let changed = "OpenH264 changed its parameters on the way";
        Err(Trouble::Encoder(changed.into()))
    }
}

fn without_start_code(unit: &[u8]) -> &[u8] {
    let zeros = unit.iter().take_while(|byte| **byte == 0).count();
    match unit.get(zeros) {
        Some(1) if zeros >= 2 => &unit[zeros + 1..],
        _ => unit,
    }
}
