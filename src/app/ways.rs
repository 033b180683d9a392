//! Ways in beside the panels and the keys: files dropped on the window, and texts from the clipboard.

use bevy::{prelude::*, window::FileDragAndDrop};
use bevy_egui::EguiClipboard;

use super::Desk;
use crate::session::Intent;

/// A file dropped on the window is opened.
pub(super) fn dropped(mut files: MessageReader<FileDragAndDrop>, mut desk: ResMut<Desk>) {
    for file in files.read() {
        desk.facts.dragged = match file {
            FileDragAndDrop::HoveredFile { path_buf, .. } => Some(path_buf.clone()),
            FileDragAndDrop::HoveredFileCanceled { .. } => None,
            FileDragAndDrop::DroppedFile { path_buf, .. } => {
                desk.ask(Intent::OpenFile(path_buf.clone()));
                None
            }
        };
    }
}

/// The clipboard's text is read by the model.
pub(super) fn paste(mut clipboard: ResMut<EguiClipboard>, mut desk: ResMut<Desk>) {
    if !desk.take_paste() {
        return;
    }
    match clipboard.get_text().filter(|text| !text.trim().is_empty()) {
        Some(text) => desk.read(text),
        None => {
            let reason = "there is no text on the clipboard: copy one first";
            desk.facts.error = Some(reason.into());
        }
    }
}
