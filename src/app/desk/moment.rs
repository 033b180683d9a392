//! What a picture is drawn from, while the program goes on.

use std::sync::Arc;

use bevy::math::Vec2;

use super::{Desk, view::STILL};
use crate::{
    app::pictures::{Destination, points},
    camera::Drive,
    draw::{Scene, Split},
    gpu::{GpuError, Pending},
    overlay::{Drafts, Facts, MatrixPicture, PictureStatus, matrix_pixels},
    session::PictureOptions,
};

/// All that a picture shows, as it was at one moment.
pub(in crate::app) struct Moment {
    pub facts: Facts,
    pub drafts: Drafts,
    pub scene: Scene,
    /// What is seen in a part of it, if it is split.
    pub split: Option<Split>,
    matrix: Option<(MatrixPicture, Pending)>,
}

impl Moment {
    /// Whether all of it is there.
    pub fn is_ready(&mut self) -> Result<bool, GpuError> {
        let Some((_, pending)) = &self.matrix else {
            return Ok(true);
        };
        let Some(pixels) = pending.take()? else {
            return Ok(false);
        };
        if let (Some((picture, _)), Some(facts)) = (self.matrix.take(), &mut self.facts.matrix) {
            facts.picture = Some(Arc::new(MatrixPicture { pixels, ..picture }));
        }
        Ok(true)
    }
}

impl Desk {
    /// Takes note of a picture that is to be drawn.
    pub(super) fn want_picture(&mut self, destination: Destination, options: PictureOptions) {
        let error = if self.facts.draws_picture() {
            Some("a picture is being drawn: wait for it, or cancel it".to_owned())
        } else {
            options.check().err().map(|error| error.to_string())
        };
        if error.is_some() {
            self.facts.error = error;
            return;
        }
        self.unwanted = false;
        self.wanted = Some((destination, options));
        self.facts.picture = Some(PictureStatus::Drawing { done: 0, total: 0 });
    }

    /// What a picture shows now: the session and its camera, with nothing under the pointer, no sheet over it,
    /// and light standing still, or where it stands in the film on show. None when nothing has been run.
    pub(in crate::app) fn moment(&self, options: &PictureOptions) -> Option<Moment> {
        let mut facts = self.facts.clone();
        let session = &mut facts.session;
        // A film says itself when its panels are hidden.
        session.bare = !options.overlay || facts.clip.is_some() && session.bare;
        let drafts = Drafts {
            prompt: session.prompt.clone(),
            model: session.model.clone(),
            faces: self.drafts.faces.clone(),
            matrix: self.drafts.matrix.clone(),
            ..Drafts::default()
        };
        facts.wanted = facts.session.quantisation;
        // It is another on every machine.
        facts.room = None;
        let session = &facts.session;
        let (size, scale) = points(options.size);
        let scale = scale * options.supersample as f32;
        let sights = self.sights_with(session, size, 0.0);
        let shown = facts.session.matrix && !facts.session.bare;
        let matrix = shown
            .then(|| self.painted_matrix(matrix_pixels(size, scale)))
            .flatten();
        if facts.hover.take().is_some() {
            let selected = facts.session.token;
            facts.prediction = selected.and_then(|token| {
                let (prediction, texts) = self.prediction_after(self.trace.as_ref()?, token)?;
                Some((token, prediction, texts))
            });
        }
        facts.pointed = None;
        facts.thrift = false;
        facts.still = true;
        facts.drive = Drive::Rest;
        facts.error = None;
        facts.picture = None;
        // What was saved says nothing of what is on show.
        facts.saved = None;
        facts.exported = None;
        facts.recorded = None;
        facts.copied = None;
        facts.exporting = None;
        facts.recording = None;
        let viewport: Vec2 = (options.size * options.supersample).as_vec2();
        let from = self.facts.pose?.world_from_view();
        let own = sights.own.eye(from, viewport, scale);
        facts.eye = Some(own);
        let time = self.view.light.unwrap_or(STILL);
        let scene = self.seen_from(own, time)?;
        let beside = sights.beside.map(|share| share.seen(from, viewport, scale));
        if let Some(facts) = &mut facts.beside {
            (facts.eye, facts.part) = beside.unzip();
        }
        let split = beside.and_then(|(eye, part)| self.still_beside(eye, part, time));
        let (device, queue) = (self.gpu.device(), self.gpu.queue());
        let still = |scene: Scene| Scene {
            marked: scene.marked.map(|marked| marked.frozen(device, queue)),
            hovered: None,
            ..scene
        };
        Some(Moment {
            scene: still(scene),
            split: split.map(|split| Split {
                scene: still(split.scene),
                ..split
            }),
            facts,
            drafts,
            matrix,
        })
    }
}
