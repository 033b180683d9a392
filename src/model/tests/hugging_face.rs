//! Small models in the names and layouts of Hugging Face's libraries, against the same in web-rwkv's.

use std::{fs, path::Path};

use serde_json::json;

use super::{
    pth_file::pth,
    refusal,
    retold::{blinkdl, fla6, fla7, hf6, retold},
    tiny::Tiny,
};
use crate::{
    files::Watch,
    model::{ConvertError, ModelError, ModelFile, Source},
};

/// A folder with one file and a configuration.
fn folder(model: &Tiny, config: &serde_json::Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("model.safetensors"), model.bytes()).expect("writes");
    fs::write(folder.path().join("config.json"), config.to_string()).expect("writes");
    folder
}

/// The same in two files and an index.
fn sharded(model: &Tiny) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = model.tensors.split_at(model.tensors.len() / 2);
    let mut map = serde_json::Map::new();
    for (name, tensors) in [
        ("model-00001-of-00002", one),
        ("model-00002-of-00002", other),
    ] {
        let name = format!("{name}.safetensors");
        let tensors = tensors.to_vec();
        for tensor in &tensors {
            map.insert(tensor.name.clone(), name.clone().into());
        }
        fs::write(folder.path().join(name), Tiny { tensors }.bytes()).expect("writes");
    }
    write_index(folder.path(), &map.into());
    folder
}

fn write_index(folder: &Path, map: &serde_json::Value) {
    let index = json!({"metadata": {"total_size": 1}, "weight_map": map});
    let path = folder.join("model.safetensors.index.json");
    fs::write(path, index.to_string()).expect("writes");
}

#[track_caller]
fn assert_same(path: &Path, original: &Tiny) -> ModelFile {
    let model = ModelFile::open(&Source::File(path.to_owned())).expect("opens");
    assert_eq!(model.tensor_names().count(), original.tensors.len());
    for tensor in &original.tensors {
        let values = model.half_bytes(&tensor.name).expect("reads");
        assert!(values == tensor.bytes, "{} has other values", tensor.name);
        let mut shape = model.shape(&tensor.name).expect("is there").to_vec();
        let mut wanted = tensor.shape.clone();
        shape.retain(|size| *size != 1);
        wanted.retain(|size| *size != 1);
        assert_eq!(shape, wanted, "{}", tensor.name);
    }
    model
}

#[test]
fn every_library_s_layout_gives_the_same_model() {
    let (v6, v7) = (Tiny::v6(), Tiny::v7());
    for (what, told, original) in [
        ("fla v7", fla7(&v7, false), &v7),
        ("fla v7, fused", fla7(&v7, true), &v7),
        ("fla v6", fla6(&v6), &v6),
        ("Hugging Face v6", hf6(&v6), &v6),
        ("BlinkDL v6", retold(&v6, |it| Some(blinkdl(it))), &v6),
        ("BlinkDL v7", retold(&v7, |it| Some(blinkdl(it))), &v7),
    ] {
        println!("{what}");
        let whole = folder(&told, &json!({}));
        let name = whole.path().file_name().expect("a name").to_owned();
        for path in [
            whole.path().to_owned(),
            whole.path().join("model.safetensors"),
        ] {
            let model = assert_same(&path, original);
            assert_eq!(Some(model.name()), name.to_str());
        }
        let shards = sharded(&told);
        let index = shards.path().join("model.safetensors.index.json");
        for path in [shards.path(), &index] {
            assert_same(path, original);
        }
    }
}

#[test]
fn what_pytorch_saved_is_the_same_too() {
    let (v6, v7) = (Tiny::v6(), Tiny::v7());
    for (told, original) in [(fla7(&v7, true), &v7), (hf6(&v6), &v6)] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pytorch_model.bin");
        fs::write(&file, pth(&told.tensors)).expect("writes");
        assert_same(folder.path(), original);
        assert_same(&file, original);
    }
}

#[test]
fn a_tied_head_is_the_embedding() {
    let mut told = fla7(&Tiny::v7(), false);
    told = told.without("lm_head.weight");
    let whole = folder(&told, &json!({"tie_word_embeddings": true}));
    let model = ModelFile::open(&whole.path().to_owned().into()).expect("opens");
    let values = |name| model.f16(name).expect("reads");
    assert_eq!(values("head.weight"), values("emb.weight"));
    let whole = folder(&told, &json!({}));
    assert!(refusal(whole.path()).to_string().contains("head.weight"));
}

