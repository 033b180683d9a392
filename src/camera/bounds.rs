use bevy::math::Vec3;

use super::{NEAREST, Pose, STEEPEST};

/// How far a camera may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Half of the box around the origin that its focus stays in.
    pub half: Vec3,
    /// Its largest distance: from the focus, and in flight from the origin.
    pub far: f32,
}

/// From this many times as far as where the whole fills the picture, it is still clearly there.
const FARTHEST: f32 = 5.0;

impl Bounds {
    /// Around a lattice of half that size that fills the picture from `framed` away.
    #[must_use]
    pub fn around(half: Vec3, framed: f32) -> Self {
        Self {
            half,
            far: (framed * FARTHEST).max(NEAREST),
        }
    }

    /// Half of the box for a focus: who is outside of the common one, by flight or by a file, may come nearer,
    /// but not go further.
    #[must_use]
    pub fn room(&self, focus: Vec3) -> Vec3 {
        self.half.max(focus.abs())
    }

    /// The nearest pose that a camera may stand at; none for one that is nowhere.
    #[must_use]
    pub fn admit(&self, pose: Pose) -> Option<Pose> {
        let numbers = [pose.yaw, pose.pitch, pose.radius];
        let is_somewhere = pose.focus.is_finite() && numbers.iter().all(|it| it.is_finite());
        is_somewhere.then(|| Pose {
            pitch: pose.pitch.clamp(-STEEPEST, STEEPEST),
            radius: pose.radius.clamp(NEAREST, self.far),
            ..pose
        })
    }
}
