//! Wherever a disk gets full, the encoder says so.

use std::io::{self, Cursor, Seek, SeekFrom, Write};

use super::frame;
use crate::record::{
    Format, Settings, Times,
    job::{Job, Shared, Trouble},
    sink::encoder,
};

/// Holds so many bytes and no more.
struct Disk {
    held: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.held.position() as usize + bytes.len();
        if end > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.held.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.held.seek(to)
    }
}

fn encode(format: Format, room: usize) -> Result<Vec<u8>, Trouble> {
    let settings = Settings::new(32, 32, 25, 4);
    let disk = Disk {
        held: Cursor::new(Vec::new()),
        room,
    };
    let shared = Shared::default();
    let mut job = Job {
        shared: &shared,
        times: Times::default(),
    };
    let spool = tempfile::tempfile()?;
    let mut encoder = encoder(format, disk, &settings, || Ok(spool))?;
    for at in 0..4 {
        encoder.frame(&frame(32, 32, at), &mut job)?;
    }
    Ok(encoder.finish(&mut job)?.held.into_inner())
}

#[test]
fn an_encoder_tells_of_a_full_disk_wherever_it_happens() {
    for format in [Format::Mp4, Format::Gif, Format::Apng] {
        if !format.is_built_in() {
            continue;
        }
        let whole = encode(format, usize::MAX).expect("there is room").len();
        encode(format, whole).expect("just enough room");
        let mut rooms: Vec<_> = (0..whole).step_by((whole / 40).max(1)).collect();
        rooms.push(whole - 1);
        for room in rooms {
            match encode(format, room) {
                Err(Trouble::Io(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
                Err(other) => panic!("{format:?} with {room} of {whole} bytes: {other:?}"),
                Ok(_) => panic!("{format:?} with {room} of {whole} bytes seems whole"),
            }
        }
    }
}

#[test]
fn a_full_disk_ends_a_spool() {
    // Reading only: the first write to it fails.
    let place = tempfile::NamedTempFile::new().expect("a file");
    let spool = std::fs::File::open(place.path()).expect("opened to read");
    let settings = Settings::new(32, 32, 25, 1);
    let shared = Shared::default();
    let mut job = Job {
        shared: &shared,
        times: Times::default(),
    };
    let mut encoder = encoder(Format::Gif, Cursor::new(Vec::new()), &settings, || {
        Ok(spool)
    })
    .expect("an encoder");
    let pushed = encoder.frame(&frame(32, 32, 0), &mut job);
    let finished = encoder.finish(&mut job);
    assert!(pushed.is_err() || matches!(finished, Err(Trouble::Io(_))));
}
