//! The desk computes the matrix that the session asks for, and the panel gets its picture.

use arclight::{
    app::{self, Stage, Start},
    lattice::{HeadId, HeadSet},
    score::Measure,
    session::{Intent, Session},
};
use bevy::math::UVec2;

use crate::support::{device, matrices};

const HEAD: HeadId = HeadId { layer: 7, head: 1 };

fn start(matrix: bool) -> Start {
    Start {
        session: Session {
            model: "demo-v7".into(),
            prompt: "The cat saw the dog, and the dog saw the cat.".into(),
            heads: HEAD.into(),
            matrix,
            ..Session::default()
        },
        ..Start::default()
    }
}

#[test]
fn the_matrix_of_a_head_alone_is_shown_on_demand() {
    let device = device();
    let gpu = device.gpu.clone();
    let size = UVec2::new(640, 360);
    let mut stage = Stage::new(&gpu, start(false), size, app::samples(&gpu)).expect("a stage");
    stage.settle().expect("it runs");
    assert!(stage.desk().facts.matrix.is_none(), "nobody asked for it");

    let mut serial = 0;
    for (intent, measure) in [
        (Intent::Matrix(true), Measure::Rwk),
        (Intent::Measure(Measure::Wk), Measure::Wk),
        (Intent::SelectToken(Some(7)), Measure::Wk),
    ] {
        stage.desk().ask(intent.clone());
        stage.settle().expect("it is computed");
        let trace = stage.desk().trace().expect("it has run").clone();
        let facts = stage.desk().facts.clone();
        let row = HEAD.layer * trace.dimensions.heads + HEAD.head;
        let pairs = &matrices(&gpu, &trace, measure)[row];
        let (mut largest, mut of_token) = (0.0f32, 0.0f32);
        for (t, s) in (0..pairs.len()).flat_map(|t| (0..t).map(move |s| (t, s))) {
            largest = largest.max(pairs[t][s].abs());
            if t == 7 || s == 7 {
                of_token = of_token.max(pairs[t][s].abs());
            }
        }
        let matrix = facts.matrix.as_ref().expect("it is asked for");
        assert_eq!((matrix.head, matrix.measure), (HEAD, measure));
        assert_eq!((matrix.done, matrix.largest), (pairs.len(), largest));
        let (full, _) = facts.matrix_full().expect("there is a matrix");
        let expected = if facts.session.token.is_some() {
            of_token
        } else {
            largest
        };
        assert!(
            (full - expected).abs() < 1e-4 * expected,
            "{full}, not {expected}"
        );

        let picture = matrix.picture.as_ref().expect("it is painted");
        assert!(picture.serial > serial, "{intent:?} needs another picture");
        serial = picture.serial;
        assert_eq!(picture.pixels.len(), picture.side * picture.side * 4);
        let opaque = picture
            .pixels
            .chunks(4)
            .filter(|pixel| pixel[3] == 255)
            .count();
        let part = opaque as f64 / (picture.side * picture.side) as f64;
        assert!(
            (0.5..0.6).contains(&part),
            "{part} of it is on or below the diagonal"
        );
    }

    stage.desk().ask(Intent::Heads(HeadSet::default()));
    stage.settle().expect("there is nothing to wait for");
    assert!(stage.desk().facts.matrix.is_none());
    stage
        .desk()
        .ask(Intent::Heads(HeadId { layer: 0, head: 3 }.into()));
    stage.settle().expect("it is computed");
    let head = stage.desk().facts.matrix.as_ref().map(|matrix| matrix.head);
    assert_eq!(head, Some(HeadId { layer: 0, head: 3 }));
    stage.desk().ask(Intent::Matrix(false));
    stage.settle().expect("there is nothing to wait for");
    assert!(stage.desk().facts.matrix.is_none());
}
