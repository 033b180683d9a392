//! The desk exports and copies what is on show.

use std::{fs, path::Path};

use arclight::{
    app::{self, Stage, Start},
    lattice::{HeadId, HeadSet},
    score::Measure,
    session::{Against, Compare, CompareView, Export, Intent, Session},
};
use bevy::math::UVec2;

use crate::support::{device, matrices};

const HEAD: HeadId = HeadId { layer: 3, head: 5 };
const TOKEN: usize = 6;

fn start(model: &str, measure: Measure) -> Start {
    Start {
        session: Session {
            model: model.into(),
            prompt: "The cat saw the dog, and the dog saw the cat.".into(),
            token: Some(TOKEN),
            measure,
            ..Session::default()
        },
        ..Start::default()
    }
}

/// Numbers of a table whose texts hold no commas: the columns before and after them.
fn lines(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("it is written");
    let lines = text.lines().skip(1);
    let fields = |line: &str| {
        line.replace("\",\"", "\"\"")
            .split(',')
            .map(str::to_owned)
            .collect()
    };
    lines.map(fields).collect()
}

#[test]
fn every_number_is_the_one_that_is_drawn() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for (model, measures) in [
        ("demo-v6", &[Measure::Rwk, Measure::Wk][..]),
        ("demo-v7", &[Measure::Share, Measure::Erase, Measure::Wk]),
    ] {
        for measure in measures {
            let size = UVec2::new(320, 180);
            let start = start(model, *measure);
            let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu)).expect("a stage");
            stage.settle().expect("it runs");
            let trace = stage.desk().trace().expect("it has run").clone();
            let all = matrices(&gpu, &trace, *measure);
            let heads = trace.dimensions.heads;
            for what in [Export::Row, Export::Column] {
                let path = path("line.csv");
                stage.desk().ask(Intent::Export {
                    what,
                    path: path.clone(),
                });
                stage.settle().expect("it is written");
                assert_eq!(stage.desk().facts.exported, Some((what, path.clone())));
                assert_eq!(stage.desk().facts.exporting, None);
                let lines = lines(&path);
                let count = match what {
                    Export::Row => TOKEN + 1,
                    _ => trace.tokens.len() - TOKEN,
                };
                assert_eq!(lines.len(), all.len() * count);
                for line in lines {
                    let number = |at: usize| line[at].parse::<usize>().expect("an index");
                    let [layer, head, reader, writer] = [0, 1, 2, 3].map(number);
                    let score: f32 = line.last().expect("a score").parse().expect("a number");
                    let expected = all[layer * heads + head][reader][writer];
                    let name = format!("{model} {measure:?} {what:?} {line:?}, not {expected}");
                    // Rows are summed in another order than columns, of which those of the W-K norm are made; a
                    // token with itself belongs to its row.
                    let same_way = match (measure, what) {
                        (Measure::Wk, Export::Column) => reader != writer,
                        (Measure::Wk, _) => false,
                        (_, what) => what == Export::Row,
                    };
                    let largest = all[layer * heads + head].iter().flatten();
                    let largest = largest.fold(0.0f32, |most, score| most.max(score.abs()));
                    let error = (score - expected).abs();
                    let fine = error <= if same_way { 0.0 } else { 1e-5 * largest };
                    assert!(fine, "{name}");
                }
            }
            stage.desk().ask(Intent::Heads(HEAD.into()));
            let path = path("matrix.csv");
            let what = Export::Matrix;
            stage.desk().ask(Intent::Export {
                what,
                path: path.clone(),
            });
            stage.settle().expect("it is written");
            assert!(
                stage.desk().facts.matrix.is_none(),
                "the panel was not asked for"
            );
            let found: Vec<Vec<f32>> = lines(&path)
                .iter()
                .map(|line| {
                    line[1..]
                        .iter()
                        .map(|number| number.parse().expect("a number"))
                        .collect()
                })
                .collect();
            let expected = &all[HEAD.layer * heads + HEAD.head];
            assert_eq!(found, *expected, "{model} {measure:?}");
        }
    }
}

#[track_caller]
fn refused(stage: &mut Stage, intent: Intent, reason: &str) {
    stage.desk().ask(intent);
    let error = stage.settle().expect_err("it is refused").to_string();
    assert!(error.contains(reason), "{error}");
    stage.desk().ask(Intent::DismissError);
}

