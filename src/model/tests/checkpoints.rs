//! The four checkpoints in `tests/fixtures/pth` against values read from them by another program,
//! which used Python's own `pickle`, `zipfile` and `struct` and followed web-rwkv's converter.

use web_rwkv::runtime::loader::{Loader, Reader};

use super::tiny::fixture;
use crate::model::{Card, Format, ModelFile, Source, Version};

/// Name, shape in web-rwkv's layout, second value, and the sum of `(i + 1) · value[i]`, which a
/// wrong order of values changes.
type Row = (&'static str, &'static [usize], f64, f64);

#[rustfmt::skip]
const V6_BF16: &[Row] = &[
    ("emb.weight", &[256, 64], 0.0213623046875, -9120.330371975899),
    ("blocks.0.ln0.bias", &[64], 0.05126953125, 5.471214294433594),
    ("blocks.1.att.time_first", &[2, 32], 0.044189453125, 142.6361846923828),
    ("blocks.0.att.time_mix_w1", &[160, 64], -0.10791015625, -88694.89759927988),
    ("blocks.1.att.time_mix_w2", &[5, 64, 32], -0.07958984375, -166022.05447423458),
    ("blocks.1.att.time_decay_w1", &[32, 64], -0.05419921875, 4502.451826095581),
    ("blocks.0.att.time_decay_w2", &[64, 32], 0.228515625, 42212.917232990265),
    ("blocks.0.att.time_decay", &[1, 1, 64], -2.84375, -6056.31640625),
    ("blocks.1.att.receptance.weight", &[64, 64], 0.003021240234375, 5601.451974749565),
    ("blocks.0.ffn.value.weight", &[64, 224], 0.05322265625, 46178.84972393513),
    ("ln_out.weight", &[64], 2.671875, 5426.578125),
];

#[rustfmt::skip]
const V6_F16: &[Row] = &[
    ("emb.weight", &[256, 64], 0.0213775634765625, -9192.688157498837),
    ("blocks.0.ln0.bias", &[64], 0.051239013671875, 5.475191593170166),
    ("blocks.1.att.time_first", &[2, 32], 0.044189453125, 142.55099391937256),
    ("blocks.0.att.time_mix_w1", &[160, 64], -0.10797119140625, -88597.8142105341),
    ("blocks.1.att.time_mix_w2", &[5, 64, 32], -0.07977294921875, -165958.26586341858),
    ("blocks.1.att.time_decay_w1", &[32, 64], -0.054290771484375, 4501.388247728348),
    ("blocks.0.att.time_decay_w2", &[64, 32], 0.2283935546875, 42211.46346217394),
    ("blocks.0.att.time_decay", &[1, 1, 64], -2.8515625, -6055.72900390625),
    ("blocks.1.att.receptance.weight", &[64, 64], 0.0030193328857421875, 5617.153104543686),
    ("blocks.0.ffn.value.weight", &[64, 224], 0.05328369140625, 46238.36023187637),
    ("ln_out.weight", &[64], 2.677734375, 5428.296875),
];

/// The two RWKV-7 checkpoints hold the same weights, once as f32 and once as f16.
#[rustfmt::skip]
const V7: &[Row] = &[
    ("emb.weight", &[256, 64], 0.006885528564453125, 51430.326978743076),
    ("blocks.0.ln0.bias", &[64], -0.024749755859375, 9.921926498413086),
    ("blocks.1.att.r_k", &[2, 32], -0.06988525390625, -99.22859954833984),
    ("blocks.0.att.w1", &[32, 64], 0.126220703125, -958.8515472412109),
    ("blocks.1.att.w2", &[64, 32], -0.08868408203125, -7704.177389860153),
    ("blocks.0.att.a1", &[32, 64], 0.00778961181640625, -3191.323984026909),
    ("blocks.0.att.g1", &[16, 64], 0.040130615234375, 2897.4043694138527),
    ("blocks.1.att.g2", &[64, 16], -0.05633544921875, -358.25222593545914),
    ("blocks.1.att.v1", &[32, 64], -0.09539794921875, -6587.94544929266),
    ("blocks.1.att.v2", &[64, 32], 0.0892333984375, -14306.985882282257),
    ("blocks.0.att.w0", &[1, 1, 64], -2.44921875, -5036.794677734375),
    ("blocks.1.att.receptance.weight", &[64, 64], 0.067626953125, -7988.757168710232),
    ("blocks.0.ffn.value.weight", &[64, 256], 0.0277862548828125, -75521.2087020278),
    ("ln_out.weight", &[64], 2.712890625, 4960.3056640625),
];

