//! A head that is known to look for what came after the same token before.

use arclight::{score::Measure, trace::Precision};

use crate::{
    reference::{Version, demo},
    support::{device, matrices, run},
};

const COUNT: usize = 48;
/// Layer and head, by the demo model's card.
const INDUCTION: (usize, usize) = (7, 1);

/// Mean share that a token of the second copy gives to the token `offset` after its first occurrence.
fn mean_share(shares: &[Vec<f32>], offset: usize) -> f32 {
    let seconds = COUNT..2 * COUNT;
    let share = |t: usize| shares[t][t - COUNT + offset];
    seconds.map(share).sum::<f32>() / COUNT as f32
}

#[test]
fn the_induction_head_reads_what_followed_the_first_copy() {
    let mut tokens = demo::random_tokens(0, COUNT, 8192);
    tokens.extend_from_within(..);
    let (matrices, heads) = {
        let mut device = device();
        let trace = run(device.demo(Version::V7, Precision::F16), &tokens, 128);
        (
            matrices(&device.gpu, &trace, Measure::Share),
            trace.dimensions.heads,
        )
    };
    let (layer, head) = INDUCTION;
    let layer = &matrices[layer * heads..][..heads];
    let mut shares: Vec<f32> = layer.iter().map(|head| mean_share(head, 1)).collect();
    let own = shares[head];
    println!("share at +1 of the heads of the layer: {shares:.3?}");
    shares.sort_by(f32::total_cmp);
    let median = shares[shares.len() / 2];
    assert!(own > 0.2, "the induction head's share is only {own}");
    assert!(
        own > 5.0 * median,
        "{own} does not stand out from the layer's median, {median}"
    );

    // What is measured is that offset, and not how near or frequent a token is.
    for offset in [0, 2, 3] {
        let elsewhere = mean_share(&layer[head], offset);
        assert!(
            elsewhere < own / 3.0,
            "the share at +{offset} is {elsewhere}, at +1 {own}"
        );
    }
}
