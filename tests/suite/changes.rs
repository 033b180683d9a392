//! Interventions against the float64 model that is computed anew without what they take away.

use arclight::{
    change::{Change, Cut, Knockout, NoSuchChange, Place, Scale},
    inference::{Chunk, InferenceError, Model, RunOptions, Shift},
    trace::{Precision, Trace, Window},
};

use crate::{
    older,
    reference::{
        Forward, Version, change::Change as Reference, demo, forward, forward_changed,
        weights::Weights,
    },
    support::{assert_close, captured_tokens, close, device, small::Kind},
};

fn at(layer: usize, head: usize) -> Place {
    Place {
        layer: Some(layer),
        head: Some(head),
    }
}

/// The same for the program and for the reference, by name.
fn changes(weights: &Weights, whole: &Forward) -> Vec<(&'static str, Vec<Change>, Reference)> {
    let (version, heads) = (weights.version(), weights.heads());
    let last = weights.layer_count() - 1;
    let layer = |layer| (0..heads).map(move |head| (layer, head));
    let of_layer = |layer| Place {
        layer: Some(layer),
        head: None,
    };
    let mut all = vec![
        (
            "ablated",
            vec![Change::Scale(Scale::ablate(at(last, 1)))],
            Reference {
                scale: vec![((last, 1), 0.0)],
                ..Reference::default()
            },
        ),
        (
            "a layer scaled, a head of it twice",
            vec![
                Change::Scale(Scale {
                    place: of_layer(1),
                    factor: 0.5,
                }),
                Change::Scale(Scale {
                    place: at(1, 0),
                    factor: -3.0,
                }),
            ],
            Reference {
                scale: layer(1)
                    .map(|it| (it, 0.5))
                    .chain([((1, 0), -3.0)])
                    .collect(),
                ..Reference::default()
            },
        ),
    ];
    let mean = |head: usize| {
        let (width, size) = (whole.width, whole.head_size);
        let z = &whole.layers[1].z;
        let tokens = z.len() / width;
        let channel = |at| (0..tokens).map(move |token| z[token * width + head * size + at]);
        (0..size)
            .map(|at| channel(at).sum::<f64>() / tokens as f64)
            .collect()
    };
    all.push((
        "to their mean, one doubled",
        vec![
            Change::Mean(at(1, 0)),
            Change::Mean(at(1, 1)),
            Change::Scale(Scale {
                place: at(1, 1),
                factor: 2.0,
            }),
        ],
        Reference {
            fixed: (0..2).map(|head| ((1, head), mean(head))).collect(),
            scale: vec![((1, 1), 2.0)],
            ..Reference::default()
        },
    ));
    // A self arc, some within a chunk and over two chunks, half of all of a reader in every head of a layer, and one in a
    // later layer of that reader.
    let mut arcs = vec![(5, 5, (0, 1)), (20, 13, (1, 0)), (34, 0, (last, 1))];
    arcs.extend(layer(1).flat_map(|head| (17..35).map(move |writer| (34, writer, head))));
    let cut = |(reader, writer, (layer, head))| {
        Change::Cut(Cut {
            reader,
            writer,
            layer,
            head,
        })
    };
    // What is cut twice is cut once.
    let cuts: Vec<_> = arcs.iter().chain(&arcs[..1]).copied().map(cut).collect();
    all.push((
        "arcs cut",
        cuts.clone(),
        Reference {
            cut: arcs.clone(),
            ..Reference::default()
        },
    ));
    all.push((
        "arcs cut, a head scaled before them",
        [Change::Scale(Scale {
            place: at(0, 0),
            factor: -2.0,
        })]
        .into_iter()
        .chain(cuts)
        .collect(),
        Reference {
            cut: arcs,
            scale: vec![((0, 0), -2.0)],
            ..Reference::default()
        },
    ));
    if version != Version::V4 {
        let out = |token, place| Change::Knockout(Knockout { token, place });
        let silent = [(0, (0, 1)), (33, (1, 0))];
        let everywhere = (0..=last).flat_map(layer).map(|head| (34, head));
        let of_one = layer(1).map(|head| (7, head));
        all.push((
            "tokens knocked out",
            vec![
                out(0, at(0, 1)),
                out(33, at(1, 0)),
                out(34, Place::default()),
                out(7, of_layer(1)),
            ],
            Reference {
                silent: silent.into_iter().chain(everywhere).chain(of_one).collect(),
                ..Reference::default()
            },
        ));
    }
    if matches!(version, Version::V6 | Version::V7) {
        all.push((
            "nothing forgotten",
            vec![
                Change::NoForgetting(at(6, 1)),
                Change::NoForgetting(of_layer(2)),
                Change::NoForgetting(of_layer(7)),
            ],
            Reference {
                lasting: layer(2).chain(layer(7)).chain([(6, 1)]).collect(),
                ..Reference::default()
            },
        ));
    }
    if version == Version::V7 {
        all.push((
            "nothing erased",
            vec![Change::NoErasing(Place::default())],
            Reference {
                unerased: (0..=last).flat_map(layer).collect(),
                ..Reference::default()
            },
        ));
    }
    all
}

