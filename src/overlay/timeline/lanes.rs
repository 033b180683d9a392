//! The keys over time, a lane for each kind of thing that they hold.

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};

use super::{Facts, Timeline, by_keys};
use crate::{
    lattice::Layout,
    overlay::{access, style},
    score::{Filter, Measure},
    session::{
        Intent,
        film::{Ease, Film, Keyframe, Playback},
    },
};

/// Points of the lanes' names.
const NAMES: f32 = 50.0;
const RULER: f32 = 18.0;
const LANE: f32 = 15.0;
/// Half a key, and a small one's.
const KEY: f32 = 5.0;
const SMALL_KEY: f32 = 2.2;
/// Points around a key in which it is meant.
const REACH: f32 = 7.0;
const LETTERS: f32 = 10.5;

/// A kind of thing that keys hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Camera,
    Token,
    Heads,
    Look,
    Caption,
}

impl Lane {
    const ALL: [Self; 5] = [
        Self::Camera,
        Self::Token,
        Self::Heads,
        Self::Look,
        Self::Caption,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Token => "token",
            Self::Heads => "heads",
            Self::Look => "look",
            Self::Caption => "caption",
        }
    }

    /// Whether a key holds something of the kind. One that holds nothing has to be somewhere, too.
    fn has(self, key: &Keyframe) -> bool {
        match self {
            Self::Camera => key.camera.is_some() || key.is_empty(),
            Self::Token => key.token.is_some() || key.written.is_some(),
            Self::Heads => key.heads.is_some(),
            Self::Look => {
                key.measure.is_some()
                    || key.filter.is_some()
                    || key.layout.is_some()
                    || key.overlay.is_some()
            }
            Self::Caption => key.caption.is_some(),
        }
    }

    /// What it holds, in few words.
    fn says(self, key: &Keyframe, facts: &Facts) -> String {
        match self {
            Self::Camera => String::new(),
            Self::Token => {
                let token = key.token.and_then(|token| facts.tokens.get(token));
                token.map_or(String::new(), |token| style::shown(token.text.trim()))
            }
            Self::Heads => {
                let heads = key.heads.as_ref().zip(facts.shape());
                heads.map_or(String::new(), |(heads, shape)| heads.words(shape))
            }
            Self::Look => {
                let measure = key.measure.map(Measure::short_name);
                let layout = key.layout.map(Layout::name);
                let filter = key.filter.map(Filter::name);
                let panels = key
                    .overlay
                    .map(|on| if on { "panels" } else { "no panels" });
                let all = [measure, layout, filter, panels];
                all.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
            Self::Caption => key.caption.clone().unwrap_or_default(),
        }
    }
}

/// Seconds from the first frame, and where they are.
#[derive(Clone, Copy)]
struct Scale {
    left: f32,
    width: f32,
    before: f64,
    duration: f64,
    whole: f64,
}

impl Scale {
    fn new(rect: Rect, film: &Film) -> Self {
        Self {
            left: rect.left() + NAMES + KEY,
            width: (rect.width() - NAMES - 2.0 * KEY).max(1.0),
            before: film.before(),
            duration: film.duration,
            whole: film.whole().max(1e-3),
        }
    }

    fn x(self, seconds: f64) -> f32 {
        self.left + self.width * (seconds / self.whole) as f32
    }

    /// Of a key's time.
    fn x_of(self, at: f64) -> f32 {
        self.x(self.before + at)
    }

    fn seconds(self, x: f32) -> f64 {
        let part = ((x - self.left) / self.width).clamp(0.0, 1.0);
        f64::from(part) * self.whole
    }

    /// A key's time, in steps that can be read.
    fn time_of(self, x: f32) -> f64 {
        let at = (self.seconds(x) - self.before).clamp(0.0, self.duration);
        ((at * 100.0).round() / 100.0).min(self.duration)
    }
}

