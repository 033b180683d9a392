//! What plays the film, and what is done with all of it.

use egui::{
    Color32, ComboBox, DragValue, Pos2, Rect, Response, RichText, Sense, Shape, Stroke, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::{Facts, Timeline};
use crate::{
    overlay::{
        access::{self, Access as _},
        style,
    },
    session::{
        Intent,
        film::{Film, Playback, Track},
    },
};

pub(super) fn transport(
    ui: &mut Ui,
    facts: &Facts,
    film: &Film,
    draft: &mut Timeline,
    intents: &mut Vec<Intent>,
) {
    let play = facts.play;
    ui.horizontal_wrapped(|ui| {
        let (name, icon, key) = match play.playing {
            true => ("pause", Icon::Pause, "Pause (Space)"),
            false => ("play", Icon::Play, "Play (Space)"),
        };
        if button(ui, name, icon, true).on_hover_text(key).clicked() {
            intents.push(Intent::Play(Playback::Toggle));
        }
        let meaning = "To the beginning, and back to what was there before";
        let stop = button(ui, "stop", Icon::Stop, play.on || play.at > 0.0);
        if stop.on_hover_text(meaning).clicked() {
            intents.push(Intent::Play(Playback::Stop));
        }
        let label = access::selectable(ui, play.loops, small("loop"));
        if label.on_hover_text("Begin anew at the end").clicked() {
            intents.push(Intent::Play(Playback::Loop(!play.loops)));
        }
        time(ui, facts, film, intents);
        if ui
            .button(small("+ key"))
            .on_hover_text("Holds the camera and all that is chosen, at the play head")
            .clicked()
        {
            draft.chosen = add(facts, film, intents);
        }
        ComboBox::from_id_salt("track")
            .selected_text(small("ready-made"))
            .width(84.0)
            .show_ui(ui, |ui| {
                access::menu(ui, "Ready-made films");
                let unit = facts.unit();
                for track in Track::ALL {
                    let label = access::selectable(ui, false, unit.say(track.name()));
                    if label.on_hover_text(unit.say(track.meaning())).clicked() {
                        intents.push(Intent::Track(track));
                    }
                }
            })
            .response
            .named("Ready-made films");
        let even = access::selectable(ui, film.constant_speed, small("even speed"));
        let meaning = "The camera goes all its way at one speed, whatever the keys' times";
        if even.on_hover_text(meaning).clicked() {
            intents.push(Intent::Film(Some(film.with_other_speed())));
        }
        let clear = ui.button(small("clear"));
        if clear.on_hover_text("Throw the film away").clicked() {
            intents.push(Intent::Film(None));
        }
        put_away(ui, intents);
    });
}

pub(super) fn small(text: &str) -> RichText {
    RichText::new(text).size(12.5)
}

/// Puts the timeline away.
pub(super) fn put_away(ui: &mut Ui, intents: &mut Vec<Intent>) {
    if access::selectable(ui, false, small("×"))
        .on_hover_text("Puts the timeline away (K)")
        .clicked()
    {
        intents.push(Intent::Timeline);
    }
}

/// Where the play head stands, and how long the film is.
fn time(ui: &mut Ui, facts: &Facts, film: &Film, intents: &mut Vec<Intent>) {
    let own = facts.play.at - film.before();
    let now = if own < 0.0 {
        "title".to_owned()
    } else if own > film.duration {
        "end".to_owned()
    } else {
        format!("{own:.2}")
    };
    let ink = style::ink(ui.ctx());
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        ui.add_sized(
            [42.0, 18.0],
            egui::Label::new(RichText::new(now).monospace().color(ink.strong)),
        );
        ui.label(small("/").color(ink.faint));
        let mut duration = film.duration;
        let drag = DragValue::new(&mut duration)
            .range(0.5..=Film::LONGEST)
            .speed(0.05)
            .max_decimals(2)
            .suffix(" s");
        let drag = ui
            .add(drag)
            .on_hover_text("How long it takes, without cards");
        drag.widget_info(|| {
            let mut info = WidgetInfo::drag_value(true, film.duration);
            info.label = Some("duration".into());
            info
        });
        if drag.changed() && duration != film.duration {
            intents.push(Intent::Film(Some(film.clone().lasting(duration))));
        }
    });
}

/// Puts a key with all that is there at the play head. Which it is.
pub(super) fn add(facts: &Facts, film: &Film, intents: &mut Vec<Intent>) -> Option<usize> {
    let (film, place) = film.with_here(facts.play, &facts.session, facts.pose);
    intents.push(Intent::Film(Some(film)));
    Some(place)
}

#[derive(Clone, Copy)]
enum Icon {
    Play,
    Pause,
    Stop,
}

/// A button with a painted sign.
fn button(ui: &mut Ui, name: &str, icon: Icon, enabled: bool) -> Response {
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 20.0), sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, name));
    let visuals = ui.style().interact(&response);
    let ink = style::ink(ui.ctx());
    let colour = if enabled { ink.strong } else { ink.faint };
    ui.painter().rect_filled(rect, 5, visuals.weak_bg_fill);
    access::ring(ui, &response, rect);
    paint(ui, rect.center(), icon, colour);
    response
}

fn paint(ui: &Ui, at: Pos2, icon: Icon, colour: Color32) {
    let painter = ui.painter();
    match icon {
        Icon::Play => {
            let corners = [vec2(-3.5, -5.0), vec2(5.5, 0.0), vec2(-3.5, 5.0)].map(|by| at + by);
            painter.add(Shape::convex_polygon(corners.into(), colour, Stroke::NONE));
        }
        Icon::Pause => {
            for x in [-4.5, 1.5] {
                let bar = Rect::from_min_size(pos2(at.x + x, at.y - 5.0), vec2(3.0, 10.0));
                painter.rect_filled(bar, 0, colour);
            }
        }
        Icon::Stop => {
            let square = Rect::from_center_size(at, vec2(9.0, 9.0));
            painter.rect_filled(square, 1, colour);
        }
    }
}
