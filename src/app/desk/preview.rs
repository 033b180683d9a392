//! The film as it is played and scrubbed in the window.

use super::Desk;
use crate::{
    camera::Pose,
    session::{
        Intent, Session,
        film::{CameraPath, Film, PlayHead, Playback},
    },
};

/// What a film is shown by, and what comes back after it.
pub(super) struct Preview {
    film: Film,
    path: Option<CameraPath>,
    /// What was chosen before, without the film.
    own: Session,
    /// From where it was seen.
    pose: Option<Pose>,
    /// Where the film has put the camera last.
    placed: Option<Pose>,
    /// What of the film is on show.
    shown: Option<Session>,
    /// The play head stands where nothing has been shown yet.
    due: bool,
    /// Seconds that have passed; none in the frame in which it begins to play.
    passed: Option<f64>,
}

impl Preview {
    pub fn is_due(&self) -> bool {
        self.due
    }
}

impl Desk {
    /// Takes note of how long the last frame took, in seconds. Whether the next is wanted at once.
    pub(in crate::app) fn elapse(&mut self, seconds: f64) -> bool {
        let Some(preview) = &mut self.preview else {
            return self.writes();
        };
        if let Some(passed) = &mut preview.passed {
            *passed += seconds;
        }
        self.facts.play.playing || preview.due
    }

    /// The session without what a film makes of it.
    pub(super) fn own_session(&self) -> Session {
        match &self.preview {
            Some(preview) => Session {
                film: self.facts.session.film.clone(),
                ..preview.own.clone()
            },
            None => self.facts.session.clone(),
        }
    }

    /// Where the camera stands without a film.
    pub(super) fn own_pose(&self) -> Option<Pose> {
        let stands = self.facts.pose;
        match &self.preview {
            Some(preview) if preview.placed == stands => preview.pose,
            _ => stands,
        }
    }

    /// Does what is asked of the film.
    pub(super) fn play(&mut self, playback: Playback) {
        let play = self.facts.play;
        match playback {
            Playback::Toggle if play.playing => self.facts.play.playing = false,
            Playback::Toggle => self.go_from(play.at),
            Playback::Start => self.go_from(0.0),
            Playback::Stop => {
                self.end_preview();
                self.facts.play.at = 0.0;
            }
            Playback::Seek(at) => {
                if self.begin_preview() {
                    self.rest_at(at);
                }
            }
            Playback::Loop(loops) => self.facts.play.loops = loops,
        }
    }

    fn go_from(&mut self, at: f64) {
        if !self.begin_preview() {
            return;
        }
        let at_end = self
            .preview
            .as_ref()
            .is_some_and(|preview| at >= preview.film.whole() - 1e-6);
        self.rest_at(if at_end { 0.0 } else { at });
        self.facts.play.playing = true;
    }

    fn rest_at(&mut self, at: f64) {
        let Some(preview) = &mut self.preview else {
            return;
        };
        preview.due = true;
        preview.passed = None;
        self.facts.play = PlayHead {
            at: at.clamp(0.0, preview.film.whole()),
            on: true,
            playing: false,
            ..self.facts.play
        };
    }

    /// Whether there is a film to show, and something that it is about.
    fn begin_preview(&mut self) -> bool {
        if self.preview.is_some() {
            return true;
        }
        let session = &self.facts.session;
        let (Some(film), Some(_)) = (&session.film, &self.facts.lattice) else {
            return false;
        };
        self.preview = Some(Preview {
            path: CameraPath::of(film),
            film: film.clone(),
            own: Session {
                film: None,
                ..session.clone()
            },
            pose: self.facts.pose,
            placed: None,
            shown: None,
            due: true,
            passed: None,
        });
        true
    }

    /// What was there before comes back; the camera stays if it was moved since.
    pub(super) fn end_preview(&mut self) {
        self.facts.play.on = false;
        self.facts.play.playing = false;
        let pose = self.own_pose();
        if let Some(preview) = self.preview.take() {
            self.leave_shots(preview.own, pose);
        }
    }

    /// Ends the film that is on show if something else is asked for. Whether that was all that is meant.
    pub(super) fn give_way(&mut self, intent: &Intent) -> bool {
        if self.preview.is_none() {
            return false;
        }
        let stays = match intent {
            Intent::Film(Some(_))
            | Intent::Play(_)
            | Intent::Timeline
            | Intent::Show(_)
            | Intent::Browse(_)
            | Intent::SaveSession(_)
            | Intent::SaveTrace(_)
            | Intent::SavePicture { .. }
            | Intent::CopyPicture(_)
            | Intent::Export { .. }
            | Intent::Copy(_)
            | Intent::Cancel
            | Intent::Test(_)
            | Intent::Remember(_)
            | Intent::TextSize(_)
            | Intent::ForgetRecent
            | Intent::DismissError
            | Intent::Quit => true,
            // A film that rests may be looked at from elsewhere.
            Intent::FrameAll | Intent::FocusSelection | Intent::Look(_) | Intent::Camera(_) => {
                !self.facts.play.playing
            }
            _ => false,
        };
        if !stays {
            self.end_preview();
        }
        !stays && matches!(intent, Intent::Back)
    }

    /// Takes note that the film has changed.
    pub(super) fn film_changed(&mut self) {
        let film = self.facts.session.film.as_ref();
        let whole = film.map_or(0.0, Film::whole);
        let play = &mut self.facts.play;
        play.at = play.at.min(whole);
        if let (Some(film), Some(preview)) = (film, &mut self.preview) {
            preview.path = CameraPath::of(film);
            preview.film = film.clone();
            preview.due = true;
        }
    }

    /// Shows what the film has come to. As long as the GPU is at work on the moment before only the camera goes on:
    /// moments that nobody could see are left out.
    pub(super) fn advance_preview(&mut self) {
        let Some(mut preview) = self.preview.take() else {
            return;
        };
        let play = &mut self.facts.play;
        if play.playing {
            play.at += preview.passed.replace(0.0).unwrap_or(0.0);
            let whole = preview.film.whole();
            if play.at >= whole {
                if play.loops {
                    play.at %= whole;
                } else {
                    play.at = whole;
                    play.playing = false;
                }
            }
            preview.due = true;
        }
        if preview.due {
            let shot = preview
                .film
                .at(play.at, &preview.own, preview.path.as_ref());
            let is_new = preview.shown.as_ref() != Some(&shot.session);
            let is_busy = self.marks.is_some() || self.contributions.is_some();
            if is_new && !is_busy {
                self.show_shot(&shot);
                preview.shown = Some(shot.session);
                preview.due = false;
            } else {
                self.move_to_shot(&shot);
                preview.due = is_new;
            }
            preview.placed = shot.pose.or(preview.placed);
        }
        self.preview = Some(preview);
    }
}
