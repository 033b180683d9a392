//! Whatever is asked for, the selection is one that exists.

use arclight::{
    lattice::{HeadId, Shape},
    model::Quantisation,
    score::{Filter, Measure, Scale},
    session::{Intent, Session},
};
use proptest::prelude::*;

fn any_head() -> impl Strategy<Value = HeadId> {
    (0usize..9, 0usize..9).prop_map(|(layer, head)| HeadId { layer, head })
}

fn any_step() -> impl Strategy<Value = isize> {
    prop_oneof![-12isize..12, Just(isize::MIN), Just(isize::MAX)]
}

fn any_intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        prop::option::of(prop_oneof![0usize..40, Just(usize::MAX)]).prop_map(Intent::SelectToken),
        prop::option::of(any_head()).prop_map(Intent::SoloHead),
        Just(Intent::Back),
        any_step().prop_map(Intent::StepToken),
        any_step().prop_map(Intent::StepLayer),
        any_step().prop_map(Intent::StepHead),
        prop::sample::select(&Measure::ALL[..]).prop_map(Intent::Measure),
        prop::sample::select(&Scale::ALL[..]).prop_map(Intent::Scale),
        (1u32..99).prop_map(|count| Intent::Filter(Filter::TopK(count))),
        Just(Intent::Prompt("A cat".into())),
        Just(Intent::Run),
        Just(Intent::Cancel),
        Just(Intent::Open("demo-v7".into())),
        (0usize..9, 0usize..9).prop_map(|(int8, nf4)| Intent::Quantise(Quantisation { int8, nf4 })),
        Just(Intent::FrameAll),
        Just(Intent::FocusSelection),
        Just(Intent::ToggleOverlay),
        Just(Intent::DismissError),
    ]
}

fn any_shape() -> impl Strategy<Value = Shape> {
    (0usize..20, 0usize..7, 0usize..7).prop_map(|(tokens, layers, heads)| Shape {
        tokens,
        layers,
        heads,
    })
}

proptest! {
    /// Runs change the shape in between; before the first there is none.
    #[test]
    fn any_intents_leave_the_selection_inside(
        steps in prop::collection::vec((any_intent(), prop::option::of(any_shape())), 1..60),
    ) {
        let mut session = Session::default();
        let mut shape = None;
        for (intent, next) in steps {
            shape = next.or(shape);
            session.apply(&intent, shape);
            if let Some(Shape { tokens, layers, heads }) = shape {
                prop_assert!(session.token.is_none_or(|token| token < tokens), "{intent:?}: {session:?}");
                let inside = |head: HeadId| head.layer < layers && head.head < heads;
                prop_assert!(session.head.is_none_or(inside), "{intent:?}: {session:?}");
            }
        }
    }
}
