//! Another run beside the one on show: another text, another model, interventions.

use arclight::{
    app::{Stage, Start},
    camera::Pose,
    draw::ARC_VERTICES,
    lattice::Layout,
    model::Version,
    overlay::{Facts, OtherFacts},
    score::{Beside, Marks, Measure, Partners, Request, Scores, Shown, difference},
    session::{Against, Compare, CompareView, Intent, Session},
    trace::{Alignment, Precision, Trace},
};
use bevy::{math::UVec2, prelude::Msaa};

use crate::{
    reference,
    support::{ask, device, read, run, small, stage},
};

const TEXT: &str = "When Mary and John went to the store, John gave a drink to";
const OTHER: &str = "When Mary and John went to the new store, Mary gave a drink to";

fn session(compare: Option<Against>) -> Session {
    Session {
        model: "demo-v7".into(),
        prompt: TEXT.into(),
        token: Some(12),
        compare: compare.map(Compare::with),
        bare: true,
        ..Session::default()
    }
}

fn facts(stage: &mut Stage) -> Facts {
    stage.desk().facts.clone()
}

fn other(facts: &Facts) -> &OtherFacts {
    let beside = facts.beside.as_ref().expect("something is compared");
    assert_eq!(beside.refused, None);
    facts.other().expect("it has settled")
}

#[test]
fn another_text_stands_beside() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut both = stage(&gpu, session(Some(Against::Text(OTHER.into()))));
    let here = facts(&mut both);
    let there = other(&here);
    let partner = there.alignment.there(12).expect("both have it");
    assert_eq!(partner, 13, "the other has a word more before it");

    let mut alone = stage(&gpu, session(None));
    let mut other_alone = stage(
        &gpu,
        Session {
            prompt: OTHER.into(),
            token: Some(partner),
            ..session(None)
        },
    );
    let (own, theirs) = (facts(&mut alone), facts(&mut other_alone));
    for (beside, alone) in [(&here, &own), (&there.facts, &theirs)] {
        assert_eq!(beside.tokens, alone.tokens);
        assert_eq!(beside.surprises, alone.surprises);
        assert_eq!(beside.statistics, alone.statistics);
        assert_eq!(beside.contributions, alone.contributions);
        assert_eq!(beside.prediction, alone.prediction);
    }
    // Full colour is the same number on both sides.
    let heads = own.scales.len() - 1;
    let largest = |head: usize| own.scales[head].max(theirs.scales[head]);
    let shared: Vec<f32> = (0..heads).map(largest).collect();
    assert_eq!(here.scales[..heads], shared);
    assert_eq!(there.facts.scales[..heads], shared);
    assert_ne!(own.scales[..heads], shared, "the other has larger ones");
    assert_eq!(
        here.largest(),
        own.contributions.largest.max(theirs.contributions.largest)
    );

    // A token that only the other has is nothing here; the selection goes along where it can.
    let new = there
        .facts
        .tokens
        .iter()
        .position(|token| token.text == " new");
    assert_eq!(there.alignment.back(new.expect("it is there")), None);
    ask(&mut both, Intent::SelectToken(Some(3)));
    assert_eq!(other(&facts(&mut both)).facts.session.token, Some(3));

    // And it ends as it began.
    ask(&mut both, Intent::SelectToken(Some(12)));
    ask(&mut both, Intent::Compare(None));
    let after = facts(&mut both);
    assert!(after.beside.is_none());
    assert_eq!(after.scales, own.scales);
    assert_eq!(both.drawn().expect("drawn"), alone.drawn().expect("drawn"));
}

#[test]
fn another_model_stands_beside() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut both = stage(&gpu, session(Some(Against::Model("demo-v6".into()))));
    let mut alone = stage(
        &gpu,
        Session {
            model: "demo-v6".into(),
            ..session(None)
        },
    );
    let here = facts(&mut both);
    let (there, alone) = (other(&here), facts(&mut alone));
    assert_eq!(there.facts.tokens, alone.tokens);
    assert_eq!(there.facts.statistics, alone.statistics);
    assert_eq!(there.facts.surprises, alone.surprises);
    // What one scores says nothing of what is much in the other.
    assert_eq!(there.facts.scales, alone.scales);
    assert_eq!(there.facts.lamp, alone.lamp);
    assert_eq!(
        here.model.as_ref().map(|own| own.name.as_str()),
        Some("demo-v7")
    );

    // The model that was there goes on.
    ask(
        &mut both,
        Intent::Compare(Some(Compare::with(Against::Text(OTHER.into())))),
    );
    assert_eq!(other(&facts(&mut both)).facts.version(), Version::V7);
    // What the other has not is not scored there.
    ask(
        &mut both,
        Intent::Compare(Some(Compare::with(Against::Model("demo-v6".into())))),
    );
    ask(&mut both, Intent::Measure(Measure::Erase));
    let facts = facts(&mut both);
    assert!(!facts.summary.is_empty() && other(&facts).facts.summary.is_empty());
}

