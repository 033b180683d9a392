//! Interventions in the window: they are part of the session, and what they do is shown.

use arclight::{
    app::{Picture, Stage},
    inference::Moved,
    session::{Intent, Session},
};

use crate::support::{close, device, read, stage};

const TEXT: &str = "The small grey cat saw the small grey dog, and the small grey dog saw the cat.";

fn with(changes: &[(&str, bool)]) -> Session {
    let mut session = Session {
        model: "demo-v7".into(),
        prompt: TEXT.into(),
        bare: true,
        ..Session::default()
    };
    for (change, on) in changes {
        let change = change.parse().expect("a change");
        session
            .changes
            .extend(session.changes_toggled(&[change]).pop());
        session.changes.last_mut().expect("it is there").on = *on;
    }
    session
}

fn moved(stage: &mut Stage) -> Moved {
    let changed = stage.desk().facts.changed.clone().expect("some are on");
    assert_eq!(changed.refused, None);
    Moved::clone(&changed.came.expect("it has settled"))
}

fn drawn(stage: &Stage) -> Picture {
    stage.drawn().expect("it is drawn")
}

#[test]
fn what_they_change_is_shown() {
    let device = device();
    let gpu = device.gpu.clone();
    let plain_stage = stage(&gpu, with(&[]));
    let mut stage = stage(&gpu, with(&[("ablate L7H1", true), ("knockout 3", false)]));
    let came = moved(&mut stage);
    let trace = stage.desk().trace().cloned().expect("it has run");
    let tokens = trace.tokens.len();
    assert_eq!(
        (came.tokens, came.first, came.shifts.len()),
        (tokens - 1, 0, tokens)
    );
    assert!(came.kl > 1e-4, "{came:?}");

    // Nothing but the last layer's head that is left out adds anything else, and that adds nothing.
    let norms = read(&gpu, &trace.contribution);
    let own = &norms[(7 * 8 + 1) * tokens..][..tokens];
    let largest = own.iter().copied().fold(0.0, f32::max);
    let contributions = stage.desk().facts.contributions.clone();
    assert!(close(&[contributions.largest], &[f64::from(largest)], 1e-6).is_ok());
    for (row, of_head) in contributions.statistics.iter().enumerate() {
        let is_changed = of_head.iter().any(|number| *number != 0.0);
        assert_eq!(is_changed, row == 7 * 8 + 1, "row {row}");
    }
    let difference = drawn(&stage);
    assert!(difference != drawn(&plain_stage));
    stage.desk().ask(Intent::Difference(false));
    stage.settle().expect("it is shown");
    assert!(
        drawn(&stage) == drawn(&plain_stage),
        "what heads add is drawn as without"
    );

    // Another one on: another answer. All off: none.
    let mut list = stage.desk().facts.session.changes.clone();
    list[1].on = true;
    stage.desk().ask(Intent::Changes(list.clone()));
    stage.settle().expect("it is read again");
    assert_ne!(moved(&mut stage), came);
    list.iter_mut().for_each(|own| own.on = false);
    stage.desk().ask(Intent::Changes(list));
    stage.settle().expect("it is shown");
    assert_eq!(stage.desk().facts.changed, None);
    stage.desk().ask(Intent::Undo);
    stage.desk().ask(Intent::Undo);
    stage.settle().expect("it is read again");
    assert_eq!(moved(&mut stage), came);
}

#[test]
fn what_is_expected_with_them_is_told_beside() {
    let device = device();
    let mut session = with(&[("ablate L7", true), ("cut 9:4@L2H3", true)]);
    session.token = Some(9);
    let mut stage = stage(&device.gpu.clone(), session);
    let came = moved(&mut stage);
    let facts = stage.desk().facts.clone();
    let (_, before, _) = facts.prediction.expect("of the selected token");
    let changed = facts.changed.expect("some are on");
    let (at, after, texts) = changed.expected.expect("of the same one");
    assert_eq!((at, texts.len()), (9, after.top.len()));
    let [without, with] = came.shift(9).expect("it is kept").came.expect("one came");
    for (prediction, standing) in [(before, without), (after, with)] {
        let next = facts.tokens[10].id;
        let own = prediction.top.iter().find(|top| top.id == next);
        let own = own.map(|top| f64::from(top.probability));
        assert!(own.is_none_or(|own| (own - standing.prob).abs() < 1e-3));
        let surprise = f64::from(prediction.surprise().expect("one came"));
        assert!((surprise - standing.surprise).abs() < 1e-2 * surprise.max(1.0));
    }
    assert!((with.surprise - without.surprise).abs() > 1e-3);
}

#[test]
fn what_cannot_be_done_is_said_and_the_text_stays() {
    let device = device();
    let mut stage = stage(&device.gpu.clone(), with(&[("knockout 999", true)]));
    let facts = stage.desk().facts.clone();
    let refused = facts
        .changed
        .expect("one is on")
        .refused
        .expect("it is refused");
    assert!(refused.contains("the text's last token is"), "{refused}");
    assert_eq!(facts.error, None);
    assert!(stage.desk().trace().is_some());
}
