//! The chosen key in words and numbers; with none chosen the cards before and after the film.

use egui::{DragValue, TextEdit, Ui, WidgetInfo};

use super::{Facts, Timeline, transport::small};
use crate::{
    overlay::{
        access::{self, Access as _},
        controls::choice,
        style,
    },
    session::{
        Intent,
        film::{Card, Ease, Film, Keyframe},
    },
};

/// What a line break of a card is typed as.
const BREAK: &str = " | ";

pub(super) fn key(
    ui: &mut Ui,
    facts: &Facts,
    film: &Film,
    place: usize,
    draft: &mut Timeline,
    intents: &mut Vec<Intent>,
) {
    let Some(key) = film.keys.get(place) else {
        return;
    };
    let mut change = |key: Keyframe| {
        let mut film = film.clone();
        film.keys[place] = key;
        intents.push(Intent::Film(Some(film)));
    };
    let ink = style::ink(ui.ctx());
    let mut moved = None;
    let mut gone = false;
    ui.horizontal_wrapped(|ui| {
        ui.label(small("key at").color(ink.faint));
        let mut at = key.at;
        let drag = DragValue::new(&mut at)
            .range(0.0..=film.duration)
            .speed(0.02)
            .max_decimals(2)
            .suffix(" s");
        let drag = ui.add(drag);
        drag.widget_info(|| {
            let mut info = WidgetInfo::drag_value(true, key.at);
            info.label = Some("time of the key".into());
            info
        });
        if drag.changed() && at != key.at {
            moved = Some(at);
        }
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = 1.0;
            for ease in Ease::ALL {
                let meaning = "How the camera goes on from here";
                if choice(ui, ease.name(), key.ease == ease, meaning) {
                    change(Keyframe {
                        ease,
                        ..key.clone()
                    });
                }
            }
        });
        let mut caption = key.caption.clone().unwrap_or_default();
        let width = (ui.available_size_before_wrap().x - 66.0).max(110.0);
        let field = TextEdit::singleline(&mut caption)
            .hint_text("caption from here on")
            .desired_width(width);
        let field = ui.add(field).named("Caption from here on");
        if field.changed() {
            change(Keyframe {
                caption: Some(caption),
                ..key.clone()
            });
        }
        let delete = ui.button(small("delete"));
        gone = delete.on_hover_text("Deletes this key (Delete)").clicked();
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.label(small("holds ").color(ink.faint));
        let here = Keyframe::of(key.at, &facts.session, facts.pose);
        let unit = facts.unit();
        for thing in THINGS {
            let held = (thing.held)(key);
            let label = access::selectable(ui, held, small(&unit.say(thing.name)));
            let meaning = if held {
                "Let it be as it was before".to_owned()
            } else {
                unit.say(thing.meaning)
            };
            if label.on_hover_text(meaning).clicked() {
                let mut changed = key.clone();
                (thing.flip)(&mut changed, &here, !held, facts);
                change(changed);
            }
        }
        let (panels, next) = match key.overlay {
            None => ("panels", Some(false)),
            Some(false) => ("panels hidden", Some(true)),
            Some(true) => ("panels shown", None),
        };
        let label = access::selectable(ui, key.overlay.is_some(), small(panels));
        let meaning = "From here on: as before, hidden, or shown";
        if label.on_hover_text(meaning).clicked() {
            change(Keyframe {
                overlay: next,
                ..key.clone()
            });
        }
        let said = key.caption.is_some();
        let label = access::selectable(ui, said, small("caption"));
        if label
            .on_hover_text("A line under the picture, or none, from here on")
            .clicked()
        {
            let caption = (!said).then(String::new);
            change(Keyframe {
                caption,
                ..key.clone()
            });
        }
        ui.add_space(6.0);
        let set = ui.add_enabled(
            facts.pose.is_some(),
            egui::Button::new(small("set from view")),
        );
        let meaning = "The camera of this key is where you look from now";
        if set.on_hover_text(meaning).clicked() {
            change(Keyframe {
                camera: facts.pose,
                ..key.clone()
            });
        }
    });
    if let Some(at) = moved {
        let mut film = film.clone();
        draft.chosen = Some(film.retime(place, at));
        intents.push(Intent::Film(Some(film)));
    }
    if gone {
        let mut film = film.clone();
        film.keys.remove(place);
        draft.chosen = None;
        intents.push(Intent::Film(Some(film)));
    }
}

