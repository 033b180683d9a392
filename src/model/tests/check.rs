//! A good file with one thing wrong, for every thing that is checked.

use web_rwkv::runtime::loader::Reader;

use super::{refusal, tiny::Tiny};
use crate::model::{ModelError, ModelFile, Source, Version};

#[test]
fn a_converted_model_opens_and_is_unchanged() {
    for (checkpoint, tensor) in [
        ("tiny-v6-bf16.pth", "blocks.1.att.time_mix_w2"),
        ("tiny-v7-f32.pth", "blocks.1.att.v2"),
    ] {
        let original = ModelFile::open(&Source::File(super::tiny::fixture(checkpoint))).unwrap();
        let (_folder, path) = Tiny::of(checkpoint).file();
        let model = ModelFile::open(&Source::File(path)).expect("opens");
        assert_eq!(model.card(), original.card());
        assert_eq!(model.f16(tensor).unwrap(), original.f16(tensor).unwrap());
    }
}

#[test]
fn every_tensor_is_required() {
    for tiny in [Tiny::v6(), Tiny::v7()] {
        for tensor in &tiny.tensors {
            let (_folder, path) = tiny.clone().without(&tensor.name).file();
            match refusal(&path) {
                ModelError::MissingTensor { tensor: named, .. } => assert_eq!(named, tensor.name),
                other => panic!("without {}: {other}", tensor.name),
            }
        }
    }
}

#[test]
fn every_shape_is_checked() {
    for tiny in [Tiny::v6(), Tiny::v7()] {
        for at in 0..tiny.tensors.len() {
            let mut spoiled = tiny.clone();
            let tensor = &mut spoiled.tensors[at];
            // One row more.
            let row = tensor.bytes.len() / tensor.shape[0];
            tensor.shape[0] += 1;
            tensor.bytes.extend(vec![0; row]);
            let name = tensor.name.clone();
            let (_folder, path) = spoiled.file();
            match refusal(&path) {
                ModelError::Shape { tensor, .. } if tensor == name => {}
                // Where a dimension is read from, the others are found not to fit.
                ModelError::Shape { .. } | ModelError::Dimension { .. }
                    if ["emb.weight", "blocks.0.ffn.key.weight", "blocks.1.att.v1"]
                        .contains(&name.as_str())
                        || name.starts_with("blocks.0.att.") => {}
                other => panic!("{name}: {other}"),
            }
        }
    }
}

#[test]
fn a_low_rank_matrix_that_was_not_transposed_is_refused() {
    let mut tiny = Tiny::v7();
    tiny.get("blocks.1.att.g1").shape.reverse();
    let (_folder, path) = tiny.file();
    let text = refusal(&path).to_string();
    assert!(
        text.contains("blocks.1.att.g1 has shape [64, 16] and should have [16, 64]"),
        "{text}"
    );
}

#[test]
fn dimensions_of_one_around_a_vector_are_fine() {
    let mut tiny = Tiny::v7();
    tiny.get("blocks.1.att.x_r").shape = vec![64];
    tiny.get("ln_out.weight").shape = vec![1, 1, 1, 64];
    let (_folder, path) = tiny.file();
    ModelFile::open(&Source::File(path)).expect("opens");
    let mut tiny = Tiny::v7();
    tiny.get("ln_out.weight").shape = vec![1, 1, 1, 1, 64];
    let (_folder, path) = tiny.file();
    assert!(matches!(refusal(&path), ModelError::Shape { .. }));
}

#[test]
fn integers_and_doubles_are_refused() {
    for (dtype, size) in [("I64", 8), ("F64", 8), ("I8", 1), ("F8_E4M3", 1)] {
        let mut tiny = Tiny::v6();
        let tensor = tiny.get("blocks.1.att.key.weight");
        tensor.dtype = dtype;
        tensor.bytes = vec![0; 64 * 64 * size];
        let (_folder, path) = tiny.file();
        let error = refusal(&path);
        assert!(matches!(error, ModelError::Dtype { .. }), "{error}");
        assert!(
            error.to_string().contains("blocks.1.att.key.weight holds"),
            "{error}"
        );
    }
}