/// Whole logits and the predictions of a run, over two boundaries between chunks.
fn agree(model: &Model, weights: &Weights, tokens: &[u32], tolerance: f64) {
    let version = weights.version();
    let whole = forward(weights, tokens);
    let untouched = whole.logits.concat();
    for (name, changes, reference) in changes(weights, &whole) {
        let what = format!("{version:?}, {name}");
        let expected = forward_changed(weights, tokens, &[], &reference).logits;
        let trace = model.trace(tokens.to_vec()).expect("there is room");
        let found = model.logits_of(&trace, &changes).expect("it runs");
        let off = assert_close(&found.concat(), &expected.concat(), tolerance, &what);
        // It changes far more than that.
        let moved = close(&found.concat(), &untouched, f64::INFINITY).expect("finite numbers");
        println!("{what}: off by {off:.1e}, of {moved:.1e}");
        assert!(moved > 10.0 * off, "{what}: off by {off}, of {moved}");

        let options = RunOptions {
            chunk: Chunk::Of(32),
            changes: changes.clone(),
            ..RunOptions::default()
        };
        let never = std::sync::atomic::AtomicBool::new(false);
        model
            .run(&trace, &options, &never, |_| {})
            .expect("it runs");
        for (token, logits) in expected.iter().enumerate() {
            let prediction = trace.prediction(token).expect("it is there");
            let best = &prediction.top[0];
            let largest = logits.iter().copied().fold(f64::MIN, f64::max);
            let scale = logits.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
            let own = logits[best.id as usize];
            assert!(
                (own - largest).abs() <= tolerance * scale,
                "{what}, token {token}"
            );
            let logit = f64::from(best.logit);
            assert!(
                (logit - own).abs() <= tolerance * scale,
                "{what}, token {token}"
            );
        }
    }
    // Nothing of it stays.
    let again = model.logits(tokens).expect("it runs");
    assert_close(
        &again.concat(),
        &untouched,
        tolerance,
        format!("{version:?} afterwards"),
    );
}

#[test]
fn what_is_taken_away_is_not_there_v6_v7() {
    let tokens = captured_tokens();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let model = device.demo(version, Precision::F32);
        agree(model, demo::weights(version), &tokens, 2e-3);
    }
}

#[test]
fn nor_is_it_in_older_models() {
    let tokens = older::tokens();
    for kind in [Kind::V4, Kind::V51, Kind::V52] {
        let device = device();
        let model = older::load(&device.gpu, kind, Precision::F32);
        agree(&model, &older::weights(kind), &tokens, 1e-3);
    }
}

/// What comes before a window goes into what a head holds, and so do states.
#[test]
fn an_arc_is_cut_in_a_window_as_in_the_whole_text() {
    let tokens = demo::random_tokens(8, 40, 8192);
    let tail = tokens[25..].to_vec();
    for version in [Version::V6, Version::V7] {
        let mut device = device();
        let model = device.demo(version, Precision::F32);
        let cut = |first: usize| {
            let arcs = [(39, 38), (39, 30), (31, 31), (36, 29)];
            let heads = arcs
                .iter()
                .flat_map(|arc| (0..8).map(move |head| (arc, head)));
            let cuts = heads.map(|((reader, writer), head)| {
                Change::Cut(Cut {
                    reader: reader - first,
                    writer: writer - first,
                    layer: 6,
                    head,
                })
            });
            cuts.collect::<Vec<_>>()
        };
        let of = |trace: std::sync::Arc<Trace>, changes: &[Change]| {
            let all = model.logits_of(&trace, changes).expect("it runs");
            all[all.len() - tail.len()..].concat()
        };
        let trace =
            |part: Option<Window>| model.trace_of(tokens.clone(), part).expect("there is room");
        let window = "25:".parse::<Window>().expect("a window");
        let doubles = |numbers: Vec<f32>| numbers.into_iter().map(f64::from).collect::<Vec<_>>();
        let whole = doubles(of(trace(None), &cut(0)));
        // The window's first token stands for what came before.
        let windowed = of(trace(Some(window)), &cut(24));
        let off = assert_close(&windowed, &whole, 1e-3, format!("{version:?}"));
        let untouched = of(trace(None), &[]);
        let moved = close(&untouched, &whole, f64::INFINITY).expect("finite numbers");
        println!("{version:?}: off by {off:.1e}, of {moved:.1e}");
        assert!(moved > 10.0 * off, "off by {off}, of {moved}");

        let before = [Change::Cut(Cut {
            reader: 4,
            writer: 0,
            layer: 6,
            head: 0,
        })];
        let refused = model.logits_of(&trace(Some(window)), &before);
        assert!(refused.is_err(), "the token before the window has no write");
    }
}

