//! A moment of a film in place of what is chosen, and what ready-made films are made for.

use bevy::math::Vec2;

use super::{Desk, view::Wish};
use crate::{
    camera::Pose,
    overlay::Clip,
    session::{
        Intent, Session,
        film::{Ground, Shot, Track},
    },
};

impl Desk {
    /// Shows a moment of a film: its session, seen from its pose at once, with its caption or card, and light where
    /// it stands then. The film itself stays the session's. What was there before comes back with
    /// [`Desk::leave_shots`].
    pub(in crate::app) fn show_shot(&mut self, shot: &Shot<'_>) {
        let old = &mut self.facts.session;
        let (film, layout) = (old.film.take(), old.layout);
        *old = Session {
            film,
            ..shot.session.clone()
        };
        let shape = self.facts.shape();
        self.facts.session.fit(shape);
        if shot.pose.is_none() && layout != shot.session.layout {
            self.wish_for(Wish::whole().at_once());
        }
        self.move_to_shot(shot);
    }

    /// The same without its session.
    pub(super) fn move_to_shot(&mut self, shot: &Shot<'_>) {
        self.facts.clip = Some(Clip::of(shot));
        self.view.light = Some(shot.seconds as f32);
        self.view.between = shot.morph;
        if let Some(pose) = shot.pose {
            // A picture may be drawn before the next frame.
            self.stands(pose);
            self.wish_for(Wish::pose(pose).at_once());
        }
    }

    /// Goes back to what was chosen before a film was shown, and to where it was seen from.
    pub(in crate::app) fn leave_shots(&mut self, session: Session, pose: Option<Pose>) {
        let film = self.facts.session.film.take();
        self.facts.session = Session { film, ..session };
        let shape = self.facts.shape();
        self.facts.session.fit(shape);
        self.facts.clip = None;
        self.view.light = None;
        self.view.between = None;
        if let Some(pose) = pose {
            self.wish_for(Wish::pose(pose).at_once());
        }
    }

    /// Has a ready-made film made. One about a token selects the last of the passage where there is none.
    pub(super) fn want_film(&mut self, track: Track) {
        let session = &self.facts.session;
        if track.needs_token() && session.token.is_none() {
            let passage = session.passage.as_ref();
            let end = passage.map_or(self.facts.tokens.len(), |passage| passage.end);
            self.ask(Intent::SelectToken(end.checked_sub(1)));
        }
        self.drafts.timeline.want(track);
    }

    /// What ready-made films in a picture of `size` points are made for; none when nothing has been run.
    #[must_use]
    pub fn ground(&self, size: Vec2) -> Option<Ground<'_>> {
        let sights = self.sights_with(&self.facts.session, size, 0.0);
        let free = sights.own.free.size();
        self.facts.ground(free, size.y)
    }
}
