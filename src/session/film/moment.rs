//! What a moment of a film shows.

use super::{CameraPath, Card, Film};
use crate::{camera::Pose, lattice::Layout, session::Session};

/// Seconds that things take from one layout to another.
pub const MORPH: f64 = 0.7;

/// A moment of a film.
#[derive(Debug, Clone, PartialEq)]
pub struct Shot<'a> {
    /// What is chosen.
    pub session: Session,
    /// Where it is seen from; none: where the session is seen from.
    pub pose: Option<Pose>,
    /// The line under the picture.
    pub caption: Option<&'a str>,
    /// Over everything.
    pub card: Option<&'a Card>,
    /// How much of the picture the card's ground hides, 0 … 1: it fades into the film, or out of it.
    pub veil: f32,
    /// How strong the card's letters are, 0 … 1.
    pub ink: f32,
    /// The layout that things come from, and how far they have come from it, 0 … 1 at one speed.
    pub morph: Option<(Layout, f32)>,
    /// Seconds of the film itself, which light moves by.
    pub seconds: f64,
}

impl Film {
    /// What is shown `seconds` after the first frame, the title card included, of a film about `session` whose
    /// camera goes along `path`.
    #[must_use]
    pub fn at<'a>(
        &'a self,
        seconds: f64,
        session: &Session,
        path: Option<&CameraPath>,
    ) -> Shot<'a> {
        let before = self.title.as_ref().map_or(0.0, |card| card.seconds);
        let own = seconds - before;
        let (card, veil, ink) = if own < 0.0 {
            // It is there from the first frame on, which is what a slide shows at rest.
            let leaves = fade(before, -own);
            (self.title.as_ref(), leaves, leaves)
        } else if own >= self.duration {
            let come = fade(self.whole() - before - self.duration, own - self.duration);
            (self.end.as_ref(), come, come)
        } else {
            (None, 0.0, 0.0)
        };
        let own = own.clamp(0.0, self.duration);
        let mut session = Session {
            film: None,
            ..session.clone()
        };
        let mut caption = None;
        let mut morph = None;
        // What has been named up to now holds.
        for key in self.keys.iter().take_while(|key| key.at <= own) {
            if key.token.is_some() {
                session.token = key.token;
            }
            if key.written.is_some() {
                session.written = key.written;
            }
            if let Some(heads) = &key.heads {
                session.heads.clone_from(heads);
            }
            session.measure = key.measure.unwrap_or(session.measure);
            session.filter = key.filter.unwrap_or(session.filter);
            if let Some(layout) = key.layout.filter(|layout| *layout != session.layout) {
                let part = (own - key.at) / MORPH;
                morph = (part < 1.0 && session.motion).then_some((session.layout, part as f32));
                session.layout = layout;
            }
            session.bare = key.overlay.map_or(session.bare, |overlay| !overlay);
            if let Some(text) = &key.caption {
                caption = Some(text.as_str()).filter(|text| !text.is_empty());
            }
        }
        let pose = path.map(|path| path.at(own));
        Shot {
            session,
            pose,
            caption,
            card,
            veil,
            ink,
            morph,
            seconds: own,
        }
    }
}

/// How far something is there `seconds` after it came, or before it goes, that stays for `all` seconds.
fn fade(all: f64, seconds: f64) -> f32 {
    /// Seconds that it takes to come or to go, and the largest part of its time.
    const FADE: f64 = 0.4;
    const PART: f64 = 1.0 / 3.0;
    let part = seconds / FADE.min(all * PART).max(f64::MIN_POSITIVE);
    part.clamp(0.0, 1.0) as f32
}
