use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;
use bevy::math::UVec2;
use clap::Args;

use super::{inputs::parse_size, output, view::ViewArgs};
use crate::{
    app::{self, Recording, Script, Start},
    files,
    gpu::Gpu,
    record::{Ffmpeg, Format, Quality, Settings},
    session::{
        PictureOptions, Session,
        film::{Card, Film, Track},
    },
};

#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    view: ViewArgs,
    /// A film: keys of camera and choices over time (docs/FILMS.md)
    #[arg(long, value_name = "FILE.toml", conflicts_with = "track")]
    path: Option<PathBuf>,
    /// A ready-made film; without this and --path the session's own, or else a turntable
    #[arg(long, value_enum)]
    track: Option<Track>,
    /// Seconds, without cards [default: 8, or the film's own]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    duration: Option<f64>,
    /// Frames a second: 24, 25, 30, 60 …
    #[arg(long, value_name = "N", default_value_t = 30)]
    fps: u32,
    /// Size in pixels
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = parse_size)]
    size: UVec2,
    /// Show the panels
    #[arg(long, overrides_with = "no_overlay")]
    overlay: bool,
    /// Show the lattice, its labels, the legend and captions only [default]
    #[arg(long)]
    no_overlay: bool,
    /// A line under the picture
    #[arg(long, value_name = "TEXT")]
    caption: Option<String>,
    /// A card before the first frame; \n begins a line
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// A card after the last frame
    #[arg(long, value_name = "TEXT")]
    end: Option<String>,
    /// Of an MP4
    #[arg(long, value_enum, default_value_t)]
    quality: Quality,
    /// Draw so many times larger in each direction, and average
    #[arg(long, value_name = "1…4", default_value_t = 1)]
    supersample: u32,
    /// Do not write a picture of the middle frame beside the clip
    #[arg(long)]
    no_poster: bool,
    /// Give the frames to this ffmpeg of your own instead of encoding here
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "ffmpeg")]
    ffmpeg: Option<PathBuf>,
    /// What that ffmpeg is told of the output, in one string
    #[arg(
        long,
        value_name = "ARGUMENTS",
        requires = "ffmpeg",
        allow_hyphen_values = true
    )]
    ffmpeg_output: Option<String>,
    /// Say about how large the clip will be, from a few of its frames, and write nothing
    #[arg(long, conflicts_with = "ffmpeg")]
    estimate: bool,
    /// Say in JSON what was written and where the time went: path, poster, frames, bytes, seconds, and milliseconds a
    /// frame: choose_ms, draw_ms, wait_ms (for the encoder), convert_ms, encode_ms (summed over all encoders)
    #[arg(long)]
    json: bool,
    /// Clip to write: FILE.mp4, FILE.gif, FILE.apng, or FOLDER/ for a PNG a frame
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl RecordArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.ffmpeg.is_none() {
            Format::of(&self.output)?;
        }
        if let Some(seconds) = self.duration
            && !(seconds > 0.0 && seconds <= Film::LONGEST)
        {
            bail!(
                "--duration {seconds} is not possible: give seconds, more than 0 and at most {}",
                Film::LONGEST
            );
        }
        let film = self.path.as_deref().map(Film::open).transpose()?;
        // A mistake in the size is told before a model is opened.
        self.recording(film.clone(), &Session::default()).check()?;
        let start = self.view.start()?;
        let recording = self.recording(film, &start.session);
        recording.check()?;
        let start = Start {
            session: Session {
                bare: !self.overlay,
                ..start.session
            },
            ..start
        };
        let gpu = Gpu::new()?;
        if self.estimate {
            let bytes = output::watched(|watch| app::estimate(&gpu, start, &recording, watch))?;
            self.tell_estimate(bytes)?;
            return Ok(ExitCode::SUCCESS);
        }
        let recorded = output::watched(|watch| app::record(&gpu, start, &recording, watch))?;
        self.tell(&recorded)?;
        Ok(ExitCode::SUCCESS)
    }

    fn recording(&self, film: Option<Film>, session: &Session) -> Recording {
        let seconds = self.duration.unwrap_or(Film::USUAL);
        let script = match (film.or_else(|| session.film.clone()), self.track) {
            (_, Some(track)) => Script::Track(track, seconds),
            (Some(film), None) => Script::Film(match self.duration {
                Some(seconds) => film.lasting(seconds),
                None => film,
            }),
            (None, None) => Script::Track(Track::Turntable, seconds),
        };
        let card = |text: &Option<String>| {
            let text = text.as_ref()?;
            Some(Card::new(text.replace("\\n", "\n")))
        };
        let UVec2 { x, y } = self.size;
        let settings = Settings::new(x, y, self.fps, 1);
        Recording {
            path: self.output.clone(),
            script,
            picture: PictureOptions {
                size: self.size,
                transparent: false,
                overlay: self.overlay,
                supersample: self.supersample,
            },
            settings: Settings {
                quality: self.quality,
                poster: settings.poster.filter(|_| !self.no_poster),
                ffmpeg: self.ffmpeg.as_deref().map(|program| self.ffmpeg(program)),
                ..settings
            },
            caption: self.caption.clone(),
            title: card(&self.title),
            end: card(&self.end),
        }
    }

    fn ffmpeg(&self, program: &Path) -> Ffmpeg {
        let arguments = self.ffmpeg_output.as_ref();
        Ffmpeg {
            arguments: arguments.map(|line| Ffmpeg::split(line)),
            ..Ffmpeg::new(program)
        }
    }

    fn tell_estimate(&self, bytes: u64) -> anyhow::Result<()> {
        match self.json {
            true => output::say_json(&serde_json::json!({ "bytes": bytes })),
            false => output::say(&format!("about {}", files::size(bytes))),
        }
    }

    fn tell(&self, recorded: &app::Recorded) -> anyhow::Result<()> {
        if !self.json {
            return Ok(());
        }
        let report = &recorded.report;
        let frames = f64::from(report.frames.max(1));
        let each = |time: std::time::Duration| time.as_secs_f64() * 1e3 / frames;
        output::say_json(&serde_json::json!({
            "path": report.path,
            "poster": report.poster,
            "frames": report.frames,
            "bytes": report.bytes,
            "seconds": report.elapsed.as_secs_f64(),
            "choose_ms": each(recorded.choosing),
            "draw_ms": each(recorded.drawing),
            "wait_ms": each(recorded.waiting),
            "convert_ms": each(report.times.convert),
            "encode_ms": each(report.times.encode),
        }))
    }
}
