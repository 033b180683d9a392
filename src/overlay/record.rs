//! The sheet from which a clip is recorded.

use bevy::math::UVec2;
use egui::{Align, Button, DragValue, Layout, RichText, Slider, TextEdit, Ui};

use super::{
    Estimate, Facts,
    access::Access as _,
    controls::{choice, row},
    style,
};
use crate::{
    files,
    record::{Ffmpeg, Format, Quality},
    session::{
        Browse, Intent, PictureOptions,
        film::{Film, Track},
    },
};

const WIDTH: f32 = 460.0;

/// Usual sizes by name.
const SIZES: [(&str, UVec2); 5] = [
    ("720p", UVec2::new(1280, 720)),
    ("1080p", UVec2::new(1920, 1080)),
    ("4K", UVec2::new(3840, 2160)),
    ("square", UVec2::new(1080, 1080)),
    ("portrait", UVec2::new(1080, 1920)),
];
const RATES: [u32; 4] = [24, 25, 30, 60];

/// What is to be recorded, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDraft {
    /// A ready-made film; none: the session's own, if it has one.
    pub track: Option<Track>,
    /// Of a ready-made film.
    pub seconds: f64,
    /// Of a frame; never transparent.
    pub picture: PictureOptions,
    /// Frames a second.
    pub fps: u32,
    /// Of the clip.
    pub format: Format,
    /// Of an MP4.
    pub quality: Quality,
    /// The user's own ffmpeg writes the clip, whatever the format.
    pub own: bool,
    /// That ffmpeg.
    pub program: String,
    /// What it is told of the output; empty: what suits the ending.
    pub arguments: String,
    /// A line under the picture; empty: none.
    pub caption: String,
    /// A card before the first frame; empty: none.
    pub title: String,
    /// A card after the last; empty: none.
    pub end: String,
}

impl Default for RecordDraft {
    fn default() -> Self {
        Self {
            track: None,
            seconds: Film::USUAL,
            picture: PictureOptions {
                overlay: false,
                ..PictureOptions::default()
            },
            fps: 30,
            format: Format::Mp4,
            quality: Quality::default(),
            own: false,
            program: "ffmpeg".into(),
            arguments: String::new(),
            caption: String::new(),
            title: String::new(),
            end: String::new(),
        }
    }
}

impl RecordDraft {
    /// The ready-made film that is meant: with none chosen, and no film in the session, once around.
    #[must_use]
    pub fn track(&self, facts: &Facts) -> Option<Track> {
        let usual = facts.session.film.is_none().then_some(Track::Turntable);
        self.track.or(usual)
    }

    /// The user's own ffmpeg, where it is to write the clip.
    #[must_use]
    pub fn ffmpeg(&self) -> Option<Ffmpeg> {
        let arguments = self.arguments.trim();
        self.own.then(|| Ffmpeg {
            arguments: (!arguments.is_empty()).then(|| Ffmpeg::split(arguments)),
            ..Ffmpeg::new(self.program.trim())
        })
    }
}

/// The sheet. Whether something was chosen.
pub(super) fn record(
    ui: &mut Ui,
    facts: &Facts,
    draft: &mut RecordDraft,
    intents: &mut Vec<Intent>,
) -> bool {
    ui.set_width(WIDTH);
    let ink = style::ink(ui.ctx());
    ui.label(RichText::new("Record a clip").heading().color(ink.strong));
    ui.add_space(8.0);
    script(ui, facts, draft);
    look(ui, draft);
    file(ui, facts, draft, intents);
    texts(ui, draft);
    ui.add_space(10.0);
    buttons(ui, facts, draft, intents)
}

fn script(ui: &mut Ui, facts: &Facts, draft: &mut RecordDraft) {
    let chosen = draft.track(facts);
    row(ui, "Film", |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if facts.session.film.is_some()
                && choice(ui, "your own", chosen.is_none(), "The film of the timeline")
            {
                draft.track = None;
            }
            let unit = facts.unit();
            for track in Track::ALL {
                let [name, meaning] = [track.name(), track.meaning()].map(|text| unit.say(text));
                if choice(ui, &name, chosen == Some(track), &meaning) {
                    draft.track = Some(track);
                }
            }
        });
    });
    row(ui, "Length", |ui| match (&facts.session.film, chosen) {
        (Some(film), None) => {
            ui.label(format!("{:.1} s", film.whole()));
        }
        _ => {
            let slider = Slider::new(&mut draft.seconds, 1.0..=60.0).suffix(" s");
            ui.add(slider.fixed_decimals(1));
        }
    });
}

