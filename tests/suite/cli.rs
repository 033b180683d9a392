//! The program as it is called: exit codes, messages, JSON and files.

mod before;
mod changes;
mod downloads;
mod errors;
mod explain;
mod exports;
mod files;
mod fixtures;
mod formats;
#[cfg(target_os = "linux")]
mod full;
mod generate;
mod heads;
mod help;
mod json;
mod manuals;
mod saving;
mod traces;

use std::{
    ffi::OsStr,
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::Value;
use tempfile::TempDir;

fn arclight<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    // Drivers want a folder of that name and complain without.
    static RUNTIME: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_arclight"));
    command.args(args).env("XDG_RUNTIME_DIR", RUNTIME.path());
    // What goes wrong is one line, even for those who have asked for more.
    command.env("RUST_BACKTRACE", "1");
    command
}

/// Runs to the end and exits with `code`.
#[track_caller]
fn exits<S: AsRef<OsStr>>(code: i32, args: impl IntoIterator<Item = S>) -> Output {
    let mut command = arclight(args);
    let output = command.output().expect("the program starts");
    let (status, messages) = (output.status, String::from_utf8_lossy(&output.stderr));
    // A signal leaves no code.
    let as_wanted = status.code() == Some(code);
    assert!(
        as_wanted,
        "{status}, not {code}, of {command:?}, which said: {messages}"
    );
    output
}

/// What a successful call prints.
#[track_caller]
pub fn prints<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    String::from_utf8(exits(0, args).stdout).expect("UTF-8 is printed")
}

/// What a successful call prints, as one line of JSON.
#[track_caller]
pub fn prints_json<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Value {
    let text = prints(args);
    assert_eq!(text.lines().count(), 1, "more than one line: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The one line a failing call leaves on standard error; nothing else is printed.
#[track_caller]
fn complains<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> String {
    let output = exits(1, args);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "",
        "printed although it failed"
    );
    let messages = String::from_utf8(output.stderr).expect("UTF-8 is printed");
    one_line(&messages).unwrap_or_else(|reason| panic!("{reason}: {messages}"))
}

fn one_line(messages: &str) -> Result<String, &'static str> {
    // Drivers speak for themselves.
    let driver = |line: &&str| line.starts_with("MESA") || line.starts_with("WARNING: ");
    let lines: Vec<&str> = messages.lines().filter(|line| !driver(line)).collect();
    let [line] = lines[..] else {
        return Err("not one line");
    };
    let Some(line) = line.strip_prefix("arclight: ") else {
        return Err("it does not say who");
    };
    let dumps = [
        "panicked",
        "Error {",
        "Err(",
        "Os {",
        "Some(",
        "stack backtrace",
        "::",
    ];
    if dumps.iter().any(|dump| line.contains(dump)) {
        return Err("it is written for programmers");
    }
    Ok(line.to_owned())
}

#[test]
fn a_dump_is_not_one_line_for_people() {
    assert_eq!(one_line("arclight: a: b\n").as_deref(), Ok("a: b"));
    for bad in [
        "",
        "Error: something\n",
        "arclight: one\narclight: two\n",
        "thread 'main' panicked at src/main.rs:1\n",
        "arclight: Os { code: 2, kind: NotFound }\n",
        "arclight: ModelError::Read\n",
    ] {
        assert!(one_line(bad).is_err(), "{bad:?} passes");
    }
}

/// Exactly these keys, in any order.
#[track_caller]
fn assert_keys(value: &Value, keys: &[&str]) {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"));
    let mut found: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut keys = keys.to_vec();
    found.sort_unstable();
    keys.sort_unstable();
    assert_eq!(found, keys);
}
