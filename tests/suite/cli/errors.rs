use std::{fs, path::Path};

use ruzstd::decoding::StreamingDecoder;

use super::{complains, prints};
use crate::support::checkpoint::{Checkpoint, fixture};

const TINY: &str = "tiny-v7-f32.pth";

/// The line says each of these.
#[track_caller]
fn says(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part:?} is not said: {line}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn a_missing_model_is_named() {
    for command in ["info", "predict", "check"] {
        let mut args = vec![command, "no/such/model.st"];
        args.extend(
            ["--ids", "1"]
                .iter()
                .take(if command == "info" { 0 } else { 2 }),
        );
        says(&complains(args), &["no/such/model.st", "check the path"]);
    }
}

#[test]
fn a_folder_is_no_model() {
    let folder = tempfile::tempdir().expect("a folder");
    says(
        &complains(["info", text(folder.path())]),
        &[text(folder.path()), "folder", ".pth"],
    );
}

#[test]
fn a_truncated_model_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo-v7.st.zst");
    let mut unpacked = Vec::new();
    let file = fs::File::open(packed).expect("the demo model is there");
    let decoder = StreamingDecoder::new(std::io::BufReader::new(file)).expect("it is packed");
    let mut decoder = std::io::Read::take(decoder, 1 << 20);
    std::io::Read::read_to_end(&mut decoder, &mut unpacked).expect("it unpacks");

    let checkpoint = fs::read(fixture(TINY)).expect("the fixture is there");
    let mut old = fs::read(fixture("tiny-v7-f16-legacy.pth")).expect("the fixture is there");
    old.truncate(old.len() / 2);
    for (name, bytes) in [
        ("half.st", &unpacked[..]),
        ("header.st", &unpacked[..100]),
        ("half.pth", &checkpoint[..checkpoint.len() / 2]),
        ("old.pth", &old),
        ("empty.st", &[]),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("it is written");
        let line = complains(["predict", text(&path), "--ids", "1"]);
        says(&line, &[text(&path)]);
        let cure = ["again", "give a model"]
            .iter()
            .any(|cure| line.contains(cure));
        assert!(cure, "{name}: no cure in {line}");
    }
}

#[test]
fn an_rwkv_that_cannot_be_run_is_named() {
    let (_folder, path) = Checkpoint::zeros(&[
        ("emb.weight", &[100, 8]),
        ("blocks.0.ffn.key.weight", &[32, 8]),
        ("blocks.0.att.time_decay", &[2]),
        ("blocks.0.att.time_first", &[2]),
        ("blocks.0.att.ln_x.weight", &[8]),
    ])
    .write();
    let path = text(&path);
    for args in [&["info", path][..], &["check", path, "--ids", "1"]] {
        let line = complains(args);
        says(&line, &[path, "RWKV-5.0, which has no gate", "5.1 or 5.2"]);
    }
}

#[test]
fn an_empty_prompt_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("empty.txt");
    fs::write(&file, "").expect("it is written");
    for command in ["tokens", "predict", "check"] {
        let line = complains([command, "demo-v7", "--prompt="]);
        says(&line, &["prompt is empty", "give at least one token"]);
        let line = complains([command, "demo-v7", "--prompt-file", text(&file)]);
        says(&line, &[text(&file), "is empty", "give a file with text"]);
    }
}

#[test]
fn a_missing_prompt_file_is_named() {
    let line = complains(["tokens", "demo-v7", "--prompt-file", "no/such/prompt.txt"]);
    says(&line, &["no/such/prompt.txt", "check the path"]);
}

#[test]
fn an_unknown_token_id_is_named() {
    let path = fixture(TINY);
    for (ids, id) in [("256", "256"), ("1,2,4294967295", "4294967295")] {
        for command in ["predict", "check"] {
            let line = complains([command, text(&path), "--ids", ids]);
            says(
                &line,
                &[
                    &format!("token id {id} is out of range"),
                    "tiny-v7-f32",
                    "0 to 255",
                ],
            );
        }
    }
    prints(["predict", text(&path), "--ids", "0,255"]);
}

#[test]
fn text_without_a_vocabulary_is_refused() {
    let (_folder, path) = Checkpoint::of_fixture(TINY).with_vocabulary(250).write();
    let line = complains(["tokens", text(&path), "--prompt", "a"]);
    says(&line, &["250", "--vocab", "--ids"]);
    prints(["predict", text(&path), "--ids", "0,249"]);
}

fn scores_to(output: &Path, more: &[&str]) -> String {
    let path = fixture(TINY);
    let mut args = vec!["scores", text(&path), "--ids", "1,2", "--measure", "rwk"];
    args.extend(["-o", text(output)]);
    args.extend(more);
    complains(args)
}

#[test]
fn scores_are_written_as_npz_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["scores.csv", "scores", "npz"] {
        let path = folder.path().join(name);
        says(&scores_to(&path, &[]), &[text(&path), ".npz"]);
        assert!(!path.exists(), "{name} was written");
    }
}

#[test]
fn a_layer_or_head_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scores.npz");
    says(
        &scores_to(&path, &["--layer", "2"]),
        &["layer 2 is out of range", "0 to 1"],
    );
    says(
        &scores_to(&path, &["--head", "2"]),
        &["head 2 is out of range", "0 to 1"],
    );
    assert!(!path.exists(), "scores were written all the same");
}

