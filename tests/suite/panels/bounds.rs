//! Whatever is asked for, the selection is one that exists.

use std::ops::Range;

use arclight::{
    lattice::{HeadId, Layout, Shape},
    model::{Quantisation, Version},
    score::{EXPOSURE, Filter, Measure, Scale},
    session::{Intent, Session, TextOption},
};
use proptest::prelude::*;

fn any_head() -> impl Strategy<Value = HeadId> {
    (0usize..9, 0usize..9).prop_map(|(layer, head)| HeadId { layer, head })
}

fn any_passage() -> impl Strategy<Value = Range<usize>> {
    (0usize..40, 0usize..9).prop_map(|(start, length)| start..start + length)
}

fn any_step() -> impl Strategy<Value = isize> {
    prop_oneof![-12isize..12, Just(isize::MIN), Just(isize::MAX)]
}

fn any_intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        prop::option::of(prop_oneof![0usize..40, Just(usize::MAX)]).prop_map(Intent::SelectToken),
        prop::collection::btree_set(any_head(), 0..5)
            .prop_map(|heads| Intent::Heads(heads.into_iter().collect())),
        any_head().prop_map(Intent::ToggleHead),
        prop::option::of(any_passage()).prop_map(Intent::Passage),
        any_passage().prop_map(Intent::Fold),
        (0usize..40).prop_map(Intent::Unfold),
        prop::sample::select(&Layout::ALL[..]).prop_map(Intent::Layout),
        any::<f32>().prop_map(Intent::Exposure),
        any::<bool>().prop_map(Intent::Sort),
        Just(Intent::Back),
        any_step().prop_map(Intent::StepToken),
        any_step().prop_map(Intent::StepLayer),
        any_step().prop_map(Intent::StepHead),
        prop::sample::select(Measure::all(Version::V7)).prop_map(Intent::Measure),
        (0.1f32..9.0).prop_map(|full| Intent::Scale(Scale::Fixed(full))),
        (1u32..99).prop_map(|count| Intent::Filter(Filter::TopK(count))),
        Just(Intent::Prompt("A cat".into())),
        Just(Intent::Run),
        Just(Intent::Cancel),
        Just(Intent::Open("demo-v7".into())),
        (0usize..9, 0usize..9).prop_map(|(int8, nf4)| Intent::Quantise(Quantisation { int8, nf4 })),
        Just(Intent::FrameAll),
        Just(Intent::FocusSelection),
        Just(Intent::ToggleOverlay),
        any::<bool>().prop_map(Intent::Matrix),
        prop::sample::select(&TextOption::ALL[..]).prop_map(Intent::ToggleText),
        Just(Intent::DismissError),
    ]
}

fn any_shape() -> impl Strategy<Value = Shape> {
    (0usize..20, 0usize..7, 0usize..3, 0usize..7).prop_map(
        |(tokens, layers, first_layer, heads)| Shape {
            tokens,
            layers,
            first_layer,
            heads,
            unit: arclight::model::Unit::Head,
        },
    )
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
            if let Some(shape @ Shape { tokens, .. }) = shape {
                prop_assert!(session.token.is_none_or(|token| token < tokens), "{intent:?}: {session:?}");
                let inside = |head: HeadId| shape.has(head);
                prop_assert!(session.heads.named().all(inside), "{intent:?}: {session:?}");
                let within = |passage: &Range<usize>| passage.start < passage.end && passage.end <= tokens;
                prop_assert!(session.passage.iter().all(within), "{intent:?}: {session:?}");
                prop_assert!(session.folds.iter().all(within), "{intent:?}: {session:?}");
                let apart = session.folds.windows(2).all(|pair| pair[0].end < pair[1].start);
                prop_assert!(apart, "{intent:?}: {session:?}");
                let folded = |token: usize| session.folds.iter().any(|fold| fold.contains(&token));
                prop_assert!(!session.token.is_some_and(folded), "{intent:?}: {session:?}");
                prop_assert!(EXPOSURE.contains(&session.exposure), "{intent:?}: {session:?}");
            }
        }
    }
}
