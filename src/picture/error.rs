use bevy::math::UVec2;

use crate::files::{Cancelled, WriteError};

/// Why there is no picture. No part of it is left anywhere.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It was ended on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The whole has no room.
    #[error("{}×{} pixels do not fit into memory: choose a smaller picture", size.x, size.y)]
    Memory {
        /// In pixels.
        size: UVec2,
    },
    /// The system's clipboard did not take it.
    #[error("the picture cannot be copied ({reason}): save it to a file")]
    Clipboard {
        /// The system's reason.
        reason: String,
    },
}
