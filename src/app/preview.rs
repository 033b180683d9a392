//! Films in the window go by the real clock.

use bevy::{prelude::*, window::RequestRedraw};

use super::Desk;

/// Lets time pass for the film on show.
pub(super) fn tick(
    mut desk: ResMut<Desk>,
    time: Res<Time<Real>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if desk.elapse(time.delta_secs_f64()) {
        redraw.write(RequestRedraw);
    }
}