pub(super) fn lanes(
    ui: &mut Ui,
    facts: &Facts,
    film: &Film,
    draft: &mut Timeline,
    intents: &mut Vec<Intent>,
) {
    let lanes = LANE * Lane::ALL.len() as f32;
    let width = ui.available_width();
    let (ruler, scrub) = ui.allocate_exact_size(vec2(width, RULER), Sense::click_and_drag());
    ui.add_space(-ui.spacing().item_spacing.y);
    let (rect, keys) = ui.allocate_exact_size(vec2(width, lanes), Sense::click_and_drag());
    scrub.widget_info(|| {
        let mut info = WidgetInfo::slider(true, facts.play.at, "play head");
        info.label = Some("play head".into());
        info
    });
    keys.widget_info(|| {
        let label = format!("timeline of {} keys", film.keys.len());
        WidgetInfo::labeled(WidgetType::Other, true, label)
    });
    let scale = Scale::new(rect, film);
    let hovered = keys
        .hover_pos()
        .and_then(|at| key_at(film, rect, scale, at));
    paint_ruler(ui, ruler, rect, film, scale);
    let look = Look {
        facts,
        film,
        chosen: draft.chosen,
        hovered,
        scale,
    };
    for (place, lane) in Lane::ALL.into_iter().enumerate() {
        let row = Rect::from_min_size(
            pos2(rect.left(), rect.top() + LANE * place as f32),
            vec2(rect.width(), LANE),
        );
        look.paint(ui, lane, row);
    }
    paint_head(ui, ruler, rect, scale.x(facts.play.at));
    access::ring(ui, &scrub, ruler);
    access::ring(ui, &keys, rect);
    by_keys::seek(ui, facts, film, &scrub, intents);
    by_keys::choose(ui, facts, film, &keys, draft, intents);
    if let Some(at) = pointer(&scrub) {
        seek(facts, scale.seconds(at.x), intents);
    }
    hold(film, facts, &keys, rect, scale, draft, intents);
    if let Some(key) = hovered.and_then(|key| film.keys.get(key))
        && draft.grabbed.is_none()
    {
        keys.on_hover_text_at_pointer(tell(key, facts));
    }
}

/// Where the pointer holds something down.
fn pointer(response: &Response) -> Option<Pos2> {
    let held = response.dragged() || response.clicked();
    response.interact_pointer_pos().filter(|_| held)
}

pub(super) fn seek(facts: &Facts, seconds: f64, intents: &mut Vec<Intent>) {
    let play = facts.play;
    if !play.on || play.playing || play.at != seconds {
        intents.push(Intent::Play(Playback::Seek(seconds)));
    }
}

/// Clicks choose keys, drags move them; beside all keys both move the play head.
fn hold(
    film: &Film,
    facts: &Facts,
    keys: &Response,
    rect: Rect,
    scale: Scale,
    draft: &mut Timeline,
    intents: &mut Vec<Intent>,
) {
    if keys.drag_started() {
        let origin = keys.ctx.input(|input| input.pointer.press_origin());
        let key = origin.and_then(|at| key_at(film, rect, scale, at));
        draft.grabbed = key.map(|key| (film.clone(), key));
        draft.chosen = key.or(draft.chosen);
    }
    let Some(at) = keys.interact_pointer_pos() else {
        draft.grabbed = None;
        return;
    };
    if keys.dragged() {
        match &draft.grabbed {
            Some((before, key)) => {
                let mut moved = before.clone();
                draft.chosen = Some(moved.retime(*key, scale.time_of(at.x)));
                if moved != *film {
                    intents.push(Intent::Film(Some(moved)));
                }
            }
            None => seek(facts, scale.seconds(at.x), intents),
        }
    } else if keys.clicked() {
        draft.chosen = key_at(film, rect, scale, at);
        let seconds = match draft.chosen {
            Some(key) => scale.before + film.keys[key].at,
            None => scale.seconds(at.x),
        };
        seek(facts, seconds, intents);
    }
    if keys.drag_stopped() {
        draft.grabbed = None;
    }
}

