//! The reference against itself, against cases worked by hand, and against the demo models' card.

use std::collections::BTreeMap;
use std::iter::zip;

use crate::reference::{
    Activations, Forward, Version, demo, forward, ops,
    scores::{attention, contribution_norm, share, wk_norm},
    v7,
};

const VOCABULARY: u32 = 8192;

/// Seeds of the random passages whose figures are averaged: one passage alone may be far off.
const SEEDS: std::ops::Range<u64> = 0..4;

fn run(version: Version, tokens: &[u32]) -> Forward {
    forward(demo::weights(version), tokens)
}

fn repeated(mut tokens: Vec<u32>) -> Vec<u32> {
    tokens.extend_from_within(..);
    tokens
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// ‖a − b‖ / ‖b‖.
fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let difference: Vec<f64> = zip(a, b).map(|(a, b)| a - b).collect();
    ops::norm(&difference) / ops::norm(b)
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-12,
        "{what}: {found}, not {expected}"
    );
}

/// `[T][C]` of Σ_s A[t][s] v_s, every head in its place.
fn read_by_attention(forward: &Forward, layer: &Activations) -> Vec<f64> {
    let mut y = vec![0.0; layer.y.len()];
    for head in 0..forward.heads {
        let scores = attention(
            layer,
            forward.heads,
            forward.head_size,
            forward.version,
            head,
        );
        let columns = head * forward.head_size..(head + 1) * forward.head_size;
        for (y, scores) in zip(y.chunks_exact_mut(forward.width), scores) {
            for (score, v) in zip(scores, layer.v.chunks_exact(forward.width)) {
                for (y, v) in zip(&mut y[columns.clone()], &v[columns.clone()]) {
                    *y += score * v;
                }
            }
        }
    }
    y
}

fn attention_rebuilds_the_output(version: Version) {
    let forward = run(version, &demo::random_tokens(1, 40, VOCABULARY));
    let mut worst = 0.0_f64;
    for (index, layer) in forward.layers.iter().enumerate() {
        assert!(
            layer.w.iter().all(|w| (0.0..1.0).contains(w)),
            "layer {index}: a decay outside of (0, 1)"
        );
        let y = read_by_attention(&forward, layer);
        let heads = zip(
            y.chunks_exact(forward.head_size),
            layer.y.chunks_exact(forward.head_size),
        );
        for (at, (found, expected)) in heads.enumerate() {
            let (t, head) = (at / forward.heads, at % forward.heads);
            let error = relative_error(found, expected);
            assert!(
                error < 1e-9,
                "L{index} H{head}, token {t}: off by {error:e}"
            );
            worst = worst.max(error);
        }

        let mut x = ops::group_norm(&y, forward.head_size, &layer.gamma, &layer.beta);
        if version == Version::V7 {
            let size = forward.head_size;
            ops::add(
                &mut x,
                &v7::bonus(&layer.r, &layer.k, &layer.v, &layer.r_k, size),
            );
        }
        let error = relative_error(&x, &layer.x);
        assert!(
            error < 1e-9,
            "layer {index} after GroupNorm: off by {error:e}"
        );
    }
    println!("{version:?}: largest relative error {worst:e}");
}

#[test]
fn attention_rebuilds_the_output_v6() {
    attention_rebuilds_the_output(Version::V6);
}

#[test]
fn attention_rebuilds_the_output_v7() {
    attention_rebuilds_the_output(Version::V7);
}

fn shares_sum_to_one(version: Version) {
    let forward = run(version, &demo::random_tokens(2, 24, VOCABULARY));
    for (index, layer) in forward.layers.iter().enumerate() {
        for head in 0..forward.heads {
            let shares = share(layer, forward.heads, forward.head_size, version, head);
            for (t, row) in shares.iter().enumerate() {
                let sum: f64 = row.iter().sum();
                assert!(
                    (sum - 1.0).abs() < 1e-9,
                    "L{index} H{head}, token {t}: {sum}"
                );
                assert!(
                    row[t + 1..].iter().all(|&share| share == 0.0),
                    "L{index} H{head}: token {t} reads a later one"
                );
            }
        }
    }
}

#[test]
fn shares_sum_to_one_v6() {
    shares_sum_to_one(Version::V6);
}

#[test]
fn shares_sum_to_one_v7() {
    shares_sum_to_one(Version::V7);
}

/// Mean loss in nats of the predicted tokens of the first and of the second copy.
fn losses_of_copies(forward: &Forward, tokens: &[u32]) -> (f64, f64) {
    let losses: Vec<f64> = zip(&forward.logits, &tokens[1..])
        .map(|(logits, &next)| {
            let top = logits.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = logits.iter().map(|logit| (logit - top).exp()).sum();
            top + sum.ln() - logits[next as usize]
        })
        .collect();
    // The first token of the second copy still comes as a surprise; it is counted there all the same.
    let (first, second) = losses.split_at(tokens.len() / 2 - 1);
    (mean(first), mean(second))
}

/// The card gives 9.08 → 2.44 and 9.01 → 0.56; single passages reach 4.2 and 1.5, hence the mean.
/// Without looking back both copies would stand at ln 8192 = 9.01 or above.
fn second_copy_is_foreseen(version: Version, limit: f64) {
    let (firsts, seconds): (Vec<f64>, Vec<f64>) = SEEDS
        .map(|seed| {
            let tokens = repeated(demo::random_tokens(seed, 64, VOCABULARY));
            losses_of_copies(&run(version, &tokens), &tokens)
        })
        .unzip();
    println!("{version:?}: {firsts:.3?} → {seconds:.3?}");
    let (first, second) = (mean(&firsts), mean(&seconds));
    println!("{version:?}: loss {first:.3} → {second:.3}");
    assert!(first > 8.5, "random tokens cannot be foreseen: {first}");
    assert!(
        second < limit,
        "the second copy was not recognised: {second}"
    );
}

