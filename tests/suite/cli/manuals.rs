//! Completion scripts and manual pages.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use arclight::cli::Cli;
use clap::CommandFactory;

use super::{complains, prints};

fn subcommands() -> Vec<String> {
    let command = Cli::command();
    let names = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned());
    names.collect()
}

#[test]
fn every_shell_completes_every_subcommand() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = prints(["completions", shell]);
        for name in subcommands() {
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
        for argument in ["select", "int8"] {
            assert!(
                script.contains(argument),
                "{shell} does not know --{argument}"
            );
        }
    }
}

/// Whether bash takes a script; none where there is no bash.
fn bash_accepts(script: &str) -> Option<bool> {
    let mut bash = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = bash.stdin.take()?;
    // It may stop reading at the first mistake.
    let _ = input.write_all(script.as_bytes());
    drop(input);
    Some(bash.wait().ok()?.success())
}

#[test]
fn bash_accepts_its_script() {
    let script = prints(["completions", "bash"]);
    if let Some(accepted) = bash_accepts(&script) {
        assert!(accepted);
        let cut = &script[..script.len() / 2];
        assert_eq!(bash_accepts(cut), Some(false), "half a script passes too");
    }
}

#[test]
fn the_manual_names_every_subcommand() {
    let page = prints(["man"]);
    assert!(page.contains(".TH arclight 1"), "{page}");
    for name in subcommands() {
        assert!(page.contains(&format!("arclight\\-{name}(1)")), "{name}");
    }
}

#[test]
fn every_subcommand_has_a_page_in_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let within = folder.path().join("share/man1");
    let path = within.to_str().expect("a plain path");
    // The second time over the first.
    for _ in 0..2 {
        assert_eq!(prints(["man", "-o", path]), "");
    }
    let mut found: Vec<String> = within
        .read_dir()
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    found.sort();
    let pages = subcommands()
        .into_iter()
        .map(|name| format!("arclight-{name}.1"));
    let mut expected: Vec<String> = pages.chain(["arclight.1".to_owned()]).collect();
    expected.sort();
    assert_eq!(found, expected);

    let page = fs::read_to_string(within.join("arclight-render.1")).expect("the page is there");
    for part in [
        "arclight\\-render",
        "\\-\\-select",
        concat!("arclight ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
}

#[test]
fn a_file_in_the_folders_place_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("a plain path");
    let line = complains(["man", "-o", path]);
    assert!(
        line.contains(path) && line.contains("choose a place"),
        "{line}"
    );
}
