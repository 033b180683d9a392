//! Keys that hold what is there.

use super::{Film, Keyframe, PlayHead};
use crate::{camera::Pose, session::Session};

/// Keys nearer to each other than this are one, in seconds.
const NEAR: f64 = 0.02;

impl Keyframe {
    /// One that holds all that is chosen, and from where it is seen.
    #[must_use]
    pub fn of(at: f64, session: &Session, camera: Option<Pose>) -> Self {
        Self {
            camera,
            token: session.token,
            heads: Some(session.heads.clone()),
            measure: Some(session.measure),
            filter: Some(session.filter),
            layout: Some(session.layout),
            written: session.written,
            ..Self::at(at)
        }
    }

    /// Whether it names anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self
            == Self {
                ease: self.ease,
                ..Self::at(self.at)
            }
    }
}

impl Film {
    /// The film with one key more that holds all that is there, where it is played, and which key that is.
    #[must_use]
    pub fn with_here(
        &self,
        play: PlayHead,
        session: &Session,
        pose: Option<Pose>,
    ) -> (Self, usize) {
        let at = (play.at - self.before()).clamp(0.0, self.duration);
        let mut film = self.clone();
        let place = film.put(Keyframe::of(at, session, pose));
        (film, place)
    }

    /// Puts a key where it belongs, and tells where that is; one that is there already gives way, but for its ease
    /// and its caption.
    pub fn put(&mut self, key: Keyframe) -> usize {
        let near = |other: &Keyframe| (other.at - key.at).abs() < NEAR;
        if let Some(place) = self.keys.iter().position(near) {
            let old = &mut self.keys[place];
            *old = Keyframe {
                at: old.at,
                ease: old.ease,
                caption: old.caption.take(),
                overlay: old.overlay,
                ..key
            };
            return place;
        }
        self.insert(key)
    }

    /// Moves a key to another time inside the film, and tells which it is then.
    pub fn retime(&mut self, key: usize, at: f64) -> usize {
        if key >= self.keys.len() {
            return key;
        }
        let mut moved = self.keys.remove(key);
        moved.at = at.clamp(0.0, self.duration);
        self.insert(moved)
    }

    fn insert(&mut self, key: Keyframe) -> usize {
        let place = self.keys.partition_point(|other| other.at <= key.at);
        self.keys.insert(place, key);
        place
    }

    /// Seconds of the title card.
    #[must_use]
    pub fn before(&self) -> f64 {
        self.title.as_ref().map_or(0.0, |card| card.seconds)
    }
}
