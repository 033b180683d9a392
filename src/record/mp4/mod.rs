//! H.264 by the OpenH264 that is compiled in, in an MP4 that plays while it loads.

mod boxes;
mod encoder;
mod groups;
mod mux;
mod room;

use std::io::{Seek, Write};

use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix,
    rgba_to_yuv420,
};

pub(super) use self::room::Room;
use self::{encoder::Setup, groups::Groups, mux::Mux};
use super::{
    Frame, Settings,
    job::{Encode, Job, Trouble, time},
};

/// Seconds from one key frame to the next, and so of a group of pictures. The file depends on it, and so it does not
/// depend on the machine.
const KEY_SECONDS: u32 = 2;

/// One sample a frame; alpha is not looked at.
pub(super) struct Mp4<W> {
    mux: Mux<W>,
    groups: Groups,
}

impl<W: Write + Seek> Mp4<W> {
    pub fn new(out: W, settings: &Settings) -> Result<Self, Trouble> {
        Self::with(Room::of(settings, period(settings)), out, settings)
    }

    /// The file is the same whatever the room.
    pub fn with(room: Room, out: W, settings: &Settings) -> Result<Self, Trouble> {
        let period = period(settings);
        Ok(Self {
            mux: Mux::new(out, settings, period)?,
            groups: Groups::new(Setup::of(settings), period, room),
        })
    }

    /// Writes what has been encoded; with `wait`, after at least one frame more.
    fn write(&mut self, wait: bool, job: &mut Job) -> Result<(), Trouble> {
        job.shared.go_on()?;
        self.groups.collect(wait, job)?;
        time(&mut job.times.encode, || {
            while let Some(sample) = self.groups.sample() {
                self.mux.sample(&sample)?;
            }
            Ok(())
        })
    }
}

impl<W: Write + Seek + Send> Encode<W> for Mp4<W> {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        self.write(false, job)?;
        while !self.groups.has_room() {
            self.write(true, job)?;
        }
        let mut planes = self.groups.spare();
        time(&mut job.times.convert, || convert(frame, &mut planes))?;
        self.groups.push(planes)
    }

    fn finish(mut self: Box<Self>, job: &mut Job) -> Result<W, Trouble> {
        self.groups.close();
        while !self.groups.is_empty() {
            self.write(true, job)?;
        }
        time(&mut job.times.encode, || self.mux.finish())
    }
}

/// Frames from one key frame to the next.
fn period(settings: &Settings) -> u32 {
    settings.fps * KEY_SECONDS
}

/// To BT.709 in limited range, one colour for each 2 × 2 pixels; the planes stand one after another.
fn convert(frame: &Frame, planes: &mut Vec<u8>) -> Result<(), Trouble> {
    let (width, height) = (frame.width(), frame.height());
    let pixels = width as usize * height as usize;
    planes.resize(pixels * 3 / 2, 0);
    let (y, colours) = planes.split_at_mut(pixels);
    let (u, v) = colours.split_at_mut(pixels / 4);
    let mut image = YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(y),
        y_stride: width,
        u_plane: BufferStoreMut::Borrowed(u),
        u_stride: width / 2,
        v_plane: BufferStoreMut::Borrowed(v),
        v_stride: width / 2,
        width,
        height,
    };
    rgba_to_yuv420(
        &mut image,
        frame.pixels(),
        width * 4,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Balanced,
    )
    .map_err(|error| Trouble::Encoder(format!("{error:?}")))
}
