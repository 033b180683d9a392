//! Where the lattice is seen from: the eye, framing, zoom, flight, the orbit camera and what moves it.

mod bounds;
mod eye;
mod flight;
mod framing;
mod navigation;
mod orbit;
mod zoom;

pub use bounds::Bounds;
pub use eye::Eye;
pub use flight::{Drive, TURN_SECONDS, coast, flight_speed};
pub use framing::{MARGINS, Pose, frame};
pub use navigation::{Navigation, Side};
pub use orbit::{
    Along, OrbitPlugin, Viewpoint, go_along, is_there, limit, move_to, place, pose_of, see_from,
    seen_from, start_at, steer,
};

/// Vertical field of view, in radians: narrow, so that far heads are not dwarfed.
pub const FIELD_OF_VIEW: f32 = 0.52;

/// Nothing is seen from nearer than this, in parts of the lattice's unit: far behind the eye's near plane.
pub const NEAREST: f32 = 2.0;

/// The steepest pitch, in radians: a little short of straight down, where left and right would change over.
pub const STEEPEST: f32 = 1.57;
