//! `download` as it is called.

use std::{
    fs,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use arclight::download::CATALOGUE;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{arclight, prints, prints_json};
use crate::support::{
    checkpoint::fixture,
    server::{Reply, Request, Server},
};

const PLACE: &str = "owner/repository/model.pth";

/// A hub that has one file, at that place.
fn hub(content: Vec<u8>) -> Server {
    let digest = Sha256::digest(&content);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Server::start(move |request: &Request| {
        if request.path.starts_with("/api/") {
            let size = content.len();
            let body = format!(
                r#"[{{"type":"file","path":"model.pth","size":9,"lfs":{{"oid":"{sha256}","size":{size}}}}},
                   {{"type":"file","path":"README.md","size":3}}]"#
            );
            return Reply {
                status: 200,
                body: body.into_bytes(),
                ..Reply::default()
            };
        }
        if request.path != "/owner/repository/resolve/main/model.pth" {
            return Reply {
                status: 404,
                ..Reply::default()
            };
        }
        let from = request.from().unwrap_or(0);
        let (last, all) = (content.len() - 1, content.len());
        Reply {
            status: if from > 0 { 206 } else { 200 },
            headers: vec![
                ("x-linked-size", all.to_string()),
                ("x-linked-etag", format!("\"{sha256}\"")),
                ("content-range", format!("bytes {from}-{last}/{all}")),
            ],
            body: content[from..].to_vec(),
            cut: None,
        }
    })
}

fn download(server: &Server, args: &[&str]) -> Command {
    let mut command = arclight([&["download"], args].concat());
    command.env("HF_ENDPOINT", server.url());
    command.env_remove("HF_TOKEN").env_remove("HF_HUB_OFFLINE");
    command
}

#[track_caller]
fn refused(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program starts");
    assert_eq!(status.code(), Some(1));
    assert!(stdout.is_empty());
    let line = String::from_utf8(stderr).expect("UTF-8");
    super::one_line(&line).unwrap_or_else(|reason| panic!("{reason}: {line}"))
}

#[test]
fn a_downloaded_model_opens() {
    let original = fixture("tiny-v7-f32.pth");
    let server = hub(fs::read(&original).expect("it is there"));
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().to_str().expect("a plain path");
    let args = [PLACE, "-o", into, "--json"];
    let output = download(&server, &args).env("HF_TOKEN", "secret").output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    super::assert_keys(&said, &["path", "size", "sha256", "was_there"]);
    assert_eq!(said["was_there"], false);
    let path = said["path"].as_str().expect("a path");
    let info = prints_json(["info", path, "--json"]);
    assert_eq!(info["version"], "v7");
    let tokens = server.requests();
    assert!(
        tokens
            .iter()
            .all(|it| it.header("authorization") == Some("Bearer secret"))
    );

    let again = download(&server, &args[..3])
        .output()
        .expect("the program starts");
    let said = String::from_utf8(again.stdout).expect("UTF-8");
    assert!(said.contains("was there already"), "{said}");
}

#[test]
fn lists_are_of_the_names_known_or_of_what_is_there() {
    let text = prints(["download", "--list"]);
    for known in CATALOGUE {
        assert!(
            text.contains(known.name) && text.contains(known.place),
            "{text}"
        );
    }
    let known = prints_json(["download", "--list", "--json"]);
    assert_eq!(known.as_array().map(Vec::len), Some(CATALOGUE.len()));
    super::assert_keys(&known[0], &["name", "place", "size"]);
    let server = hub(b"content".to_vec());
    let args = ["--list", "owner/repository", "--json"];
    let output = download(&server, &args)
        .output()
        .expect("the program starts");
    let listed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    super::assert_keys(&listed[0], &["place", "size", "sha256"]);
    assert_eq!(listed[0]["place"], PLACE);
    assert_eq!(listed[0]["size"], 7);
}

#[test]
fn what_does_not_come_is_one_line() {
    let server = hub(b"content".to_vec());
    for (args, says) in [
        (&["rwkv-9000"][..], "--list"),
        (
            &["owner/repository/other.pth"],
            "has no owner/repository/other.pth",
        ),
        (&["--list", "nobody"], "\"nobody\""),
        (&[PLACE, "-o", "/dev/null/here"], "cannot be written"),
    ] {
        let line = refused(download(&server, args));
        assert!(line.contains(says), "{line}");
    }
    for yes in ["1", "true", "YES"] {
        let mut command = download(&server, &[PLACE]);
        command.env("HF_HUB_OFFLINE", yes);
        assert!(refused(command).contains("HF_HUB_OFFLINE"));
    }
    let before = server.requests().len();
    let mut command = download(&server, &[PLACE]);
    command.env("HF_ENDPOINT", "nowhere");
    assert!(refused(command).contains("HF_ENDPOINT"));
    assert_eq!(server.requests().len(), before);
}

/// The system ends writing beyond a size, as a full disk would.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_came() {
    let server = hub(vec![7; 1 << 20]);
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().to_str().expect("a plain path");
    let script = "trap '' XFSZ; ulimit -f 600; exec \"$0\" \"$@\"";
    let inner = download(&server, &[PLACE, "-o", into]);
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .arg(inner.get_program())
        .args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let line = refused(command);
    assert!(line.contains("cannot be written"), "{line}");
    let names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .collect();
    assert_eq!(names.len(), 1);
    let length = names[0].metadata().expect("it is there").len();
    assert!(length > 0 && length < 1 << 20, "{length}");
    let done = download(&server, &[PLACE, "-o", into]).output();
    assert!(done.expect("the program starts").status.success());
    assert!(server.requests().last().and_then(Request::from).is_some());
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_part_to_go_on_with() {
    let content: Vec<u8> = (0..2_000_000_u32).map(|at| (at >> 3) as u8).collect();
    let whole = hub(content.clone());
    let there = whole.address;
    // The first answer comes slowly: by pieces, each of which has to be asked for anew.
    let count = AtomicUsize::new(0);
    let slow = Server::start(move |request| {
        if request.method == "GET" {
            count.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(100));
        }
        let digest = Sha256::digest(&content);
        let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let from = request.from().unwrap_or(0);
        let (last, all) = (content.len() - 1, content.len());
        Reply {
            status: if from > 0 { 206 } else { 200 },
            headers: vec![
                ("x-linked-size", all.to_string()),
                ("x-linked-etag", format!("\"{sha256}\"")),
                ("content-range", format!("bytes {from}-{last}/{all}")),
            ],
            body: content[from..].to_vec(),
            cut: Some(10_000.min(all - from)),
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().to_str().expect("a plain path");
    let mut command = download(&slow, &[PLACE, "-o", into]);
    let process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let process = process.expect("the program starts");
    let part = || {
        fs::read_dir(folder.path())
            .expect("a folder")
            .flatten()
            .next()
    };
    while part().is_none_or(|part| part.metadata().is_ok_and(|data| data.len() < 20_000)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let kill = Command::new("kill")
        .args(["-INT", &process.id().to_string()])
        .status();
    assert!(kill.expect("kill is there").success());
    let output = process.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        line.contains("cancelled with ") && line.contains("goes on from there"),
        "{line}"
    );
    let name = part().expect("the part is there").file_name();
    assert!(name.to_string_lossy().ends_with(".part"), "{name:?}");

    let done = download(&whole, &[PLACE, "-o", into]).output();
    assert!(
        done.expect("the program starts").status.success(),
        "{there}"
    );
    assert!(whole.requests().last().and_then(Request::from) >= Some(20_000));
    let name = part().expect("the file is there").file_name();
    assert_eq!(name, "model.pth");
}
