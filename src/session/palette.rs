use bevy::color::{ColorToComponents, LinearRgba, Mix, Oklaba, Srgba};
use serde::{Deserialize, Serialize};

/// Colours for scores.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// Blue for negative, orange for positive.
    #[default]
    BlueOrange,
    /// Blue for negative, yellow for positive.
    BlueYellow,
    /// Purple for negative, green for positive.
    PurpleGreen,
    /// Green for negative, red for positive, as the older inspector has it.
    GreenRed,
}

/// The ground that everything stands on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light on a dark ground.
    #[default]
    Dark,
    /// Ink on a light ground, for light slides and for paper.
    Light,
}

/// A palette on a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Colours {
    /// For scores.
    pub palette: Palette,
    /// What they stand on.
    pub theme: Theme,
}

/// Linear RGB.
pub type Colour = [f32; 3];

/// sRGB stops at equal distances, from −1 to 1 and, for sizes with no sign, from 0 to 1. On a dark ground
/// lightness grows with |value|, on a light one it falls.
struct Stops {
    diverging: [&'static str; 9],
    sequential: [&'static str; 5],
}

const BLUE_ORANGE_DARK: Stops = Stops {
    diverging: [
        "d6ecff", "8cc4ff", "3d8bff", "1e4a8f", "171c26", "7a4212", "e07818", "ffb054", "ffe9c7",
    ],
    sequential: ["151a23", "1d3140", "236470", "55a89a", "d4f5dc"],
};
const BLUE_ORANGE_LIGHT: Stops = Stops {
    diverging: [
        "08306b", "1f5fb4", "5b9bea", "b5d2f7", "f1f3f6", "fbd3a8", "ef9440", "c05a0c", "6f2f05",
    ],
    sequential: ["eef1f2", "bfded8", "73b8ab", "2b8478", "0a4a44"],
};
const BLUE_YELLOW_DARK: Stops = Stops {
    diverging: [
        "dce9ff", "94bcf5", "4f8fe0", "254a80", "15181f", "5a4a10", "b08e18", "e6c649", "fff3b0",
    ],
    sequential: ["14181f", "24406b", "5f6f7c", "a89f6e", "fff0a0"],
};
const BLUE_YELLOW_LIGHT: Stops = Stops {
    diverging: [
        "06245c", "2458a8", "6b99dc", "bcd3f2", "f3f4f2", "efe0a4", "cfae3a", "917310", "4a3a02",
    ],
    sequential: ["f4f3ec", "d8d3a8", "a39a62", "5d6473", "15305e"],
};
const PURPLE_GREEN_DARK: Stops = Stops {
    diverging: [
        "f1deff", "cfa2f5", "9f5fd6", "552f78", "18161f", "1d4d2e", "359a53", "77d68c", "d9ffd9",
    ],
    sequential: ["18161f", "3b3f78", "2f7f8a", "5cc171", "f3ef8a"],
};
const PURPLE_GREEN_LIGHT: Stops = Stops {
    diverging: [
        "3d0a57", "7b3ba6", "b284d6", "dcc8ea", "f4f3f5", "c3e5c8", "73bd80", "2c8443", "0b4419",
    ],
    sequential: ["f4f4ef", "c7df9b", "63b383", "2a7580", "2f2a5e"],
};
const GREEN_RED_DARK: Stops = Stops {
    diverging: [
        "d8ffdc", "7fe08c", "35a648", "1c5527", "161a17", "6b1f1f", "cc3b36", "f5827a", "ffe0dc",
    ],
    sequential: ["17141c", "4c1d5c", "a5305f", "f0704a", "ffe8b8"],
};
const GREEN_RED_LIGHT: Stops = Stops {
    diverging: [
        "0a4a18", "1f8436", "6bbf7a", "c2e6c7", "f5f4f3", "f6c9c4", "e37f76", "b83028", "5e0d0a",
    ],
    sequential: ["f7f3ef", "f3c9ae", "db7d6e", "923a68", "3a0f4c"],
};

impl Palette {
    /// All, in menu order.
    pub const ALL: [Self; 4] = [
        Self::BlueOrange,
        Self::BlueYellow,
        Self::PurpleGreen,
        Self::GreenRed,
    ];

    /// Its name on screen: negative, positive.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BlueOrange => "blue–orange",
            Self::BlueYellow => "blue–yellow",
            Self::PurpleGreen => "purple–green",
            Self::GreenRed => "green–red",
        }
    }

    /// Signs are told apart by people with any of the common colour vision deficiencies.
    #[must_use]
    pub fn is_colour_blind_safe(self) -> bool {
        matches!(self, Self::BlueOrange | Self::PurpleGreen)
    }
}

impl Theme {
    /// Both, in menu order.
    pub const ALL: [Self; 2] = [Self::Dark, Self::Light];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

impl Colours {
    fn stops(self) -> &'static Stops {
        match (self.palette, self.theme) {
            (Palette::BlueOrange, Theme::Dark) => &BLUE_ORANGE_DARK,
            (Palette::BlueOrange, Theme::Light) => &BLUE_ORANGE_LIGHT,
            (Palette::BlueYellow, Theme::Dark) => &BLUE_YELLOW_DARK,
            (Palette::BlueYellow, Theme::Light) => &BLUE_YELLOW_LIGHT,
            (Palette::PurpleGreen, Theme::Dark) => &PURPLE_GREEN_DARK,
            (Palette::PurpleGreen, Theme::Light) => &PURPLE_GREEN_LIGHT,
            (Palette::GreenRed, Theme::Dark) => &GREEN_RED_DARK,
            (Palette::GreenRed, Theme::Light) => &GREEN_RED_LIGHT,
        }
    }

