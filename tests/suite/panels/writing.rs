//! Writing on: buttons beside Run, and how it is done.

use arclight::{
    inference::{Ended, Sampling},
    overlay::{Facts, WritingFacts},
    session::{Intent, Write, Writing},
};

use super::stage::{Stage, TEXT, opened, ran};

fn written(writing: WritingFacts) -> Facts {
    let mut facts = ran(TEXT);
    facts.writing = writing;
    facts
}

#[test]
fn a_run_is_written_on_and_back() {
    let mut stage = Stage::new(ran(TEXT));
    for (button, what) in [
        ("Write the text on (Enter)", Write::Toggle),
        ("One token less (,)", Write::Back),
        ("One token more (.)", Write::Step),
    ] {
        assert_eq!(stage.click(button), [Intent::Write(what)]);
    }
    // Without a run there is nothing to write on.
    assert!(!Stage::new(opened()).sees("Write the text on (Enter)"));
    let mut facts = ran(TEXT);
    facts.opened = Some("a trace".into());
    assert!(!Stage::new(facts).sees("Write the text on (Enter)"));
}

#[test]
fn what_came_of_it_is_told() {
    let from = Some(ran(TEXT).tokens.len() - 5);
    let goes_on = WritingFacts {
        from,
        goes_on: true,
        ..WritingFacts::default()
    };
    let mut stage = Stage::new(written(goes_on));
    stage.assert_sees(&["5 written · seed 0"]);
    assert_eq!(
        stage.click("Write no further (Enter)"),
        [Intent::Write(Write::Toggle)]
    );
    for (ended, said) in [
        (Ended::EndOfText, "the model ends the text here"),
        (Ended::Stop, "paused at a stop"),
    ] {
        let facts = WritingFacts {
            from,
            ended: Some(ended),
            ..WritingFacts::default()
        };
        Stage::new(written(facts)).assert_sees(&[said]);
    }
}

#[test]
fn how_it_is_written_is_chosen() {
    let ways = WritingFacts {
        ways: vec!["seed 7: another way".into()],
        ..WritingFacts::default()
    };
    let mut facts = written(ways);
    facts.session.writing.sampling = Sampling {
        temperature: 1.25,
        seed: 12,
        ..Sampling::default()
    };
    let mut stage = Stage::new(facts.clone());
    assert!(stage.click("How").is_empty());
    stage.assert_sees(&[
        "temperature",
        "top-p",
        "presence",
        "frequency",
        "tokens a second",
        "pause at",
    ]);
    let mut chosen = facts.session.writing.clone();
    chosen.follow = false;
    assert_eq!(
        stage.click("follow the newest token (Q)"),
        [Intent::Writing(chosen)]
    );
    let chat = Writing {
        chat: true,
        ..facts.session.writing
    };
    assert_eq!(
        stage.click("ask the prompt as a question"),
        [Intent::Writing(chat)]
    );
    assert_eq!(
        stage.click("seed 7: another way"),
        [Intent::Write(Write::Return(0))]
    );
    assert!(stage.click("How").is_empty());
    assert_eq!(
        stage.click("Another way from here"),
        [Intent::Write(Write::Branch)]
    );
}