/// A thing that a key may hold.
struct Thing {
    name: &'static str,
    meaning: &'static str,
    held: fn(&Keyframe) -> bool,
    /// Lets a key hold it as it is `here`, or no longer.
    flip: fn(&mut Keyframe, &Keyframe, bool, &Facts),
}

const THINGS: [Thing; 6] = [
    Thing {
        name: "camera",
        meaning: "Hold where you look from now",
        held: |key| key.camera.is_some(),
        flip: |key, here, on, _| key.camera = here.camera.filter(|_| on),
    },
    Thing {
        name: "token",
        meaning: "Hold the token that is selected now",
        held: |key| key.token.is_some() || key.written.is_some(),
        flip: |key, here, on, facts| {
            let last = facts.tokens.len().checked_sub(1);
            key.token = here.token.or(last).filter(|_| on);
            key.written = here.written.filter(|_| on);
        },
    },
    Thing {
        name: "heads",
        meaning: "Hold the heads that are shown now",
        held: |key| key.heads.is_some(),
        flip: |key, here, on, _| key.heads = here.heads.clone().filter(|_| on),
    },
    Thing {
        name: "measure",
        meaning: "Hold the number that is shown now",
        held: |key| key.measure.is_some(),
        flip: |key, here, on, _| key.measure = here.measure.filter(|_| on),
    },
    Thing {
        name: "filter",
        meaning: "Hold which arcs are drawn now",
        held: |key| key.filter.is_some(),
        flip: |key, here, on, _| key.filter = here.filter.filter(|_| on),
    },
    Thing {
        name: "layout",
        meaning: "Hold the layout that is shown now",
        held: |key| key.layout.is_some(),
        flip: |key, here, on, _| key.layout = here.layout.filter(|_| on),
    },
];

/// The cards before and after the film.
pub(super) fn cards(ui: &mut Ui, film: &Film, intents: &mut Vec<Intent>) {
    let mut changed = film.clone();
    card(
        ui,
        "title",
        "Title | more in small letters",
        &mut changed.title,
    );
    card(ui, "end", "Thanks | where to find it", &mut changed.end);
    if changed != *film {
        intents.push(Intent::Film(Some(changed)));
    }
}

fn card(ui: &mut Ui, name: &str, hint: &str, card: &mut Option<Card>) {
    let ink = style::ink(ui.ctx());
    ui.horizontal(|ui| {
        let label = egui::Label::new(small(&format!("{name} card")).color(ink.faint));
        let label = ui.add_sized([58.0, 18.0], label);
        let text = card.as_ref().map_or("", |card| &card.text);
        let mut typed = text.replace('\n', BREAK);
        let field = TextEdit::singleline(&mut typed)
            .hint_text(hint)
            .desired_width((ui.available_width() - 66.0).max(80.0));
        let field = ui.add(field).labelled_by(label.id);
        if field.changed() {
            let text = typed.replace(BREAK, "\n");
            let seconds = card.as_ref().map_or(2.0, |card| card.seconds);
            *card = (!text.is_empty()).then_some(Card { text, seconds });
        }
        if let Some(card) = card {
            let drag = DragValue::new(&mut card.seconds)
                .range(0.2..=60.0)
                .speed(0.02)
                .max_decimals(1)
                .suffix(" s");
            ui.add(drag).named(&format!("{name} card, seconds"));
        }
    });
}
