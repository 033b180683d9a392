//! The files of `tests/corpus`, and what the program says of each (`expected.txt`; written anew with `UPDATE_GOLDEN=1`).

use std::{fs, path::Path};

use super::{Read, Reading, models, prompts, sessions, traces, vocabularies};

/// Folders and who reads what lies in them.
const READERS: [(&str, Read); 9] = [
    ("config", config),
    ("film", sessions::film),
    ("index", models::model),
    ("prompt", prompts::prompt),
    ("pth", models::model),
    ("safetensors", models::model),
    ("session", sessions::session),
    ("trace", traces::trace),
    ("vocabulary", vocabularies::vocabulary),
];

/// A configuration is read with a model that lies beside it.
fn config(path: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    models::hugging_face(folder.path());
    fs::copy(path, folder.path().join("config.json")).expect("it is copied");
    let name = path.file_name().expect("a name").to_string_lossy();
    models::config(&folder.path().join("config.json")).map_err(|text| {
        let whole = folder.path().join("config.json");
        text.replace(&*whole.to_string_lossy(), &name)
    })
}

#[test]
fn every_file_of_the_corpus_is_answered() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut answers = String::new();
    for (folder, read) in READERS {
        let reading = Reading::new(read);
        let entries = fs::read_dir(corpus.join(folder)).expect("the corpus is there");
        let mut paths: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let name = format!(
                "{folder}/{}",
                path.file_name().expect("a name").to_string_lossy()
            );
            let answer = match reading.read(&path) {
                Ok(Ok(())) => "is read".to_owned(),
                Ok(Err(text)) => text.replace(&format!("{}/", corpus.display()), ""),
                Err(reason) => panic!("{name}: {reason}"),
            };
            answers += &format!("{name}: {answer}\n");
        }
    }
    let expected = corpus.join("expected.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&expected, &answers).expect("it is written");
    }
    let expected = fs::read_to_string(expected).expect("it is there");
    for (found, expected) in answers.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(answers.lines().count(), expected.lines().count());
}

/// A file that broke off: at every tenth of it, and just before its end.
#[test]
fn files_that_break_off() {
    let good = |name: &str| {
        let path = crate::support::checkpoint::fixture(name);
        fs::read(path).expect("it is there")
    };
    let files: [(&str, Read, Vec<u8>); 5] = [
        (
            "cut.st",
            models::model,
            models::safetensors().swap_remove(3),
        ),
        ("cut.pth", models::model, good("tiny-v6-bf16.pth")),
        (
            "cut-nested.pth",
            models::model,
            good("tiny-v6-f16-nested.pth"),
        ),
        (
            "cut-legacy.pth",
            models::model,
            good("tiny-v7-f16-legacy.pth"),
        ),
        (
            "cut.safetensors",
            traces::trace,
            traces::good().swap_remove(0),
        ),
    ];
    for (name, read, bytes) in files {
        let reading = Reading::new(read);
        let path = reading.folder.path().join(name);
        let tenths = (0..10).map(|tenth| bytes.len() * tenth / 10);
        for length in tenths.chain([bytes.len() - 1]) {
            fs::write(&path, &bytes[..length]).expect("it is written");
            let came = reading
                .read(&path)
                .unwrap_or_else(|reason| panic!("{name}, {length} bytes: {reason}"));
            assert!(came.is_err(), "{length} bytes of {name} were read");
        }
        fs::write(&path, &bytes).expect("it is written");
        assert_eq!(reading.read(&path), Ok(Ok(())), "{name}, whole");
    }
}
