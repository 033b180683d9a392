//! A display without a screen, with its picture, pointer and keyboard.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::wait::{Running, until};

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;

pub struct Screen {
    _server: Running,
    pub display: String,
    folder: TempDir,
}

/// RGB, rows from the top.
pub struct Picture(Vec<[u8; 3]>);

impl Screen {
    /// None, with a word on it, where Xvfb or xdotool is missing. Continuous integration must have them.
    pub fn start() -> Option<Self> {
        for tool in ["Xvfb", "xdotool"] {
            if Command::new(tool).arg("-help").output().is_err() {
                assert!(std::env::var_os("CI").is_none(), "{tool} is missing");
                println!("skipped: {tool} is missing");
                return None;
            }
        }
        let folder = tempfile::tempdir().expect("temporary files can be made");
        let number = folder.path().join("display");
        let out = File::create(&number).expect("the folder is new");
        let mut server = Running::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
                .arg(format!("{WIDTH}x{HEIGHT}x24"))
                .arg("-fbdir")
                .arg(folder.path())
                .stdin(Stdio::null())
                .stdout(out)
                .stderr(Stdio::null()),
        );
        let display = until(
            || {
                assert!(server.ended().is_none(), "Xvfb could not start");
                let number = fs::read_to_string(&number).ok()?;
                number.strip_suffix('\n').map(|number| format!(":{number}"))
            },
            || "no display".into(),
        );
        Some(Self {
            _server: server,
            display,
            folder,
        })
    }

    /// What it prints. It may fail, as when there is no window yet.
    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output()
            .expect("it ran before");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn point(&self, x: i32, y: i32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    pub fn click(&self) {
        self.xdotool(&["click", "1"]);
    }

    pub fn key(&self, key: &str) {
        self.xdotool(&["key", key]);
    }

    /// What is on the screen now, read from the server's own memory: a file in XWD's format.
    pub fn picture(&self) -> Picture {
        let file = fs::read(self.folder.path().join("Xvfb_screen0")).expect("Xvfb made it");
        let field = |at: usize| {
            let bytes = file[at * 4..at * 4 + 4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes) as usize
        };
        let (header, width, height) = (field(0), field(4), field(5));
        let (most_significant_first, bits, stride, colours) =
            (field(7) == 1, field(11), field(12), field(19));
        assert_eq!((width, height, bits), (WIDTH, HEIGHT, 32));
        let start = header + colours * 12;
        let pixels = (0..width * height).map(|at| {
            let at = start + at / width * stride + at % width * 4;
            match file[at..at + 4] {
                [_, red, green, blue] if most_significant_first => [red, green, blue],
                [blue, green, red, _] => [red, green, blue],
                _ => unreachable!("four bytes"),
            }
        });
        Picture(pixels.collect())
    }
}

impl Picture {
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.0[y * WIDTH + x]
    }

    /// Pixels that differ clearly.
    pub fn changed(&self, other: &Self) -> usize {
        let differ = |(a, b): &(&[u8; 3], &[u8; 3])| {
            a.iter().zip(b.iter()).any(|(a, b)| a.abs_diff(*b) > 24)
        };
        self.0.iter().zip(&other.0).filter(differ).count()
    }
}