    /// Colour of a signed value in −1 … 1.
    #[must_use]
    pub fn diverging(self, value: f32) -> Colour {
        sample(&self.stops().diverging, value.clamp(-1.0, 1.0) * 0.5 + 0.5)
    }

    /// Colour of a size in 0 … 1.
    #[must_use]
    pub fn sequential(self, value: f32) -> Colour {
        sample(&self.stops().sequential, value.clamp(0.0, 1.0))
    }

    /// Colour of a value, or of its size when signs are not shown.
    #[must_use]
    pub fn shade(self, value: f32, signless: bool) -> Colour {
        if signless {
            self.sequential(value.abs())
        } else {
            self.diverging(value)
        }
    }

    /// Ground.
    #[must_use]
    pub fn ground(self) -> Colour {
        let hex = match self.theme {
            Theme::Dark => "0b0e13",
            Theme::Light => "fafbfc",
        };
        stop(hex).to_vec3().into()
    }

    /// The selected token.
    #[must_use]
    pub fn selected(self) -> Colour {
        let hex = match self.theme {
            Theme::Dark => "f4f6fa",
            Theme::Light => "14181f",
        };
        stop(hex).to_vec3().into()
    }

    /// 256 colours of −1 … 1, then 256 of sizes 0 … 1, as opaque RGBA bytes: what a matrix is painted with.
    #[must_use]
    pub fn table(self) -> Vec<[u8; 4]> {
        let parts = || (0..256u16).map(|step| f32::from(step) / 255.0);
        let diverging = parts().map(|part| self.diverging(part * 2.0 - 1.0));
        let sequential = parts().map(|part| self.sequential(part));
        diverging
            .chain(sequential)
            .map(|colour| {
                let [red, green, blue] = bytes(colour);
                [red, green, blue, 255]
            })
            .collect()
    }

    /// The ground is light.
    #[must_use]
    pub fn is_light(self) -> bool {
        self.theme == Theme::Light
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
    use bevy::math::{Mat3, Vec3};

    use super::*;

    fn every() -> impl Iterator<Item = Colours> {
        let pairs = Palette::ALL.into_iter();
        pairs.flat_map(|palette| Theme::ALL.map(|theme| Colours { palette, theme }))
    }

    fn lab(colour: Colour) -> Vec3 {
        let [red, green, blue] = colour;
        let lab = Oklaba::from(LinearRgba::rgb(red, green, blue));
        Vec3::new(lab.lightness, lab.a, lab.b)
    }

    #[test]
    fn every_stop_is_a_colour() {
        for colours in every() {
            let stops = colours.stops();
            for hex in stops.diverging.iter().chain(&stops.sequential) {
                assert!(Srgba::hex(hex).is_ok(), "{hex}");
            }
        }
    }

    #[test]
    fn contrast_with_the_ground_grows_with_size() {
        for colours in every() {
            let away = if colours.is_light() { -1.0 } else { 1.0 };
            let grows = |a: Colour, b: Colour| (lab(b).x - lab(a).x) * away > 0.0;
            for step in 0..50 {
                let (a, b) = (step as f32 / 50.0, (step + 1) as f32 / 50.0);
                assert!(
                    grows(colours.sequential(a), colours.sequential(b)),
                    "{colours:?} {a}"
                );
                assert!(
                    grows(colours.diverging(a), colours.diverging(b)),
                    "{colours:?} {a}"
                );
                assert!(
                    grows(colours.diverging(-a), colours.diverging(-b)),
                    "{colours:?} -{a}"
                );
            }
        }
    }

    /// Protanopia, deuteranopia and tritanopia at full severity, in linear RGB: Machado, Oliveira and
    /// Fernandes, "A physiologically-based model for simulation of color vision deficiency" (2009).
    const DEFICIENCIES: [[f32; 9]; 3] = [
        [
            0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
            1.051998,
        ],
        [
            0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
            0.968881,
        ],
        [
            1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
            0.303900,
        ],
    ];

    /// The least distance in Oklab between a value and its opposite, as people with a deficiency see them.
    fn least_apart(colours: Colours) -> f32 {
        let seen = |rows: [f32; 9], colour: Colour| {
            let seen = Mat3::from_cols_array(&rows).transpose() * Vec3::from(colour);
            lab(seen.clamp(Vec3::ZERO, Vec3::ONE).into())
        };
        let values = (6..=20).map(|step| step as f32 / 20.0);
        values
            .flat_map(|value| {
                DEFICIENCIES.map(|rows| {
                    seen(rows, colours.diverging(value))
                        .distance(seen(rows, colours.diverging(-value)))
                })
            })
            .fold(f32::MAX, f32::min)
    }

    #[test]
    fn signs_are_told_apart_without_full_colour_vision_where_it_is_said() {
        for colours in every().filter(|colours| colours.palette.is_colour_blind_safe()) {
            let apart = least_apart(colours);
            assert!(apart > 0.065, "{colours:?}: {apart}");
        }
        let worst = Theme::ALL.map(|theme| {
            least_apart(Colours {
                palette: Palette::GreenRed,
                theme,
            })
        });
        assert!(worst.iter().all(|apart| *apart < 0.065), "{worst:?}");
    }

    #[test]
    fn signs_differ_in_blue_and_red() {
        let colours = Colours::default();
        let [red, _, blue] = colours.diverging(0.6);
        assert!(red > 2.0 * blue);
        let [red, _, blue] = colours.diverging(-0.6);
        assert!(blue > 2.0 * red);
    }
}
