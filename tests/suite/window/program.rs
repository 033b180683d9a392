//! The program in a window, followed by its log.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

use super::{
    screen::Screen,
    wait::{Running, until},
};

/// Drivers of graphics cards cannot draw to a display without a screen; Mesa's CPU driver can.
const SOFTWARE: (&str, &str) = ("WGPU_ADAPTER_NAME", "llvmpipe");

pub struct Program {
    process: Running,
    log: PathBuf,
    heard: usize,
    folder: TempDir,
}

fn arclight() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arclight"));
    command.stdin(Stdio::null());
    command
}

fn has_software() -> bool {
    let doctor = arclight()
        .arg("doctor")
        .env(SOFTWARE.0, SOFTWARE.1)
        .output();
    doctor.is_ok_and(|output| output.status.success())
}

impl Program {
    /// Starts it, and waits for its panels to be on the screen.
    pub fn start(screen: &Screen, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("temporary files can be made");
        Self::start_in(folder, screen, arguments)
    }

    /// The same with variables of its own in the environment.
    pub fn start_with(screen: &Screen, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("temporary files can be made");
        Self::begin(folder, screen, arguments, environment)
    }

    /// The same in a folder that holds its files and what it remembers.
    pub fn start_in(folder: TempDir, screen: &Screen, arguments: &[&str]) -> Self {
        Self::begin(folder, screen, arguments, &[])
    }

    fn begin(
        folder: TempDir,
        screen: &Screen,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let log = folder.path().join("log");
        let out = File::create(&log).expect("the folder is new");
        let err = out.try_clone().expect("it is open");
        let mut command = arclight();
        command
            .args(arguments)
            .env("DISPLAY", &screen.display)
            .env("WINIT_X11_SCALE_FACTOR", "1")
            .env("RUST_LOG", "arclight=debug")
            .env("NO_COLOR", "1")
            .env("ARCLIGHT_DIALOGS", "own")
            .env("XDG_CONFIG_HOME", folder.path().join("config"))
            .env("XDG_STATE_HOME", folder.path().join("state"))
            .envs(environment.iter().copied())
            .current_dir(folder.path())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(out)
            .stderr(err);
        if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
            command.env("XDG_RUNTIME_DIR", folder.path());
        }
        if has_software() {
            command.env(SOFTWARE.0, SOFTWARE.1);
        }
        let process = Running::start(&mut command);
        let mut program = Self {
            process,
            log,
            heard: 0,
            folder,
        };
        program.until(
            || (screen.picture().at(4, 4) != [0; 3]).then_some(()),
            "nothing on the screen",
        );
        // There is no window manager to give it the keyboard.
        let window = screen.xdotool(&["search", "--name", "^arclight$"]);
        screen.xdotool(&["windowfocus", &window]);
        program
    }

    /// Waits while the program runs.
    pub fn until<T>(&mut self, mut answer: impl FnMut() -> Option<T>, complaint: &str) -> T {
        let Self { process, log, .. } = self;
        until(
            || {
                let found = answer();
                if let (None, Some(status)) = (&found, process.ended()) {
                    panic!("it ended with {status}, {complaint}:\n{}", read(log));
                }
                found
            },
            || format!("{complaint}:\n{}", read(log)),
        )
    }

    /// Waits for a line of the log after those heard before; what stands behind `what` in it.
    pub fn hear(&mut self, what: &str) -> String {
        let (log, heard) = (self.log.clone(), self.heard);
        let find = || {
            let text = read(&log);
            // The last line may be half written.
            let whole = &text[..=text.rfind('\n')?];
            let mut lines = whole.lines().enumerate().skip(heard);
            lines.find_map(|(at, line)| Some((at, line.split_once(what)?.1.to_owned())))
        };
        let complaint = format!("not a word of {what:?} after line {heard}");
        let (at, rest) = self.until(find, &complaint);
        self.heard = at + 1;
        rest
    }

    /// Waits for its end.
    pub fn end(self) -> ExitStatus {
        self.leave().0
    }

    /// Waits for its end; its folder stays.
    pub fn leave(mut self) -> (ExitStatus, TempDir) {
        let Self { process, log, .. } = &mut self;
        let status = until(|| process.ended(), || format!("running:\n{}", read(log)));
        (status, self.folder)
    }
}

fn read(log: &Path) -> String {
    String::from_utf8_lossy(&fs::read(log).expect("the log is there")).into_owned()
}
