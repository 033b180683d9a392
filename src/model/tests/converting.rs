//! Models written in web-rwkv's layout.

use std::sync::atomic::{AtomicBool, Ordering};

use super::tiny::{Tiny, fixture};
use crate::{
    files::{Watch, unwatched},
    model::{ConvertError, ModelFile, Source, convert},
};

#[test]
fn a_converted_checkpoint_is_the_same_model() {
    for name in [
        "tiny-v6-bf16.pth",
        "tiny-v7-f32.pth",
        "tiny-v7-f16-legacy.pth",
    ] {
        let model = ModelFile::open(&Source::File(fixture(name))).expect("opens");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.st");
        let never = AtomicBool::new(false);
        let mut told = Vec::new();
        let mut tell = |done, total| told.push((done, total));
        convert(&model, &path, &mut Watch::new(&never, &mut tell)).expect("converts");
        assert_eq!(told.last(), Some(&(model.load_bytes(), model.load_bytes())));
        let again = ModelFile::open(&Source::File(path.clone())).expect("opens");
        assert_eq!(again.card(), model.card());
        assert!(again.tensor_names().eq(model.tensor_names()));
        for name in model.tensor_names() {
            assert_eq!(again.shape(name).ok(), model.shape(name).ok(), "{name}");
            let bytes = |model: &ModelFile| model.half_bytes(name).expect("reads").into_owned();
            assert!(bytes(&again) == bytes(&model), "{name} has other values");
        }
        // The format's own reader takes it too.
        let bytes = std::fs::read(path).expect("reads");
        let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("is one");
        assert_eq!(tensors.len(), model.tensor_names().count());
    }
}

#[test]
fn an_ended_or_failed_conversion_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.st");
    std::fs::write(&path, "before").expect("writes");
    let model = ModelFile::open(&Source::File(fixture("tiny-v7-f32.pth"))).expect("opens");
    for steps in [1, 30] {
        let cancel = AtomicBool::new(false);
        let mut told = 0;
        let mut tell = |_, _| {
            told += 1;
            cancel.store(told >= steps, Ordering::Relaxed);
        };
        let ended = convert(&model, &path, &mut Watch::new(&cancel, &mut tell));
        assert!(
            matches!(ended, Err(ConvertError::Cancelled(_))),
            "{ended:?}"
        );
    }
    let mut tiny = Tiny::v7();
    let tensor = tiny.get("ln_out.bias");
    tensor.dtype = "F32";
    tensor.bytes = [1e6_f32; 64]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    let (_large, large) = tiny.file();
    let large = ModelFile::open(&Source::File(large)).expect("opens");
    let error = unwatched(|watch| convert(&large, &path, watch)).expect_err("is too large");
    assert!(
        error.to_string().contains("ln_out.bias holds 1000000"),
        "{error}"
    );
    let entries: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .collect();
    assert_eq!(entries.len(), 1, "left behind: {entries:?}");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "before");
}