/// Random tokens twice: the second time only looking back tells what comes.
#[test]
fn without_its_induction_heads_a_model_does_not_copy() {
    const COUNT: usize = 48;
    let mut tokens = demo::random_tokens(3, COUNT, 8192);
    tokens.extend_from_within(..);
    let mut device = device();
    let model = device.demo(Version::V7, Precision::F16);
    let mut loss = |heads: [usize; 3]| {
        let changes = heads.map(|head| Change::Scale(Scale::ablate(at(7, head))));
        let trace = model.trace(tokens.clone()).expect("there is room");
        let changes = if heads == [0; 3] { &[][..] } else { &changes };
        let logits = model.logits_of(&trace, changes).expect("it runs");
        let nats = (COUNT..2 * COUNT - 1).map(|token| {
            let shift = Shift::of(&logits[token], &logits[token], Some(tokens[token + 1]));
            shift.expect("one").came.expect("one came")[0].surprise
        });
        nats.sum::<f64>() / (COUNT - 1) as f64
    };
    let whole = loss([0; 3]);
    // Those of the card, and all that are disjoint from them and from each other.
    let without = loss([1, 2, 5]);
    let others = [[0, 3, 4], [3, 6, 7], [0, 4, 6], [4, 6, 7]].map(&mut loss);
    println!(
        "second copy: {whole:.3} nats a token, {without:.3} without L7 H1 H2 H5, {others:.3?} without others"
    );
    for other in others {
        assert!(
            without - whole > 5.0 * (other - whole),
            "{whole}, {without}, {other}"
        );
    }
    assert!(without > whole + 0.5, "{whole}, {without}");
}

/// What a trial says is what the logits say; a window's too, and no more than the text is asked of it.
#[test]
fn a_trial_tells_means_over_the_text() {
    let mut device = device();
    let model = device.demo(Version::V6, Precision::F32);
    let tokens = demo::random_tokens(5, 30, 8192);
    let window = "-20:".parse::<Window>().expect("a window");
    for (trace, count) in [
        (model.trace(tokens.clone()), 29),
        (model.trace_of(tokens.clone(), Some(window)), 19),
    ] {
        let trace = trace.expect("there is room");
        let places = [at(6, 5), at(6, 0)];
        let never = std::sync::atomic::AtomicBool::new(false);
        let trial = model
            .try_without(&trace, &places, &Chunk::Of(8), &never)
            .expect("it runs");
        assert_eq!((trial.tokens, trial.effects.len()), (count, 2));
        let own = &trace.tokens[trace.first()..];
        let before = model.logits_of(&trace, &[]).expect("it runs");
        for (effect, place) in trial.effects.iter().zip(places) {
            assert_eq!(effect.place, place);
            let changes = [Change::Scale(Scale::ablate(place))];
            let after = model.logits_of(&trace, &changes).expect("it runs");
            let shifts = (0..count).map(|at| {
                Shift::of(&before[at], &after[at], Some(own[at + 1])).expect("one vocabulary")
            });
            let (mut sums, mut kl) = ([0.0; 2], 0.0);
            for shift in shifts {
                let [without, with] = shift.came.expect("one came");
                sums = [sums[0] + without.surprise, sums[1] + with.surprise];
                kl += shift.kl;
            }
            let close = |found: f64, sum: f64| (found - sum / count as f64).abs() < 1e-9;
            assert!(close(trial.surprise, sums[0]) && close(effect.surprise, sums[1]));
            assert!(close(effect.kl, kl) && effect.kl > 1e-5);
        }
        // It can be ended.
        let cancelled = std::sync::atomic::AtomicBool::new(true);
        assert!(
            model
                .try_without(&trace, &places, &Chunk::Of(8), &cancelled)
                .is_err()
        );
    }
}

#[test]
fn what_cannot_be_changed_is_refused() {
    let mut device = device();
    let model = device.demo(Version::V6, Precision::F32);
    let trace = model.trace(vec![1, 2, 3]).expect("there is room");
    let refused = |change: Change| match model.logits_of(&trace, &[change]) {
        Err(InferenceError::Change(error)) => error,
        other => panic!("{other:?}"),
    };
    for place in [at(8, 0), at(0, 8)] {
        let error = refused(Change::Scale(Scale::ablate(place)));
        assert!(matches!(error, NoSuchChange::Place { .. }), "{error}");
        assert!(
            error.to_string().contains("layers 0 to 7 of heads 0 to 7"),
            "{error}"
        );
    }
    let token = 3;
    let place = Place::default();
    let error = refused(Change::Knockout(Knockout { token, place }));
    assert_eq!(
        error.to_string(),
        "knockout 3 cannot be done: the text's last token is 2"
    );
    let error = refused(Change::NoErasing(place));
    assert!(error.to_string().contains("only RWKV-7 erases"), "{error}");
}
