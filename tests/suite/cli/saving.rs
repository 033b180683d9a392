//! Files that are being written when the program is ended, or when there is no room: what was there stays whole.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::support::checkpoint::fixture;

/// Every kind of file: its name, and the arguments that write it.
fn kinds() -> Vec<(&'static str, Vec<String>)> {
    let model = fixture("tiny-v7-f32.pth").to_string_lossy().into_owned();
    let text = ["--prompt", "The cat sat on the mat. The cat sat."].map(str::to_owned);
    let of = |subcommand: &str, more: &[&str]| {
        let mut arguments = vec![subcommand.to_owned(), model.clone()];
        arguments.extend(text.clone());
        arguments.extend(more.iter().map(|word| (*word).to_owned()));
        arguments.push("--output".to_owned());
        arguments
    };
    let film = ["--track", "turntable", "--duration", "0.2"];
    let clip = of("record", &[&film[..], &["--size", "160x120"]].concat());
    vec![
        ("a.safetensors", of("trace", &[])),
        ("a.npz", of("scores", &["--measure", "rwk"])),
        ("a.png", of("render", &["--size", "200x120"])),
        ("a.csv", of("export", &["--what", "row", "--select", "5"])),
        ("a.gif", clip.clone()),
        ("a.mp4", clip),
        ("a.st", vec!["convert".to_owned(), model.clone()]),
    ]
}

fn arclight(arguments: &[String], folder: &Path, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arclight"));
    command.args(arguments).arg(name).current_dir(folder);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

const OLD: &[u8] = b"what was there before";

/// Killed with no warning, at several moments from the first to the last: the old file or the new one is there, whole.
#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    const MOMENTS: u32 = 6;
    let mut ended = 0;
    for (name, arguments) in kinds() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        let start = Instant::now();
        let output = arclight(&arguments, folder.path(), name)
            .output()
            .expect("it starts");
        let took = start.elapsed();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let new = fs::read(&path).expect("it is written");
        for moment in 1..=MOMENTS {
            fs::write(&path, OLD).expect("it is written");
            let mut child = arclight(&arguments, folder.path(), name)
                .spawn()
                .expect("it starts");
            std::thread::sleep(took * moment / MOMENTS);
            child.kill().expect("it can be killed");
            let status = child.wait().expect("it ends");
            ended += u32::from(!status.success());
            let found = fs::read(&path).expect("it is there");
            assert!(
                found == OLD || found == new,
                "{name} is neither, killed at {moment} of {MOMENTS}"
            );
        }
    }
    println!(
        "{ended} of {} were killed before they ended",
        kinds().len() as u32 * MOMENTS
    );
    assert!(ended > 10, "{ended} were killed");
}

/// With room for 4 KiB and no more: one line that says so, the old file, and nothing beside it.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file() {
    for (name, arguments) in kinds() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(name), OLD).expect("it is written");
        // Writing more than the limit is refused as on a full disk once the signal that comes with it is not heard.
        let script = "trap '' XFSZ; ulimit -f 4; exec \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, "bash", env!("CARGO_BIN_EXE_arclight")])
            .args(&arguments)
            .arg(name)
            .current_dir(folder.path())
            .output()
            .expect("bash is there");
        let text = String::from_utf8_lossy(&output.stderr);
        if name == "a.csv" {
            // It is smaller than that.
            assert!(output.status.success(), "{text}");
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        let line = text.lines().last().unwrap_or_default();
        assert!(
            line.starts_with("arclight: ") && line.contains(name),
            "{name}: {text}"
        );
        assert_eq!(
            fs::read(folder.path().join(name)).expect("it is there"),
            OLD,
            "{name}"
        );
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(left.len(), 1, "{name}: {left:?}");
    }
}
