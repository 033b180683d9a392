use std::f32::consts::FRAC_PI_2;

use bevy::input::mouse::MouseButton;
use serde::{Deserialize, Serialize};

use super::Pose;

/// Which buttons move the camera: the habits of other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Navigation {
    /// Left orbits, right pans.
    #[default]
    Rerun,
    /// Middle orbits, with Shift it pans.
    Blender,
    /// Left pans; right, middle, or left with Shift orbits.
    LlmViz,
}

/// A button that no mouse has.
const NONE: MouseButton = MouseButton::Other(u16::MAX);

impl Navigation {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Rerun, Self::Blender, Self::LlmViz];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rerun => "Rerun",
            Self::Blender => "Blender",
            Self::LlmViz => "llm-viz",
        }
    }

    /// What the mouse does.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rerun => "left drag orbits · right drag pans · wheel zooms",
            Self::Blender => "middle drag orbits · Shift + middle drag pans · wheel zooms",
            Self::LlmViz => {
                "left drag pans · right, middle or Shift + left drag orbits · wheel zooms"
            }
        }
    }

    /// The buttons that orbit and pan, with what is held just now. The orbit camera knows one button for
    /// each, so they change with Shift and with the middle button.
    #[must_use]
    pub fn buttons(self, shift: bool, middle: bool) -> (MouseButton, MouseButton) {
        match self {
            Self::Rerun => (MouseButton::Left, MouseButton::Right),
            Self::Blender if shift => (NONE, MouseButton::Middle),
            Self::Blender => (MouseButton::Middle, NONE),
            Self::LlmViz if middle => (MouseButton::Middle, MouseButton::Left),
            Self::LlmViz if shift => (MouseButton::Left, NONE),
            Self::LlmViz => (MouseButton::Right, MouseButton::Left),
        }
    }
}

/// A side to look at everything from, straight along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Tokens to the right, layers up.
    Front,
    /// Heads to the right, layers up.
    Right,
    /// Tokens to the right, heads up.
    Top,
}

impl Side {
    /// All, in menu order.
    pub const ALL: [Self; 3] = [Self::Front, Self::Right, Self::Top];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Right => "right",
            Self::Top => "top",
        }
    }

    /// The angles from there.
    #[must_use]
    pub fn pose(self) -> Pose {
        let (yaw, pitch) = match self {
            Self::Front => (0.0, 0.0),
            Self::Right => (FRAC_PI_2, 0.0),
            Self::Top => (0.0, super::STEEPEST),
        };
        Pose {
            yaw,
            pitch,
            ..Pose::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_orbit_and_pan_with_what_a_mouse_has() {
        for navigation in Navigation::ALL {
            let held = [(false, false), (true, false), (false, true)];
            let all = held.map(|(shift, middle)| navigation.buttons(shift, middle));
            assert!(all.iter().any(|(orbit, _)| *orbit != NONE));
            assert!(all.iter().any(|(_, pan)| *pan != NONE));
            assert!(all.iter().all(|(orbit, pan)| orbit != pan));
        }
    }

    #[test]
    fn three_buttons_orbit_as_in_llm_viz() {
        let orbits = |shift, middle| Navigation::LlmViz.buttons(shift, middle).0;
        assert_eq!(orbits(false, false), MouseButton::Right);
        assert_eq!(orbits(false, true), MouseButton::Middle);
        assert_eq!(orbits(true, false), MouseButton::Left);
    }
}
