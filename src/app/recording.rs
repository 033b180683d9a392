//! A film, frame by frame, to a clip: its own clock, one frame after another, however long each takes.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bevy::math::UVec2;

use super::{Stage, Start, pictures::points};
use crate::{
    files::Watch,
    gpu::Gpu,
    record::{Format, Frame, Recorder, Report, Settings},
    session::{
        Intent, PictureOptions, Session,
        film::{CameraPath, Card, Film, Keyframe, Track},
    },
};

/// What is shown over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Script {
    /// A film that somebody made.
    Film(Film),
    /// One that makes itself, and its seconds.
    Track(Track, f64),
}

/// What is to be recorded, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The clip.
    pub path: PathBuf,
    /// What it shows.
    pub script: Script,
    /// How each frame is drawn; its overlay holds until a key of the film says otherwise.
    pub picture: PictureOptions,
    /// Of the clip; size and number of frames follow from the rest.
    pub settings: Settings,
    /// Under the picture from the first frame on.
    pub caption: Option<String>,
    /// Before the first frame.
    pub title: Option<Card>,
    /// After the last.
    pub end: Option<Card>,
}

/// A clip, and where its time went.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Of the clip.
    pub report: Report,
    /// Choosing what a frame shows: scores, statistics, panels' numbers.
    pub choosing: Duration,
    /// Drawing and reading back.
    pub drawing: Duration,
    /// Waiting for the encoder.
    pub waiting: Duration,
}

impl Recording {
    /// Whether such a clip can be made. Nothing but what is asked for is looked at, so that it is known before
    /// a model is loaded.
    ///
    /// # Errors
    /// When it cannot; the message says what can.
    pub fn check(&self) -> anyhow::Result<()> {
        self.picture.check()?;
        let format = match self.settings.ffmpeg {
            Some(_) => None,
            None => Some(Format::of(&self.path)?),
        };
        let settings = self.settings(self.whole());
        if let Some(format) = format {
            settings.check(format)?;
        }
        Ok(())
    }

    /// Seconds, cards included.
    fn whole(&self) -> f64 {
        let own = match &self.script {
            Script::Film(film) => film.whole(),
            Script::Track(_, seconds) => *seconds,
        };
        let card = |card: &Option<Card>| card.as_ref().map_or(0.0, |card| card.seconds);
        own + card(&self.title) + card(&self.end)
    }

    fn settings(&self, seconds: f64) -> Settings {
        let UVec2 { x, y } = self.picture.size;
        let frames = (seconds * f64::from(self.settings.fps)).round();
        let frames = frames.clamp(0.0, f64::from(u32::MAX)) as u32;
        Settings {
            width: x,
            height: y,
            frames,
            poster: self.settings.poster.map(|_| frames / 2),
            ..self.settings.clone()
        }
    }

    /// The film itself, on a stage that shows what it is about.
    fn film(&self, stage: &mut Stage) -> anyhow::Result<Film> {
        let mut film = match &self.script {
            Script::Film(film) => film.clone(),
            Script::Track(track, seconds) => {
                let desk = stage.desk();
                let (session, shape) = (&desk.facts.session, desk.facts.shape());
                let last = shape.and_then(|shape| shape.tokens.checked_sub(1));
                // Its heads are those of a token.
                if track.needs_token() && session.token.is_none() {
                    stage.desk().ask(Intent::SelectToken(last));
                    stage.settle()?;
                }
                let (size, _) = points(self.picture.size);
                let desk = stage.desk();
                let ground = desk
                    .ground(size)
                    .context("there is nothing to show: give a prompt")?;
                track.film(&ground, *seconds)
            }
        };
        if let Some(caption) = &self.caption {
            let first = Keyframe {
                caption: Some(caption.clone()),
                ..Keyframe::at(0.0)
            };
            film.keys.insert(0, first);
        }
        film.title = self.title.clone().or(film.title);
        film.end = self.end.clone().or(film.end);
        Ok(film)
    }

    /// Records what a stage shows; `watch` counts frames.
    fn record(&self, stage: &mut Stage, watch: &mut Watch<'_>) -> anyhow::Result<Recorded> {
        let film = self.film(stage)?;
        let session = Session {
            bare: !self.picture.overlay,
            ..stage.desk().facts.session.clone()
        };
        let path = CameraPath::of(&film);
        let settings = self.settings(film.whole());
        let mut recorder = Recorder::start(&self.path, &settings)?;
        watch.expect(u64::from(settings.frames));
        let (mut choosing, mut drawing, mut waiting) = Default::default();
        for frame in 0..settings.frames {
            let seconds = f64::from(frame) / f64::from(settings.fps);
            let shot = film.at(seconds, &session, path.as_ref());
            timed(&mut choosing, || stage.show(&shot))?;
            let options = PictureOptions {
                overlay: !shot.session.bare,
                ..self.picture
            };
            let picture = timed(&mut drawing, || stage.picture(&options))?;
            let picture = Frame::new(picture.width, picture.height, picture.pixels)?;
            timed(&mut waiting, || recorder.push(picture))?;
            watch.step(1)?;
        }
        let report = timed(&mut waiting, || recorder.finish())?;
        Ok(Recorded {
            report,
            choosing,
            drawing,
            waiting,
        })
    }
}

fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *total += start.elapsed();
    done
}

/// Records a clip without a window; `watch` counts frames.
///
/// # Errors
/// When there can be no such clip, the model cannot be opened or run, drawing or encoding fails, or it is to
/// end; nothing is left of the clip then.
pub fn record(
    gpu: &Gpu,
    start: Start,
    recording: &Recording,
    watch: &mut Watch<'_>,
) -> anyhow::Result<Recorded> {
    recording.check()?;
    let mut stage = Stage::for_pictures(gpu, start, recording.picture.size)?;
    stage.settle()?;
    recording.record(&mut stage, watch)
}
