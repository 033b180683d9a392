//! What is read of a model file, and what is refused.

use std::path::Path;

use arclight::model::{ModelFile, Source, Version};
use half::f16;
use web_rwkv::runtime::loader::Reader;

use super::path;
use crate::support::{
    checkpoint::{Checkpoint, Tensor},
    pth::write_pth,
    small::{HEADS, KINDS, Kind, WIDTH, small},
};

fn open(path: &Path) -> ModelFile {
    ModelFile::open(&Source::File(path.to_owned())).expect("the model opens")
}

fn refusal(path: &Path) -> String {
    let error = ModelFile::open(&Source::File(path.to_owned())).expect_err("it opens");
    error.to_string()
}

/// BlinkDL's names: the bonus of RWKV-5 is `time_faaaa`.
fn published(kind: Kind) -> impl Fn(&str) -> String {
    move |name: &str| match kind {
        Kind::V4 => name.to_owned(),
        Kind::V51 | Kind::V52 => name.replace("time_first", "time_faaaa"),
    }
}

#[test]
fn a_pth_holds_the_same_model() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in KINDS {
        let checkpoint = small(kind);
        let pth = folder.path().join(format!("{kind:?}.pth"));
        write_pth(&checkpoint.tensors, published(kind), &pth);
        let (found, expected) = (open(&pth), open(path(kind)));
        assert_eq!(found.card(), expected.card(), "{kind:?}");
        let mut names = Reader::names(&found);
        assert_eq!(names, Reader::names(&expected), "{kind:?}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), checkpoint.tensors.len(), "{kind:?}");
        for name in names {
            let of = |file: &ModelFile| (file.shape(name).map(<[usize]>::to_vec), file.f16(name));
            let ((shape, values), (other_shape, others)) = (of(&found), of(&expected));
            assert_eq!(
                shape.expect("it is there"),
                other_shape.expect("it is there")
            );
            assert_eq!(
                values.expect("it reads"),
                others.expect("it reads"),
                "{name}"
            );
        }
    }
}

/// What RWKV-5.1 has a head is there for every channel of it.
#[test]
fn one_number_a_head_is_spread_over_its_channels() {
    let mut checkpoint = small(Kind::V51);
    let numbers: Vec<f16> = checkpoint.tensor("blocks.2.att.time_decay").values.clone();
    let file = open(path(Kind::V51));
    for name in ["blocks.2.att.time_decay", "blocks.2.att.time_first"] {
        let shape = file.shape(name).expect("it is there");
        assert_eq!(shape, [HEADS, WIDTH / HEADS], "{name}");
    }
    let spread = file.f16("blocks.2.att.time_decay").expect("it reads");
    for (head, channels) in spread.chunks(WIDTH / HEADS).enumerate() {
        assert!(
            channels.iter().all(|value| *value == numbers[head]),
            "{head}"
        );
    }
    assert_eq!(file.card().version, Version::V5);
}

#[test]
fn a_missing_tensor_is_named() {
    for (kind, name) in [
        (Kind::V4, "blocks.3.att.time_first"),
        (Kind::V4, "blocks.6.ffn.receptance.weight"),
        (Kind::V51, "blocks.0.att.time_mix_g"),
        (Kind::V52, "blocks.5.att.ln_x.bias"),
        (Kind::V52, "blocks.2.att.gate.weight"),
    ] {
        let mut checkpoint = small(kind);
        checkpoint.tensors.retain(|tensor| tensor.name != name);
        let (_folder, path) = checkpoint.write();
        let version = if kind == Kind::V4 { "RWKV-4" } else { "RWKV-5" };
        let text = refusal(&path);
        assert!(
            text.contains(&format!("is an {version} without the tensor {name}")),
            "{text}"
        );
    }
}

#[test]
fn a_wrong_shape_is_named() {
    for (kind, name) in [
        (Kind::V4, "blocks.1.att.time_decay"),
        (Kind::V51, "blocks.1.att.time_decay"),
        (Kind::V52, "blocks.1.att.time_mix_g"),
        (Kind::V52, "blocks.4.att.time_first"),
    ] {
        let mut checkpoint = small(kind);
        let tensor = checkpoint.tensor(name);
        tensor.shape = vec![3, 5];
        tensor.values.resize(15, f16::ZERO);
        let (_folder, path) = checkpoint.write();
        let text = refusal(&path);
        assert!(text.contains(&format!("{name} has shape [3, 5]")), "{text}");
    }
}

#[test]
fn what_web_rwkv_cannot_run_is_refused_with_the_reason() {
    // RWKV-5.0 has no gate.
    let mut checkpoint = small(Kind::V51);
    let gated = |tensor: &Tensor| tensor.name.contains("gate") || tensor.name.contains("mix_g");
    checkpoint.tensors.retain(|tensor| !gated(tensor));
    let (folder, path) = checkpoint.write();
    let text = refusal(&path);
    assert!(text.contains("is an RWKV-5.0, which has no gate"), "{text}");
    let pth = folder.path().join("v50.pth");
    write_pth(&checkpoint.tensors, str::to_owned, &pth);
    assert!(refusal(&pth).contains("is an RWKV-5.0, which has no gate"));

    // Under its older name the bonus of a .pth is a logarithm.
    let pth = folder.path().join("early.pth");
    write_pth(&small(Kind::V51).tensors, str::to_owned, &pth);
    let text = refusal(&pth);
    assert!(text.contains("an early RWKV-5"), "{text}");

    // The channels of an RWKV-4 have to make whole groups.
    let shapes: &[(&str, &[usize])] = &[
        ("emb.weight", &[100, 96]),
        ("blocks.0.ffn.key.weight", &[32, 96]),
        ("blocks.0.att.time_decay", &[96]),
    ];
    let (_folder, path) = Checkpoint::zeros(shapes).write();
    let text = refusal(&path);
    assert!(text.contains("is an RWKV-4 of 96 channels"), "{text}");
}