#[test]
fn interventions_stand_beside() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut own = session(Some(Against::Interventions));
    own.changes = own.changes_toggled(&["ablate L3H2".parse().expect("a change")]);
    own.token = None;
    let mut stage = stage(&gpu, own);
    let with = facts(&mut stage);
    let there = other(&with);
    assert_eq!(there.alignment.counts(), (with.tokens.len(), 0));
    let row = with.shape().expect("it ran").heads * 3 + 2;
    assert_ne!(with.contributions.statistics[row][1], 0.0);
    assert_eq!(there.facts.contributions.statistics[row], [0.0; 8]);

    // The difference is what the list of interventions shows as one.
    let view = |stage: &mut Stage, compare| {
        ask(stage, Intent::Compare(compare));
        (facts(stage).contributions, stage.drawn().expect("drawn"))
    };
    let compare = Compare {
        with: Against::Interventions,
        view: CompareView::Difference,
    };
    let (apart, picture) = view(&mut stage, Some(compare));
    let (listed, before) = view(&mut stage, None);
    assert_eq!(apart, listed);
    assert_eq!(apart.statistics[0], [0.0; 8], "nothing has moved there");
    assert!(picture != before, "it is said over the picture what it is");

    // Switched off, there is nothing.
    ask(
        &mut stage,
        Intent::Compare(Some(Compare::with(Against::Interventions))),
    );
    let mut list = facts(&mut stage).session.changes;
    list[0].on = false;
    stage.desk().ask(Intent::Changes(list));
    let refused = stage.settle().expect_err("nothing is on").to_string();
    assert!(
        refused.contains("no intervention is switched on"),
        "{refused}"
    );
}

/// A place that was given with the session is kept, and what is compared is seen whole otherwise.
#[test]
fn it_is_seen_from_where_the_session_says() {
    let device = device();
    let gpu = device.gpu.clone();
    let given = Pose {
        yaw: 0.3,
        radius: 90.0,
        ..Pose::default()
    };
    let own = session(Some(Against::Text(OTHER.into())));
    let mut with = stage(
        &gpu,
        Session {
            camera: Some(given),
            ..own.clone()
        },
    );
    assert_eq!(facts(&mut with).pose, Some(given));
    let radius = |session| {
        facts(&mut stage(&gpu, session))
            .pose
            .expect("it is seen")
            .radius
    };
    let (halves, whole) = (radius(own), radius(session(None)));
    assert!(halves > 1.2 * whole, "{halves}, {whole}");
}

/// What moves where nobody sees it arrives.
#[test]
fn a_difference_settles_in_another_layout() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut own = session(Some(Against::Text(OTHER.into())));
    own.compare = own.compare.map(|compare| Compare {
        view: CompareView::Difference,
        ..compare
    });
    let mut stage = stage(&gpu, own);
    for layout in [Layout::Rings, Layout::Grid, Layout::Lattice] {
        ask(&mut stage, Intent::Layout(layout));
        let other = facts(&mut stage);
        assert_eq!(
            self::other(&other)
                .facts
                .lattice
                .as_ref()
                .map(|it| it.layout),
            Some(layout)
        );
    }
}

#[test]
fn models_of_another_shape_are_refused() {
    let device = device();
    let gpu = device.gpu.clone();
    let (_folder, path) = small::small(small::Kind::V52).write();
    let start = Start {
        session: session(Some(Against::Model(path.display().to_string()))),
        ..Start::default()
    };
    let size = UVec2::new(480, 270);
    let mut stage = Stage::new(&gpu, start, size, Msaa::Off).expect("a stage");
    let refused = stage.settle().expect_err("it has other heads").to_string();
    for words in ["7 layers × 4 heads", "8 layers × 8 heads", "one shape"] {
        assert!(refused.contains(words), "{refused}");
    }
    // What was there is there.
    ask(&mut stage, Intent::Compare(None));
    assert!(!facts(&mut stage).statistics.is_empty());
}

