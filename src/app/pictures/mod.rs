//! Pictures of what is on show, of any size, while the program goes on.

mod output;
mod studio;

pub(super) use output::{Destination, Made};
pub(super) use studio::{Studio, TILE};

use bevy::{prelude::*, window::RequestRedraw};
use bevy_egui::EguiContexts;
use egui::{Context, FontDefinitions};

use super::Desk;
use crate::overlay::PictureStatus;

/// The panels are made for a picture of this size.
const DESIGN_SIZE: Vec2 = Vec2::new(1280.0, 720.0);

/// A picture's size in points, and pixels a point: panels and labels keep their place and size in the picture,
/// whatever its resolution.
pub(super) fn points(size: UVec2) -> (Vec2, f32) {
    let size = size.as_vec2();
    let scale = (size / DESIGN_SIZE).min_element();
    (size / scale, scale)
}

/// The faces that a context has; none before its first pass.
pub(super) fn fonts(ctx: &Context) -> Option<FontDefinitions> {
    let has_some = ctx.cumulative_pass_nr() > 0;
    has_some.then(|| ctx.fonts(|fonts| fonts.definitions().clone()))
}

/// Draws the pictures that are asked for, a part a frame.
pub(super) fn draw(
    mut desk: ResMut<Desk>,
    mut contexts: EguiContexts,
    mut studio: Local<Option<Studio>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if !desk.facts.draws_picture() {
        return;
    }
    let studio = studio.get_or_insert_with(|| Studio::new(desk.gpu()));
    if std::mem::take(&mut desk.unwanted) {
        studio.stop();
        desk.wanted = None;
        desk.facts.picture = None;
        return;
    }
    redraw.write(RequestRedraw);
    if desk.wanted.is_some() {
        // What has just been chosen may still be on its way.
        let fonts = contexts.ctx_mut().ok().and_then(|ctx| fonts(ctx));
        let (Some(fonts), true) = (fonts, desk.is_still()) else {
            return;
        };
        let Some((destination, options)) = desk.wanted.take() else {
            return;
        };
        let Some(moment) = desk.moment(&options) else {
            desk.facts.picture = None;
            desk.facts.error = Some(NOTHING.into());
            return;
        };
        studio.begin(moment, fonts, options, destination, TILE);
    }
    desk.facts.picture = match studio.advance() {
        Ok(None) => {
            let (done, total) = studio.progress();
            Some(PictureStatus::Drawing { done, total })
        }
        Ok(Some(Made::File(path))) => {
            info!("saved {}", path.display());
            Some(PictureStatus::Saved(path))
        }
        Ok(Some(Made::Copied)) => {
            info!("copied a picture");
            Some(PictureStatus::Copied)
        }
        Ok(Some(Made::Picture(_))) => None,
        Err(error) => {
            desk.facts.error = Some(error.to_string());
            None
        }
    };
}

/// Why there is no picture when nothing has been run.
pub(super) const NOTHING: &str = "there is nothing to draw: give a prompt";