#[test]
fn second_copy_is_foreseen_v6() {
    second_copy_is_foreseen(Version::V6, 4.0);
}

#[test]
fn second_copy_is_foreseen_v7() {
    second_copy_is_foreseen(Version::V7, 1.5);
}

/// (layer, head, mean share that a second-copy token gives to what followed its first occurrence),
/// greatest first.
fn induction_heads(version: Version) -> Vec<(usize, usize, f64)> {
    let count = 48;
    let mut means = BTreeMap::new();
    for seed in SEEDS {
        let tokens = repeated(demo::random_tokens(seed, count, VOCABULARY));
        let forward = run(version, &tokens);
        for (index, layer) in forward.layers.iter().enumerate() {
            for head in 0..forward.heads {
                let shares = share(layer, forward.heads, forward.head_size, version, head);
                let sum: f64 = (count..2 * count).map(|t| shares[t][t - count + 1]).sum();
                *means.entry((index, head)).or_insert(0.0) += sum / (count * SEEDS.count()) as f64;
            }
        }
    }
    let mut found: Vec<_> = means
        .into_iter()
        .map(|((layer, head), share)| (layer, head, share))
        .collect();
    found.sort_by(|a, b| b.2.total_cmp(&a.2));
    println!("{version:?}: {:.3?}", &found[..4]);
    found
}

fn assert_leads(found: &[(usize, usize, f64)], place: (usize, usize), range: (f64, f64)) {
    let (layer, head) = place;
    let leader = found[..3].iter().find(|found| (found.0, found.1) == place);
    let &(_, _, share) =
        leader.unwrap_or_else(|| panic!("L{layer} H{head} is not in front: {:.3?}", &found[..3]));
    assert!(
        (range.0..range.1).contains(&share),
        "L{layer} H{head} has a share of {share}"
    );
}

#[test]
fn induction_heads_of_the_card_v6() {
    assert_leads(&induction_heads(Version::V6), (6, 5), (0.22, 0.36));
}

#[test]
fn induction_heads_of_the_card_v7() {
    assert_leads(&induction_heads(Version::V7), (7, 1), (0.25, 0.40));
}

/// One head of two channels and three tokens, with numbers small enough to follow on paper.
fn by_hand() -> Activations {
    Activations {
        r: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        k: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        v: vec![1.0, 0.0, 0.0, 1.0, 1.0, 1.0],
        w: [0.5, 0.25].repeat(3),
        a: [0.5, 0.25].repeat(3),
        kappa: [0.6, 0.8].repeat(3),
        u: vec![2.0, 3.0],
        ..Default::default()
    }
}

#[test]
fn v6_case_worked_by_hand() {
    let layer = by_hand();
    let scores = attention(&layer, 1, 2, Version::V6, 0);
    assert_near(scores[0][0], 14.0, "1·2·1 + 2·3·2");
    assert_near(scores[1][0], 11.0, "3·1 + 4·2, not yet decayed");
    assert_near(scores[2][0], 5.5, "5·0.5·1 + 6·0.25·2");
    assert_near(scores[0][2], 0.0, "above the diagonal");

    let norms = wk_norm(&layer, 1, 2, Version::V6, 0);
    assert_near(norms[0][0], 5.0_f64.sqrt(), "‖(1, 2)‖");
    assert_near(norms[1][0], 0.5_f64.sqrt(), "‖(0.5, 0.5)‖");
    assert_near(norms[2][0], 0.25_f64.hypot(0.125), "‖(0.25, 0.125)‖");
}

#[test]
fn v7_case_worked_by_hand() {
    // G = diag(0.5, 0.25) − (0.3, 0.2)ᵀ (0.6, 0.8) = ((0.32, −0.24), (−0.12, 0.09)).
    let layer = by_hand();
    let scores = attention(&layer, 1, 2, Version::V7, 0);
    assert_near(scores[0][0], 5.0, "r · k");
    assert_near(scores[1][0], -0.24, "3·(−0.16) + 4·0.06");
    assert_near(scores[2][0], -0.1804, "5·(−0.0656) + 6·0.0246");

    let norms = wk_norm(&layer, 1, 2, Version::V7, 0);
    assert_near(norms[1][0], 0.16_f64.hypot(0.06), "‖G k‖");
    assert_near(norms[2][0], 0.0656_f64.hypot(0.0246), "‖G G k‖");
}

#[test]
fn contribution_norm_worked_by_hand() {
    let output = [3.0, 1.0, 4.0, 2.0];
    let layer = Activations {
        z: vec![2.0, 5.0, -1.0, 0.0],
        ..Default::default()
    };
    let norms = contribution_norm(&output, &layer, 2, 1, 0);
    assert_near(norms[0], 10.0, "2·‖(3, 4)‖");
    assert_near(norms[1], 5.0, "1·‖(3, 4)‖");
    let norms = contribution_norm(&output, &layer, 2, 1, 1);
    assert_near(norms[0], 5.0 * 5.0_f64.sqrt(), "5·‖(1, 2)‖");
    assert_near(norms[1], 0.0, "an idle head");
}
