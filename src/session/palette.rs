use bevy::color::{ColorToComponents, LinearRgba, Mix, Oklaba, Srgba};
use serde::{Deserialize, Serialize};

/// A colour palette for scores and for what is around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// Blue for negative, orange for positive, near-black for zero: told apart by people with any of the
    /// common colour vision deficiencies.
    #[default]
    BlueOrange,
}

/// Linear RGB.
pub type Colour = [f32; 3];

/// sRGB stops from −1 to 1, at equal distances. Lightness grows with |value| on both sides.
const BLUE_ORANGE: [&str; 9] = [
    "d6ecff", "8cc4ff", "3d8bff", "1e4a8f", "171c26", "7a4212", "e07818", "ffb054", "ffe9c7",
];
/// sRGB stops from 0 to 1 for sizes with no sign.
const SLATE_MINT: [&str; 5] = ["151a23", "1d3140", "236470", "55a89a", "d4f5dc"];

impl Palette {
    /// Colour of a signed value in −1 … 1.
    #[must_use]
    pub fn diverging(self, value: f32) -> Colour {
        match self {
            Self::BlueOrange => sample(&BLUE_ORANGE, value.clamp(-1.0, 1.0) * 0.5 + 0.5),
        }
    }

    /// Colour of a size in 0 … 1.
    #[must_use]
    pub fn sequential(self, value: f32) -> Colour {
        match self {
            Self::BlueOrange => sample(&SLATE_MINT, value.clamp(0.0, 1.0)),
        }
    }

    /// Ground.
    #[must_use]
    pub fn ground(self) -> Colour {
        match self {
            Self::BlueOrange => stop("0b0e13").to_vec3().into(),
        }
    }

    /// The selected token.
    #[must_use]
    pub fn selected(self) -> Colour {
        match self {
            Self::BlueOrange => stop("f4f6fa").to_vec3().into(),
        }
    }
}

fn stop(hex: &str) -> LinearRgba {
    // The stops are written above, and a test reads each.
    Srgba::hex(hex).unwrap_or(Srgba::BLACK).into()
}

/// Mixes in Oklab, where equal steps look equal.
fn sample(stops: &[&str], at: f32) -> Colour {
    let place = at * (stops.len() - 1) as f32;
    let left = (place as usize).min(stops.len() - 2);
    let (a, b): (Oklaba, Oklaba) = (stop(stops[left]).into(), stop(stops[left + 1]).into());
    LinearRgba::from(a.mix(&b, place - left as f32))
        .to_vec3()
        .max(bevy::math::Vec3::ZERO)
        .into()
}

/// Linear RGB as the sRGB bytes of a panel.
#[must_use]
pub fn bytes(colour: Colour) -> [u8; 3] {
    let [red, green, blue] = colour;
    let srgb = Srgba::from(LinearRgba::rgb(red, green, blue));
    [srgb.red, srgb.green, srgb.blue].map(|x| (x.clamp(0.0, 1.0) * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(colour: Colour) -> f32 {
        let [red, green, blue] = colour;
        Oklaba::from(LinearRgba::rgb(red, green, blue)).lightness
    }

    #[test]
    fn every_stop_is_a_colour() {
        for hex in BLUE_ORANGE.iter().chain(&SLATE_MINT) {
            assert!(Srgba::hex(hex).is_ok(), "{hex}");
        }
    }

    #[test]
    fn lightness_grows_with_size() {
        let palette = Palette::BlueOrange;
        for step in 0..50 {
            let (a, b) = (step as f32 / 50.0, (step + 1) as f32 / 50.0);
            assert!(lightness(palette.sequential(b)) > lightness(palette.sequential(a)));
            assert!(lightness(palette.diverging(b)) > lightness(palette.diverging(a)));
            assert!(lightness(palette.diverging(-b)) > lightness(palette.diverging(-a)));
        }
    }

    #[test]
    fn signs_differ_in_blue_and_red() {
        let [red, _, blue] = Palette::BlueOrange.diverging(0.6);
        assert!(red > 2.0 * blue);
        let [red, _, blue] = Palette::BlueOrange.diverging(-0.6);
        assert!(blue > 2.0 * red);
    }
}