#[test]
fn what_cannot_be_exported_is_said_and_nothing_is_written() {
    let device = device();
    let gpu = device.gpu.clone();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let size = UVec2::new(320, 180);
    let start = start("demo-v7", Measure::Rwk);
    let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu)).expect("a stage");
    let (csv, svg) = (path("a.csv"), path("a.svg"));
    let export = |what, path: &Path| Intent::Export {
        what,
        path: path.to_owned(),
    };
    refused(&mut stage, export(Export::Row, &csv), "no run to export");
    stage.settle().expect("it runs");
    refused(
        &mut stage,
        export(Export::Matrix, &csv),
        "show one alone first",
    );
    refused(
        &mut stage,
        Intent::Copy(Export::Matrix),
        "show one alone first",
    );
    refused(
        &mut stage,
        export(Export::Row, &svg),
        "does not end in .csv or .npz",
    );
    refused(
        &mut stage,
        export(Export::Text, &path("no/such/a.svg")),
        "cannot be written",
    );
    refused(
        &mut stage,
        export(Export::Text, folder.path()),
        "does not end in .csv or .svg",
    );
    fs::create_dir(path("taken.svg")).expect("a folder");
    refused(
        &mut stage,
        export(Export::Text, &path("taken.svg")),
        "is a folder",
    );
    stage.desk().ask(Intent::SelectToken(None));
    refused(&mut stage, export(Export::Column, &csv), "select one first");
    let left = folder.path().read_dir().expect("listed").count();
    assert_eq!(left, 1, "something was written");
}

#[test]
fn everything_can_be_copied_and_a_choice_made_with_it_counts() {
    let device = device();
    let gpu = device.gpu.clone();
    let size = UVec2::new(320, 180);
    let start = start("demo-v6", Measure::Rwk);
    let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu)).expect("a stage");
    stage.settle().expect("it runs");
    stage.desk().ask(Intent::Heads(HEAD.into()));
    for what in Export::ALL {
        stage.desk().ask(Intent::Copy(what));
        stage.settle().expect("it is copied");
        assert_eq!(stage.desk().facts.copied, Some(what));
    }
    // In one frame: the file is that of the new choice.
    let folder = tempfile::tempdir().expect("a folder");
    let (what, path) = (Export::Row, folder.path().join("row.csv"));
    stage.desk().ask(Intent::SelectToken(Some(2)));
    stage.desk().ask(Intent::Heads(HeadSet::default()));
    stage.desk().ask(Intent::Export {
        what,
        path: path.clone(),
    });
    stage.settle().expect("it is written");
    let lines = lines(&path);
    assert_eq!(lines.len(), 64 * 3);
    assert!(lines.iter().all(|line| line[2] == "2"), "{lines:?}");
}

/// What a logit is made of comes from the worker, and a difference waits for the other run: until then the buffers hold nothing,
/// or what was asked for before.
#[test]
fn what_is_still_on_its_way_is_waited_for() {
    let device = device();
    let gpu = device.gpu.clone();
    let size = UVec2::new(320, 180);
    let start = start("demo-v7", Measure::Rwk);
    let mut stage = Stage::new(&gpu, start, size, app::samples(&gpu)).expect("a stage");
    stage.settle().expect("it runs");
    let folder = tempfile::tempdir().expect("a folder");
    let mut row = |choices: &[Intent]| {
        let path = folder.path().join("row.csv");
        for intent in choices {
            stage.desk().ask(intent.clone());
        }
        stage.desk().ask(Intent::Export {
            what: Export::Row,
            path: path.clone(),
        });
        stage.settle().expect("it is written");
        fs::read_to_string(path).expect("it is there")
    };
    let rwk = row(&[]);
    let asked_at_once = row(&[Intent::Measure(Measure::Logit)]);
    assert_ne!(asked_at_once, rwk);
    assert_eq!(asked_at_once, row(&[]));

    let difference = |text: &str| Compare {
        view: CompareView::Difference,
        ..Compare::with(Against::Text(text.into()))
    };
    let asked_at_once = row(&[
        Intent::Measure(Measure::Rwk),
        Intent::SelectToken(Some(TOKEN - 1)),
        Intent::Compare(Some(difference("The cat saw the dog, and the dog ran."))),
    ]);
    assert_eq!(asked_at_once, row(&[]));
    assert_eq!(asked_at_once, row(&[Intent::Compare(None)]));

    // With nothing there to take the difference from, no head has a score on show.
    stage.desk().ask(Intent::Compare(Some(difference("1"))));
    stage.settle().expect("it is there");
    refused(
        &mut stage,
        Intent::Copy(Export::Row),
        "there is no row of the selected token: what it is compared with has none",
    );
}