/// The key that is meant at a place.
fn key_at(film: &Film, rect: Rect, scale: Scale, at: Pos2) -> Option<usize> {
    let place = ((at.y - rect.top()) / LANE).floor().max(0.0) as usize;
    let lane = *Lane::ALL.get(place)?;
    let away = |key: &Keyframe| (scale.x_of(key.at) - at.x).abs();
    let own = film.keys.iter().enumerate();
    let own = own.filter(|(_, key)| lane.has(key) && away(key) <= REACH);
    let nearest = own.min_by(|a, b| away(a.1).total_cmp(&away(b.1)));
    nearest.map(|(at, _)| at)
}

/// All that a key holds.
fn tell(key: &Keyframe, facts: &Facts) -> String {
    let mut lines = vec![format!("{:.2} s, {}", key.at, key.ease.name())];
    for lane in Lane::ALL.into_iter().filter(|lane| lane.has(key)) {
        let says = lane.says(key, facts);
        lines.push(match says.is_empty() {
            true => facts.unit().say(lane.name()),
            false => format!("{}: {says}", facts.unit().say(lane.name())),
        });
    }
    if key.is_empty() {
        lines.truncate(1);
        lines.push("holds nothing yet".into());
    }
    lines.join("\n")
}

fn paint_ruler(ui: &Ui, ruler: Rect, lanes: Rect, film: &Film, scale: Scale) {
    let (painter, ink) = (ui.painter(), style::ink(ui.ctx()));
    let font = FontId::proportional(LETTERS);
    // Cards are before and after the film.
    let start = scale.x(scale.before);
    let end = scale.x(scale.before + scale.duration);
    let right = scale.x(scale.whole);
    for (from, to, name) in [(scale.left, start, "title"), (end, right, "end")] {
        if to - from < 1.0 {
            continue;
        }
        let block = Rect::from_min_max(pos2(from, ruler.top() + 2.0), pos2(to, lanes.bottom()));
        painter.rect_filled(block, 3, ink.card.lerp_to_gamma(ink.button, 0.6));
        if to - from > 26.0 {
            let at = pos2(block.center().x, ruler.center().y);
            painter.text(at, Align2::CENTER_CENTER, name, font.clone(), ink.faint);
        }
    }
    let per_second = f64::from(scale.width) / scale.whole;
    let steps = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0,
    ];
    let step = steps.into_iter().find(|step| step * per_second >= 44.0);
    let step = step.unwrap_or(3600.0);
    let count = (film.duration / step + 1e-6).floor() as usize;
    for tick in 0..=count {
        let at = tick as f64 * step;
        let x = scale.x_of(at);
        let line = [pos2(x, ruler.bottom() - 4.0), pos2(x, lanes.bottom())];
        painter.line_segment(line, Stroke::new(1.0_f32, ink.button));
        let text = if step < 1.0 {
            format!("{at:.1}")
        } else {
            format!("{at:.0}")
        };
        let place = pos2(x, ruler.top() + 1.0);
        painter.text(place, Align2::CENTER_TOP, text, font.clone(), ink.faint);
    }
}

/// What lanes are painted from.
struct Look<'a> {
    facts: &'a Facts,
    film: &'a Film,
    chosen: Option<usize>,
    hovered: Option<usize>,
    scale: Scale,
}

