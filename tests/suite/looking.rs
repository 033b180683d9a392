//! The logit lens and the parts of a logit in the window.

use arclight::{
    app::Stage,
    lattice::HeadId,
    overlay::InsideFacts,
    score::Measure,
    session::{Export, Intent, Session, Write, Writing},
    trace::Precision,
};

use crate::{
    reference::Version,
    support::{ask, device, stage},
    traces,
};

const TEXT: &str = "The small grey cat saw the small grey dog, and the small grey";

fn session() -> Session {
    Session {
        model: "demo-v7".into(),
        prompt: TEXT.into(),
        token: Some(9),
        measure: Measure::Logit,
        lens: true,
        ..Session::default()
    }
}

fn inside(stage: &mut Stage) -> InsideFacts {
    stage.desk().facts.inside.clone().expect("it is looked at")
}

/// The token that came next is meant, then the one that is chosen; arcs and colours are its.
#[test]
fn a_logit_is_taken_apart_at_every_token() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(&gpu, session());
    let tokens = stage.desk().facts.tokens.clone();
    let found = inside(&mut stage);
    assert_eq!((found.token, found.refused.clone()), (9, None));
    let push = found.push.expect("one is taken apart");
    assert_eq!(
        (push.target, push.text.as_str()),
        (tokens[10].id, tokens[10].text.as_str())
    );
    let first = push.heads.expect("it is there");

    let facts = stage.desk().facts.clone();
    assert!(facts.arcs > 0 && facts.summary.iter().any(|value| *value != 0.0));
    // Later readers have no part in it.
    assert!(facts.summary[10..].iter().all(|value| *value == 0.0));

    let (lens, texts) = found.lens.expect("it is there");
    assert_eq!((lens.len(), texts.len()), (17, 17));
    let (_, prediction, expected) = facts.prediction.clone().expect("it is there");
    assert_eq!(lens[16].expected.top[0].id, prediction.top[0].id);
    assert_eq!(texts[16], expected[0].text);

    let other = prediction.top[3].id;
    ask(&mut stage, Intent::Target(Some(other)));
    let push = inside(&mut stage).push.expect("one is taken apart");
    assert_eq!(push.target, other);
    assert!((push.heads.expect("it is there") - first).abs() > 1e-3);
    let changed = stage.desk().facts.summary.clone();
    assert_ne!(changed, facts.summary);

    // Another token, and back: the same again.
    ask(&mut stage, Intent::StepToken(-1));
    assert_eq!(inside(&mut stage).token, 8);
    ask(&mut stage, Intent::StepToken(1));
    assert_eq!(stage.desk().facts.summary, changed);
    // Without either nothing is read.
    ask(&mut stage, Intent::Lens(false));
    ask(&mut stage, Intent::Measure(Measure::Share));
    assert_eq!(stage.desk().facts.inside, None);
    let first = stage.desk().facts.summary.clone();
    ask(&mut stage, Intent::Measure(Measure::Logit));
    assert_ne!(stage.desk().facts.summary, first);

    // A matrix has none, and says so; the row is exported.
    ask(
        &mut stage,
        Intent::Heads(HeadId { layer: 7, head: 2 }.into()),
    );
    ask(&mut stage, Intent::Matrix(true));
    let refused = stage
        .desk()
        .facts
        .matrix
        .clone()
        .expect("asked for")
        .refused;
    assert!(refused.expect("it is refused").contains("one reader alone"));
    ask(&mut stage, Intent::Matrix(false));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("row.csv");
    let export = Intent::Export {
        what: Export::Row,
        path: path.clone(),
    };
    ask(&mut stage, export);
    let row = std::fs::read_to_string(path).expect("it is there");
    assert_eq!(row.lines().count(), 11, "{row}");
    assert!(row.contains("logit"), "{row}");

    // It goes along with what is written.
    let few = Writing {
        most: 2,
        ..Writing::default()
    };
    ask(&mut stage, Intent::Writing(few));
    ask(&mut stage, Intent::Write(Write::Toggle));
    let last = stage.desk().facts.tokens.len() - 1;
    assert_eq!((last, inside(&mut stage).token), (tokens.len() + 1, last));
}

/// A trace has no model to ask.
#[test]
fn without_a_model_it_is_said() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.safetensors");
    let trace = device.captured(Version::V7, Precision::F16);
    traces::write(&gpu, &trace, None, &path);
    let of_trace = Session {
        model: path.to_str().expect("a plain path").into(),
        prompt: String::new(),
        ..session()
    };
    let mut stage = stage(&gpu, of_trace);
    let refused = inside(&mut stage).refused.expect("it is refused");
    assert!(refused.contains("only a model tells this"), "{refused}");
    assert_eq!(stage.desk().facts.arcs, 0);
    stage.desk().ask(Intent::Copy(Export::Row));
    let refused = stage.settle().expect_err("there is none").to_string();
    assert!(
        refused.contains("there is no row of the selected token: only a model tells this"),
        "{refused}"
    );
    stage.desk().ask(Intent::DismissError);
    ask(&mut stage, Intent::Measure(Measure::Rwk));
    assert!(stage.desk().facts.arcs > 0);
}

/// The state of the head that is shown alone, at the selected token or the last, while its panel is open.
#[test]
fn the_state_of_a_head_goes_along() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(
        &gpu,
        Session {
            measure: Measure::Rwk,
            lens: false,
            state_view: true,
            ..session()
        },
    );
    assert_eq!(stage.desk().facts.state, None);
    let head = HeadId { layer: 7, head: 2 };
    ask(&mut stage, Intent::Heads(head.into()));
    let tokens = stage.desk().facts.tokens.len();
    let state = |stage: &mut Stage| stage.desk().facts.state.clone().expect("it is there");
    let first = state(&mut stage);
    assert_eq!((first.head, first.refused), (Some(head), None));
    let (track, at) = (first.track.expect("a track"), first.at.expect("a state"));
    assert_eq!((track.len(), at.token), (tokens, 9));
    assert_eq!(at.state.len(), 32 * 32);
    // Both tell of the same state.
    let norm = at.state.iter().map(|x| x * x).sum::<f32>().sqrt();
    assert!((norm / track[9].norm - 1.0).abs() < 1e-4, "{norm}");

    ask(&mut stage, Intent::SelectToken(None));
    assert_eq!(state(&mut stage).at.expect("a state").token, tokens - 1);
    ask(&mut stage, Intent::StepHead(1));
    let other = state(&mut stage);
    assert_eq!(other.head, Some(HeadId { layer: 7, head: 3 }));
    assert_ne!(other.track.expect("a track"), track);
    ask(&mut stage, Intent::StateView(false));
    assert_eq!(stage.desk().facts.state, None);
}
