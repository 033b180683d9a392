//! What every file that is written or read in one long go needs: a whole file or none, progress, and a way to end it.

mod read;
mod size;
mod watch;
mod whole;

pub use read::{LONGEST_TEXT, as_text, cure, read_any, read_regular};
pub use size::size;
pub use watch::{Cancelled, Watch, unwatched};
pub use whole::{PREFIX, Partial, WriteError, folder_of, write_text, write_whole};
