use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use super::{
    Frame, RecordError, Settings,
    job::{Encode, Job, Trouble, time},
};
use crate::files::Partial;

/// The user's own ffmpeg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    /// Its path, or its name if it is found without one.
    pub program: PathBuf,
    /// What it is told of the output; none: what a video for slides needs, by the ending.
    pub arguments: Option<Vec<OsString>>,
}

impl Ffmpeg {
    /// With the arguments that suit the ending.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: None,
        }
    }

    /// Arguments in one line, apart where there are spaces.
    #[must_use]
    pub fn split(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    /// The output is halved in colour, so that both sides have to be even.
    pub(super) fn needs_even(&self, path: &Path) -> bool {
        self.arguments.is_none() && is_h264(path)
    }

    fn output(&self, path: &Path) -> Vec<OsString> {
        if let Some(arguments) = &self.arguments {
            return arguments.clone();
        }
        let arguments: &[&str] = if is_h264(path) { &H264 } else { &[] };
        arguments.iter().map(OsString::from).collect()
    }
}

const H264: [&str; 16] = [
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv",
    "-c:v",
    "libx264",
    "-crf",
    "16",
    "-pix_fmt",
    "yuv420p",
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-movflags",
    "+faststart",
];

fn is_h264(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ["mp4", "mov", "m4v", "mkv"]
        .iter()
        .any(|other| ending.eq_ignore_ascii_case(other))
}

/// A `:` in a name would be taken for another protocol.
fn file_protocol(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// Writes frames to ffmpeg's standard input.
pub(super) struct Pipe {
    child: Running,
    input: Option<ChildStdin>,
    said: Option<JoinHandle<String>>,
    program: String,
    path: PathBuf,
    out: Partial,
}

impl Pipe {
    pub fn new(ffmpeg: &Ffmpeg, path: &Path, settings: &Settings) -> Result<Self, RecordError> {
        let out = Partial::beside(path)?;
        let program = ffmpeg.program.display().to_string();
        let cannot = |error: std::io::Error| RecordError::NoFfmpeg {
            program: program.clone(),
            reason: error.kind().to_string(),
        };
        let mut child = Command::new(&ffmpeg.program)
            .args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"])
            .args(["-f", "rawvideo", "-pix_fmt", "rgba", "-s"])
            .arg(format!("{}x{}", settings.width, settings.height))
            .args(["-r", &settings.fps.to_string(), "-i", "-"])
            .args(ffmpeg.output(path))
            .arg(file_protocol(out.passing()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let (input, errors) = (child.stdin.take(), child.stderr.take());
        let said = std::thread::Builder::new()
            .name("ffmpeg's errors".into())
            .spawn(move || errors.map(first_line).unwrap_or_default())
            .map_err(cannot)?;
        Ok(Self {
            child: Running(Arc::new(Mutex::new(child))),
            input,
            said: Some(said),
            program,
            path: path.to_owned(),
            out,
        })
    }

    /// To end ffmpeg from another thread: this one may be waiting for it.
    pub fn running(&self) -> Running {
        self.child.clone()
    }

    fn failed(&mut self) -> Trouble {
        self.child.kill();
        let said = self.said.take().and_then(|said| said.join().ok());
        let said = said.filter(|said| !said.is_empty());
        Trouble::Told(RecordError::Ffmpeg {
            program: self.program.clone(),
            file: self.path.display().to_string(),
            reason: said.unwrap_or_else(|| "it ended without a word".into()),
        })
    }
}

impl Encode<Partial> for Pipe {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        let input = self.input.as_mut();
        let written = time(&mut job.times.encode, || {
            input.is_some_and(|input| input.write_all(frame.pixels()).is_ok())
        });
        if !written {
            job.shared.go_on()?;
            return Err(self.failed());
        }
        job.shared.one_encoded();
        Ok(())
    }

    fn finish(mut self: Box<Self>, job: &mut Job) -> Result<Partial, Trouble> {
        self.input = None;
        let status = time(&mut job.times.encode, || self.child.wait());
        job.shared.go_on()?;
        if status != Some(true) {
            return Err(self.failed());
        }
        let Self { ref out, .. } = *self;
        if std::fs::metadata(out.passing()).map_or(0, |data| data.len()) == 0 {
            return Err(self.failed());
        }
        Ok(self.out)
    }
}

/// A child that ends when it is no longer needed.
#[derive(Clone)]
pub(super) struct Running(Arc<Mutex<Child>>);

impl Running {
    pub fn kill(&self) {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        child.kill().ok();
        child.wait().ok();
    }

    /// Whether it ended well. The lock is not held for long, so that [`Self::kill`] can have it.
    fn wait(&self) -> Option<bool> {
        loop {
            let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(status) = child.try_wait().ok()? {
                return Some(status.success());
            }
            drop(child);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The first line is the cause, those after it what came of it. All are read, so that the child never waits for a reader.
fn first_line(errors: ChildStderr) -> String {
    let mut lines = BufReader::new(errors)
        .split(b'\n')
        .map_while(Result::ok)
        .map(|line| String::from_utf8_lossy(&line).trim().to_owned())
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    lines.for_each(drop);
    // Which part of ffmpeg says it, and where that lies in memory.
    match first.split_once("] ") {
        Some((part, said)) if part.starts_with('[') => said.to_owned(),
        _ => first,
    }
}
