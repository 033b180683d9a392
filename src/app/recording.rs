//! A film, frame by frame, to a clip: its own clock, one frame after another, however long each takes.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use bevy::math::UVec2;

use super::{Picture, Stage, Start, pictures::points};
use crate::{
    files::Watch,
    gpu::Gpu,
    record::{self, Format, Frame, Recorder, Report, Settings},
    session::{
        Intent, PictureOptions, Session,
        film::{CameraPath, Card, Film, Keyframe, Track},
    },
};

/// Frames that may be on their way from the graphics device while the next is chosen.
const AHEAD: usize = 2;
/// Frames from which a clip's size is estimated.
const SAMPLES: u32 = 4;

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
    /// Drawing, and waiting for frames to come back.
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
            if let Script::Track(..) = self.script {
                fill_silence(&mut film, caption);
            }
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

    /// A stage that shows what it is about.
    fn stage(&self, gpu: &Gpu, start: Start) -> anyhow::Result<Stage> {
        self.check()?;
        let mut stage = Stage::for_pictures(gpu, start, self.picture.size)?;
        stage.settle()?;
        Ok(stage)
    }

    /// What is on show at each frame, on a stage that shows what it is about.
    fn reel(&self, stage: &mut Stage) -> anyhow::Result<Reel> {
        let film = self.film(stage)?;
        Ok(Reel {
            session: Session {
                bare: !self.picture.overlay,
                ..stage.desk().facts.session.clone()
            },
            path: CameraPath::of(&film),
            settings: self.settings(film.whole()),
            picture: self.picture,
            film,
        })
    }

    /// Records what a stage shows; `watch` counts frames.
    fn record(&self, stage: &mut Stage, watch: &mut Watch<'_>) -> anyhow::Result<Recorded> {
        let reel = self.reel(stage)?;
        let mut recorder = Recorder::start(&self.path, &reel.settings)?;
        watch.expect(u64::from(reel.settings.frames));
        let (mut choosing, mut drawing, mut waiting) = Default::default();
        let mut pass_on = |pictures: Vec<Picture>, waiting: &mut Duration| {
            for picture in pictures {
                let frame = frame(picture)?;
                timed(waiting, || recorder.push(frame))?;
                watch.step(1)?;
            }
            anyhow::Ok(())
        };
        for at in 0..reel.settings.frames {
            let options = timed(&mut choosing, || reel.show(stage, at))?;
            let pictures = timed(&mut drawing, || {
                stage.begin_frame(&options)?;
                stage.frames(AHEAD)
            })?;
            pass_on(pictures, &mut waiting)?;
        }
        let pictures = timed(&mut drawing, || stage.frames(0))?;
        pass_on(pictures, &mut waiting)?;
        let report = timed(&mut waiting, || recorder.finish())?;
        Ok(Recorded {
            report,
            choosing,
            drawing,
            waiting,
        })
    }

    /// About how many bytes the clip will have, from a few of its frames; `watch` counts them.
    fn estimate(&self, stage: &mut Stage, watch: &mut Watch<'_>) -> anyhow::Result<u64> {
        let format = Format::of(&self.path)?;
        let reel = self.reel(stage)?;
        let all = reel.settings.frames;
        let first = (all / 2).min(all.saturating_sub(SAMPLES));
        watch.expect(u64::from(SAMPLES.min(all)));
        let mut frames = Vec::new();
        for at in first..all.min(first + SAMPLES) {
            let options = reel.show(stage, at)?;
            frames.push(frame(stage.picture(&options)?)?);
            watch.step(1)?;
        }
        Ok(record::estimate(format, &reel.settings, &frames)?)
    }
}

/// What is said wherever a ready-made film says nothing.
fn fill_silence(film: &mut Film, caption: &str) {
    let captions = film.keys.iter_mut().filter_map(|key| key.caption.as_mut());
    for said in captions.filter(|said| said.is_empty()) {
        caption.clone_into(said);
    }
}

/// A clip's frames before they are drawn.
struct Reel {
    film: Film,
    session: Session,
    path: Option<CameraPath>,
    settings: Settings,
    picture: PictureOptions,
}

impl Reel {
    /// Shows a frame's moment; how it is to be drawn.
    fn show(&self, stage: &mut Stage, at: u32) -> anyhow::Result<PictureOptions> {
        let seconds = f64::from(at) / f64::from(self.settings.fps);
        let shot = self.film.at(seconds, &self.session, self.path.as_ref());
        stage.show(&shot)?;
        Ok(PictureOptions {
            overlay: !shot.session.bare,
            ..self.picture
        })
    }
}

fn frame(picture: Picture) -> anyhow::Result<Frame> {
    Ok(Frame::new(picture.width, picture.height, picture.pixels)?)
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
    let mut stage = recording.stage(gpu, start)?;
    recording.record(&mut stage, watch)
}

/// About how many bytes a clip will have, from a few frames of its middle; `watch` counts them. Nothing is written.
///
/// # Errors
/// As [`record`]; and where somebody else's ffmpeg is to write it.
pub fn estimate(
    gpu: &Gpu,
    start: Start,
    recording: &Recording,
    watch: &mut Watch<'_>,
) -> anyhow::Result<u64> {
    if recording.settings.ffmpeg.is_some() {
        bail!("what your own ffmpeg writes is not known before: record a second of it");
    }
    let mut stage = recording.stage(gpu, start)?;
    recording.estimate(&mut stage, watch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_does_not_take_the_place_of_what_a_film_says() {
        let key = |caption: Option<&str>| Keyframe {
            caption: caption.map(str::to_owned),
            ..Keyframe::default()
        };
        let mut film = Film {
            keys: vec![key(Some("")), key(Some("layer 1")), key(None)],
            ..Film::default()
        };
        fill_silence(&mut film, "mine");
        let said: Vec<_> = film.keys.iter().map(|key| key.caption.as_deref()).collect();
        assert_eq!(said, [Some("mine"), Some("layer 1"), None]);
    }
}