#[test]
fn bf16_and_f32_are_rounded_to_f16() {
    let mut tiny = Tiny::v6();
    let values = [
        1.0_f32,
        -0.1,
        1e-9,
        65504.0,
        65519.0,
        f32::INFINITY,
        5.960_464_5e-8,
        0.333_33,
    ];
    let rounded = [
        1.0_f32,
        -0.099_975_586,
        0.0,
        65504.0,
        65504.0,
        f32::INFINITY,
        5.960_464_5e-8,
        0.333_251_95,
    ];
    let tensor = tiny.get("ln_out.weight");
    tensor.dtype = "F32";
    tensor.bytes = values
        .iter()
        .cycle()
        .take(64)
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let tensor = tiny.get("ln_out.bias");
    tensor.dtype = "BF16";
    tensor.bytes = [0x3F80_u16, 0xC049]
        .iter()
        .cycle()
        .take(64)
        .flat_map(|b| b.to_le_bytes())
        .collect();
    let (_folder, path) = tiny.file();
    let model = ModelFile::open(&Source::File(path)).expect("opens");
    assert_eq!(model.f32("ln_out.weight").unwrap()[..8], rounded);
    assert_eq!(model.f32("ln_out.bias").unwrap()[..2], [1.0, -3.140_625]);
}

#[test]
fn a_value_too_large_for_f16_is_named() {
    let mut tiny = Tiny::v6();
    let tensor = tiny.get("blocks.1.ffn.key.weight");
    tensor.dtype = "F32";
    tensor.bytes = [0.5_f32, 65520.0]
        .iter()
        .cycle()
        .take(224 * 64)
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let (_folder, path) = tiny.file();
    let model = ModelFile::open(&Source::File(path)).expect("weights are not read yet");
    let error = model
        .f16("blocks.1.ffn.key.weight")
        .expect_err("overflows")
        .to_string();
    assert!(
        error.contains("blocks.1.ffn.key.weight holds 65520"),
        "{error}"
    );
    let error = Reader::tensor(&model, "blocks.1.ffn.key.weight").expect_err("overflows");
    assert!(error.to_string().contains("65520"), "{error}");
}

