//! Where the lattice is seen from: the eye, framing, and the orbit camera.

mod eye;
mod framing;
mod orbit;

pub use eye::Eye;
pub use framing::{MARGINS, Pose, frame};
pub use orbit::{OrbitPlugin, Viewpoint, move_to, pose_of, start_at};

/// Vertical field of view, in radians: narrow, so that far heads are not dwarfed.
pub const FIELD_OF_VIEW: f32 = 0.52;
