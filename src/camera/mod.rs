//! Where the lattice is seen from: the eye, framing, the orbit camera and what moves it.

mod eye;
mod framing;
mod navigation;
mod orbit;

pub use eye::Eye;
pub use framing::{MARGINS, Pose, frame};
pub use navigation::{Navigation, Side};
pub use orbit::{OrbitPlugin, Viewpoint, move_to, pose_of, start_at, steer};

/// Vertical field of view, in radians: narrow, so that far heads are not dwarfed.
pub const FIELD_OF_VIEW: f32 = 0.52;

/// The steepest pitch, in radians: a little short of straight down, where left and right would change over.
pub const STEEPEST: f32 = 1.57;