impl Look<'_> {
    fn paint(&self, ui: &Ui, lane: Lane, row: Rect) {
        let Self {
            facts,
            film,
            chosen,
            hovered,
            scale,
        } = *self;
        let (painter, ink) = (ui.painter(), style::ink(ui.ctx()));
        let middle = row.center().y;
        let font = FontId::proportional(LETTERS);
        let own: Vec<_> = film
            .keys
            .iter()
            .enumerate()
            .filter(|(_, key)| lane.has(key))
            .collect();
        let plain = if own.is_empty() {
            ink.card.lerp_to_gamma(ink.faint, 0.6)
        } else {
            ink.text
        };
        let name = pos2(row.left(), middle);
        let words = facts.unit().say(lane.name());
        painter.text(name, Align2::LEFT_CENTER, words, font.clone(), plain);
        let rail = [pos2(scale.left, middle), pos2(scale.x(scale.whole), middle)];
        painter.line_segment(
            rail,
            Stroke::new(1.0_f32, ink.card.lerp_to_gamma(ink.button, 0.8)),
        );
        let spacing = own
            .windows(2)
            .map(|pair| scale.x_of(pair[1].1.at) - scale.x_of(pair[0].1.at))
            .filter(|gap| *gap > 0.0)
            .fold(f32::INFINITY, f32::min);
        let half = if spacing < 2.0 * KEY + 2.0 {
            SMALL_KEY
        } else {
            KEY
        };
        for (place, (number, key)) in own.iter().enumerate() {
            let at = pos2(scale.x_of(key.at), middle);
            let next = own.get(place + 1).map(|(_, key)| scale.x_of(key.at));
            if lane == Lane::Camera
                && let Some(next) = next.filter(|_| key.ease != Ease::Hold)
            {
                // A way that the camera goes.
                let way = [at, pos2(next, middle)];
                painter.line_segment(
                    way,
                    Stroke::new(2.0_f32, ink.card.lerp_to_gamma(ink.accent, 0.6)),
                );
            }
            let is_chosen = chosen == Some(*number);
            let colour = if is_chosen {
                ink.accent
            } else if hovered == Some(*number) {
                ink.strong
            } else {
                ink.text
            };
            diamond(
                painter,
                at,
                if is_chosen { half.max(KEY) } else { half },
                colour,
                key,
            );
            let end = next.unwrap_or(scale.x(scale.whole));
            let room = end - at.x - 2.0 * KEY - 4.0;
            if room > 14.0 {
                let from = pos2(at.x + KEY + 3.0, row.top());
                let part = Rect::from_min_size(from, vec2(room, row.height()));
                let says = lane.says(key, facts);
                let text = painter.with_clip_rect(part.intersect(painter.clip_rect()));
                let from = pos2(from.x, middle);
                text.text(from, Align2::LEFT_CENTER, says, font.clone(), ink.faint);
            }
        }
    }
}

/// Hollow where it holds nothing; a square where it is held.
fn diamond(painter: &Painter, at: Pos2, half: f32, colour: Color32, key: &Keyframe) {
    if key.ease == Ease::Hold && half > SMALL_KEY {
        let square = Rect::from_center_size(at, vec2(half, half) * 1.5);
        painter.rect_filled(square, 1, colour);
        return;
    }
    let corners = [
        vec2(0.0, -half),
        vec2(half, 0.0),
        vec2(0.0, half),
        vec2(-half, 0.0),
    ];
    let corners = corners.map(|by| at + by).into();
    painter.add(if key.is_empty() {
        Shape::closed_line(corners, Stroke::new(1.0_f32, colour))
    } else {
        Shape::convex_polygon(corners, colour, Stroke::NONE)
    });
}

fn paint_head(ui: &Ui, ruler: Rect, lanes: Rect, x: f32) {
    let (painter, ink) = (ui.painter(), style::ink(ui.ctx()));
    let colour = ink.bad;
    let top = ruler.top() + 11.0;
    painter.line_segment(
        [pos2(x, top), pos2(x, lanes.bottom())],
        Stroke::new(1.5_f32, colour),
    );
    let corners = [vec2(-5.0, -4.0), vec2(5.0, -4.0), vec2(0.0, 4.0)];
    let corners = corners.map(|by| pos2(x, top) + by).into();
    painter.add(Shape::convex_polygon(corners, colour, Stroke::NONE));
}
