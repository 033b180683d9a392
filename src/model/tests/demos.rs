use half::f16;
use safetensors::Dtype;
use web_rwkv::runtime::{
    loader::{Loader, Reader},
    model::{ModelCustomInfo, ModelVersion},
};

use crate::model::{Card, Format, ModelFile, Source, Version};

fn card(version: Version, hidden: usize, parameters: u64) -> Card {
    Card {
        version,
        layers: 8,
        heads: 8,
        head_size: 32,
        width: 256,
        hidden,
        vocab: 8192,
        parameters,
    }
}

#[test]
fn both_demos_are_what_their_card_says() {
    let v6 = ModelFile::open(&Source::DemoV6).expect("opens");
    let v7 = ModelFile::open(&Source::DemoV7).expect("opens");
    assert_eq!((v6.name(), v7.name()), ("demo-v6", "demo-v7"));
    assert_eq!(v6.format(), Format::Zstd);
    for (model, version, hidden, millions) in [
        (&v6, Version::V6, 896, "11.8"),
        (&v7, Version::V7, 1024, "11.2"),
    ] {
        let parameters = model.card().parameters;
        assert_eq!(model.card(), &card(version, hidden, parameters));
        assert_eq!(format!("{:.1}", parameters as f64 / 1e6), millions);
    }
    let json = serde_json::to_value(v7.card()).expect("serialises");
    assert_eq!(json["version"], "v7");
    assert_eq!(Version::V6.to_string(), "RWKV-6");
}

#[test]
fn web_rwkv_reads_the_same_dimensions() {
    for (source, version) in [
        (Source::DemoV6, ModelVersion::V6),
        (Source::DemoV7, ModelVersion::V7),
    ] {
        let model = ModelFile::open(&source).expect("opens");
        let info = Loader::info(&&model).expect("has an info");
        let card = model.card();
        assert_eq!(info.version, version);
        assert_eq!(
            (
                info.num_layer,
                info.num_head,
                info.num_emb,
                info.num_hidden,
                info.num_vocab
            ),
            (card.layers, card.heads, card.width, card.hidden, card.vocab)
        );
        match info.custom {
            ModelCustomInfo::V6(ranks) => {
                assert_eq!(
                    model.shape("blocks.7.att.time_mix_w2").unwrap()[2],
                    ranks.time_mix
                );
            }
            ModelCustomInfo::V7(ranks) => {
                assert_eq!(model.shape("blocks.7.att.v2").unwrap()[1], ranks.v);
            }
            ModelCustomInfo::None => panic!("no ranks"),
        }
    }
}

#[test]
fn f16_tensors_are_handed_over_without_a_copy() {
    let model = ModelFile::open(&Source::DemoV7).expect("opens");
    for name in Reader::names(&model) {
        let (dtype, shape, bytes) = Reader::tensor(&model, name).expect("reads");
        assert_eq!(dtype, Dtype::F16);
        assert!(
            matches!(bytes, std::borrow::Cow::Borrowed(_)),
            "{name} was copied"
        );
        assert_eq!(bytes.len(), shape.iter().product::<usize>() * 2);
    }
}

#[test]
fn the_three_ways_to_a_tensor_agree() {
    let model = ModelFile::open(&Source::DemoV6).expect("opens");
    let name = "blocks.3.att.time_first";
    let half = model.f16(name).expect("reads");
    let wide = model.f32(name).expect("reads");
    let (_, _, bytes) = Reader::tensor(&model, name).expect("reads");
    assert_eq!(half.len(), 256);
    assert!(
        half.iter()
            .zip(&wide)
            .all(|(half, wide)| half.to_f32() == *wide)
    );
    let bytes: Vec<_> = bytes
        .chunks(2)
        .map(|b| f16::from_le_bytes([b[0], b[1]]))
        .collect();
    assert_eq!(half, bytes);
    assert!(wide.iter().any(|value| *value != 0.0));
}

#[cfg(not(feature = "demo-models"))]
#[test]
fn a_demo_that_is_nowhere_says_where_it_was_looked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let folders = [folder.path().to_owned(), assets];
    let found = crate::model::demo::find("demo-v6", &folders);
    assert!(found.expect("is in the second folder").len() > 5_000_000);
    let error = crate::model::demo::find("demo-v6", &folders[..1]).expect_err("is not there");
    let text = error.to_string();
    assert!(
        text.contains("ARCLIGHT_ASSETS") && text.contains(&folders[0].display().to_string()),
        "{text}"
    );
}
