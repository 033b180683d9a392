use arclight::cli::Cli;
use clap::CommandFactory;

use super::{exits, prints};

#[test]
fn every_subcommand_explains_itself() {
    let all = prints(["--help"]);
    let mut names = Vec::new();
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        names.push(name.to_owned());
        assert!(
            all.contains(&format!("  {name} ")),
            "--help does not list {name}: {all}"
        );
        let text = prints([name, "--help"]);
        assert!(
            text.contains(&format!("Usage: arclight {name}")),
            "{name}: {text}"
        );
        for argument in command.get_arguments() {
            assert!(
                argument.get_help().is_some(),
                "{name}: {} is not explained",
                argument.get_id()
            );
            if let Some(long) = argument.get_long() {
                assert!(
                    text.contains(&format!("--{long}")),
                    "{name} --help lacks --{long}"
                );
            }
        }
    }
    for name in [
        "info",
        "doctor",
        "tokens",
        "predict",
        "trace",
        "scores",
        "check",
        "heads",
        "render",
        "export",
        "convert",
        "download",
        "bench",
        "completions",
        "man",
    ] {
        assert!(names.iter().any(|known| known == name), "{name} is gone");
    }
}

#[test]
fn arguments_are_declared_without_contradiction() {
    Cli::command().debug_assert();
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(
        prints(["--version"]),
        concat!("arclight ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let (npz, png) = ("out.npz", "out.png");
    for args in [
        &["--nonsense"][..],
        &["info"],
        &["info", "demo-v7", "--nonsense"],
        &["predict", "demo-v7"],
        &["predict", "demo-v7", "--prompt", "a", "--ids", "1"],
        &["predict", "demo-v7", "--prompt", "a", "--prompt-file", "b"],
        &["predict", "demo-v7", "--ids", "one"],
        &["predict", "demo-v7", "--ids", "1,"],
        &["predict", "demo-v7", "--ids", "-1"],
        &["predict", "demo-v7", "--ids", "1", "--top", "0"],
        &["predict", "demo-v7", "--ids", "1", "--precision", "f64"],
        &["tokens", "demo-v7"],
        &["check", "demo-v7"],
        &["trace", "demo-v7", "-o", "out.safetensors"],
        &["trace", "demo-v7", "--ids", "1"],
        &["check", "demo-v7", "--ids", "1", "--int8", "-1"],
        &["check", "demo-v7", "--ids", "1", "--nf4", "all"],
        &["completions"],
        &["completions", "cmd"],
        &["man", "info"],
        &["scores", "demo-v7", "--ids", "1", "-o", npz],
        &["scores", "demo-v7", "--ids", "1", "--measure", "rwk"],
        &[
            "scores",
            "demo-v7",
            "--ids",
            "1",
            "--measure",
            "attention",
            "-o",
            npz,
        ],
        &[
            "scores",
            "demo-v7",
            "--ids",
            "1",
            "--measure",
            "rwk",
            "--layer",
            "-1",
            "-o",
            npz,
        ],
        &["bench", "--shape", "32,40,64"],
        &["bench", "--shape", "2,2,48,64"],
        &["bench", "demo-v7", "--shape", "2,2,32,64"],
        &["bench", "--shape", "2,2,32,64", "--version", "5"],
        &["render", "demo-v7", "--ids", "1"],
        &["render", "demo-v7", "--size", "wide", "-o", png],
        &["render", "demo-v7", "--layer", "1", "-o", png],
        &["render", "demo-v7", "--head", "1", "-o", png],
        &["render", "demo-v7", "--text", "bold", "-o", png],
        &[
            "render",
            "demo-v7",
            "--threshold",
            "0.5",
            "--top-k",
            "3",
            "-o",
            png,
        ],
    ] {
        let output = exits(2, args);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            message.contains("--help"),
            "{args:?} is not told where to look: {message}"
        );
    }
}