#[test]
fn layers_have_no_gaps_and_plain_numbers() {
    let (_folder, path) = Tiny::v7().with("blocks.999999999.att.w0").file();
    let error = refusal(&path);
    assert!(
        matches!(
            error,
            ModelError::MissingLayer {
                missing: 2,
                last: 999_999_999,
                ..
            }
        ),
        "{error}"
    );
    for name in [
        "blocks.01.att.w0",
        "blocks.+1.x",
        "blocks.18446744073709551616.x",
        "blocks.x",
        "blocks.",
    ] {
        let (_folder, path) = Tiny::v7().with(name).file();
        let error = refusal(&path);
        assert!(matches!(error, ModelError::UnknownModel { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn tensors_that_web_rwkv_does_not_know_stay_hidden_from_it() {
    let extra = [
        "blocks.0.att.time_mix_x",
        "blocks.0.att.gate.weight",
        "optimizer.step",
    ];
    let tiny = extra.iter().fold(Tiny::v7(), |tiny, name| tiny.with(name));
    let (_folder, path) = tiny.file();
    let model = ModelFile::open(&Source::File(path)).expect("opens");
    assert_eq!(model.card().version, Version::V7);
    let names = Reader::names(&model);
    assert!(
        extra
            .iter()
            .all(|name| !names.contains(name) && !Reader::contains(&model, name))
    );
}

#[test]
fn deep_embed_is_refused() {
    for name in [
        "blocks.0.ffn.s_emb.weight",
        "blocks.1.ffn.s1",
        "blocks.1.qkv.x_q",
    ] {
        let (_folder, path) = Tiny::v7().with(name).file();
        let error = refusal(&path);
        assert!(matches!(error, ModelError::DeepEmbed { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn an_rwkv_7_of_one_layer_is_refused_and_an_rwkv_6_is_not() {
    let one = |mut tiny: Tiny| {
        tiny.tensors
            .retain(|tensor| !tensor.name.starts_with("blocks.1."));
        tiny.file()
    };
    let (_folder, path) = one(Tiny::v7());
    assert!(matches!(refusal(&path), ModelError::OneLayer { .. }));
    let (_folder, path) = one(Tiny::v6());
    assert_eq!(
        ModelFile::open(&Source::File(path))
            .expect("opens")
            .card()
            .layers,
        1
    );
}

#[test]
fn head_sizes_that_the_kernels_cannot_run_are_refused() {
    for (heads, size, fits) in [(1, 64, true), (16, 4, true), (32, 2, false), (64, 1, false)] {
        let mut tiny = Tiny::v7();
        for layer in 0..2 {
            tiny.get(&format!("blocks.{layer}.att.r_k")).shape = vec![heads, size];
        }
        let (_folder, path) = tiny.file();
        match ModelFile::open(&Source::File(path.clone())) {
            Ok(model) => {
                assert!(fits);
                assert_eq!((model.card().heads, model.card().head_size), (heads, size));
            }
            Err(_) => {
                assert!(!fits, "{}", refusal(&path));
                assert!(refusal(&path).to_string().contains("the head size is"));
            }
        }
    }
    // 2 heads of 16 in a width of 64.
    let mut tiny = Tiny::v7();
    let tensor = tiny.get("blocks.0.att.r_k");
    (tensor.shape, tensor.bytes) = (vec![2, 16], vec![0; 64]);
    let (_folder, path) = tiny.file();
    assert!(
        refusal(&path)
            .to_string()
            .contains("heads × head size is 32")
    );
}

#[test]
fn widths_and_ranks_that_the_kernels_cannot_run_are_refused() {
    let shapes: &[(&str, &[usize])] = &[
        ("emb.weight", &[16, 12]),
        ("blocks.0.ffn.key.weight", &[16, 12]),
        ("blocks.0.att.r_k", &[3, 4]),
        ("blocks.1.x", &[1]),
    ];
    let (_folder, path) = Tiny::zeros(shapes).file();
    assert!(refusal(&path).to_string().contains("the width is 12"));

    let shapes: &[(&str, &[usize])] = &[
        ("emb.weight", &[16, 8]),
        ("blocks.0.ffn.key.weight", &[16, 8]),
        ("blocks.0.att.time_first", &[2, 4]),
        ("blocks.0.att.time_mix_w1", &[30, 8]),
    ];
    let (_folder, path) = Tiny::zeros(shapes).file();
    let text = refusal(&path).to_string();
    assert!(
        text.contains("the rank of blocks.0.att.time_mix_w1 is 6"),
        "{text}"
    );

    let shapes: &[(&str, &[usize])] = &[
        ("emb.weight", &[262_137, 8]),
        ("blocks.0.ffn.key.weight", &[16, 8]),
        ("blocks.0.att.time_first", &[2, 4]),
        ("blocks.0.att.time_mix_w1", &[20, 8]),
    ];
    let (_folder, path) = Tiny::zeros(shapes).file();
    assert!(
        refusal(&path)
            .to_string()
            .contains("the vocabulary is 262137")
    );
}

#[test]
fn other_models_are_told_what_they_are() {
    for (name, says) in [
        ("model.layers.0.self_attn.q_proj.weight", "Hugging Face"),
        ("blocks.0.att.key.lora_A", "with --lora"),
        ("blocks.0.att.key.lora.0", "with --lora"),
        ("blocks.0.att.time_state", "with --state"),
        (
            "transformer.h.0.weight",
            "its first tensor is transformer.h.0.weight",
        ),
    ] {
        let (_folder, path) = Tiny::zeros(&[(name, &[1])]).file();
        let text = refusal(&path).to_string();
        assert!(text.contains(says), "{text}");
    }
    let (_folder, path) = Tiny::zeros(&[]).file();
    assert!(refusal(&path).to_string().contains("it holds no tensors"));
}