fn open(name: &str) -> ModelFile {
    ModelFile::open(&Source::File(fixture(name))).expect("opens")
}

fn compare(name: &str, rows: &[Row]) {
    let model = open(name);
    assert_eq!(model.format(), Format::Pytorch);
    for (tensor, shape, second, weighted) in rows {
        assert_eq!(&model.shape(tensor).expect("is there"), shape, "{tensor}");
        let values = model.f32(tensor).expect("reads");
        assert_eq!(f64::from(values[1]), *second, "{tensor}");
        let sum: f64 = (1..)
            .zip(&values)
            .map(|(i, value)| f64::from(i) * f64::from(*value))
            .sum();
        assert!(
            (sum - weighted).abs() < 1e-6,
            "{tensor}: {sum} and not {weighted}"
        );
    }
}

#[test]
fn values_of_a_bf16_checkpoint() {
    compare("tiny-v6-bf16.pth", V6_BF16);
}

#[test]
fn values_of_a_checkpoint_under_state_dict() {
    compare("tiny-v6-f16-nested.pth", V6_F16);
}

#[test]
fn values_of_an_f32_checkpoint() {
    compare("tiny-v7-f32.pth", V7);
}

#[test]
fn values_of_a_checkpoint_in_the_old_format() {
    compare("tiny-v7-f16-legacy.pth", V7);
}

#[test]
fn cards_of_checkpoints() {
    let card = |version, hidden, parameters| Card {
        version,
        layers: 2,
        heads: 2,
        head_size: 32,
        width: 64,
        hidden,
        vocab: 256,
        parameters,
    };
    // All 190,720 and 162,432 values of the files, without the value residual of RWKV-7's first
    // layer, which nothing uses.
    let v6 = card(Version::V6, 224, 190_720);
    let v7 = card(Version::V7, 256, 162_432 - (64 + 2 * 64 * 32));
    assert_eq!(open("tiny-v6-bf16.pth").card(), &v6);
    assert_eq!(open("tiny-v6-f16-nested.pth").card(), &v6);
    assert_eq!(open("tiny-v7-f32.pth").card(), &v7);
    assert_eq!(open("tiny-v7-f16-legacy.pth").card(), &v7);
}

#[test]
fn web_rwkv_takes_every_tensor_of_a_checkpoint() {
    for name in [
        "tiny-v6-bf16.pth",
        "tiny-v6-f16-nested.pth",
        "tiny-v7-f32.pth",
        "tiny-v7-f16-legacy.pth",
    ] {
        let model = open(name);
        let info = Loader::info(&&model).expect("has an info");
        assert_eq!((info.num_layer, info.num_emb, info.num_vocab), (2, 64, 256));
        for tensor in Reader::names(&model) {
            assert!(Reader::contains(&model, tensor));
            let (_, shape, bytes) = Reader::tensor(&model, tensor).expect("reads");
            assert_eq!(bytes.len(), shape.iter().product::<usize>() * 2, "{tensor}");
        }
    }
}

#[test]
fn what_web_rwkv_does_not_load_can_still_be_read() {
    let model = open("tiny-v7-f32.pth");
    assert!(!Reader::contains(&model, "blocks.0.att.v1"));
    assert_eq!(model.f16("blocks.0.att.v1").expect("reads").len(), 64 * 32);
    let error = model.f16("blocks.9.att.v1").expect_err("is not there");
    assert!(error.to_string().contains("blocks.9.att.v1"), "{error}");
}
