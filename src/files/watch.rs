use std::sync::atomic::{AtomicBool, Ordering};

/// Long work was ended on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Tells how far long work is, in bytes, and ends it on request.
pub struct Watch<'a> {
    cancel: &'a AtomicBool,
    tell: &'a mut dyn FnMut(u64, u64),
    done: u64,
    total: u64,
}

impl<'a> Watch<'a> {
    /// `tell` hears the bytes done and the bytes there are in all.
    pub fn new(cancel: &'a AtomicBool, tell: &'a mut dyn FnMut(u64, u64)) -> Self {
        Self {
            cancel,
            tell,
            done: 0,
            total: 0,
        }
    }

    /// So many bytes more are to be done.
    pub fn expect(&mut self, bytes: u64) {
        self.total += bytes;
    }

    /// So many bytes more are done.
    ///
    /// # Errors
    /// When the work is to end.
    pub fn step(&mut self, bytes: u64) -> Result<(), Cancelled> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        self.done += bytes;
        (self.tell)(self.done, self.total);
        Ok(())
    }
}

/// Does long work that nobody watches.
pub fn unwatched<T>(work: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    let never = AtomicBool::new(false);
    work(&mut Watch::new(&never, &mut |_, _| {}))
}
