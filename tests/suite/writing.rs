//! The text is written on in the window.

use arclight::{
    app::Stage,
    inference::{Ended, Sampling},
    lattice::Layout,
    model::{Card, Version as Made, Vocabulary},
    score::Measure,
    session::{Intent, Session, Write, Writing},
    trace::Precision,
};

use crate::support::{ask, device, read, stage};

const TEXT: &str = "The small grey cat saw the small grey dog, and the small";

fn session(writing: Writing) -> Session {
    Session {
        model: "demo-v7".into(),
        prompt: TEXT.into(),
        precision: Precision::F32,
        writing,
        bare: true,
        ..Session::default()
    }
}

fn writing(most: usize, seed: u64) -> Writing {
    Writing {
        most,
        sampling: Sampling {
            seed,
            ..Sampling::default()
        },
        ..Writing::default()
    }
}

fn ids(stage: &mut Stage) -> Vec<u32> {
    let facts = &stage.desk().facts;
    let ids: Vec<u32> = facts.tokens.iter().map(|token| token.id).collect();
    assert_eq!(facts.shape().expect("it has run").tokens, ids.len());
    assert_eq!(facts.surprises.len(), ids.len());
    ids
}

fn prompt() -> Vec<u32> {
    let card = Card {
        version: Made::V7,
        layers: 8,
        heads: 8,
        head_size: 32,
        width: 256,
        hidden: 1024,
        vocab: 8192,
        parameters: 1,
    };
    let vocabulary = Vocabulary::for_model(&card, None).expect("built in");
    let vocabulary = vocabulary.expect("8,192 is its size");
    vocabulary.encode(TEXT.as_bytes()).expect("it is a text")
}

#[test]
fn each_token_adds_its_plane_and_its_arcs() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(&gpu, session(writing(30, 1)));
    let prompt = prompt();
    assert_eq!(ids(&mut stage), prompt);
    ask(&mut stage, Intent::Write(Write::Toggle));
    let written = ids(&mut stage);
    assert_eq!(written.len(), prompt.len() + 30);
    assert_eq!(written[..prompt.len()], prompt);

    let facts = stage.desk().facts.clone();
    let last = written.len() - 1;
    assert_eq!(facts.writing.from, Some(prompt.len()));
    assert_eq!((facts.writing.goes_on, facts.writing.ended), (false, None));
    // The newest token is selected and scored in every head, and the check holds.
    assert_eq!(facts.session.token, Some(last));
    assert_eq!(facts.summary.len(), written.len());
    assert!(facts.arcs > 0);
    let lamp = facts.lamp.expect("it is checked");
    assert!(lamp.error <= lamp.tolerance, "{lamp:?}");
    let (position, prediction, _) = facts.prediction.expect("of the newest");
    assert_eq!((position, prediction.came), (last, None));

    // As if it had been run at once; by chunks numbers round in another way.
    let shown = stage.desk().trace().cloned().expect("it is there");
    let mut whole = crate::support::stage(&gpu, session(writing(1, 1)));
    whole.desk().feed(written.clone());
    whole.settle().expect("it runs");
    ask(&mut whole, Intent::SelectToken(Some(last)));
    assert_eq!(ids(&mut whole), written);
    for (a, b) in facts.summary.iter().zip(&whole.desk().facts.summary) {
        assert!((a - b).abs() < 5e-3, "{a} {b}");
    }
    let expected = whole.desk().trace().cloned().expect("it is there");
    let (long, short) = (
        read(&gpu, &shown.contribution),
        read(&gpu, &expected.contribution),
    );
    assert!(shown.room() > written.len());
    for row in 0..64 {
        let long = &long[row * shown.room()..][..written.len()];
        let short = &short[row * expected.room()..][..written.len()];
        let largest = short.iter().copied().fold(0.0, f32::max);
        for (a, b) in long.iter().zip(short) {
            assert!((a - b).abs() < 5e-3 * largest, "{a} {b} of head {row}");
        }
    }
    let drawn = |stage: &mut Stage| {
        ask(stage, Intent::SelectToken(Some(last)));
        ask(stage, Intent::FrameAll);
        stage.frame();
        stage.drawn().expect("it is drawn")
    };
    let (grown, whole) = (drawn(&mut stage), drawn(&mut whole));
    let same = |a: &[u8], b: &[u8]| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) < 40);
    let pixels = grown.pixels.chunks(4).zip(whole.pixels.chunks(4));
    let differ = pixels.filter(|(a, b)| !same(a, b)).count();
    assert!(differ < 480 * 270 / 50, "{differ} pixels differ");
}

