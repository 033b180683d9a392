use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Frame, Settings,
    area::changed,
    job::{Encode, Job, Trouble, time},
    picture::set_up,
};

/// Exact frames with their alpha, shown for ever; each holds only the rectangle that changed.
pub(super) struct Apng<W: Write> {
    out: Shared<W>,
    writer: png::Writer<Shared<W>>,
    shown: Option<Frame>,
}

impl<W: Write> Apng<W> {
    pub fn new(out: W, settings: &Settings) -> Result<Self, Trouble> {
        let out = Shared(Arc::new(Mutex::new(out)));
        let mut encoder = png::Encoder::new(out.clone(), settings.width, settings.height);
        set_up(&mut encoder, false);
        encoder.set_animated(settings.frames, 0)?;
        // Below 2^16, as MAX_FPS is.
        encoder.set_frame_delay(1, settings.fps as u16)?;
        Ok(Self {
            out,
            writer: encoder.write_header()?,
            shown: None,
        })
    }

    fn write(&mut self, frame: &Frame) -> Result<(), Trouble> {
        let Some(shown) = &self.shown else {
            return Ok(self.writer.write_image_data(frame.pixels())?);
        };
        let row = frame.width() as usize;
        let area = changed(shown.pixels(), frame.pixels(), row, 4);
        self.writer.reset_frame_position()?;
        self.writer
            .set_frame_dimension(area.width as u32, area.height as u32)?;
        self.writer
            .set_frame_position(area.left as u32, area.top as u32)?;
        Ok(self
            .writer
            .write_image_data(&area.cut(frame.pixels(), row, 4))?)
    }
}

impl<W: Write + Send> Encode<W> for Apng<W> {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        time(&mut job.times.encode, || self.write(frame))?;
        self.shown = Some(frame.clone());
        job.shared.one_encoded();
        Ok(())
    }

    fn finish(self: Box<Self>, job: &mut Job) -> Result<W, Trouble> {
        let Self { out, writer, .. } = *self;
        time(&mut job.times.encode, || writer.finish())?;
        let out = Arc::into_inner(out.0)
            .ok_or_else(|| Trouble::Encoder("the PNG encoder holds on to its file".into()))?;
        Ok(out.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The encoder takes its file for good; this hands it back.
struct Shared<W>(Arc<Mutex<W>>);

impl<W> Clone for Shared<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .flush()
    }
}
