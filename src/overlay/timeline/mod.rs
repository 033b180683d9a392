//! The film about what is on show: its keys over time, and what plays it.

mod by_keys;
mod key;
mod lanes;
mod transport;

use bevy::math::Vec2;
use egui::{Align2, Context, Frame, Margin, Order, RichText, Ui};

use super::{Drafts, Facts, covered, style};
use crate::session::{
    Intent,
    film::{Film, Playback, Track},
};

/// Points from the edges of the picture and from the panels.
const GAP: f32 = 14.0;

/// What of the timeline is kept between frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    open: bool,
    /// The key that is looked at.
    chosen: Option<usize>,
    /// The key that is being dragged, and the film as it was before.
    grabbed: Option<(Film, usize)>,
    /// A ready-made film that waits for the selected token's numbers.
    wanted: Option<Track>,
    /// Points that it takes at the bottom of the picture.
    height: f32,
}

impl Timeline {
    /// The number of the key that is looked at, if the timeline is there.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.chosen.filter(|_| self.open)
    }

    /// Points that it takes at the bottom of the picture.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.height
    }

    /// Whether it is there, panels permitting.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Opens it, or puts it away.
    pub fn toggle(&mut self) {
        *self = Self {
            open: !self.open,
            ..Self::default()
        };
    }

    /// Opens it, to make a ready-made film as soon as the numbers that it needs are there.
    pub fn want(&mut self, track: Track) {
        self.open = true;
        self.wanted = Some(track);
    }

    /// Takes note of how many keys there were and are: one that is gone is not looked at any longer.
    pub fn recount(&mut self, before: usize, now: usize) {
        if now < before {
            self.chosen = None;
            self.grabbed = None;
        }
    }
}

/// The panel, if it is open.
pub(super) fn timeline(
    ctx: &Context,
    facts: &Facts,
    drafts: &mut Drafts,
    intents: &mut Vec<Intent>,
) {
    let draft = &mut drafts.timeline;
    let hidden = facts.session.bare && !facts.play.on;
    if !draft.open || hidden || facts.shape().is_none() {
        draft.height = 0.0;
        return;
    }
    let (left, right) = covered(false);
    let room = ctx.content_rect().size();
    let margin = Margin::symmetric(12, 9);
    let width = room.x - left - right - 2.0 * GAP - margin.sum().x;
    make_wanted(ctx, facts, draft, intents);
    let area = egui::Area::new("timeline".into())
        // A card of the film lies over the other panels.
        .order(Order::Foreground)
        .anchor(Align2::LEFT_BOTTOM, [left + GAP, -GAP])
        .show(ctx, |ui| {
            Frame::new()
                .fill(style::ink(ctx).card)
                .stroke(egui::Stroke::new(1.0_f32, style::ink(ctx).button))
                .corner_radius(8)
                .inner_margin(margin)
                .show(ui, |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing = egui::vec2(6.0, 5.0);
                    ui.spacing_mut().button_padding = egui::vec2(7.0, 2.0);
                    body(ui, facts, draft, intents);
                });
        });
    draft.height = area.response.rect.height() + GAP;
}

fn body(ui: &mut Ui, facts: &Facts, draft: &mut Timeline, intents: &mut Vec<Intent>) {
    let Some(film) = &facts.session.film else {
        return begin(ui, facts, draft, intents);
    };
    transport::transport(ui, facts, film, draft, intents);
    lanes::lanes(ui, facts, film, draft, intents);
    // One that has just been asked for is yet to come.
    match draft.chosen.filter(|key| *key < film.keys.len()) {
        Some(key) => key::key(ui, facts, film, key, draft, intents),
        None => key::cards(ui, film, intents),
    }
}

/// What can be done where there is no film yet.
fn begin(ui: &mut Ui, facts: &Facts, draft: &mut Timeline, intents: &mut Vec<Intent>) {
    let ink = style::ink(ui.ctx());
    ui.horizontal(|ui| {
        ui.label(RichText::new("A film about this").color(ink.strong));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            transport::put_away(ui, intents);
        });
    });
    let unit = facts.unit();
    for track in Track::ALL {
        ui.horizontal(|ui| {
            let button = egui::Button::new(unit.say(track.name())).min_size(egui::vec2(92.0, 20.0));
            if ui.add(button).clicked() {
                intents.push(Intent::Track(track));
            }
            let meaning = RichText::new(unit.say(track.meaning()))
                .small()
                .color(ink.faint);
            ui.add(egui::Label::new(meaning).truncate());
        });
    }
    ui.horizontal(|ui| {
        let button = egui::Button::new("+ key").min_size(egui::vec2(92.0, 20.0));
        if ui.add(button).clicked() {
            draft.chosen = transport::add(facts, &Film::default(), intents);
        }
        let meaning = "Your own: begin with what is on show now";
        let meaning = RichText::new(meaning).small().color(ink.faint);
        ui.add(egui::Label::new(meaning).truncate());
    });
}

/// Makes the ready-made film that is waited for, once the numbers that it needs are there.
fn make_wanted(ctx: &Context, facts: &Facts, draft: &mut Timeline, intents: &mut Vec<Intent>) {
    let Some(track) = draft.wanted else { return };
    let has_numbers = facts.session.token.is_some() && !facts.statistics.is_empty();
    if track.needs_token() && !has_numbers {
        return ctx.request_repaint();
    }
    draft.wanted = None;
    let room = ctx.content_rect().size();
    let (left, right) = covered(facts.session.bare);
    let free = Vec2::new(room.x - left - right, room.y);
    let Some(ground) = facts.ground(free, room.y) else {
        return;
    };
    // Its cards and its time stay.
    let old = facts.session.film.as_ref();
    let made = track.film(&ground, old.map_or(Film::USUAL, |film| film.duration));
    draft.chosen = None;
    intents.push(Intent::Film(Some(Film {
        title: old.and_then(|film| film.title.clone()),
        end: old.and_then(|film| film.end.clone()),
        ..made
    })));
    intents.push(Intent::Play(Playback::Start));
}