#[test]
fn it_goes_back_and_another_way_and_returns() {
    let device = device();
    let gpu = device.gpu.clone();
    for model in ["demo-v6", "demo-v7"] {
        let session = Session {
            model: model.into(),
            ..session(writing(12, 3))
        };
        let mut stage = stage(&gpu, session);
        let prompt = ids(&mut stage);
        ask(&mut stage, Intent::Write(Write::Toggle));
        let first = ids(&mut stage);
        assert_eq!(first.len(), prompt.len() + 12);

        // Back and on again the same way.
        for _ in 0..3 {
            ask(&mut stage, Intent::Write(Write::Back));
        }
        assert_eq!(ids(&mut stage), first[..first.len() - 3]);
        for more in (0..3).rev() {
            ask(&mut stage, Intent::Write(Write::Step));
            assert_eq!(ids(&mut stage), first[..first.len() - more]);
        }

        // Another way from a token within.
        let at = prompt.len() + 4;
        ask(&mut stage, Intent::SelectToken(Some(at)));
        ask(&mut stage, Intent::Write(Write::Branch));
        let other = ids(&mut stage);
        assert_eq!(other.len(), at + 1 + 12);
        assert_eq!(other[..=at], first[..=at]);
        assert_ne!(other[at + 1..first.len()], first[at + 1..]);
        let facts = &stage.desk().facts;
        assert_eq!(facts.session.writing.sampling.seed, 4);
        let [way] = facts.writing.ways.as_slice() else {
            panic!("{:?}", facts.writing.ways)
        };
        assert!(way.starts_with("seed 3: "), "{way}");

        // And to the first again, which is as it was.
        ask(&mut stage, Intent::Write(Write::Return(0)));
        assert_eq!(ids(&mut stage), first);
        let facts = &stage.desk().facts;
        assert_eq!(facts.session.writing.sampling.seed, 3);
        assert!(facts.writing.ways[0].starts_with("seed 4: "));
        ask(&mut stage, Intent::Write(Write::Return(0)));
        assert_eq!(ids(&mut stage), other);

        // Not beyond the first token, and a new run forgets it all.
        for _ in 0..other.len() + 2 {
            stage.desk().ask(Intent::Write(Write::Back));
        }
        stage.settle().expect("it goes back");
        assert_eq!(ids(&mut stage), prompt[..1]);
        ask(&mut stage, Intent::Run);
        assert_eq!(ids(&mut stage), prompt);
        let facts = &stage.desk().facts;
        assert_eq!((facts.writing.from, facts.writing.ways.len()), (None, 0));
    }
}

#[test]
fn a_stop_pauses_it() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut plain = stage(&gpu, session(writing(40, 2)));
    let from = ids(&mut plain).len();
    ask(&mut plain, Intent::Write(Write::Toggle));
    let texts: Vec<String> = plain.desk().facts.tokens[from..]
        .iter()
        .map(|token| token.text.clone())
        .collect();
    // Across two tokens.
    let stop = format!("{}{}", texts[10], texts[11]);
    let begins = |at: usize| texts[..=at].concat().contains(&stop);
    let expected = (0..texts.len())
        .find(|at| begins(*at))
        .expect("it is there");

    let mut stopped = writing(40, 2);
    stopped.stops = vec!["no such text".into(), stop];
    let mut stage = stage(&gpu, session(stopped));
    ask(&mut stage, Intent::Write(Write::Toggle));
    assert_eq!(ids(&mut stage).len(), from + expected + 1);
    let facts = &stage.desk().facts;
    assert_eq!(facts.writing.ended, Some(Ended::Stop));
    // It goes on from there when asked.
    ask(&mut stage, Intent::Write(Write::Step));
    assert_eq!(ids(&mut stage).len(), from + expected + 2);
    assert_eq!(stage.desk().facts.writing.ended, None);
}

