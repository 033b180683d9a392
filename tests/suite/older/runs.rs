//! Logits, predictions and quantised layers.

use arclight::{
    model::{Quantisation, Version},
    score::{conservation, tolerance},
    trace::Precision,
};

use super::{load, load_quantised, tokens, weights};
use crate::{
    reference::forward,
    support::{
        assert_close, close, device, run,
        small::{KINDS, Kind, LAYERS, VOCABULARY},
    },
};

#[test]
fn logits_agree_with_float64() {
    let tokens = tokens();
    let mut other = tokens.clone();
    other[0] = tokens[0] % 90 + 1;
    for kind in KINDS {
        let weights = weights(kind);
        let expected = forward(&weights, &tokens).logits.concat();
        let elsewhere = forward(&weights, &other).logits;
        let device = device();
        for (precision, allowed) in [(Precision::F32, 1e-4), (Precision::F16, 5e-3)] {
            let model = load(&device.gpu, kind, precision);
            let found = model.logits(&tokens).expect("the model runs");
            assert!(found.iter().all(|row| row.len() == VOCABULARY));
            let what = format!("{kind:?}, {precision:?}");
            let off = assert_close(&found.concat(), &expected, allowed, &what);
            println!("{what}: logits off by {off:.1e} of the largest");
            // A token does not only see itself.
            let off = close(&found[1], &elsewhere[1], allowed);
            assert!(off.is_err(), "{what}: another first token passes");
        }
    }
}

#[test]
fn chunks_of_any_length_leave_the_same_predictions() {
    let tokens = &tokens()[..20];
    for kind in KINDS {
        let device = device();
        let model = load(&device.gpu, kind, Precision::F32);
        let logits = model.logits(tokens).expect("the model runs");
        for chunk in [20, 7] {
            let trace = run(&model, tokens, chunk);
            for (position, logits) in logits.iter().enumerate() {
                let found = trace.prediction(position).expect("a prediction");
                let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
                assert_eq!(
                    found.top.first().map(|top| top.id as usize),
                    best,
                    "{kind:?}"
                );
                let ids = found.top.iter().map(|top| top.id as usize);
                assert!(ids.max() < Some(VOCABULARY), "{kind:?}: an id that is none");
            }
        }
    }
}

#[test]
fn quantised_layers_take_as_much_as_said_and_pass_the_check() {
    let tokens = tokens();
    let int8 = Quantisation {
        int8: LAYERS,
        nf4: 0,
    };
    let mixed = Quantisation { int8: 3, nf4: 2 };
    for kind in KINDS {
        let device = device();
        let exact = load(&device.gpu, kind, Precision::F32);
        let expected: Vec<f64> = exact
            .logits(&tokens)
            .expect("the model runs")
            .concat()
            .into_iter()
            .map(f64::from)
            .collect();
        let said = Quantisation::default().bytes(exact.card());
        assert_eq!(exact.matrix_bytes(), said, "{kind:?}");

        let model = load_quantised(&device.gpu, kind, Precision::F32, mixed);
        assert_eq!(model.matrix_bytes(), mixed.bytes(model.card()), "{kind:?}");
        let model = load_quantised(&device.gpu, kind, Precision::F32, int8);
        assert_eq!(model.matrix_bytes(), int8.bytes(model.card()), "{kind:?}");
        let found = model.logits(&tokens).expect("the model runs").concat();
        let off = close(&found, &expected, f64::INFINITY).expect("numbers");
        println!("{kind:?}: int8 is off by {off:.1e}");
        assert!(off > 1e-3 && off < 0.1, "{kind:?}: {off}");
        let trace = run(&model, &tokens, 32);
        let rows: Vec<usize> = (0..tokens.len()).collect();
        let errors = conservation(&device.gpu, &trace, &rows).expect("they are read back");
        let worst = errors.into_iter().fold(0.0, f32::max);
        assert!(worst <= tolerance(Precision::F32), "{kind:?}: {worst}");
    }
}

#[test]
fn the_versions_are_told_apart() {
    let device = device();
    for (kind, version, heads, size) in [
        (Kind::V4, Version::V4, 2, 64),
        (Kind::V51, Version::V5, 4, 32),
        (Kind::V52, Version::V5, 4, 32),
    ] {
        let model = load(&device.gpu, kind, Precision::F16);
        let card = model.card();
        assert_eq!(
            (card.version, card.heads, card.head_size),
            (version, heads, size)
        );
        assert_eq!((card.layers, card.vocab), (LAYERS, VOCABULARY));
    }
}
