//! The twins themselves, against the reference that writes every transition out as a matrix.

use std::iter::zip;

use arclight::{
    model,
    score::{Measure, twin},
    trace::Stored,
};

use super::filled::{Filled, Shape};
use crate::reference::{Activations, Version, ops, scores, v7};

fn shape(version: model::Version) -> Shape {
    Shape {
        version,
        layers: 1,
        heads: 1,
        head_size: 32,
        stored: Stored::F32,
        tokens: 33,
    }
}

fn activations(head: &twin::Head) -> Activations {
    let erases = head.version == model::Version::V7;
    let y: Vec<f64> = (0..head.tokens()).flat_map(|t| head.output(t)).collect();
    Activations {
        r: head.r.concat(),
        w: head.w.concat(),
        k: head.k.concat(),
        v: head.v.concat(),
        a: head.a.concat(),
        kappa: head.kappa.concat(),
        u: if erases {
            Vec::new()
        } else {
            head.bonus.clone()
        },
        r_k: if erases {
            head.bonus.clone()
        } else {
            Vec::new()
        },
        gamma: head.gamma.clone(),
        beta: head.beta.clone(),
        y,
        ..Default::default()
    }
}

/// Largest difference over the largest expected number.
fn error(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    zip(found, expected).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / largest
}

fn twin_agrees(version: Version, of: model::Version) {
    let filled = Filled::random(shape(of), 11);
    let vectors = &filled.vectors[0];
    let layer = activations(&vectors.head);
    for (measure, expected) in [
        (Measure::Rwk, scores::attention(&layer, 1, 32, version, 0)),
        (Measure::Share, scores::share(&layer, 1, 32, version, 0)),
        (Measure::Wk, scores::wk_norm(&layer, 1, 32, version, 0)),
    ] {
        let expected = expected.concat();
        let mut found = vectors.matrix(measure).concat();
        let off = error(&found, &expected);
        assert!(off < 1e-12, "{measure:?}: off by {off:e}");
        found.iter_mut().for_each(|x| *x *= 1.01);
        assert!(
            error(&found, &expected) > 5e-3,
            "{measure:?}: 1 % went unnoticed"
        );
    }

    let mut x = ops::group_norm(&layer.y, 32, &layer.gamma, &layer.beta);
    if version == Version::V7 {
        ops::add(
            &mut x,
            &v7::bonus(&layer.r, &layer.k, &layer.v, &layer.r_k, 32),
        );
    }
    let normed: Vec<f64> = (0..vectors.head.tokens())
        .flat_map(|t| vectors.head.normed(t))
        .collect();
    let off = error(&normed, &x);
    assert!(off < 1e-12, "after GroupNorm: off by {off:e}");
}

#[test]
fn twin_agrees_with_written_out_transitions_v6() {
    twin_agrees(Version::V6, model::Version::V6);
}

#[test]
fn twin_agrees_with_written_out_transitions_v7() {
    twin_agrees(Version::V7, model::Version::V7);
}

#[test]
fn a_row_and_a_column_cross_in_the_same_number() {
    for version in [model::Version::V6, model::Version::V7] {
        let filled = Filled::random(shape(version), 12);
        let vectors = &filled.vectors[0];
        let rows = vectors.matrix(Measure::Rwk);
        for s in 0..filled.shape.tokens {
            let column: Vec<f64> = rows[s..].iter().map(|row| row[s]).collect();
            let off = error(&vectors.head.column(s), &column);
            assert!(off < 1e-12, "{version}, writer {s}: off by {off:e}");
        }
    }
}
