//! Screen readers and the like: they read the panels by AccessKit, and what they ask for reaches the panels.

use bevy::{a11y::ActionRequest, prelude::*};
use bevy_egui::{EguiInput, EguiPreUpdateSet};

/// bevy_egui gives the tree out; it does not pass on what is asked for.
pub(super) fn listen(app: &mut App) {
    let between = pass_on
        .after(EguiPreUpdateSet::ProcessInput)
        .before(EguiPreUpdateSet::BeginPass);
    app.add_systems(PreUpdate, between);
}

fn pass_on(mut asked: MessageReader<ActionRequest>, mut inputs: Query<&mut EguiInput>) {
    for request in asked.read() {
        for mut input in &mut inputs {
            let event = egui::Event::AccessKitActionRequest(request.0.clone());
            input.events.push(event);
        }
    }
}