#[test]
fn what_would_be_computed_otherwise_is_refused() {
    let (fla7, hf6) = (fla7(&Tiny::v7(), false), hf6(&Tiny::v6()));
    for (told, config, says) in [
        (&fla7, json!({"attn": {"layers": [1]}}), "softmax attention"),
        (&fla7, json!({"norm_eps": 1e-6}), "norms have ε 1e-6"),
        // Heads of 32 channels.
        (&fla7, json!({"norm_eps": 1e-5}), "group norms have ε 3.2"),
        (&fla7, json!({"head_dim": 64}), "head size of 64"),
        (&fla7, json!({"hidden_act": "relu"}), "hidden_act is relu"),
        (
            &hf6,
            json!({"head_size_divisor": 4}),
            "group norms have ε 1.6",
        ),
        (&hf6, json!({"layer_norm_epsilon": 1e-12}), "ε 1e-12"),
    ] {
        let whole = folder(told, &config);
        let path = whole.path().join("model.safetensors");
        let error = ModelFile::open(&Source::File(path)).expect_err("opened");
        let text = error.to_string();
        assert!(matches!(error, ModelError::Config { .. }), "{text}");
        assert!(
            text.contains(says) && text.contains("config.json"),
            "{text}"
        );
    }
    let usual = json!({
        "attn": null, "hidden_act": "sqrelu", "head_dim": 32, "model_type": "rwkv7", "num_heads": 2
    });
    assert_same(folder(&fla7, &usual).path(), &Tiny::v7());
    let usual = json!({"layer_norm_epsilon": 1e-5, "head_size": 32, "head_size_divisor": 8});
    assert_same(folder(&hf6, &usual).path(), &Tiny::v6());
    let whole = folder(&fla7, &json!({}));
    fs::write(whole.path().join("config.json"), "{").expect("writes");
    let error = ModelFile::open(&whole.path().to_owned().into()).expect_err("opened");
    assert!(matches!(error, ModelError::Config { .. }), "{error}");
}

#[test]
fn deep_embed_is_refused_under_any_name() {
    for (told, own) in [
        (fla7(&Tiny::v7(), false), "model.layers.1.ffn.s_emb.weight"),
        (fla7(&Tiny::v7(), false), "model.layers.0.qkv.weight"),
        (
            retold(&Tiny::v7(), |it| Some(blinkdl(it))),
            "blocks.0.ffn.s1",
        ),
    ] {
        let whole = folder(&told.with(own), &json!({}));
        let error = ModelFile::open(&whole.path().to_owned().into()).expect_err("opened");
        assert!(
            matches!(error, ModelError::DeepEmbed { .. }),
            "{own}: {error}"
        );
    }
}

/// The error of an index with that map, beside the shards of a model.
fn refused_map(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    let shards = sharded(&fla7(&Tiny::v7(), false));
    let index = shards.path().join("model.safetensors.index.json");
    let text = fs::read_to_string(&index).expect("reads");
    let text: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
    let mut map = text["weight_map"].as_object().expect("a map").clone();
    change(&mut map);
    write_index(shards.path(), &map.into());
    let error = ModelFile::open(&Source::File(index)).expect_err("opened");
    error.to_string()
}

#[test]
fn an_index_leads_nowhere_else() {
    const TENSOR: &str = "lm_head.weight";
    for name in [
        "../model-00001-of-00002.safetensors",
        "/etc/passwd",
        "a/b.safetensors",
        "..",
        ".",
        "",
        "a\\b.safetensors",
        "c:model.safetensors",
    ] {
        let text = refused_map(|map| {
            map.insert(TENSOR.to_owned(), name.into());
        });
        assert!(
            text.contains("is no name of a file beside it"),
            "{name:?}: {text}"
        );
    }
    let text = refused_map(|map| {
        map.insert(TENSOR.to_owned(), "gone.safetensors".into());
    });
    assert!(
        text.contains("names gone.safetensors, which is not beside it"),
        "{text}"
    );
    let text = refused_map(|map| {
        map.insert("more".to_owned(), "model-00001-of-00002.safetensors".into());
    });
    assert!(text.contains("more is not in model-00001"), "{text}");
    let text = refused_map(|map| {
        let at = map[TENSOR].as_str().expect("a name");
        let other = ["model-00001-of-00002", "model-00002-of-00002"]
            .map(|name| format!("{name}.safetensors"))
            .into_iter()
            .find(|name| name != at);
        map.insert(TENSOR.to_owned(), other.into());
    });
    assert!(text.contains("lm_head.weight is not in"), "{text}");
    assert!(refused_map(serde_json::Map::clear).contains("it names no files"));
    let text = refused_map(|map| {
        map.insert(TENSOR.to_owned(), 5.into());
    });
    assert!(text.contains("is no index of a sharded model"), "{text}");
}

