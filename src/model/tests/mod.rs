mod check;
mod checkpoints;
mod converting;
mod demos;
mod hostile;
mod hugging_face;
mod literals;
mod loras;
mod pth_file;
mod retold;
mod showing;
mod states;
mod tiny;
mod vocabularies;
mod words;

use super::{ModelError, ModelFile, Source};

/// The error of opening `path`, which must be one line that names the file's own name.
fn refusal(path: &std::path::Path) -> ModelError {
    let error = ModelFile::open(&Source::File(path.to_owned())).expect_err("opened");
    let text = error.to_string();
    assert!(
        !text.contains(char::is_control),
        "more than one line: {text}"
    );
    assert!(text.len() < 1500, "too long: {text}");
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    assert!(text.contains(name), "does not name the file: {text}");
    error
}

#[test]
fn a_source_is_a_demo_or_a_path() {
    assert_eq!(Source::from("demo-v6"), Source::DemoV6);
    assert_eq!("demo-v7".parse(), Ok(Source::DemoV7));
    let file = Source::from("models/rwkv7-g1-0.1b.st.zst");
    assert_eq!(file, Source::File("models/rwkv7-g1-0.1b.st.zst".into()));
    assert_eq!(file.name(), "rwkv7-g1-0.1b");
    assert_eq!(Source::DemoV6.name(), "demo-v6");
    for source in [Source::DemoV7, file] {
        let saved = serde_json::to_string(&source).expect("serialises");
        assert_eq!(
            serde_json::from_str::<Source>(&saved).expect("reads back"),
            source
        );
    }
}

#[test]
fn send_and_sync() {
    fn needs<T: Send + Sync + 'static>() {}
    needs::<ModelFile>();
    needs::<super::Vocabulary>();
    needs::<ModelError>();
}
