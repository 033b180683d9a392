use super::*;

const SHAPE: Option<Shape> = Some(Shape {
    tokens: 10,
    layers: 4,
    first_layer: 0,
    heads: 3,
    unit: crate::model::Unit::Head,
});

fn after(intents: &[Intent]) -> Session {
    let mut session = Session::default();
    for intent in intents {
        session.apply(intent, SHAPE);
    }
    session
}

#[test]
fn back_goes_from_head_to_token_to_nothing() {
    let head = HeadId { layer: 1, head: 2 };
    let mut session = after(&[Intent::SelectToken(Some(4)), Intent::Heads(head.into())]);
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.heads.is_all()), (Some(4), true));
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.heads.is_all()), (None, true));
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.heads.is_all()), (None, true));
}

#[test]
fn steps_stay_inside() {
    assert_eq!(after(&[Intent::StepToken(1)]).token, Some(0));
    assert_eq!(after(&[Intent::StepToken(-1)]).token, Some(9));
    assert_eq!(
        after(&[Intent::SelectToken(Some(9)), Intent::StepToken(5)]).token,
        Some(9)
    );
    let session = after(&[
        Intent::StepLayer(1),
        Intent::StepLayer(9),
        Intent::StepHead(-1),
    ]);
    assert_eq!(session.heads.single(), Some(HeadId { layer: 3, head: 0 }));
}

#[test]
fn a_selection_outside_a_new_shape_is_brought_in() {
    let mut session = after(&[
        Intent::SelectToken(Some(9)),
        Intent::Heads(HeadId { layer: 3, head: 2 }.into()),
    ]);
    session.apply(
        &Intent::FrameAll,
        Some(Shape {
            tokens: 3,
            layers: 2,
            first_layer: 0,
            heads: 3,
            unit: crate::model::Unit::Head,
        }),
    );
    assert_eq!((session.token, session.heads.is_all()), (Some(2), true));
}

#[test]
fn a_session_survives_serialisation() {
    let session = after(&[
        Intent::SelectToken(Some(4)),
        Intent::Measure(Measure::Share),
        Intent::Filter(Filter::TopK(3)),
        Intent::Scale(Scale::Global),
        Intent::ToggleText(TextOption::Words),
        Intent::ToggleText(TextOption::Surprise),
    ]);
    assert!(session.text.words && session.text.surprise && !session.text.whitespace);
    let text = serde_json::to_string(&session).expect("plain data");
    assert_eq!(
        serde_json::from_str::<Session>(&text).expect("own output"),
        session
    );
}

#[test]
fn back_leaves_a_passage_before_the_selection() {
    let mut session = after(&[Intent::SelectToken(Some(4)), Intent::Passage(Some(2..6))]);
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, &session.passage), (Some(4), &None));
}

#[test]
fn steps_stay_inside_the_passage_and_leap_over_folds() {
    let mut session = after(&[Intent::Passage(Some(2..6)), Intent::StepToken(-1)]);
    assert_eq!(session.token, Some(5));
    session.apply(&Intent::StepToken(3), SHAPE);
    assert_eq!(session.token, Some(5));
    let mut session = after(&[Intent::SelectToken(Some(2)), Intent::Fold(3..6)]);
    session.apply(&Intent::StepToken(1), SHAPE);
    assert_eq!(session.token, Some(6));
    session.apply(&Intent::StepToken(-1), SHAPE);
    assert_eq!(session.token, Some(2));
}

#[test]
fn folds_that_touch_become_one_and_a_selected_token_is_never_folded() {
    let mut session = after(&[Intent::Fold(1..3), Intent::Fold(6..8), Intent::Fold(3..5)]);
    assert_eq!(session.folds, [1..5, 6..8]);
    assert!(!session.shows_token(4) && session.shows_token(5));
    session.apply(&Intent::SelectToken(Some(7)), SHAPE);
    assert_eq!(session.folds.first(), Some(&(1..5)));
    assert_eq!(session.folds.len(), 1);
}

#[test]
fn a_text_option_asked_for_twice_is_as_it_was() {
    for option in TextOption::ALL {
        let once = after(&[Intent::ToggleText(option)]);
        for other in TextOption::ALL {
            assert_eq!(once.text.has(other), other == option);
        }
        let twice = after(&[Intent::ToggleText(option), Intent::ToggleText(option)]);
        assert_eq!(twice, Session::default());
    }
}

#[test]
fn loras_are_of_the_model_they_were_given_with() {
    let lora = vec![Lora::from("tuned.pth=32")];
    let open = |model: &str| Intent::Open(model.to_owned());
    let mut session = after(&[open("demo-v7"), Intent::Lora(lora.clone())]);
    session.apply(&open("demo-v7"), SHAPE);
    assert_eq!(session.lora, lora);
    session.apply(&open("demo-v6"), SHAPE);
    assert!(session.lora.is_empty());
}
