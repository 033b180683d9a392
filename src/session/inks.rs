use bevy::color::{LinearRgba, Srgba};

use super::Theme;

/// Colours of what is written, and of what it is written on, as sRGB bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inks {
    /// Cards over the picture.
    pub card: [u8; 3],
    /// Words.
    pub text: [u8; 3],
    /// Words of less weight.
    pub faint: [u8; 3],
    /// Words of more weight.
    pub strong: [u8; 3],
    /// The underline of full surprise.
    pub surprise: [u8; 3],
}

impl Inks {
    /// Those on a dark ground.
    pub const DARK: Self = Self {
        card: [0x0e, 0x11, 0x17],
        text: [0xd0, 0xd6, 0xe0],
        faint: [0x80, 0x8a, 0x9a],
        strong: [0xf4, 0xf6, 0xfa],
        surprise: [0xd6, 0x96, 0xff],
    };
    /// Those on a light ground.
    pub const LIGHT: Self = Self {
        card: [0xf3, 0xf5, 0xf8],
        text: [0x2a, 0x31, 0x3c],
        faint: [0x60, 0x69, 0x77],
        strong: [0x0c, 0x10, 0x16],
        surprise: [0x8e, 0x3f, 0xc4],
    };

    /// Those on a theme's ground.
    #[must_use]
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &Self::DARK,
            Theme::Light => &Self::LIGHT,
        }
    }

    /// Words that can be read on any ground.
    #[must_use]
    pub fn on(ground: [u8; 3]) -> [u8; 3] {
        match luminance(ground) {
            light if light > 0.22 => [0x0c, 0x0e, 0x12],
            middle if middle > 0.05 => Self::DARK.strong,
            _ => Self::DARK.text,
        }
    }
}

/// Contrast of letters and ground, as WCAG 2.2 has it.
#[cfg(test)]
pub(crate) fn contrast(letters: [u8; 3], ground: [u8; 3]) -> f32 {
    let (a, b) = (luminance(letters), luminance(ground));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance.
fn luminance([red, green, blue]: [u8; 3]) -> f32 {
    let linear = LinearRgba::from(Srgba::rgb_u8(red, green, blue));
    0.2126 * linear.red + 0.7152 * linear.green + 0.0722 * linear.blue
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Colours, Palette, bytes};

    #[test]
    fn text_can_be_read_on_every_colour_of_every_palette() {
        for palette in Palette::ALL {
            for theme in Theme::ALL {
                let colours = Colours { palette, theme };
                for step in 0..=200 {
                    let ground = bytes(colours.diverging(step as f32 / 100.0 - 1.0));
                    let contrast = contrast(Inks::on(ground), ground);
                    assert!(contrast > 3.5, "{contrast} on {ground:?} of {colours:?}");
                }
            }
        }
    }
}
