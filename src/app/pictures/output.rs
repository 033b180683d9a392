//! Where the parts of a picture go: a thread of their own, for encoding takes long.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bevy::math::UVec2;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::{
    files::Cancelled,
    picture::{Finish, Picture, PictureError, Tile, write_png},
};

/// Parts that may wait to be encoded.
const WAITING: usize = 1;

/// What becomes of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum Destination {
    /// A PNG.
    File(PathBuf),
    /// The system's clipboard.
    Clipboard,
    /// Whoever asked for it.
    Memory,
}

/// What has become of it.
pub(in crate::app) enum Made {
    File(PathBuf),
    Copied,
    Picture(Picture),
}

/// The thread that puts parts together.
pub(super) struct Output {
    /// None once all parts have been given.
    parts: Option<Sender<Tile>>,
    made: Receiver<Result<Made, PictureError>>,
    given_up: Arc<AtomicBool>,
    /// What is on the clipboard is there as long as this.
    pub holds: Option<Sender<()>>,
}

impl Output {
    /// Begins a picture. When this is dropped before it has said what has become of it, nothing is left.
    pub fn start(destination: Destination, size: UVec2, finish: Finish) -> io::Result<Self> {
        let (parts, given) = bounded::<Tile>(WAITING);
        let (tell, made) = bounded(1);
        let (hold, held) = bounded(0);
        let given_up = Arc::new(AtomicBool::new(false));
        let given = Given {
            parts: given,
            given_up: given_up.clone(),
        };
        let work = move || {
            let made = match destination {
                Destination::File(path) => {
                    write_png(&path, size, finish, given).map(|()| Made::File(path))
                }
                Destination::Memory => Picture::assembled(size, finish, given).map(Made::Picture),
                Destination::Clipboard => {
                    match Picture::assembled(size, finish, given).and_then(copy) {
                        Ok(clipboard) => {
                            // Nobody may listen any more.
                            let _ = tell.send(Ok(Made::Copied));
                            let _ = held.recv();
                            drop(clipboard);
                            return;
                        }
                        Err(error) => Err(error),
                    }
                }
            };
            let _ = tell.send(made);
        };
        std::thread::Builder::new()
            .name("picture".into())
            .spawn(work)?;
        Ok(Self {
            parts: Some(parts),
            made,
            given_up,
            holds: Some(hold),
        })
    }

    /// Gives a part; it comes back while others wait.
    pub fn give(&self, part: Tile) -> Option<Tile> {
        match self.parts.as_ref()?.try_send(part) {
            Err(TrySendError::Full(part)) => Some(part),
            // When nobody takes it any more, the result says why.
            Ok(()) | Err(TrySendError::Disconnected(_)) => None,
        }
    }

    /// All parts have been given.
    pub fn end(&mut self) {
        self.parts = None;
    }

    /// What has become of it, once it is whole or has failed.
    pub fn take(&self) -> Option<Result<Made, PictureError>> {
        self.made.try_recv().ok()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Release);
    }
}

/// The parts as they come; after the last one it is known whether they are still wanted.
struct Given {
    parts: Receiver<Tile>,
    given_up: Arc<AtomicBool>,
}

impl Iterator for Given {
    type Item = Result<Tile, Cancelled>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = self.parts.recv();
        if self.given_up.load(Ordering::Acquire) {
            return Some(Err(Cancelled));
        }
        part.ok().map(Ok)
    }
}

/// Puts it on the clipboard, which has it as long as the handle.
fn copy(picture: Picture) -> Result<arboard::Clipboard, PictureError> {
    let failed = |error: arboard::Error| PictureError::Clipboard {
        reason: error.to_string(),
    };
    let mut clipboard = arboard::Clipboard::new().map_err(failed)?;
    let image = arboard::ImageData {
        width: picture.width as usize,
        height: picture.height as usize,
        bytes: picture.pixels.into(),
    };
    clipboard.set_image(image).map_err(failed)?;
    Ok(clipboard)
}
