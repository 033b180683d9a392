//! 256 colours that all frames share, chosen when all have been seen, so that nothing flickers.

mod palette;
mod spool;

use std::{fs::File, io::Write};

use gif::{DisposalMethod, EncodingError, Repeat};

use self::{
    palette::{Histogram, Mapper},
    spool::Spool,
};
use super::{
    Frame, Settings,
    area::changed,
    job::{Encode, Job, Trouble, time},
};

/// The index that leaves the pixel as it was.
const AS_BEFORE: u8 = 255;
/// Fewer unchanged pixels one after another are written again: gaps cost more than they save.
const RUN: usize = 16;

/// Keeps the frames on disk while they come, and encodes them at the end.
pub(super) struct Gif<W> {
    out: W,
    spool: Spool,
    colours: Histogram,
    width: u16,
    height: u16,
    fps: u32,
}

impl<W: Write> Gif<W> {
    /// `spool` holds the frames until all are there.
    pub fn new(out: W, spool: File, settings: &Settings) -> Self {
        Self {
            out,
            spool: Spool::new(spool),
            colours: Histogram::default(),
            // Settings::check has seen to it that they fit.
            width: settings.width as u16,
            height: settings.height as u16,
            fps: settings.fps,
        }
    }
}

impl<W: Write + Send> Encode<W> for Gif<W> {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        time(&mut job.times.convert, || {
            self.colours.add(frame);
            self.spool.push(frame)
        })
    }

    fn finish(self: Box<Self>, job: &mut Job) -> Result<W, Trouble> {
        let (width, height) = (self.width, self.height);
        let palette = time(&mut job.times.convert, || self.colours.palette());
        let colours: Vec<u8> = palette.iter().flatten().copied().collect();
        let mut mapper = Mapper::new(palette)?;
        let mut encoder = gif::Encoder::new(self.out, width, height, &colours)?;
        encoder.set_repeat(Repeat::Infinite)?;
        let mut frames = self.spool.read(u32::from(width), u32::from(height))?;
        let mut shown = Vec::new();
        let mut at = 0;
        while let Some(rgb) = time(&mut job.times.convert, || frames.next())? {
            job.shared.go_on()?;
            let indices = time(&mut job.times.convert, || mapper.map(&rgb));
            let frame = Changed {
                shown: &shown,
                next: &indices,
                width: width.into(),
                delay: delay(at, self.fps),
            };
            time(&mut job.times.encode, || {
                encoder.write_frame(&frame.frame())
            })?;
            shown = indices;
            at += 1;
            job.shared.one_encoded();
        }
        Ok(time(&mut job.times.encode, || encoder.into_inner())?)
    }
}

struct Changed<'a> {
    shown: &'a [u8],
    next: &'a [u8],
    width: usize,
    delay: u16,
}

impl Changed<'_> {
    /// What is as it was before is left out.
    fn frame(&self) -> gif::Frame<'static> {
        let mut frame = gif::Frame {
            delay: self.delay,
            dispose: DisposalMethod::Keep,
            ..gif::Frame::default()
        };
        if self.shown.is_empty() {
            frame.width = self.width as u16;
            frame.height = (self.next.len() / self.width) as u16;
            frame.buffer = self.next.to_vec().into();
            return frame;
        }
        let area = changed(self.shown, self.next, self.width, 1);
        let mut cut = area.cut(self.next, self.width, 1);
        let before = area.cut(self.shown, self.width, 1);
        let mut start = 0;
        for at in 0..=cut.len() {
            if cut.get(at) != before.get(at) || at == cut.len() {
                if at - start >= RUN {
                    cut[start..at].fill(AS_BEFORE);
                }
                start = at + 1;
            }
        }
        frame.left = area.left as u16;
        frame.top = area.top as u16;
        frame.width = area.width as u16;
        frame.height = area.height as u16;
        frame.transparent = Some(AS_BEFORE);
        frame.buffer = cut.into();
        frame
    }
}

/// How long frame `at` stands, in hundredths of a second; what is rounded off comes back in later frames.
fn delay(at: u32, fps: u32) -> u16 {
    let until = |frame: u64| (frame * 100 + u64::from(fps) / 2) / u64::from(fps);
    // At most 100, at one frame a second.
    (until(u64::from(at) + 1) - until(at.into())) as u16
}

impl From<EncodingError> for Trouble {
    fn from(error: EncodingError) -> Self {
        match error {
            EncodingError::Io(error) => Self::Io(error),
            other => Self::Encoder(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up_at_any_rate() {
        for fps in 1..=50 {
            let delays: Vec<_> = (0..fps * 3).map(|at| delay(at, fps)).collect();
            let sum: u32 = delays.iter().copied().map(u32::from).sum();
            assert_eq!(sum, 300, "{fps} frames a second");
            // Browsers take less than two for ten.
            assert!(delays.iter().all(|delay| *delay >= 2), "{fps}: {delays:?}");
        }
    }

    #[test]
    fn long_runs_of_unchanged_pixels_are_left_out() {
        let shown = [7; 64];
        let mut next = shown;
        next[0] = 1;
        next[20] = 2;
        next[24] = 3;
        next[63] = 4;
        let change = Changed {
            shown: &shown,
            next: &next,
            width: 64,
            delay: 4,
        };
        let frame = change.frame();
        let mut wanted = next;
        wanted[1..20].fill(AS_BEFORE);
        wanted[25..63].fill(AS_BEFORE);
        assert_eq!(frame.buffer.as_ref(), wanted);
        assert_eq!(frame.transparent, Some(AS_BEFORE));
    }
}