fn look(ui: &mut Ui, draft: &mut RecordDraft) {
    let picture = &mut draft.picture;
    row(ui, "Size", |ui| {
        for (name, size) in SIZES {
            if choice(ui, name, picture.size == size, "") {
                picture.size = size;
            }
        }
        ui.add_space(6.0);
        let range = PictureOptions::LEAST..=PictureOptions::MOST;
        ui.add(DragValue::new(&mut picture.size.x).range(range.clone()))
            .named("width");
        ui.label("×");
        ui.add(DragValue::new(&mut picture.size.y).range(range))
            .named("height");
    });
    row(ui, "Frames", |ui| {
        for fps in RATES {
            if choice(ui, &fps.to_string(), draft.fps == fps, "") {
                draft.fps = fps;
            }
        }
        ui.label("a second");
    });
    row(ui, "Panels", |ui| {
        for (name, overlay, meaning) in [
            (
                "legend only",
                false,
                "The lattice, its labels, the legend and captions",
            ),
            ("all", true, ""),
        ] {
            if choice(ui, name, draft.picture.overlay == overlay, meaning) {
                draft.picture.overlay = overlay;
            }
        }
    });
    row(ui, "Edges", |ui| {
        for times in 1..=PictureOptions::FINEST {
            let meaning = "Drawn so many times larger each way, and averaged";
            let chosen = draft.picture.supersample == times;
            if choice(ui, &format!("{times} ×"), chosen, meaning) {
                draft.picture.supersample = times;
            }
        }
    });
}

fn file(ui: &mut Ui, facts: &Facts, draft: &mut RecordDraft, intents: &mut Vec<Intent>) {
    row(ui, "File", |ui| {
        for format in Format::ALL {
            let (name, meaning) = match format {
                Format::Mp4 => ("MP4", "H.264: slides, browsers, players"),
                Format::Gif => ("GIF", "256 colours, everywhere"),
                Format::Apng => ("APNG", "Exact: browsers"),
                Format::Pngs => ("pictures", "A folder with a picture a frame, exact"),
            };
            let is_chosen = draft.format == format && !draft.own;
            if format.is_built_in() && choice(ui, name, is_chosen, meaning) {
                draft.format = format;
                draft.own = false;
            }
        }
        let meaning = "An ffmpeg of your own gets the frames: ProRes, AV1, whatever it can";
        if choice(ui, "ffmpeg", draft.own, meaning) {
            draft.own = true;
        }
        if !draft.own {
            size(ui, facts, draft, intents);
        }
    });
    if draft.own {
        return own(ui, draft);
    }
    if draft.format == Format::Mp4 {
        row(ui, "Quality", |ui| {
            for (quality, name) in [
                (Quality::Draft, "draft"),
                (Quality::Good, "good"),
                (Quality::Best, "best"),
            ] {
                if choice(ui, name, draft.quality == quality, "") {
                    draft.quality = quality;
                }
            }
        });
    }
}

/// How large the clip would be, if it is known.
fn size(ui: &mut Ui, facts: &Facts, draft: &RecordDraft, intents: &mut Vec<Intent>) {
    let is_known = |known: &&Estimate| known.of == *draft && known.session == facts.session;
    let known = facts.estimate.as_ref().filter(is_known);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| match known {
        Some(Estimate { bytes: None, .. }) => {
            ui.label(RichText::new("drawing a few frames …").small());
        }
        Some(Estimate {
            bytes: Some(bytes), ..
        }) => {
            ui.label(format!("about {}", files::size(*bytes)));
        }
        None => {
            let meaning = "Draws a few frames and tells about how large the clip will be";
            let button = Button::new(RichText::new("how large?").size(12.5));
            let possible = facts.shape().is_some() && !facts.is_busy();
            let button = ui.add_enabled(possible, button).on_hover_text(meaning);
            if button.clicked() {
                intents.push(Intent::EstimateClip);
            }
        }
    });
}

/// What the user's own ffmpeg is, and what it is told.
fn own(ui: &mut Ui, draft: &mut RecordDraft) {
    for (name, text, hint) in [
        ("Program", &mut draft.program, "ffmpeg, or its path"),
        (
            "Output",
            &mut draft.arguments,
            "-c:v prores_ks -profile:v 3; empty: what suits the ending",
        ),
    ] {
        field(ui, name, text, hint);
    }
}

fn texts(ui: &mut Ui, draft: &mut RecordDraft) {
    for (name, text, hint) in [
        ("Caption", &mut draft.caption, "A line under the picture"),
        ("Title", &mut draft.title, "A card before the first frame"),
        ("End", &mut draft.end, "A card after the last frame"),
    ] {
        field(ui, name, text, hint);
    }
}

fn field(ui: &mut Ui, name: &str, text: &mut String, hint: &str) {
    row(ui, name, |ui| {
        let field = TextEdit::singleline(text).hint_text(hint);
        let label = ui.add(field.desired_width(f32::INFINITY));
        label.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, name));
    });
}

fn buttons(ui: &mut Ui, facts: &Facts, draft: &RecordDraft, intents: &mut Vec<Intent>) -> bool {
    let ink = style::ink(ui.ctx());
    let mut chosen = false;
    let size = egui::vec2(ui.available_width(), 26.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let possible = facts.shape().is_some() && facts.recording.is_none() && !facts.is_busy();
        let [fill, text] = ink.run;
        let button = Button::new(RichText::new("Record …").color(text))
            .fill(fill)
            .min_size([92.0, 26.0].into());
        if ui.add_enabled(possible, button).clicked() {
            intents.push(Intent::Browse(Browse::Clip(
                (!draft.own).then_some(draft.format),
            )));
            chosen = true;
        }
        let note = if facts.shape().is_none() {
            "There is nothing to record yet: run a text first."
        } else if facts.recording.is_some() {
            "A clip is being recorded: wait for it, or cancel it."
        } else {
            "You can go on working while it is recorded."
        };
        ui.label(RichText::new(note).small().color(ink.faint));
    });
    chosen
}
