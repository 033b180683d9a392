//! Models as safetensors, as PyTorch saves them, packed, in shards; LoRAs, states, `config.json`.

use std::{fs, path::Path};

use arclight::model::{Lora, ModelFile, Source};
use web_rwkv::runtime::loader::Reader;

use super::{edit_bytes, edit_text, survives, survives_beside};
use crate::support::{
    checkpoint::{Checkpoint, FIXTURES, fixture},
    small::{KINDS, small},
};

/// Opens a model and reads all of it. What is wrong with one tensor may only show here.
fn read_all(model: &ModelFile) {
    for name in Reader::names(model) {
        if let Ok((_, shape, bytes)) = Reader::tensor(model, name) {
            assert_eq!(bytes.len(), 2 * shape.iter().product::<usize>());
        }
    }
}

pub fn model(path: &Path) -> Result<(), String> {
    let model =
        ModelFile::open(&Source::File(path.to_owned())).map_err(|error| error.to_string())?;
    read_all(&model);
    Ok(())
}

fn fixture_model() -> ModelFile {
    ModelFile::open(&Source::File(fixture("tiny-v7-f32.pth"))).expect("it opens")
}

pub fn lora(path: &Path) -> Result<(), String> {
    let source = Source::File(fixture("tiny-v7-f32.pth"));
    let loras = [Lora::from(path.as_os_str().to_owned())];
    let model = ModelFile::open_with(&source, &loras).map_err(|error| error.to_string())?;
    read_all(&model);
    Ok(())
}

pub fn state(path: &Path) -> Result<(), String> {
    let model = fixture_model().starting_from(Some(path));
    model.map(drop).map_err(|error| error.to_string())
}

/// A model of Hugging Face whose `config.json` is at `path`.
pub fn config(path: &Path) -> Result<(), String> {
    model(&path.with_file_name("model.safetensors")).map_err(|text| {
        // The model is named when its configuration is at fault for what does not fit.
        text.replace("model.safetensors", "config.json")
    })
}

/// A model by flash-linear-attention's names, with no configuration yet.
pub fn hugging_face(folder: &Path) {
    let (_own, path) = Checkpoint::of_fixture("tiny-v7-f32.pth")
        .into_fla7()
        .write();
    fs::copy(path, folder.join("model.safetensors")).expect("it is copied");
}

fn bytes_of(checkpoint: &Checkpoint) -> Vec<u8> {
    let (_folder, path) = checkpoint.write();
    fs::read(path).expect("it is there")
}

pub fn safetensors() -> Vec<Vec<u8>> {
    let mut good: Vec<_> = KINDS.map(small).iter().map(bytes_of).collect();
    for name in ["tiny-v6-bf16.pth", "tiny-v7-f32.pth"] {
        good.push(bytes_of(&Checkpoint::of_fixture(name)));
    }
    good
}

fn states() -> Vec<Vec<u8>> {
    let shape: &[usize] = &[2, 32, 32];
    let both = ["blocks.0.att.time_state", "blocks.1.att.time_state"].map(|name| (name, shape));
    vec![bytes_of(&Checkpoint::zeros(&both))]
}

#[test]
fn safetensors_models() {
    let magic: &[&[u8]] = &[
        b"",
        b"\x20\0\0\0\0\0\0\0{",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
    ];
    survives("model.st", model, edit_bytes::spoiled(safetensors(), magic));
}

#[test]
fn checkpoints() {
    let good = FIXTURES
        .iter()
        .map(|name| fs::read(fixture(name)).expect("it is there"));
    let magic: &[&[u8]] = &[b"PK\x03\x04", b"\x80\x02", b"\x80\x04}", b"PK\x05\x06"];
    survives(
        "model.pth",
        model,
        edit_bytes::spoiled(good.collect(), magic),
    );
}

#[test]
fn packed_models() {
    let pack = |bytes: Vec<u8>| {
        ruzstd::encoding::compress_to_vec(&bytes[..], ruzstd::encoding::CompressionLevel::Fastest)
    };
    let good = safetensors().into_iter().map(pack);
    let magic: &[&[u8]] = &[b"\x28\xB5\x2F\xFD"];
    survives(
        "model.st.zst",
        model,
        edit_bytes::spoiled(good.collect(), magic),
    );
}

#[test]
fn loras() {
    let good = vec![bytes_of(&Checkpoint::lora())];
    survives(
        "lora.st",
        lora,
        edit_bytes::spoiled(good, &[b"", b"PK\x03\x04", b"\x80\x02"]),
    );
}

#[test]
fn states_to_start_from() {
    survives(
        "state.st",
        state,
        edit_bytes::spoiled(states(), &[b"", b"PK\x03\x04", b"\x80\x02"]),
    );
}

#[test]
fn configurations() {
    let text = r#"{
  "model_type": "rwkv7",
  "hidden_size": 64,
  "head_dim": 32,
  "num_hidden_layers": 2,
  "norm_eps": 1e-05,
  "vocab_size": 256
}
"#;
    let refused = survives_beside(
        "config.json",
        config,
        edit_text::spoiled(vec![text.to_owned()]),
        hugging_face,
    );
    assert!(refused > 0, "no configuration was refused");
}

#[test]
fn indices_of_shards() {
    let mut halves = [Vec::new(), Vec::new()];
    let mut lines = Vec::new();
    for (at, tensor) in Checkpoint::of_fixture("tiny-v7-f32.pth")
        .tensors
        .into_iter()
        .enumerate()
    {
        let half = at % 2;
        lines.push(format!(
            "    {:?}: \"model-{half}.safetensors\"",
            tensor.name
        ));
        halves[half].push(tensor);
    }
    let text = format!(
        "{{\n  \"metadata\": {{\"total_size\": 1000}},\n  \"weight_map\": {{\n{}\n  }}\n}}\n",
        lines.join(",\n")
    );
    let name = "model.safetensors.index.json";
    let refused = survives_beside(name, model, edit_text::spoiled(vec![text]), |folder| {
        for (half, tensors) in halves.into_iter().enumerate() {
            let path = folder.join(format!("model-{half}.safetensors"));
            fs::write(path, bytes_of(&Checkpoint::new(tensors))).expect("it is written");
        }
    });
    assert!(refused > 0, "no index was refused");
}
