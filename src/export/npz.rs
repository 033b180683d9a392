use std::io::{self, Seek, Write};

use npyz::{AutoSerialize, DType, TypeStr, WriteOptions, WriterBuilder};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Named arrays in a file that numpy reads.
pub struct Npz<W: Write + Seek> {
    /// None once it has been ended.
    archive: Option<ZipWriter<W>>,
}

impl<W: Write + Seek> Drop for Npz<W> {
    fn drop(&mut self) {
        // Dropped as it is it would try to end the file, and complain on standard error when that fails as well.
        std::mem::forget(self.archive.take());
    }
}

impl<W: Write + Seek> Npz<W> {
    /// One without arrays.
    pub fn new(file: W) -> Self {
        Self {
            archive: Some(ZipWriter::new(file)),
        }
    }

    /// Adds an array of numbers, the last axis running fastest.
    ///
    /// # Errors
    /// When the file cannot be written to, or there are not as many numbers as the shape says.
    pub fn add<T: AutoSerialize + Copy>(
        &mut self,
        name: &str,
        shape: &[usize],
        values: &[T],
    ) -> io::Result<()> {
        let mut writer = WriteOptions::new()
            .default_dtype()
            .shape(&lengths(shape))
            .writer(self.begin(name)?)
            .begin_nd()?;
        writer.extend(values.iter().copied())?;
        writer.finish()
    }

    /// Adds an array of texts, `<U`.
    ///
    /// # Errors
    /// When the file cannot be written to, or there are not as many texts as the shape says.
    pub fn add_texts(&mut self, name: &str, shape: &[usize], texts: &[String]) -> io::Result<()> {
        let longest = texts.iter().map(|text| text.chars().count()).max();
        let longest = longest.unwrap_or_default().max(1);
        let kind: TypeStr = format!("<U{longest}").parse().map_err(io::Error::other)?;
        let mut writer = WriteOptions::<String>::new()
            .dtype(DType::new_scalar(kind))
            .shape(&lengths(shape))
            .writer(self.begin(name)?)
            .begin_nd()?;
        writer.extend(texts.iter().cloned())?;
        writer.finish()
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn finish(mut self) -> io::Result<()> {
        match self.archive.take() {
            Some(archive) => archive.finish()?.flush(),
            None => Ok(()),
        }
    }

    fn begin(&mut self, name: &str) -> io::Result<&mut ZipWriter<W>> {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .large_file(true);
        let archive = self.archive.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        archive.start_file(format!("{name}.npy"), options)?;
        Ok(archive)
    }
}

fn lengths(shape: &[usize]) -> Vec<u64> {
    shape.iter().map(|length| *length as u64).collect()
}