#[test]
fn a_tensor_in_two_shards_is_refused() {
    let shards = sharded(&fla7(&Tiny::v7(), false));
    let one = shards.path().join("model-00001-of-00002.safetensors");
    let other = shards.path().join("model-00002-of-00002.safetensors");
    fs::copy(one, other).expect("copies");
    let error = ModelFile::open(&shards.path().to_owned().into()).expect_err("opened");
    assert!(matches!(error, ModelError::Duplicate { .. }), "{error}");
}

#[test]
fn shapes_and_names_that_do_not_fit_are_refused() {
    let mut told = fla7(&Tiny::v7(), true);
    told.get("model.layers.1.attn.x_x").shape = vec![3, 128];
    let whole = folder(&told, &json!({}));
    assert!(refusal(whole.path()).to_string().contains("six vectors"));
    let mut told = fla6(&Tiny::v6());
    told.get("model.layers.0.attn.x_proj.2.weight").shape = vec![160, 64];
    let whole = folder(&told, &json!({}));
    assert!(
        refusal(whole.path())
            .to_string()
            .contains("a multiple of 5 columns")
    );
    // Two names for one tensor.
    let told = fla7(&Tiny::v7(), true).with("model.layers.0.attn.x_r");
    let whole = folder(&told, &json!({}));
    let error = refusal(whole.path());
    assert!(matches!(error, ModelError::Duplicate { .. }), "{error}");
}

#[test]
fn a_folder_has_one_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = refusal(folder.path()).to_string();
    assert!(text.contains("a folder with no model in it"), "{text}");
    fs::write(folder.path().join("a.st"), Tiny::v7().bytes()).expect("writes");
    assert_same(folder.path(), &Tiny::v7());
    fs::write(folder.path().join("b.safetensors"), Tiny::v7().bytes()).expect("writes");
    let text = refusal(folder.path()).to_string();
    assert!(text.contains("a folder with several models"), "{text}");
}

#[test]
fn a_folder_of_the_cache_has_the_model_s_name() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root
        .path()
        .join("models--some--rwkv7-1.5B-world/snapshots/0123abcd");
    fs::create_dir_all(&folder).expect("made");
    fs::write(
        folder.join("model.safetensors"),
        fla7(&Tiny::v7(), false).bytes(),
    )
    .expect("writes");
    for path in [folder.clone(), folder.join("model.safetensors")] {
        assert_eq!(Source::File(path).name(), "rwkv7-1.5B-world");
    }
}

#[test]
fn the_digest_is_of_all_files() {
    use sha2::{Digest as _, Sha256};
    let shards = sharded(&fla7(&Tiny::v7(), false));
    let mut hasher = Sha256::new();
    for name in ["model-00001-of-00002", "model-00002-of-00002"] {
        let path = shards.path().join(format!("{name}.safetensors"));
        hasher.update(fs::read(path).expect("reads"));
    }
    let wanted = hasher.finalize();
    let wanted: String = wanted.iter().map(|byte| format!("{byte:02x}")).collect();
    let model = ModelFile::open(&shards.path().to_owned().into()).expect("opens");
    let mut told = 0;
    let never = std::sync::atomic::AtomicBool::new(false);
    let mut tell = |done, _| told = done;
    let remaining = model.digest().remaining();
    let mut watch = Watch::new(&never, &mut tell);
    let found = model.digest().sha256::<ConvertError>(&mut watch);
    assert_eq!(found.expect("is taken"), wanted);
    assert_eq!(told, remaining);
}
