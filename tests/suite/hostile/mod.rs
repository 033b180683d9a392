//! Every reader of the program against files made to break it: a corpus (`tests/corpus`), and cases made at random from
//! good files. Whatever a file holds, it is read or refused in one line that names it, within five seconds and in memory
//! that goes with its length.
//!
//! `ARCLIGHT_CASES` sets how many cases a reader gets.

mod corpus;
mod edit_bytes;
mod edit_text;
mod models;
mod prompts;
mod sessions;
mod traces;
mod vocabularies;

use std::{
    cell::Cell,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};

/// Reads all of a file as the program does, or tells why not in a user's words.
pub type Read = fn(&Path) -> Result<(), String>;

/// The time that a file may take.
const LONGEST: Duration = Duration::from_secs(5);

/// Bytes of memory that a byte of a file may take: a text whose every byte is a token takes most.
const A_BYTE: u64 = 160;

/// Bytes that any file may take: the reader of pickles stops where one has copied more than 64 MiB out of itself.
const ANY_FILE: u64 = 128 << 20;

/// What came of a file.
enum Outcome {
    Read(Result<(), String>, u64),
    Panicked(String),
}

/// A reader on a thread of its own, so that one that hangs is found out.
struct Reading {
    folder: tempfile::TempDir,
    ask: Sender<PathBuf>,
    hear: Receiver<Outcome>,
}

impl Reading {
    fn new(read: Read) -> Self {
        let (ask, asked) = bounded::<PathBuf>(1);
        let (tell, hear) = bounded(1);
        let reading = move || {
            for path in asked {
                let mut came = None;
                let used = allocation_counter::measure(|| {
                    came = Some(catch_unwind(AssertUnwindSafe(|| read(&path))));
                });
                let outcome = match came.expect("it was read") {
                    Ok(came) => Outcome::Read(came, used.bytes_max),
                    Err(panic) => Outcome::Panicked(said(&*panic)),
                };
                if tell.send(outcome).is_err() {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("reading".to_owned());
        thread.spawn(reading).expect("a thread");
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, ask, hear }
    }

    /// Whether the file was read, or what it was refused with; an error is what must not happen.
    fn read(&self, path: &Path) -> Result<Result<(), String>, String> {
        self.ask.send(path.to_owned()).expect("it listens");
        let length = fs::metadata(path).map_or(0, |data| data.len());
        let (came, memory) = match self.hear.recv_timeout(LONGEST) {
            Ok(Outcome::Read(came, memory)) => (came, memory),
            Ok(Outcome::Panicked(text)) => return Err(format!("it panicked: {text}")),
            Err(_) => return Err(format!("it took more than {LONGEST:?}")),
        };
        if memory > A_BYTE * length + ANY_FILE {
            return Err(format!("it took {memory} bytes of memory for {length}"));
        }
        if let Err(text) = &came {
            let name = path.file_name().expect("a name").to_string_lossy();
            if text.contains(char::is_control) || !text.contains(&*name) || text.len() > 1200 {
                let text: String = text.chars().take(300).collect();
                return Err(format!("no line that names {name}: {text:?}"));
            }
        }
        Ok(came)
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a word").to_owned()
}

/// Cases that a reader gets.
fn cases() -> u32 {
    let asked = std::env::var("ARCLIGHT_CASES").ok();
    asked.map_or(500, |text| {
        text.parse().expect("ARCLIGHT_CASES is a number")
    })
}

/// Has a reader read what `contents` makes, as a file of that name.
fn survives(name: &str, read: Read, contents: impl Strategy<Value = Vec<u8>>) {
    let refused = survives_beside(name, read, contents, |_| {});
    assert!(refused > 0, "no file of {name} was refused");
}

/// The same, with other files in the folder. Returns how many files were refused.
fn survives_beside(
    name: &str,
    read: Read,
    contents: impl Strategy<Value = Vec<u8>>,
    beside: impl FnOnce(&Path),
) -> u32 {
    let reading = Reading::new(read);
    beside(reading.folder.path());
    let path = reading.folder.path().join(name);
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        ..Config::default()
    };
    let (good, bad) = (Cell::new(0), Cell::new(0));
    let came = TestRunner::new(config).run(&contents, |bytes| {
        fs::write(&path, &bytes).expect("it is written");
        let came = reading.read(&path).map_err(|reason| {
            let kept = std::env::temp_dir().join(format!("hostile-{name}"));
            let _ = fs::write(&kept, &bytes);
            TestCaseError::fail(format!("{reason} (kept as {})", kept.display()))
        })?;
        let count = if came.is_ok() { &good } else { &bad };
        count.set(count.get() + 1);
        Ok(())
    });
    println!("{name}: {} files read, {} refused", good.get(), bad.get());
    if let Err(error) = came {
        // The value is a file's bytes, which nobody can read here.
        let (TestError::Fail(reason, _) | TestError::Abort(reason)) = error;
        panic!("{name}: {reason}");
    }
    bad.get()
}
