use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

use crate::record::{Frame, job::Trouble};

/// Frames on disk, without alpha and quickly compressed.
pub(super) struct Spool {
    file: BufWriter<File>,
}

impl Spool {
    pub fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
        }
    }

    pub fn push(&mut self, frame: &Frame) -> Result<(), Trouble> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, frame.width(), frame.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fastest);
        let mut writer = encoder.write_header()?;
        let rgb: Vec<u8> = frame.rgb().flatten().collect();
        writer.write_image_data(&rgb)?;
        writer.finish()?;
        self.file.write_all(&(bytes.len() as u64).to_le_bytes())?;
        Ok(self.file.write_all(&bytes)?)
    }

    /// From the first again.
    pub fn read(self, width: u32, height: u32) -> Result<Frames, Trouble> {
        let mut file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let length = file.stream_position()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Frames {
            file: BufReader::new(file),
            left: length,
            size: width as usize * height as usize * 3,
        })
    }
}

/// The frames of a [`Spool`].
pub(super) struct Frames {
    file: BufReader<File>,
    left: u64,
    size: usize,
}

impl Frames {
    /// The next frame, three bytes a pixel.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut length = [0; 8];
        self.file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut bytes = vec![0; length as usize];
        self.file.read_exact(&mut bytes)?;
        self.left -= length + 8;
        let broken = |error: png::DecodingError| Trouble::Encoder(error.to_string());
        let mut reader = png::Decoder::new(io::Cursor::new(bytes))
            .read_info()
            .map_err(broken)?;
        let mut rgb = vec![0; self.size];
        reader.next_frame(&mut rgb).map_err(broken)?;
        Ok(Some(rgb))
    }
}