#[test]
fn a_picture_that_cannot_be_drawn_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let (picture, other) = (folder.path().join("a.png"), folder.path().join("a.jpg"));
    let (model, png) = (fixture(TINY), text(&picture));
    for (more, parts) in [
        (
            ["-o", text(&other), "--select", "0"],
            [text(&other), ".png"],
        ),
        (
            ["-o", png, "--select", "3"],
            ["--select 3 is out of range", "0 to 2"],
        ),
        (
            ["-o", png, "--select", "-4"],
            ["--select -4 is out of range", "0 to 2"],
        ),
        (
            ["-o", png, "--mass", "1.5"],
            ["--mass 1.5 is out of range", "0 to 1"],
        ),
        (
            ["-o", png, "--exposure", "0"],
            ["--exposure 0 is out of range", "0.001 to 1000"],
        ),
        (
            ["-o", png, "--passage", "1:3"],
            ["--passage 1:3 is out of range", "0 to 2"],
        ),
    ] {
        let start = ["render", text(&model), "--ids", "1,2,3"];
        says(&complains([&start[..], &more].concat()), &parts);
    }
    let left: Vec<_> = folder.path().read_dir().expect("it is listed").collect();
    assert!(left.is_empty(), "something was written: {left:?}");
}

#[test]
fn a_picture_that_cannot_be_drawn_is_refused_before_anything_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let png = folder.path().join("out.png");
    for (more, parts) in [
        (["--size", "15x400"], ["15×400 pixels", "16 to 16384"]),
        (["--size", "400x16385"], ["400×16385 pixels", "16 to 16384"]),
        (["--supersample", "5"], ["supersampling of 5", "1 to 4"]),
        (["--supersample", "0"], ["supersampling of 0", "1 to 4"]),
    ] {
        let start = ["render", "no/such/model.st", "--ids", "1", "-o", text(&png)];
        says(&complains([&start[..], &more].concat()), &parts);
    }
    let within = folder.path().join("no/such/folder/out.png");
    let small = ["render", "demo-v7", "--ids", "1,2", "--size", "64x36", "-o"];
    let line = complains([&small[..], &[text(&within)]].concat());
    says(&line, &[text(&within), "cannot be written"]);
    let left: Vec<_> = folder.path().read_dir().expect("it is listed").collect();
    assert!(left.is_empty(), "something was written: {left:?}");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let within = folder.path().join("no/such/folder/scores.npz");
    let line = scores_to(&within, &[]);
    says(
        &line,
        &[text(&within), "cannot be written", "choose a place"],
    );
    assert!(
        !line.contains(".arclight-"),
        "a passing file's name is of no help: {line}"
    );

    let taken = folder.path().join("taken.npz");
    fs::create_dir(&taken).expect("a folder");
    says(&scores_to(&taken, &[]), &[text(&taken), "is a folder"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).expect("closed");
    // Root may write anywhere but into what the kernel itself makes up.
    let root = fs::write(folder.path().join("probe"), "").is_ok();
    let closed = if root {
        Path::new("/proc")
    } else {
        folder.path()
    };
    let path = closed.join("scores.npz");
    says(
        &scores_to(&path, &[]),
        &[text(&path), "cannot be written", "choose a place"],
    );
    assert!(!path.exists());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("open again");
}

/// A file is mapped, which takes as many addresses as it has bytes.
#[cfg(target_os = "linux")]
#[test]
fn a_file_larger_than_a_process_may_be_is_not_sought_elsewhere() {
    let (_folder, path) = Checkpoint::of_fixture(TINY).write();
    let file = fs::File::options().write(true).open(&path);
    let lengthened = file.and_then(|file| file.set_len(40_000_000_000));
    lengthened.expect("the file has holes");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 4000000; exec \"$0\" \"$@\""])
        .args([env!("CARGO_BIN_EXE_arclight"), "info", text(&path)])
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8_lossy(&output.stderr);
    says(&line, &[text(&path), "allocate memory", "raise the limit"]);
}

#[test]
fn more_quantised_layers_than_there_are_is_refused() {
    let counts = ["--int8", "5", "--nf4", "4"];
    let huge = usize::MAX.to_string();
    for args in [
        &["info", "demo-v7"][..],
        &["predict", "demo-v7", "--ids", "1"],
        &["check", "demo-v6", "--ids", "1"],
        &["render", "demo-v6", "-o", "out.png"],
    ] {
        let line = complains([args, &counts].concat());
        says(
            &line,
            &["int8 for 5 and NF4 for 4", "8 layers", "ask for fewer"],
        );
        says(&line, &args[1..2]);
        let line = complains([args, &["--int8", &huge, "--nf4", "1"]].concat());
        says(&line, &[&huge]);
    }
}

#[test]
fn matrices_that_cannot_be_quantised_are_named() {
    let (_folder, path) = Checkpoint::of_fixture(TINY).with_hidden(80).write();
    let args = ["check", text(&path), "--ids", "1"];
    for (format, name, rule) in [("--int8", "int8", "32"), ("--nf4", "NF4", "64")] {
        let line = complains([&args[..], &[format, "1"]].concat());
        let rule = format!("a multiple of {rule}");
        says(
            &line,
            &["model", name, "FFN width is 80", &rule, "load it without"],
        );
    }
    prints(args);
}
