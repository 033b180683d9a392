use egui::{Key, RichText, TextEdit, Ui};

use super::{Drafts, Facts, RoomFacts, style};
use crate::{
    files::size,
    model::Version,
    session::Intent,
    trace::{Layers, NoLayers, NoWindow, Window},
};

/// What the text in the field would take on the device, of what is free; the layers that are kept; and the way out when
/// it would not fit.
pub(super) fn room(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let Some(room) = &facts.room else { return };
    let ink = style::ink(ui.ctx());
    let colour = if room.fits() { ink.faint } else { ink.bad };
    ui.label(RichText::new(said(room)).small().color(colour))
        .on_hover_text("its vectors and scores, on the graphics adapter");
    kept(ui, facts, drafts, intents);
    if facts.version() != Version::V4 {
        window(ui, facts, room.tokens, drafts, intents);
    }
    if room.fits() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if let Some(layers) = room.layers
            && ui.button(format!("Keep {}", layers.words())).clicked()
        {
            intents.extend([Intent::Layers(Some(layers)), Intent::Run]);
        }
        if let Some(window) = room.window
            && let Some(last) = window.of(room.tokens)
            && ui
                .button(format!("Keep the last {} tokens", last.len()))
                .clicked()
        {
            intents.extend([Intent::Window(Some(window)), Intent::Run]);
        }
        let other = match (room.layers, room.window) {
            (None, None) => "use a shorter text",
            _ => "or use a shorter text",
        };
        ui.label(RichText::new(other).small().color(ink.bad));
    });
}

fn said(room: &RoomFacts) -> String {
    let tokens = match room.tokens {
        1 => "1 token".to_owned(),
        tokens if room.kept < tokens => format!("{} of {tokens} tokens", room.kept),
        tokens => format!("{tokens} tokens"),
    };
    let needed = size(room.needed);
    match room.free {
        None => format!("{tokens} · trace {needed}"),
        Some(free) if room.fits() => {
            let free = size(free + room.given_back);
            format!("{tokens} · trace {needed} of {free} free")
        }
        Some(free) => {
            let free = size(free + room.given_back);
            format!("{tokens} take {needed} and {free} are free")
        }
    }
}

/// The layers that the next run keeps, in a field that takes `8-15`.
fn kept(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let Some(model) = &facts.model else { return };
    let layers = model.card.layers;
    let all = format!("all: 0-{}", layers.saturating_sub(1));
    let chosen = facts.session.layers;
    let new = choice(ui, ("layers", &all), &mut drafts.layers, chosen, |text| {
        wanted(text, layers)
    });
    intents.extend(new.map(Intent::Layers));
}

/// The tokens that the next run keeps, in a field that takes `100:200`.
fn window(
    ui: &mut Ui,
    facts: &Facts,
    tokens: usize,
    drafts: &mut Drafts,
    intents: &mut Vec<Intent>,
) {
    let all = format!("all: 0:{tokens}");
    let chosen = facts.session.window;
    let new = choice(ui, ("tokens", &all), &mut drafts.window, chosen, |text| {
        let wanted: Window = text.parse().map_err(|error: NoWindow| error.to_string())?;
        match wanted.of(tokens) {
            Some(_) => Ok(wanted),
            None => Err(format!(
                "the text has tokens 0 to {}",
                tokens.saturating_sub(1)
            )),
        }
    });
    intents.extend(new.map(Intent::Window));
}

/// A field for a part of all that there is, and what was chosen anew in it.
fn choice<T: Copy + PartialEq + ToString>(
    ui: &mut Ui,
    (what, all): (&str, &str),
    draft: &mut String,
    chosen: Option<T>,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Option<T>> {
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.y = 0.0;
        let label = ui.label(RichText::new(format!("keeps {what}")).small()).id;
        let id = egui::Id::new(("kept", what));
        if !ui.memory(|memory| memory.has_focus(id)) {
            *draft = chosen.map_or_else(String::new, |chosen| chosen.to_string());
        }
        let field = TextEdit::singleline(draft)
            .id(id)
            .hint_text(all)
            .font(egui::TextStyle::Small)
            .desired_width(72.0);
        let field = ui.add(field).labelled_by(label);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let wanted = match draft.trim() {
            "" => Ok(None),
            text => read(text).map(Some),
        };
        let mut new = None;
        match wanted {
            Ok(wanted) if entered && wanted != chosen => new = Some(wanted),
            Err(reason) => {
                let colour = style::ink(ui.ctx()).bad;
                ui.label(RichText::new("?").color(colour))
                    .on_hover_text(reason);
            }
            Ok(_) => {}
        }
        if chosen.is_some() && ui.small_button("All").clicked() {
            new = Some(None);
        }
        new
    })
    .inner
}

/// The layers that a text names.
fn wanted(text: &str, layers: usize) -> Result<Layers, String> {
    let wanted: Layers = text.parse().map_err(|error: NoLayers| error.to_string())?;
    match wanted.range().end <= layers {
        true => Ok(wanted),
        false => Err(format!(
            "the model has layers 0 to {}",
            layers.saturating_sub(1)
        )),
    }
}
