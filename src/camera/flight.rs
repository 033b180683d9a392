//! First person: the eye moves and the focus with it, so that a pose of flight is one of orbit too.

use bevy::math::{Quat, Vec2, Vec3};

use super::{Bounds, NEAREST, Pose, STEEPEST};
use crate::lattice::Lattice;

/// Who moves the camera, beside the mouse's preset.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Drive {
    /// Nobody.
    #[default]
    Rest,
    /// Keys move the eye, at so many times the usual speed.
    Flight(f32),
    /// It turns about the focus by itself.
    Turntable,
}

/// Seconds in which a flight nearly gets to its speed, or to rest.
const INERTIA: f32 = 0.09;
/// Parts of the lattice's half diagonal that are flown in a second.
const SPEED: f32 = 0.8;
/// What one notch of the wheel makes of the speed, and the range of that.
const NOTCH: f32 = 1.25;
const PACES: std::ops::RangeInclusive<f32> = 0.05..=20.0;
/// Radians a point of a drag.
const LOOK: f32 = 0.002;
/// Seconds of a whole turn of the turntable.
pub const TURN_SECONDS: f32 = 20.0;

impl Drive {
    /// In flight.
    #[must_use]
    pub fn is_flight(self) -> bool {
        matches!(self, Self::Flight(_))
    }

    /// In flight if it was not, and at rest if it was.
    #[must_use]
    pub fn flight_or_rest(self) -> Self {
        if self.is_flight() {
            Self::Rest
        } else {
            Self::Flight(1.0)
        }
    }

    /// Turning if it was not, and at rest if it was.
    #[must_use]
    pub fn turntable_or_rest(self) -> Self {
        if self == Self::Turntable {
            Self::Rest
        } else {
            Self::Turntable
        }
    }

    /// Faster or slower by notches of a wheel; only a flight has a speed.
    #[must_use]
    pub fn paced(self, notches: f32) -> Self {
        match self {
            Self::Flight(pace) => {
                let pace = pace * NOTCH.powf(notches);
                Self::Flight(pace.clamp(*PACES.start(), *PACES.end()))
            }
            other => other,
        }
    }
}

/// The usual speed through a lattice of half that size, in units a second.
#[must_use]
pub fn flight_speed(half: Vec3) -> f32 {
    half.length() * SPEED
}

/// How far something goes in some seconds that moves at `velocity` and comes to move at `wanted`. The same in one
/// step as in many.
#[must_use]
pub fn coast(velocity: &mut Vec3, wanted: Vec3, seconds: f32) -> Vec3 {
    let kept = (-seconds / INERTIA).exp();
    let excess = *velocity - wanted;
    *velocity = wanted + excess * kept;
    // What is left of it would not be seen any more.
    if wanted == Vec3::ZERO && kept < 1.0 && velocity.length_squared() < 1e-6 {
        *velocity = Vec3::ZERO;
    }
    wanted * seconds + excess * (INERTIA * (1.0 - kept))
}

impl Pose {
    /// From the eye's axes (right, up, back) to the world's.
    #[must_use]
    pub fn turn(&self) -> Quat {
        Quat::from_euler(bevy::math::EulerRot::YXZ, self.yaw, -self.pitch, 0.0)
    }

    /// The direction that keys ask for, at most of length 1: `right` and `ahead` as the eye looks, `up` along the
    /// vertical.
    #[must_use]
    pub fn heading(&self, right: f32, up: f32, ahead: f32) -> Vec3 {
        let heading = self.turn() * Vec3::new(right, 0.0, -ahead) + Vec3::Y * up;
        heading.clamp_length_max(1.0)
    }

    /// Looking elsewhere from where it is, after a drag of some points.
    #[must_use]
    pub fn looked(self, drag: Vec2) -> Self {
        let eye = self.eye();
        let turned = Self {
            yaw: self.yaw - drag.x * LOOK,
            pitch: (self.pitch + drag.y * LOOK).clamp(-STEEPEST, STEEPEST),
            ..self
        };
        Self {
            focus: eye + turned.forward() * self.radius,
            ..turned
        }
    }

    /// Moved without turning, the eye not so far that the lattice would be lost.
    #[must_use]
    pub fn flown(self, by: Vec3, bounds: &Bounds) -> Self {
        let eye = self.eye();
        let far = bounds.far.max(eye.length());
        Self {
            focus: self.focus + ((eye + by).clamp_length_max(far) - eye),
            ..self
        }
    }

