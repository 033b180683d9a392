//! What the window does when something goes wrong.

use std::process::{Command, Stdio};

use super::{Program, Screen, alone, quit};

/// The device is lost: the program says so, and shows the same text, token and heads on a new one.
#[test]
fn a_lost_device_is_made_anew() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let session = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tutorial/head.toml");
    let fault = [("ARCLIGHT_FAULT", "lost-device:6")];
    let mut program = Program::start_with(&screen, &["--session", session], &fault);
    let before = program.hear("ran ");
    program.hear("token 16 scored");
    program.hear("the device is lost");
    program.hear("began as process");
    assert_eq!(program.hear("ran "), before);
    program.hear("token 16 scored");
    // The keyboard was the old window's.
    screen.xdotool(&["search", "--name", "arclight", "windowfocus"]);
    quit(&screen, program);
}

/// A panic while the model works: it is told, and the next run opens the model again.
#[test]
fn a_panic_of_the_inference_thread_is_survived() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let fault = [("ARCLIGHT_FAULT", "worker-panic:5")];
    let mut program = Program::start_with(&screen, &["demo-v7", "--prompt", "A cat"], &fault);
    program.hear("ran ");
    std::thread::sleep(std::time::Duration::from_secs(5));
    screen.key("ctrl+Return");
    program.hear("failed: arclight has failed at this (a fault that was asked for)");
    // The run from before is on show again.
    screen.key("Right");
    program.hear(" scored, ");
    screen.key("ctrl+Return");
    program.hear("ran ");
    quit(&screen, program);
}

/// Nothing can be remembered and nothing be logged; the window does not care.
#[test]
fn folders_that_cannot_be_written_to_do_no_harm() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let folders = [
        ("XDG_CONFIG_HOME", "/dev/null"),
        ("XDG_STATE_HOME", "/dev/null"),
    ];
    let arguments = ["demo-v7", "--prompt", "A cat"];
    let mut program = Program::start_with(&screen, &arguments, &folders);
    program.hear("ran ");
    quit(&screen, program);
}

/// Two windows that remember and log in the same folders.
#[test]
fn two_windows_at_once() {
    let _alone = alone();
    let (Some(one), Some(other)) = (Screen::start(), Screen::start()) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (config, state) = (at("config"), at("state"));
    let folders = [("XDG_CONFIG_HOME", &*config), ("XDG_STATE_HOME", &*state)];
    let arguments = ["demo-v7", "--prompt", "A cat"];
    let mut first = Program::start_with(&one, &arguments, &folders);
    let mut second = Program::start_with(&other, &arguments, &folders);
    first.hear("ran ");
    second.hear("ran ");
    quit(&one, first);
    quit(&other, second);
    let log = std::fs::read_to_string(folder.path().join("state/arclight/arclight.log"));
    let log = log.expect("there is a log");
    assert_eq!(log.matches("began as process").count(), 2, "{log}");
    let is_line = |line: &str| line.starts_with("20") && line.contains('Z');
    assert!(log.lines().all(is_line), "{log}");
    assert!(!log.contains("A cat"), "the text is in the log: {log}");
}

/// Without a display there is an error that says so.
#[test]
fn no_display() {
    for display in [None, Some(":9999")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arclight"));
        command
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET");
        match display {
            Some(display) => command.env("DISPLAY", display),
            None => command.env_remove("DISPLAY"),
        };
        let output = command.stdin(Stdio::null()).output().expect("it starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        let line = text.lines().last().unwrap_or_default();
        let expected = "arclight: no window can be opened here (DISPLAY is ";
        assert!(
            line.starts_with(expected) && line.contains("arclight render"),
            "{text}"
        );
        assert!(!text.contains("panicked"), "{text}");
    }
}
