/// Cuts the ground out of a pixel. `colour` is what is seen over the ground, with the part that surely is not
/// ground as its alpha; what comes out has straight alpha.
///
/// Over a ground G (bytes of sRGB, as programs lay pictures over each other) a colour F with alpha a is seen as
/// C = a F + (1 − a) G. C is known. a is the given alpha, or if that is more, the least with which some F between
/// black and white gives C: the largest of (C − G) / (255 − G) and (G − C) / G over the channels. So light that
/// was added to a dark ground becomes the purest light, as opaque as it is bright, and ink on a light one the
/// purest ink. Then F = G + (C − G) / a. Laid over G again, each channel is C, or one of 255 beside it.
#[must_use]
pub fn cut_out(colour: [u8; 4], ground: [u8; 3]) -> [u8; 4] {
    let pairs = || colour[..3].iter().zip(ground);
    let least = pairs().map(|(seen, ground)| {
        let (seen, ground) = (u32::from(*seen), u32::from(ground));
        // Rounded up, so that no channel is beyond black or white.
        match seen.abs_diff(ground) {
            0 => 0,
            away if seen > ground => (away * 255).div_ceil(255 - ground),
            away => (away * 255).div_ceil(ground),
        }
    });
    let alpha = least.fold(u32::from(colour[3]), u32::max).min(255) as i32;
    if alpha == 0 {
        return [0; 4];
    }
    let mut cut = [0, 0, 0, alpha as u8];
    for (cut, (seen, ground)) in cut.iter_mut().zip(pairs()) {
        let (seen, ground) = (i32::from(*seen), i32::from(ground));
        let away = (seen - ground) * 255;
        let rounded = (2 * away + alpha * away.signum()) / (2 * alpha);
        *cut = (ground + rounded).clamp(0, 255) as u8;
    }
    cut
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn over([colour @ .., alpha]: [u8; 4], ground: [u8; 3]) -> [f64; 3] {
        let alpha = f64::from(alpha) / 255.0;
        std::array::from_fn(|i| f64::from(colour[i]) * alpha + f64::from(ground[i]) * (1.0 - alpha))
    }

    proptest! {
        #[test]
        fn over_the_ground_it_is_what_was_seen(
            colour in any::<[u8; 4]>(), ground in any::<[u8; 3]>(),
        ) {
            let cut = cut_out(colour, ground);
            prop_assert!(cut[3] >= colour[3]);
            for (seen, expected) in over(cut, ground).into_iter().zip(colour) {
                prop_assert!((seen - f64::from(expected)).abs() <= 0.51, "{cut:?}");
            }
        }

        #[test]
        fn alpha_is_no_more_than_it_has_to_be(
            colour in any::<[u8; 3]>(), ground in any::<[u8; 3]>(),
        ) {
            let [red, green, blue] = colour;
            let cut = cut_out([red, green, blue, 0], ground);
            prop_assume!(cut[3] > 1);
            // With less, some channel would have to be beyond black or white.
            let less = f64::from(cut[3] - 1) / 255.0;
            let beyond = (0..3).any(|i| {
                let (seen, ground) = (f64::from(colour[i]), f64::from(ground[i]));
                !(-1e-9..=255.0 + 1e-9).contains(&(ground + (seen - ground) / less))
            });
            prop_assert!(beyond, "{cut:?}");
        }
    }

    #[test]
    fn the_ground_is_gone_and_cells_are_there() {
        let ground = [11, 14, 19];
        assert_eq!(cut_out([11, 14, 19, 0], ground), [0; 4]);
        assert_eq!(cut_out([11, 14, 19, 255], ground), [11, 14, 19, 255]);
        assert_eq!(cut_out([90, 20, 7, 255], ground), [90, 20, 7, 255]);
        // Half of white light.
        let [.., alpha] = cut_out([133, 134, 137, 0], ground);
        assert_eq!(alpha, 128);
    }
}
