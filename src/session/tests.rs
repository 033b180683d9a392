use super::*;

const SHAPE: Option<Shape> = Some(Shape {
    tokens: 10,
    layers: 4,
    heads: 3,
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
    let mut session = after(&[Intent::SelectToken(Some(4)), Intent::SoloHead(Some(head))]);
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.head), (Some(4), None));
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.head), (None, None));
    session.apply(&Intent::Back, SHAPE);
    assert_eq!((session.token, session.head), (None, None));
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
    assert_eq!(session.head, Some(HeadId { layer: 3, head: 0 }));
}

#[test]
fn a_selection_outside_a_new_shape_is_brought_in() {
    let mut session = after(&[
        Intent::SelectToken(Some(9)),
        Intent::SoloHead(Some(HeadId { layer: 3, head: 2 })),
    ]);
    session.apply(
        &Intent::FrameAll,
        Some(Shape {
            tokens: 3,
            layers: 2,
            heads: 3,
        }),
    );
    assert_eq!((session.token, session.head), (Some(2), None));
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
