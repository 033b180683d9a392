use std::fmt::{Display, Formatter};

/// A key, by what is written on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter, in lower case.
    Letter(char),
    /// A digit or a sign, whatever has to be held for it.
    Sign(char),
    /// A digit above the letters by its place, whatever is written on it: with Ctrl and Shift that differs from
    /// one keyboard to the next.
    Digit(usize),
    /// A key of the number pad.
    Numpad(char),
    /// ←
    Left,
    /// →
    Right,
    /// ↑
    Up,
    /// ↓
    Down,
    /// Home.
    Home,
    /// Tab.
    Tab,
    /// Esc.
    Escape,
    /// Enter.
    Enter,
    /// Delete.
    Delete,
    /// The space bar.
    Space,
    /// F1.
    F1,
}

impl Key {
    /// The key of a character that is typed; none for white space and controls.
    #[must_use]
    pub fn typed(character: char) -> Option<Self> {
        match character {
            c if c.is_whitespace() || c.is_control() => None,
            c if c.is_ascii_alphabetic() => Some(Self::Letter(c.to_ascii_lowercase())),
            c => Some(Self::Sign(c)),
        }
    }
}

/// A key with what is held beside it. Written `Ctrl+Shift+Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Ctrl is held.
    pub ctrl: bool,
    /// Shift is held.
    pub shift: bool,
    /// Alt is held.
    pub alt: bool,
    /// The key.
    pub key: Key,
}

impl Chord {
    /// The key alone.
    #[must_use]
    pub const fn of(key: Key) -> Self {
        Self {
            ctrl: false,
            shift: false,
            alt: false,
            key,
        }
    }

    /// A letter alone.
    #[must_use]
    pub const fn letter(letter: char) -> Self {
        Self::of(Key::Letter(letter))
    }

    /// A digit or a sign.
    #[must_use]
    pub const fn sign(sign: char) -> Self {
        Self::of(Key::Sign(sign))
    }

    /// With Ctrl.
    #[must_use]
    pub const fn ctrl(self) -> Self {
        Self { ctrl: true, ..self }
    }

    /// With Shift.
    #[must_use]
    pub const fn shift(self) -> Self {
        Self {
            shift: true,
            ..self
        }
    }

    /// With Alt.
    #[must_use]
    pub const fn alt(self) -> Self {
        Self { alt: true, ..self }
    }

    /// Whether it is what is pressed. Keyboards differ in whether a sign needs Shift.
    #[must_use]
    pub fn is(self, pressed: Self) -> bool {
        match self.key {
            Key::Sign(_) => {
                self == Self {
                    shift: self.shift,
                    ..pressed
                }
            }
            _ => self == pressed,
        }
    }
}

impl Display for Chord {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for (held, name) in [
            (self.ctrl, "Ctrl+"),
            (self.alt, "Alt+"),
            (self.shift, "Shift+"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::Letter(letter) => write!(f, "{}", letter.to_ascii_uppercase()),
            // A hyphen is hard to see.
            Key::Sign('-') => f.write_str("−"),
            Key::Sign(sign) => write!(f, "{sign}"),
            Key::Digit(digit) => write!(f, "{digit}"),
            Key::Numpad(sign) => write!(f, "Numpad {sign}"),
            Key::Left => f.write_str("←"),
            Key::Right => f.write_str("→"),
            Key::Up => f.write_str("↑"),
            Key::Down => f.write_str("↓"),
            Key::Home => f.write_str("Home"),
            Key::Tab => f.write_str("Tab"),
            Key::Escape => f.write_str("Esc"),
            Key::Enter => f.write_str("Enter"),
            Key::Delete => f.write_str("Delete"),
            Key::Space => f.write_str("Space"),
            Key::F1 => f.write_str("F1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_one_however_a_keyboard_makes_it() {
        let asked = Chord::sign('?');
        assert!(asked.is(Chord::sign('?')) && asked.is(Chord::sign('?').shift()));
        assert!(!asked.is(Chord::sign('?').ctrl()) && !asked.is(Chord::sign('/')));
        let letter = Chord::letter('m');
        assert!(letter.is(Chord::letter('m')) && !letter.is(Chord::letter('m').shift()));
    }

    #[test]
    fn chords_are_written_as_people_write_them() {
        let z = Chord::letter('z').ctrl().shift();
        assert_eq!(z.to_string(), "Ctrl+Shift+Z");
        assert_eq!(Chord::of(Key::Numpad('7')).to_string(), "Numpad 7");
        assert_eq!(Chord::of(Key::Left).shift().to_string(), "Shift+←");
        assert_eq!(Key::typed('M'), Some(Key::Letter('m')));
        assert_eq!(Key::typed(' '), None);
    }
}
