use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{
    Frame, RecordError, Settings,
    job::{Encode, Job, Trouble, time},
    picture::encode_png,
};
use crate::files::{PREFIX, WriteError, folder_of};

/// `frame-00001.png` and so on in a folder of their own, which gets its name when all are there.
pub(super) struct Pngs {
    folder: Folder,
    digits: usize,
    next: u32,
}

impl Pngs {
    pub fn new(path: &Path, settings: &Settings) -> Result<Self, RecordError> {
        Ok(Self {
            folder: Folder::beside(path)?,
            digits: settings.frames.to_string().len().max(5),
            next: 1,
        })
    }

    fn write(&mut self, frame: &Frame) -> Result<(), Trouble> {
        let name = format!("frame-{:0digits$}.png", self.next, digits = self.digits);
        let file = fs::File::create_new(self.folder.passing.path().join(name))?;
        let mut file = io::BufWriter::new(file);
        encode_png(&mut file, frame)?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        self.folder.bytes += file.metadata()?.len();
        self.next += 1;
        Ok(())
    }
}

impl Encode<Folder> for Pngs {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        time(&mut job.times.encode, || self.write(frame))?;
        job.shared.one_encoded();
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Job) -> Result<Folder, Trouble> {
        Ok(self.folder)
    }
}

/// A folder that is being filled beside its place. Unless it is kept it goes when this goes.
pub(super) struct Folder {
    passing: TempDir,
    path: PathBuf,
    pub bytes: u64,
}

impl Folder {
    /// A folder that holds something is left alone: what is in it may be the user's own.
    fn beside(path: &Path) -> Result<Self, RecordError> {
        let cannot = |error: io::Error| WriteError::refused(path, &error);
        match fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let folder = path.display().to_string();
                    return Err(RecordError::Occupied { folder });
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => Err(cannot(error))?,
        }
        // By parts, so that the `/` that ends the name goes.
        let path: PathBuf = path.components().collect();
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let passing = builder.tempdir_in(folder_of(&path)).map_err(cannot)?;
        Ok(Self {
            passing,
            path,
            bytes: 0,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn keep(self) -> Result<(), WriteError> {
        // An empty folder makes way; one that was filled meanwhile does not, and the renaming fails.
        fs::remove_dir(&self.path).ok();
        fs::rename(self.passing.path(), &self.path)
            .map_err(|error| WriteError::refused(&self.path, &error))?;
        // Nothing is at its first name any more.
        let _ = self.passing.keep();
        Ok(())
    }
}