    /// The same view, to be turned about what is in the middle of it: the cell there, or else the point nearest to
    /// the lattice's middle.
    #[must_use]
    pub fn landed(self, lattice: Option<&Lattice>, bounds: &Bounds) -> Self {
        let ray = crate::lattice::Ray {
            origin: self.eye(),
            direction: self.forward(),
        };
        let hit = lattice.and_then(|lattice| lattice.pick(ray));
        let depth = hit.map_or_else(|| self.depth(Vec3::ZERO), |hit| hit.distance);
        self.at_depth(depth.clamp(NEAREST, bounds.far))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lattice::{Cell, HeadId, Shape};

    fn any_pose() -> impl Strategy<Value = Pose> {
        let focus = prop::array::uniform3(-50.0f32..50.0);
        (focus, -9.0f32..9.0, -1.5f32..1.5, 1.0f32..300.0).prop_map(
            |(focus, yaw, pitch, radius)| Pose {
                focus: focus.into(),
                yaw,
                pitch,
                radius,
            },
        )
    }

    const BOUNDS: Bounds = Bounds {
        half: Vec3::splat(50.0),
        far: 500.0,
    };

    proptest! {
        #[test]
        fn a_look_around_moves_no_eye_and_never_turns_it_over(
            pose in any_pose(), drags in prop::collection::vec((-900.0f32..900.0, -900.0f32..900.0), 0..20),
        ) {
            let mut now = pose;
            for (x, y) in drags {
                now = now.looked(Vec2::new(x, y));
                prop_assert!(now.pitch.abs() <= STEEPEST);
                let up = now.turn() * Vec3::Y;
                prop_assert!(up.y >= 0.0, "{up}");
                let right = now.turn() * Vec3::X;
                prop_assert!(right.y.abs() < 1e-3, "no roll: {right}");
            }
            prop_assert!((now.eye() - pose.eye()).length() < 0.02, "{} {}", now.eye(), pose.eye());
        }

        #[test]
        fn a_flight_moves_eye_and_focus_alike(pose in any_pose(), by in prop::array::uniform3(-60.0f32..60.0)) {
            let by = Vec3::from(by);
            let after = pose.flown(by, &BOUNDS);
            prop_assert!((after.focus - pose.focus - by).length() < 1e-2);
            prop_assert!((after.eye() - pose.eye() - by).length() < 1e-2);
            // However long it goes on, it is not lost.
            let gone = pose.flown(by * 1e4, &BOUNDS);
            prop_assert!(gone.eye().length() <= BOUNDS.far * 1.001, "{}", gone.eye());
        }

        #[test]
        fn many_short_frames_go_as_far_as_one_long(
            speed in prop::array::uniform3(-90.0f32..90.0), wanted in prop::array::uniform3(-90.0f32..90.0),
            seconds in 0.01f32..1.0, frames in 2usize..60,
        ) {
            let (mut one, mut many) = (Vec3::from(speed), Vec3::from(speed));
            let wanted = Vec3::from(wanted);
            let long = coast(&mut one, wanted, seconds);
            let short: Vec3 = (0..frames).map(|_| coast(&mut many, wanted, seconds / frames as f32)).sum();
            prop_assert!((long - short).length() < 0.02, "{long} {short}");
            prop_assert!((one - many).length() < 0.02, "{one} {many}");
        }

        #[test]
        fn landing_shows_the_same(pose in any_pose()) {
            let after = pose.landed(None, &BOUNDS);
            prop_assert!((after.eye() - pose.eye()).length() < 0.02);
            prop_assert_eq!((after.yaw, after.pitch), (pose.yaw, pose.pitch));
            prop_assert!(after.radius >= NEAREST && after.radius <= BOUNDS.far);
        }
    }

    #[test]
    fn keys_go_where_the_eye_looks_and_up_is_up() {
        let pose = Pose {
            yaw: std::f32::consts::FRAC_PI_2,
            pitch: 0.0,
            ..Pose::default()
        };
        let near = |a: Vec3, b: Vec3| assert!((a - b).length() < 1e-6, "{a} {b}");
        near(pose.heading(0.0, 0.0, 1.0), Vec3::NEG_X);
        near(pose.heading(1.0, 0.0, 0.0), Vec3::NEG_Z);
        near(pose.heading(0.0, 1.0, 0.0), Vec3::Y);
        near(pose.heading(0.0, -1.0, 0.0), Vec3::NEG_Y);
        assert!(pose.heading(1.0, 1.0, 1.0).length() < 1.0001, "no faster");
        near(pose.heading(0.0, 0.0, 0.0), Vec3::ZERO);
    }

    #[test]
    fn what_is_let_go_comes_to_rest() {
        let mut velocity = Vec3::X * 40.0;
        let way: Vec3 = (0..120)
            .map(|_| coast(&mut velocity, Vec3::ZERO, 1.0 / 60.0))
            .sum();
        assert_eq!(velocity, Vec3::ZERO);
        assert!((way.x - 40.0 * INERTIA).abs() < 0.01, "{way}");
    }

    #[test]
    fn a_wheel_changes_the_pace_within_limits_and_a_key_ends_what_it_began() {
        let flight = Drive::Rest.flight_or_rest();
        assert_eq!(flight, Drive::Flight(1.0));
        assert_eq!(flight.paced(1.0), Drive::Flight(NOTCH));
        assert_eq!(flight.paced(-1e3), Drive::Flight(*PACES.start()));
        assert_eq!(flight.paced(1e3), Drive::Flight(*PACES.end()));
        assert_eq!(flight.flight_or_rest(), Drive::Rest);
        assert_eq!(flight.turntable_or_rest(), Drive::Turntable);
        assert_eq!(Drive::Turntable.turntable_or_rest(), Drive::Rest);
        assert_eq!(Drive::Turntable.paced(3.0), Drive::Turntable);
    }

    #[test]
    fn after_a_flight_the_cell_in_the_middle_is_turned_about() {
        let lattice = Lattice::new(Shape {
            tokens: 40,
            layers: 4,
            first_layer: 0,
            heads: 4,
            unit: crate::model::Unit::Head,
        });
        let head = HeadId { layer: 2, head: 0 };
        let cell = lattice.position(Cell { token: 7, head });
        let pose = Pose {
            focus: cell + Vec3::Z * 200.0,
            yaw: 0.0,
            pitch: 0.0,
            radius: 10.0,
        };
        let after = pose.landed(Some(&lattice), &BOUNDS);
        let off = after.focus - cell;
        assert!(off.length() <= lattice.arrangement.half.z + 1e-2, "{off}");
        assert!((after.eye() - pose.eye()).length() < 1e-2);
    }
}