#[test]
fn a_session_keeps_what_is_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.toml");
    for with in [
        Against::Interventions,
        Against::Text("another \"text\"\nof two lines".into()),
        Against::Model("demo-v6".into()),
    ] {
        for view in CompareView::ALL {
            let compare = Some(Compare {
                with: with.clone(),
                view,
            });
            let own = Session {
                compare,
                ..session(None)
            };
            own.save(&path).expect("saved");
            assert_eq!(Session::open(&path).expect("read"), own);
        }
    }
}

/// Differences are what is left of two runs' own numbers, to the bit.
#[test]
fn a_difference_is_there_less_here() {
    let mut device = device();
    let gpu = device.gpu.clone();
    let one: Vec<u32> = (0..40).map(|token| 17 + token * 7 % 90).collect();
    let mut two = one.clone();
    two.remove(4);
    two.insert(20, 3000);
    two.insert(21, 3001);
    two[30] = 4000;
    let alignment = Alignment::of(&one, &two);
    let partners = Partners::new(&gpu, &alignment);
    let model = device.demo(reference::Version::V7, Precision::F32);
    let [here, there] = [one, two].map(|tokens| run(model, &tokens, 16));
    let rows = here.dimensions.layers * here.dimensions.heads;
    let of = |values: &[f32], stride: usize, row: usize, token: usize| values[row * stride + token];
    let check = |apart: &[f32], [a, b]: [&[f32]; 2], [stride, other]: [usize; 2], signed: bool| {
        let mut moved = 0;
        for row in 0..rows {
            for token in 0..here.tokens.len() {
                let expected = alignment.there(token).map_or(0.0, |partner| {
                    let moved = of(b, other, row, partner) - of(a, stride, row, token);
                    if signed { moved } else { moved.abs() }
                });
                let found = of(apart, stride, row, token);
                assert_eq!(
                    found.to_bits(),
                    (expected + 0.0).to_bits(),
                    "{row}, {token}"
                );
                moved += usize::from(found != 0.0);
            }
        }
        assert!(moved > rows * 20, "nearly all numbers move: {moved}");
    };
    let norms = difference(&gpu, &partners, &here, &there);
    let contribution = |trace: &Trace| read(&gpu, &trace.contribution);
    let rooms = [here.room(), there.room()];
    check(
        &read(&gpu, &norms),
        [&contribution(&here), &contribution(&there)],
        rooms,
        false,
    );

    let [mut own, mut theirs] =
        [&here, &there].map(|trace| Scores::new(&gpu, trace).expect("there is room"));
    let (token, partner) = (33, alignment.there(33).expect("both have it"));
    for measure in [Measure::Rwk, Measure::Share, Measure::Weighted, Measure::Wk] {
        let request = request_of(&here, token, measure, rows);
        theirs.select(&request_of(&there, partner, measure, rows));
        let beside = Beside::Difference(&theirs, &partners);
        let marks = own
            .select_beside(&request, beside)
            .wait(&gpu)
            .expect("marks");
        let marks = Marks::read(&marks, rows, here.tokens.len());
        let values = [own.values(measure), theirs.values(measure)].map(|it| read(&gpu, it));
        let apart = read(&gpu, own.marked(measure));
        let strides = [here.tokens.len(), there.tokens.len()];
        check(&apart, [&values[0], &values[1]], strides, true);
        // Full colour is that of the difference, the selected token left out.
        let most = (0..here.tokens.len()).filter(|it| *it != token);
        let most = most
            .map(|it| of(&apart, strides[0], 5, it).abs())
            .fold(0.0, f32::max);
        assert_eq!(marks.scales[5], most);
        // Without, its own numbers are marked again.
        own.select(&request);
        assert_eq!(read(&gpu, own.marked(measure)), values[0]);
    }
}

fn request_of(trace: &Trace, token: usize, measure: Measure, rows: usize) -> Request {
    let shown = Shown::all(trace.tokens.len(), rows, Some(token));
    Request {
        measure,
        ..Request::new(token, shown.into(), ARC_VERTICES)
    }
}