/// In every layout, with a passage, the matrix and the sheet of heads open, with interventions on.
#[test]
fn all_else_follows() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut session = session(writing(3, 1));
    session.measure = Measure::Share;
    session.changes = session.changes_toggled(&["ablate L7H1".parse().expect("a change")]);
    let mut stage = stage(&gpu, session);
    let tokens = ids(&mut stage).len();
    ask(&mut stage, Intent::Passage(Some(3..tokens)));
    let head = arclight::lattice::HeadId { layer: 7, head: 2 };
    ask(&mut stage, Intent::Heads(head.into()));
    ask(&mut stage, Intent::Matrix(true));
    ask(&mut stage, Intent::Show(arclight::session::Sheet::Heads));
    for (turn, layout) in [Layout::Rings, Layout::Grid, Layout::Lattice]
        .into_iter()
        .enumerate()
    {
        ask(&mut stage, Intent::Layout(layout));
        ask(&mut stage, Intent::Write(Write::Toggle));
        let tokens = tokens + 3 * (turn + 1);
        assert_eq!(ids(&mut stage).len(), tokens);
        let facts = stage.desk().facts.clone();
        assert_eq!(facts.session.passage, Some(3..tokens));
        assert_eq!(facts.matrix.expect("it is asked for").done, tokens);
        let profiles = facts.atlas.and_then(|atlas| atlas.profiles);
        assert_eq!(profiles.expect("they are there").readers, tokens - 1);
        let changed = facts.changed.expect("one is on");
        let moved = changed.came.expect("it has settled");
        assert_eq!(moved.tokens, tokens - 1);
        stage.drawn().expect("it is drawn");
    }
    // With its own choice of what is selected.
    let follow = Writing {
        follow: false,
        ..writing(3, 1)
    };
    ask(&mut stage, Intent::Writing(follow));
    ask(&mut stage, Intent::SelectToken(Some(5)));
    ask(&mut stage, Intent::Write(Write::Toggle));
    assert_eq!(stage.desk().facts.session.token, Some(5));
    assert_eq!(ids(&mut stage).len(), tokens + 12);
}

#[test]
fn a_question_is_asked_as_the_models_were_taught() {
    let device = device();
    let gpu = device.gpu.clone();
    let chat = Writing {
        chat: true,
        ..writing(3, 1)
    };
    let mut stage = stage(&gpu, session(chat));
    let text = |stage: &mut Stage| -> String {
        let tokens = stage.desk().facts.tokens.clone();
        tokens.iter().map(|token| token.text.as_str()).collect()
    };
    assert_eq!(text(&mut stage), format!("User: {TEXT}\n\nAssistant:"));
    ask(&mut stage, Intent::Writing(writing(3, 1)));
    ask(&mut stage, Intent::Run);
    assert_eq!(text(&mut stage), TEXT);
}

/// A model that cannot be opened leaves nothing to be done, while the run that was asked for after it has only begun.
#[test]
fn a_run_that_has_only_begun_is_not_written_on() {
    let device = device();
    let gpu = device.gpu.clone();
    let mut stage = stage(&gpu, session(writing(2, 1)));
    let prompt = prompt();
    for what in [Write::Branch, Write::Back, Write::Toggle] {
        stage.desk().ask(Intent::Open("/no/such/model.st".into()));
        stage.desk().ask(Intent::Run);
        for _ in 0..40 {
            stage.desk().ask(Intent::Write(what));
            stage.frame();
        }
        stage.desk().ask(Intent::Cancel);
        stage.desk().facts.error = None;
        stage.settle().expect("it goes on");
        assert!(!ids(&mut stage).is_empty());
        ask(&mut stage, Intent::Prompt(TEXT.into()));
        ask(&mut stage, Intent::Run);
        assert_eq!(ids(&mut stage), prompt);
    }
}
